"""The face autoencoder in two levels: an image to a spatial latent of 16 x 8 x 8, and that to 128 numbers `w`, and back.

The spatial level learns to draw; the global level learns on its latents, hundreds of faces a second, what makes a face.
"""

from __future__ import annotations

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common.train.layers import ResidualBlock

WIDTH = 128  # numbers in a latent
DEPTH = 16  # channels of the spatial latent, 8 x 8 each


class PointConvolution(nn.Conv2d):
    """A 1x1 convolution, computed as a matrix product while training (much faster on one CPU thread)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        return F.linear(x.permute(0, 2, 3, 1), self.weight.view(self.out_channels, -1), self.bias).permute(0, 3, 1, 2)


class SpatialEncoder(nn.Module):
    """Image [b, 3, 128, 128] in [0, 1] to mean and log variance of the spatial latent, [b, 16, 8, 8] each."""

    def __init__(self, channels: tuple[int, int, int] = (32, 64, 128)) -> None:
        super().__init__()
        c1, c2, c3 = channels
        self.layers = nn.Sequential(
            nn.Conv2d(3, c1, 4, stride=4),
            ResidualBlock(c1),
            nn.Conv2d(c1, c2, 2, stride=2),
            ResidualBlock(c2),
            nn.Conv2d(c2, c3, 2, stride=2),
            ResidualBlock(c3),
            nn.ReLU(),
            nn.Conv2d(c3, 2 * DEPTH, 3, padding=1),
        )
        nn.init.constant_(self.layers[-1].bias.data[DEPTH:], -4)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.layers(image * 2 - 1).chunk(2, 1)
        return mean, log_variance.clamp(-8, 2)


class SpatialDecoder(nn.Module):
    """Spatial latent to an image (about [0, 1], not clipped)."""

    def __init__(self, channels: tuple[int, int, int] = (96, 64, 48), blocks: tuple[int, int, int] = (1, 2, 1)) -> None:
        super().__init__()
        c1, c2, c3 = channels
        self.layers = nn.Sequential(
            nn.Conv2d(DEPTH, c1, 3, padding=1),
            *(ResidualBlock(c1) for _ in range(blocks[0])),
            PointConvolution(c1, c2 * 4),
            nn.PixelShuffle(2),
            *(ResidualBlock(c2) for _ in range(blocks[1])),
            PointConvolution(c2, c3 * 4),
            nn.PixelShuffle(2),
            *(ResidualBlock(c3) for _ in range(blocks[2])),
            nn.ReLU(),
            nn.Conv2d(c3, 48, 3, padding=1),
            nn.PixelShuffle(4),
        )

    def forward(self, spatial: Tensor) -> Tensor:
        return self.layers(spatial) * 0.5 + 0.5


class Spatial(nn.Module):
    """The spatial level."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = SpatialEncoder()
        self.decoder = SpatialDecoder()


class ResidualLinear(nn.Module):
    """A linear layer and a rectifier beside an identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.relu(self.layer(x))


class GlobalEncoder(nn.Module):
    """Whitened spatial latent to mean and log variance of `w`, [b, 128] each.

    Dense layers, not convolutions: all faces stand in the same place, and these cost a hundredth of the operations.
    """

    def __init__(self, hidden: int = 640) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(DEPTH * 64, hidden), nn.ReLU(), ResidualLinear(hidden))
        self.mean = nn.Linear(hidden, WIDTH)
        self.log_variance = nn.Linear(hidden, WIDTH)
        nn.init.normal_(self.log_variance.weight, std=1e-3)
        nn.init.constant_(self.log_variance.bias, -4)

    def forward(self, spatial: Tensor) -> tuple[Tensor, Tensor]:
        features = self.layers(spatial)
        return self.mean(features), self.log_variance(features).clamp(-6, 2)


class GlobalDecoder(nn.Module):
    """`w` to the whitened spatial latent."""

    def __init__(self, hidden: int = 640) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(WIDTH, hidden), nn.ReLU(), ResidualLinear(hidden))
        self.exit = nn.Linear(WIDTH + hidden, DEPTH * 64)

    def forward(self, w: Tensor) -> Tensor:
        return self.exit(torch.cat([w, self.layers(w)], 1)).view(-1, DEPTH, 8, 8)


class Global(nn.Module):
    """The global level, with linear heads that read attributes and drawn parts from `w` during training."""

    def __init__(self, attributes: int, classes: list[int]) -> None:
        super().__init__()
        self.encoder = GlobalEncoder()
        self.decoder = GlobalDecoder()
        self.attributes = nn.Linear(WIDTH, attributes)
        self.classes = nn.Linear(WIDTH, sum(classes))


class PublicEncoder(nn.Module):
    """Image to whitened latent, as exported; every whitening is folded into the layer beside it."""

    def __init__(self, spatial: Spatial, level: Global, spatial_scale: tuple[Tensor, Tensor], scale: tuple[Tensor, Tensor]) -> None:
        super().__init__()
        (shift1, scale1), (shift2, scale2) = spatial_scale, scale
        *first, last = spatial.encoder.layers
        self.first = nn.Sequential(*first)
        self.last = nn.Conv2d(last.in_channels, DEPTH, 3, padding=1)
        self.last.weight.data = last.weight.data[:DEPTH] / scale1[:, None, None, None]
        self.last.bias.data = (last.bias.data[:DEPTH] - shift1) / scale1
        self.second = level.encoder.layers
        self.mean = nn.Linear(level.encoder.mean.in_features, WIDTH)
        self.mean.weight.data = level.encoder.mean.weight.data / scale2[:, None]
        self.mean.bias.data = (level.encoder.mean.bias.data - shift2) / scale2

    def forward(self, image: Tensor) -> Tensor:
        return self.mean(self.second(self.last(self.first(image * 2 - 1))))


class PublicDecoder(nn.Module):
    """Whitened latent to image, as exported."""

    def __init__(self, spatial: Spatial, level: Global, spatial_scale: tuple[Tensor, Tensor], scale: tuple[Tensor, Tensor]) -> None:
        super().__init__()
        (shift1, scale1), (shift2, scale2) = spatial_scale, scale
        self.mean, self.std = nn.Parameter(shift2), nn.Parameter(scale2)
        self.level = copy.deepcopy(level.decoder)
        every, offset = scale1.repeat_interleave(64), shift1.repeat_interleave(64)
        self.level.exit.weight.data = level.decoder.exit.weight.data * every[:, None]
        self.level.exit.bias.data = level.decoder.exit.bias.data * every + offset
        self.spatial = spatial.decoder

    def forward(self, latent: Tensor) -> Tensor:
        return self.spatial(self.level(latent * self.std + self.mean))

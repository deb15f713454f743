"""The face autoencoder in two levels: an image to a spatial latent of 16 x 8 x 8, and that to 128 numbers `w`, and back.

The spatial level learns to draw; the global level learns on its latents, hundreds of faces a second, what makes a face.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

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


class Guide(NamedTuple):
    """What the global level tells the spatial decoder: scale and shift in each residual block, and a fixed map at each rise."""

    modulation: list[tuple[Tensor, Tensor]]
    places: list[Tensor]


class SpatialDecoder(nn.Module):
    """Spatial latent to an image (about [0, 1], not clipped)."""

    def __init__(self, channels: tuple[int, int, int] = (96, 64, 48), blocks: tuple[int, int, int] = (1, 2, 1)) -> None:
        super().__init__()
        c1, c2, c3 = channels
        self.widths = [width for width, count in zip(channels, blocks) for _ in range(count)]
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

    def forward(self, spatial: Tensor, guide: Guide | None = None) -> Tensor:
        x, blocks, rises = spatial, 0, 0
        for layer in self.layers:
            if guide and isinstance(layer, ResidualBlock):
                scale, shift = guide.modulation[blocks]
                x = x + layer.second(F.relu(layer.first(F.relu(x)) * (scale + 1) + shift))
                blocks += 1
            else:
                x = layer(x)
            if guide and isinstance(layer, nn.PixelShuffle) and rises < len(guide.places):
                x = x + guide.places[rises]
                rises += 1
        return x * 0.5 + 0.5


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
        return self.mean(features), self.log_variance(features).clamp(-5, 2)


class GlobalDecoder(nn.Module):
    """`w` to the whitened spatial latent, and to what guides the spatial decoder (nothing at the start)."""

    def __init__(self, widths: list[int], hidden: int = 640) -> None:
        super().__init__()
        code = WIDTH + hidden
        self.layers = nn.Sequential(nn.Linear(WIDTH, hidden), nn.ReLU(), ResidualLinear(hidden))
        self.exit = nn.Linear(code, DEPTH * 64)
        self.modulation = nn.ModuleList(nn.Linear(code, 2 * width) for width in widths)
        self.places = nn.ParameterList(nn.Parameter(torch.zeros(shape)) for shape in ((64, 16, 16), (48, 32, 32)))
        for layer in self.modulation:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, w: Tensor) -> tuple[Tensor, Guide]:
        code = torch.cat([w, self.layers(w)], 1)
        modulation = []
        for layer in self.modulation:
            scale, shift = layer(code).split(layer.out_features // 2, 1)
            modulation.append((scale[:, :, None, None], shift[:, :, None, None]))
        return self.exit(code).view(-1, DEPTH, 8, 8), Guide(modulation, list(self.places))


class Global(nn.Module):
    """The global level, with linear heads that read attributes and drawn parts from `w` during training."""

    def __init__(self, attributes: int, classes: list[int]) -> None:
        super().__init__()
        self.encoder = GlobalEncoder()
        self.decoder = GlobalDecoder(SpatialDecoder().widths)
        self.attributes = nn.Linear(WIDTH, attributes)
        self.classes = nn.Linear(WIDTH, sum(classes))


    @torch.no_grad()
    def normalise(self, mean: Tensor, std: Tensor) -> None:
        """Rescales `w` by statistics of its mean, so that each number has mean 0 and deviation 1; what is drawn stays the same."""
        encoder, decoder = self.encoder, self.decoder
        encoder.mean.weight.div_(std[:, None])
        encoder.mean.bias.sub_(mean).div_(std)
        for layer in (decoder.layers[0], decoder.exit, *decoder.modulation, self.attributes, self.classes):
            layer.bias.add_(layer.weight[:, :WIDTH] @ mean)
            layer.weight[:, :WIDTH].mul_(std)


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
        return self.spatial(*self.level(latent * self.std + self.mean))

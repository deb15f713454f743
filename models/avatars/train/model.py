"""The face autoencoder: an image to 128 numbers `w` and back.

The decoder paints with a palette: it draws a few soft masks at full size and fills each with one colour read from `w`, plus a small
residual for gradients and shading. Flat regions get one exact colour, outlines stay sharp, and on the way from one face to another
the borders of regions move instead of fading through each other. The masks are a sum of two: convolutions from 8 x 8 upwards, and a
mixture of learned maps at full size, which fits here because all faces stand in the same place.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common.train.layers import ResidualBlock

WIDTH = 128  # numbers in a latent
PALETTE = 10  # masks, and colours
TEMPLATES = 64  # maps at full size that the masks are mixed from


class PointConvolution(nn.Conv2d):
    """A 1x1 convolution, computed as a matrix product while training (much faster on one CPU thread)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        return F.linear(x.permute(0, 2, 3, 1), self.weight.view(self.out_channels, -1), self.bias).permute(0, 3, 1, 2)


class Encoder(nn.Module):
    """Image [b, 3, 128, 128] in [0, 1] to the mean and log variance of `w`, [b, 128] each."""

    def __init__(self, channels: tuple[int, int, int] = (32, 64, 128), bottleneck: int = 32) -> None:
        super().__init__()
        c1, c2, c3 = channels
        self.convolutions = nn.Sequential(
            nn.Conv2d(3, c1, 4, stride=4),
            ResidualBlock(c1),
            nn.Conv2d(c1, c2, 2, stride=2),
            ResidualBlock(c2),
            nn.Conv2d(c2, c3, 2, stride=2),
            ResidualBlock(c3),
            nn.ReLU(),
            PointConvolution(c3, bottleneck),
            nn.ReLU(),
        )
        self.mean = nn.Linear(bottleneck * 64, WIDTH)
        self.log_variance = nn.Linear(bottleneck * 64, WIDTH)
        nn.init.normal_(self.log_variance.weight, std=1e-3)
        nn.init.constant_(self.log_variance.bias, -4)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        features = self.convolutions(image * 2 - 1).flatten(1)
        return self.mean(features), self.log_variance(features).clamp(-6, 2)


class ModulatedBlock(nn.Module):
    """A residual block whose inner channels are scaled and shifted by the face code."""

    def __init__(self, channels: int, code: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.modulation = nn.Linear(code, 2 * channels)
        for layer in (self.second, self.modulation):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        scale, shift = self.modulation(code)[:, :, None, None].chunk(2, 1)
        return x + self.second(F.relu(self.first(F.relu(x)) * (scale + 1) + shift))


class Decoder(nn.Module):
    """`w` [b, 128] to an image [b, 3, 128, 128] (about [0, 1], not clipped)."""

    def __init__(
        self, channels: tuple[int, int, int] = (128, 64, 32), blocks: tuple[int, int, int] = (2, 2, 1), hidden: int = 256, grid: int = 24
    ) -> None:
        super().__init__()
        self.grid = grid
        code = WIDTH + hidden
        c1, c2, c3 = channels
        self.hidden = nn.Sequential(nn.Linear(WIDTH, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.layout = nn.Linear(code, grid * 64)
        self.palette = nn.Linear(code, PALETTE * 3)
        self.mixture = nn.Linear(code, (PALETTE + 3) * TEMPLATES)
        self.templates = nn.Parameter(torch.zeros(TEMPLATES, 128 * 128))
        self.entry = nn.Conv2d(grid, c1, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.ModuleList(ModulatedBlock(c, code) for _ in range(n)) for c, n in zip(channels, blocks)
        )
        self.rise = nn.ModuleList([PointConvolution(c1, c2 * 4), PointConvolution(c2, c3 * 4)])
        self.paint = PointConvolution(c3, (PALETTE + 3) * 16)
        nn.init.uniform_(self.palette.bias, -0.5, 0.5)

    def forward(self, w: Tensor) -> Tensor:
        code = torch.cat([w, self.hidden(w)], 1)
        x = self.entry(self.layout(code).view(-1, self.grid, 8, 8))
        for level, blocks in enumerate(self.blocks):
            if level:
                x = F.pixel_shuffle(self.rise[level - 1](x), 2)
            for block in blocks:
                x = block(x, code)
        x = F.pixel_shuffle(self.paint(F.relu(x)), 4).reshape(-1, PALETTE + 3, 128 * 128)
        x = x + torch.matmul(self.mixture(code).view(-1, TEMPLATES), self.templates).view(-1, PALETTE + 3, 128 * 128)
        masks = x[:, :PALETTE].softmax(1)
        colours = self.palette(code).view(-1, 3, PALETTE)
        image = torch.matmul(colours, masks) + x[:, PALETTE:] * 0.25 + 0.5
        return image.view(-1, 3, 128, 128)


class FaceAutoencoder(nn.Module):
    """Encoder, decoder, and the linear maps between `w` and the labels that guide the training.

    `attributes` and `classes` read the labels from `w`; `from_labels` and `parts` write a `w` from the labels alone, so that the
    decoder can learn to draw before the encoder has learned to see.
    """

    def __init__(self, attributes: int, classes: list[int], channels: tuple[int, int, int] = (128, 64, 32)) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder(channels)
        self.attributes = nn.Linear(WIDTH, attributes)
        self.classes = nn.Linear(WIDTH, sum(classes))
        self.from_labels = nn.Linear(attributes, WIDTH)
        self.parts = nn.EmbeddingBag(sum(classes), WIDTH, mode="sum")
        nn.init.normal_(self.parts.weight, std=0.15)
        self.register_buffer("offsets", torch.tensor([0, *classes[:-1]]).cumsum(0), persistent=False)

    def embed(self, attributes: Tensor, classes: Tensor) -> Tensor:
        """A `w` from attribute vectors [b, n] and part classes [b, categories]."""
        return self.from_labels(attributes) + self.parts(classes + self.offsets)


class PublicEncoder(nn.Module):
    """The encoder as exported: the mean of `w`, whitened per number."""

    def __init__(self, encoder: Encoder, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.convolutions = encoder.convolutions
        self.mean = nn.Linear(encoder.mean.in_features, WIDTH)
        self.mean.weight.data = encoder.mean.weight.data / std[:, None]
        self.mean.bias.data = (encoder.mean.bias.data - mean) / std

    def forward(self, image: Tensor) -> Tensor:
        return self.mean(self.convolutions(image * 2 - 1).flatten(1))


class PublicDecoder(nn.Module):
    """The decoder as exported: takes whitened latents."""

    def __init__(self, decoder: Decoder, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.decoder = decoder
        self.mean = nn.Parameter(mean)
        self.std = nn.Parameter(std)

    def forward(self, latent: Tensor) -> Tensor:
        return self.decoder(latent * self.std + self.mean)

"""The autoencoder: fully convolutional, 32 channels at an eighth of the size.

Both halves are a linear lapped transform plus a residual network. The transform starts as PCA of 8x8 blocks, whitened,
so that training starts from a working codec; the network starts at zero and learns what the transform cannot do.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common.train.layers import ResidualBlock

CHANNELS = 32
STRIDE = 8
BLOCK = 3 * STRIDE * STRIDE


class Encoder(nn.Module):
    """Image in [0, 1] to the mean and log-variance of the raw latent."""

    def __init__(self, fine: int = 48, coarse: int = 96) -> None:
        super().__init__()
        self.linear = nn.Conv2d(3, CHANNELS, 2 * STRIDE, stride=STRIDE, padding=STRIDE // 2)
        self.stem = nn.Conv2d(3, fine, 4, stride=4)
        self.fine = ResidualBlock(fine)
        self.down = nn.Conv2d(fine, coarse, 2, stride=2)
        self.coarse = nn.Sequential(ResidualBlock(coarse), ResidualBlock(coarse), nn.ReLU())
        self.mean = nn.Conv2d(coarse, CHANNELS, 3, padding=1)
        self.log_variance = nn.Conv2d(coarse, CHANNELS, 1)
        nn.init.zeros_(self.mean.weight)
        nn.init.zeros_(self.mean.bias)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, -6.0)

    def features(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x = image * 2 - 1
        return x, self.coarse(self.down(self.fine(self.stem(x))))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x, h = self.features(image)
        return self.linear(x) + self.mean(h), self.log_variance(h).clamp(-10, 2)

    def encode(self, image: Tensor) -> Tensor:
        """The mean alone."""
        x, h = self.features(image)
        return self.linear(x) + self.mean(h)


class Decoder(nn.Module):
    """Raw latent to an image in about [0, 1]."""

    def __init__(self, fine: int = 48, coarse: int = 96, blocks: tuple[int, int] = (3, 1)) -> None:
        super().__init__()
        self.enter = nn.Conv2d(CHANNELS, coarse, 3, padding=1)
        self.coarse = nn.Sequential(*[ResidualBlock(coarse) for _ in range(blocks[0])])
        self.up = nn.Conv2d(coarse, fine * 4, 1)
        self.linear = nn.Conv2d(CHANNELS, BLOCK, 3, padding=1)
        self.fine = nn.Sequential(*[ResidualBlock(fine) for _ in range(blocks[1])], nn.ReLU())
        self.leave = nn.Conv2d(fine, 48, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, latent: Tensor) -> Tensor:
        h = self.fine(F.pixel_shuffle(self.up(self.coarse(self.enter(latent))), 2))
        image = F.pixel_shuffle(self.leave(h), 4) + F.pixel_shuffle(self.linear(latent), 8)
        return image * 0.5 + 0.5


class Autoencoder(nn.Module):
    """Encoder and decoder over one raw latent space."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    @torch.no_grad()
    def start_from_pca(self, images: Tensor) -> None:
        """Sets the linear transforms to whitened PCA of 8x8 blocks of `images` and its inverse."""
        blocks = F.pixel_unshuffle(images * 2 - 1, STRIDE).permute(0, 2, 3, 1).reshape(-1, BLOCK)
        mean = blocks.mean(0)
        centred = (blocks - mean).double()
        values, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
        values, vectors = values.flip(0)[:CHANNELS].float(), vectors.flip(1)[:, :CHANNELS].float()
        scale = values.sqrt()
        forward, inverse = (vectors / scale).T, vectors * scale
        half = STRIDE // 2
        for layer in (self.encoder.linear, self.decoder.linear):
            nn.init.zeros_(layer.weight)
        self.encoder.linear.weight[:, :, half:-half, half:-half] = forward.reshape(CHANNELS, 3, STRIDE, STRIDE)
        self.encoder.linear.bias.copy_(-forward @ mean)
        self.decoder.linear.weight[:, :, 1, 1] = inverse
        self.decoder.linear.bias.copy_(mean)


class PublicEncoder(nn.Module):
    """What is exported: image to raw latent (the mean); the pack's scale and shift make it public."""

    def __init__(self, model: Autoencoder) -> None:
        super().__init__()
        self.encoder = model.encoder

    def forward(self, image: Tensor) -> Tensor:
        return self.encoder.encode(image)

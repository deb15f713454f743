"""Layers and losses shared by the packs' autoencoders."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


class ResidualBlock(nn.Module):
    """Pre-activation residual block of two 3x3 convolutions, no norm, an identity at the start."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.relu(self.first(F.relu(x))))


class GradientLoss(nn.Module):
    """Mean absolute horizontal and vertical difference of an error image, over `levels` octaves.

    The differences are one convolution with a fixed filter (stride 2), which is far cheaper on a CPU than slicing.
    """

    def __init__(self, levels: int = 1) -> None:
        super().__init__()
        kernel = torch.zeros(6, 3, 3, 3)
        for c in range(3):
            kernel[2 * c, c, 1, 1], kernel[2 * c, c, 1, 2] = 1, -1
            kernel[2 * c + 1, c, 1, 1], kernel[2 * c + 1, c, 2, 1] = 1, -1
        self.levels = levels
        self.register_buffer("kernel", kernel)

    def forward(self, error: Tensor) -> Tensor:
        loss = F.conv2d(error, self.kernel, stride=2).abs().mean()
        for _ in range(self.levels - 1):
            error = F.avg_pool2d(error, 2)
            loss = loss + F.conv2d(error, self.kernel, stride=2).abs().mean()
        return loss


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Mean KL divergence per latent number from N(mean, exp(log_variance)) to N(0, 1)."""
    return 0.5 * (mean * mean + log_variance.exp() - 1 - log_variance).mean()


def sample_latent(mean: Tensor, log_variance: Tensor) -> Tensor:
    """One reparameterised draw from N(mean, exp(log_variance))."""
    return mean + torch.randn_like(mean) * (0.5 * log_variance).exp()

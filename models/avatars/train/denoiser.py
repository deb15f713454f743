"""The denoiser in `w`: flow matching, with the length of the step and the guidance as inputs.

x_s = (1 - s) data + s noise; the velocity is noise - data; the next sample is sample - step * velocity. With step 0 the network is the plain
flow (Lipman et al. 2023); longer steps are shortcuts that agree with two of half the length (Frans et al. 2024); guidance is distilled into
the network (Meng et al. 2023), so that it costs one run.
"""

from __future__ import annotations

import math

import torch
import torch.nn as nn
from torch import Tensor

from .condition import CONDITION
from .model import WIDTH

MOST_GUIDANCE = 3.0  # guidance beyond 0..3 is clipped
SHORTEST = 1 / 16  # shorter steps count as plain flow


class Block(nn.Module):
    """A residual pair of layers whose inside is scaled and shifted by what the network was told."""

    def __init__(self, width: int, told: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.modulation = nn.Linear(told, 2 * width)
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.modulation(told).chunk(2, 1)
        return x + self.second(nn.functional.silu(self.first(self.norm(x) * (1 + scale) + shift)))


class Denoiser(nn.Module):
    """sample [b, 128], timestep [b] (1 noise, 0 data), step [b], condition [b, 40], guidance [b] to velocity [b, 128]."""

    def __init__(self, width: int = 320, blocks: int = 5, told: int = 96) -> None:
        super().__init__()
        self.enter = nn.Linear(WIDTH, width)
        frequencies = torch.exp(torch.linspace(0, math.log(100), 12))
        self.frequencies = nn.Parameter(frequencies, requires_grad=False)
        self.told = nn.Sequential(
            nn.Linear(4 * 12 + 3 + CONDITION, 2 * told), nn.SiLU(), nn.Linear(2 * told, told), nn.SiLU(),
        )
        self.blocks = nn.ModuleList(Block(width, told) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.exit = nn.Linear(width, WIDTH)
        nn.init.zeros_(self.exit.weight)
        nn.init.zeros_(self.exit.bias)

    def forward(self, sample: Tensor, timestep: Tensor, step: Tensor, condition: Tensor, guidance: Tensor) -> Tensor:
        time, length = timestep.clamp(0, 1)[:, None], step.clamp(0, 1)[:, None]
        guidance = guidance.clamp(0, MOST_GUIDANCE)[:, None]
        waves = torch.cat([time * self.frequencies, length * self.frequencies], 1)
        told = self.told(torch.cat([waves.sin(), waves.cos(), guidance - 1, (guidance - 1).pow(2) / 2, length, condition], 1))
        # What is known of Gaussian data with deviation 1 is built in: the network learns the rest, at one scale for all times.
        power = time * time + (1 - time) * (1 - time)
        scale = power.rsqrt()
        x = self.enter(sample * scale)
        for block in self.blocks:
            x = block(x, told)
        return sample * (2 * time - 1) / power + self.exit(self.norm(x)) * scale


@torch.no_grad()
def generate(
    denoiser: nn.Module, noise: Tensor, condition: Tensor, steps: int, guidance: float = 1.0, start: float = 1.0, plain: bool = False
) -> Tensor:
    """Steps from `start` to 0 in equal strides; `plain` takes them as plain flow."""
    n = len(noise)
    x, stride = noise, start / steps
    for i in range(steps):
        length = torch.full((n,), 0.0 if plain else stride)
        x = x - stride * denoiser(x, torch.full((n,), start - i * stride), length, condition, torch.full((n,), guidance))
    return x


def repair(denoiser: nn.Module, ends: tuple[Tensor, Tensor], share: float, noise: Tensor, strength: float, steps: int, condition: Tensor) -> Tensor:
    """A point of the straight line between two latents, with noise weighted by sqrt(4 t (1 - t)), denoised again."""
    line = ends[0] * (1 - share) + ends[1] * share
    start = strength * math.sqrt(4 * share * (1 - share))
    if start == 0:
        return line
    return generate(denoiser, line * (1 - start) + noise * start, condition, steps, start=start)

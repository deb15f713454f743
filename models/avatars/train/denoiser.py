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

MOST_GUIDANCE = 3.0  # that the network learns
MOST_GUIDANCE_TOLD = 6.0  # beyond 0..6 it is clipped
SHORTEST = 1 / 16  # shorter steps count as plain flow
STEPS, GUIDANCE = 4, 3.0  # the pack's defaults


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


class GuidedDenoiser(nn.Module):
    """The denoiser as exported, of the same inputs.

    In short steps guidance is classifier-free (Ho and Salimans 2022): two runs, in one batch, and their difference enlarged. That breaks in
    long steps, where the network is told the guidance instead. Without a condition both are the plain network.
    """

    def __init__(self, network: Denoiser) -> None:
        super().__init__()
        self.network = network

    def forward(self, sample: Tensor, timestep: Tensor, step: Tensor, condition: Tensor, guidance: Tensor) -> Tensor:
        step = step.clamp(0, 1)
        more = (guidance.clamp(0, MOST_GUIDANCE_TOLD) - 1) * (condition.abs().sum(1) > 0).float()
        learned = torch.cat([1 + more * step * step, torch.ones_like(more)])
        twice = [torch.cat([each, each]) for each in (sample, timestep, step)]
        told, free = self.network(*twice, torch.cat([condition, torch.zeros_like(condition)]), learned).chunk(2)
        return told + (more * (1 - step))[:, None] * (told - free)


@torch.no_grad()
def generate(denoiser: nn.Module, noise: Tensor, condition: Tensor, steps: int, guidance: float = 1.0, start: float = 1.0) -> Tensor:
    """Steps from `start` down the grid of `steps` equal ones to 0, as the package does it: the first may be shorter."""
    levels = [start, *(k / steps for k in range(steps, -1, -1) if k / steps < start - 1e-9)]
    x, one = noise, torch.ones(len(noise))
    for level, after in zip(levels, levels[1:]):
        x = x - (level - after) * denoiser(x, one * level, one * (level - after), condition, one * guidance)
    return x


def repair(denoiser: nn.Module, ends: tuple[Tensor, Tensor], share: float, noise: Tensor, strength: float, steps: int, condition: Tensor) -> Tensor:
    """A point of the straight line between two latents, with noise weighted by sqrt(4 t (1 - t)), denoised again."""
    line = ends[0] * (1 - share) + ends[1] * share
    start = strength * math.sqrt(4 * share * (1 - share))
    if start == 0:
        return line
    return generate(denoiser, line * (1 - start) + noise * start, condition, steps, start=start)

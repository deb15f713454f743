"""What every training loop needs: set-up, a schedule by wall time, averaged weights, atomic checkpoints."""

from __future__ import annotations

import copy
import datetime
import math
import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn as nn


def configure(seed: int, threads: int = 1) -> None:
    """Seeds every generator and limits the threads (contended OpenMP threads must not spin)."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    torch.set_num_threads(threads)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def seconds_until(end: str) -> float:
    """Seconds from now until the next local `HH:MM`, or `end` itself where it is a number of minutes (`90m`)."""
    if end.endswith("m"):
        return float(end[:-1]) * 60
    hour, minute = map(int, end.split(":"))
    now = datetime.datetime.now()
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if moment <= now:
        moment += datetime.timedelta(days=1)
    return (moment - now).total_seconds()


class WallClock:
    """A learning rate that follows a cosine of the wall time, so that a run ends when it should on any machine.

    `progress()` is in [0, 1]; `rate()` warms up over `warmup` steps and falls from `peak` to `peak * floor`.
    """

    def __init__(self, seconds: float, peak: float, floor: float = 0.01, warmup: int = 200) -> None:
        self.seconds, self.peak, self.floor, self.warmup = seconds, peak, floor, warmup
        self.start = time.time()

    def elapsed(self) -> float:
        return time.time() - self.start

    def progress(self) -> float:
        return min(1.0, self.elapsed() / self.seconds)

    def done(self) -> bool:
        return self.progress() >= 1

    def rate(self, step: int) -> float:
        cosine = 0.5 * (1 + math.cos(math.pi * self.progress()))
        return self.peak * min(1.0, (step + 1) / self.warmup) * (self.floor + (1 - self.floor) * cosine)

    def apply(self, optimizer: torch.optim.Optimizer, step: int) -> float:
        """Sets the rate of every parameter group and returns it."""
        rate = self.rate(step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        return rate


class Ema:
    """An exponential moving average of a model's parameters (`ema.model`); young averages decay faster."""

    def __init__(self, model: nn.Module, decay: float = 0.998) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = list(self.model.parameters()), list(model.parameters())
        torch._foreach_mul_(mine, decay)
        torch._foreach_add_(mine, [p.detach() for p in theirs], alpha=1 - decay)


def save(path: str | Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint atomically: a reader sees the old file or the new one."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    part.replace(path)

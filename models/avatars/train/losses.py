"""What both training stages share: the loss of a drawn face, and the choice of threads."""

from __future__ import annotations

import time
from typing import Iterable

import numpy as np
import torch
from torch import Tensor

from common.train.layers import GradientLoss

FACE = (slice(28, 96), slice(36, 92))  # rows and columns in which a face has eyes and mouth
FACE_WEIGHT = 2.5
FEATURES = (slice(44, 90), slice(42, 86))  # rows and columns of the eyes and the mouth themselves, in all three styles

Region = tuple[slice, slice]


class ReconstructionLoss(torch.nn.Module):
    """Absolute, squared and gradient error of an image, the face region weighted, and then any `regions`."""

    def __init__(self, regions: Iterable[tuple[Region, float]] = ()) -> None:
        super().__init__()
        weight = torch.ones(1, 1, 128, 128)
        for (rows, columns), value in ((FACE, FACE_WEIGHT), *regions):
            weight[:, :, rows, columns] = value
        self.register_buffer("weight", weight / weight.mean())
        self.gradient = GradientLoss(2)

    def forward(self, image: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        difference = image - target
        error = difference * self.weight
        dx, dy = np.random.randint(0, 2, 2)  # the gradient filter has stride 2: meet every pixel in turn
        gradient = self.gradient(error[:, :, dy:, dx:].contiguous(memory_format=torch.channels_last))
        return error.abs().mean(), (error * difference).mean(), gradient


class Threads:
    """Chooses one or more threads by trial now and then: on a machine that others use, more threads can be slower."""

    def __init__(self, most: int, every: int = 600, trial: int = 15) -> None:
        self.most, self.every, self.trial = most, every, trial
        self.seconds: dict[int, float] = {}
        self.start = time.time()

    def tick(self, step: int) -> None:
        """Call once a step: runs `trial` steps with one thread, as many with all, and keeps the faster for the rest."""
        at = step % self.every
        if self.most > 1 and at in (0, self.trial, 2 * self.trial):
            now = time.time()
            if at:
                self.seconds[torch.get_num_threads()] = now - self.start
            self.start = now
            choice = {0: 1, self.trial: self.most}.get(at) or min(self.seconds, key=self.seconds.__getitem__)
            torch.set_num_threads(choice)
            if at == 2 * self.trial:
                print(f"threads {choice}: " + ", ".join(f"{n}: {s / self.trial:.2f} s a step" for n, s in self.seconds.items()), flush=True)

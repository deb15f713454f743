"""The edit network: one for all directions, fully convolutional on public latents, and exactly the identity at amounts 0."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from photos.train.edits import NAMES
from photos.train.model import CHANNELS


class Editor(nn.Module):
    """latent [n, 32, h, w] and amounts [n, 5] in units to the edited latent.

    Features of the latent (and of its mean over the picture, for the contrast) are multiplied by gates that the amounts alone
    make. No layer after the product has a bias and none of the gates' has: amounts 0 give gates 0, and the change is 0.
    """

    def __init__(self, hidden: int = 112, gates: int = 48) -> None:
        super().__init__()
        self.linear = hidden // 2  # features that are not rectified
        self.enter = nn.Conv2d(CHANNELS, hidden, 3, padding=1)
        self.mean = nn.Linear(CHANNELS, hidden, bias=False)
        self.middle = nn.Conv2d(hidden, hidden, 1)
        self.first = nn.Linear(len(NAMES), gates, bias=False)
        self.second = nn.Linear(gates, hidden, bias=False)
        self.leave = nn.Conv2d(hidden, CHANNELS, 3, padding=1, bias=False)
        nn.init.zeros_(self.leave.weight)

    def forward(self, latent: Tensor, amounts: Tensor) -> Tensor:
        mean = self.mean(latent.mean((2, 3)))[:, :, None, None]
        straight, bent = (self.enter(latent) + mean).split([self.linear, self.mean.out_features - self.linear], 1)
        features = self.middle(torch.cat([straight, F.relu(bent)], 1))
        straight, bent = features.split([self.linear, self.mean.out_features - self.linear], 1)
        features = torch.cat([straight, F.relu(bent)], 1)
        gate = self.second(torch.tanh(self.first(amounts)))[:, :, None, None]
        return latent + self.leave(features * gate)

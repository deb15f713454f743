"""The style network: one for all styles, fully convolutional on public latents, and exactly the identity where no amount is above 0."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from photos.train.model import CHANNELS, STRIDE
from photos.train.styles import REACH, STYLE_NAMES, TILE, planes

SIDE = TILE // STRIDE  # positions along each side of the tiles' latents
PLANES = 5


class StyleBlock(nn.Module):
    """Residual block of two 3x3 convolutions, between which the style scales and shifts the channels."""

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.scale = nn.Linear(styles, channels)
        self.shift = nn.Linear(styles, channels)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)
        for layer in (self.scale, self.shift):
            nn.init.normal_(layer.weight, std=0.2)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.scale(style)[:, :, None, None], self.shift(style)[:, :, None, None]
        return x + self.second(F.relu(self.first(F.relu(x)) * (1 + scale) + shift))


class StyleEditor(nn.Module):
    """latent [n, 32, h, w] and amounts [n, 9] in units to the edited latent.

    Features of the latent, of its mean over the picture and of what each position means in it (`planes`) are multiplied by gates
    that the amounts make, some evenly and some by position. Neither the gates nor what follows has a bias: where no amount is above
    0 the gates are 0, and so is the change. Grain and strokes are latents of fixed tiles, whose strength is drawn from the features.
    """

    def __init__(self, hidden: int = 80, blocks: int = 2, styles: int = 48) -> None:
        super().__init__()
        self.linear = hidden // 2  # features that are not rectified at the end
        self.enter = nn.Conv2d(CHANNELS + PLANES, hidden, 3, padding=1)
        self.mean = nn.Linear(CHANNELS, hidden, bias=False)
        self.style = nn.Linear(2 * len(STYLE_NAMES), styles)
        self.blocks = nn.ModuleList(StyleBlock(hidden, styles) for _ in range(blocks))
        self.first = nn.Linear(len(STYLE_NAMES), styles, bias=False)
        self.gate = nn.Linear(2 * styles, hidden, bias=False)
        self.place_gate = nn.Linear(2 * styles, hidden, bias=False)
        self.place = nn.Conv2d(PLANES, hidden, 1)
        self.leave = nn.Conv2d(hidden, CHANNELS, 3, padding=1, bias=False)
        self.strength = nn.Conv2d(hidden, 2 * CHANNELS, 1, bias=False)
        self.register_buffer("colour", torch.zeros(3, CHANNELS, 1, 1))
        self.register_buffer("colour_bias", torch.zeros(3))
        self.register_buffer("tile", torch.zeros(1, 2 * CHANNELS, SIDE, SIDE))
        nn.init.normal_(self.first.weight, std=0.4)
        for layer in (self.leave, self.strength):
            nn.init.zeros_(layer.weight)

    def tiled(self, height: int, width: int) -> Tensor:
        """The tiles laid over a latent of any size from its top left."""
        rows = torch.arange(height) % SIDE
        columns = torch.arange(width) % SIDE
        return self.tile[:, :, rows][:, :, :, columns]

    def forward(self, latent: Tensor, amounts: Tensor) -> Tensor:
        amounts = amounts.clamp(0, REACH)
        place = planes(F.conv2d(latent, self.colour, self.colour_bias))
        x, y = place[:, :1], place[:, 1:2]
        place = torch.cat([place, (x * x + y * y) / 2], 1)
        style = torch.relu(self.style(torch.cat([amounts, torch.tanh(2 * amounts)], 1)))
        features = self.enter(torch.cat([latent, place], 1)) + self.mean(latent.mean((2, 3)))[:, :, None, None]
        for block in self.blocks:
            features = block(features, style)
        straight, bent = features.split([self.linear, features.shape[1] - self.linear], 1)
        features = torch.cat([straight, F.relu(bent)], 1)
        moved = self.first(amounts)
        moved = torch.cat([moved, torch.tanh(moved)], 1)
        even, placed = self.gate(moved)[:, :, None, None], self.place_gate(moved)[:, :, None, None]
        features = features * (even + placed * self.place(place))
        texture = self.strength(features) * self.tiled(latent.shape[2], latent.shape[3])
        grain, strokes = texture.split(CHANNELS, 1)
        return latent + self.leave(features) + grain + strokes

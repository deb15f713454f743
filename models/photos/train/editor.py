"""The edit networks: fully convolutional on public latents, and exactly the identity where no amount counts."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from photos.train import edits
from photos.train.model import CHANNELS, STRIDE
from photos.train.styles import REACH, TILE, planes

SIDE = TILE // STRIDE  # positions along each side of the tiles' latents
PLANES = 5
FINER = 2  # how many times finer than a latent the features of a painting lie, along each side


class EditBlock(nn.Module):
    """Residual block of a 3x3 convolution and one of `kernel`, between which the amounts scale and shift the channels."""

    def __init__(self, channels: int, codes: int, kernel: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, kernel, padding=kernel // 2)
        self.scale = nn.Linear(codes, channels)
        self.shift = nn.Linear(codes, channels)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)
        for layer in (self.scale, self.shift):
            nn.init.normal_(layer.weight, std=0.2)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.scale(style)[:, :, None, None], self.shift(style)[:, :, None, None]
        return x + self.second(F.relu(self.first(F.relu(x)) * (1 + scale) + shift))


def code_of(layer: nn.Linear, amounts: Tensor) -> Tensor:
    """What the blocks are told of the amounts."""
    return torch.relu(layer(torch.cat([amounts, torch.tanh(2 * amounts)], 1)))


def moved_by(layer: nn.Linear, amounts: Tensor) -> Tensor:
    """What gates are made of: nothing where no amount counts, for neither `layer` nor what follows has a bias."""
    moved = layer(amounts)
    return torch.cat([moved, torch.tanh(moved)], 1)


class Editor(nn.Module):
    """What the networks of tones and of styles share: features of a latent, multiplied by gates that `amounts` amounts of 0 to REACH make.

    Neither the gates nor what follows has a bias: where no amount is above 0 the gates are 0, and so is the change.
    """

    def __init__(self, amounts: int, hidden: int, kernel: int, given: int = 0, blocks: int = 2, codes: int = 48) -> None:
        super().__init__()
        self.linear = hidden // 2  # features that are not rectified at the end
        self.enter = nn.Conv2d(CHANNELS + given, hidden, 3, padding=1)
        self.mean = nn.Linear(CHANNELS, hidden, bias=False)
        self.style = nn.Linear(2 * amounts, codes)
        self.blocks = nn.ModuleList(EditBlock(hidden, codes, kernel) for _ in range(blocks))
        self.first = nn.Linear(amounts, codes, bias=False)
        self.gate = nn.Linear(2 * codes, hidden, bias=False)
        self.leave = nn.Conv2d(hidden, CHANNELS, 3, padding=1, bias=False)
        nn.init.normal_(self.first.weight, std=0.4)
        nn.init.zeros_(self.leave.weight)

    def look(self, latent: Tensor, given: Tensor) -> Tensor:
        """Features before the blocks, of the latent (with what is given beside it) and of its mean over the picture."""
        return self.enter(given) + self.mean(latent.mean((2, 3)))[:, :, None, None]

    def bend(self, features: Tensor, amounts: Tensor) -> Tensor:
        """Features after the blocks, a half of them rectified."""
        code = code_of(self.style, amounts)
        for block in self.blocks:
            features = block(features, code)
        straight, bent = features.split([self.linear, features.shape[1] - self.linear], 1)
        return torch.cat([straight, F.relu(bent)], 1)


class ToneEditor(Editor):
    """latent [n, 32, h, w] and amounts [n, 5] in units, of either sign, to the edited latent.

    Up and down are learned as two directions each. The mean of rectified features over the picture says how its tones are spread,
    which contrast needs to keep the mean luma.
    """

    def __init__(self, hidden: int = 64) -> None:
        super().__init__(2 * len(edits.NAMES), hidden, kernel=1)
        self.spread = nn.Linear(hidden, hidden, bias=False)
        nn.init.zeros_(self.spread.weight)

    def forward(self, latent: Tensor, amounts: Tensor) -> Tensor:
        amounts = torch.cat([amounts, -amounts], 1).clamp(0, REACH)
        features = self.look(latent, latent)
        features = features + self.spread(F.relu(features).mean((2, 3)))[:, :, None, None]
        return latent + self.leave(self.bend(features, amounts) * self.gate(moved_by(self.first, amounts))[:, :, None, None])


class StyleEditor(Editor):
    """latent [n, 32, h, w] and amounts [n, count] in units, none below 0, to the edited latent.

    Each position is also told what it means in the picture (`planes`), and the gates act some evenly and some by position. Grain and
    strokes are latents of fixed tiles, whose strength is drawn from the features.
    """

    def __init__(self, count: int, hidden: int = 80) -> None:
        super().__init__(count, hidden, kernel=3, given=PLANES)
        self.place_gate = nn.Linear(self.gate.in_features, hidden, bias=False)
        self.place = nn.Conv2d(PLANES, hidden, 1)
        self.strength = nn.Conv2d(hidden, 2 * CHANNELS, 1, bias=False)
        self.register_buffer("colour", torch.zeros(3, CHANNELS, 1, 1))
        self.register_buffer("colour_bias", torch.zeros(3))
        self.register_buffer("tile", torch.zeros(1, 2 * CHANNELS, SIDE, SIDE))
        nn.init.zeros_(self.strength.weight)

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
        features = self.bend(self.look(latent, torch.cat([latent, place], 1)), amounts)
        moved = moved_by(self.first, amounts)
        even, placed = self.gate(moved)[:, :, None, None], self.place_gate(moved)[:, :, None, None]
        features = features * (even + placed * self.place(place))
        texture = self.strength(features) * self.tiled(latent.shape[2], latent.shape[3])
        grain, strokes = texture.split(CHANNELS, 1)
        return latent + self.leave(features) + grain + strokes


class PaintingEditor(nn.Module):
    """latent [n, 32, h, w] and the amount of `painting` [n, 1] in units, not below 0, to the painted latent.

    A painting is made of choices: which of the patches around it a place belongs to. They are finer than a position of the latent, so
    the features lie at a quarter of the picture's size, few for each place and many one after the other.
    """

    def __init__(self, hidden: int = 40, blocks: int = 3, codes: int = 24) -> None:
        super().__init__()
        wide = hidden * FINER**2
        self.enter = nn.Conv2d(CHANNELS, wide, 3, padding=1)
        self.style = nn.Linear(2, codes)
        self.blocks = nn.ModuleList(EditBlock(hidden, codes, kernel=3) for _ in range(blocks))
        self.first = nn.Linear(1, codes, bias=False)
        self.gate = nn.Linear(2 * codes, wide, bias=False)
        self.leave = nn.Conv2d(wide, CHANNELS, 3, padding=1, bias=False)
        nn.init.normal_(self.first.weight, std=0.4)
        nn.init.zeros_(self.leave.weight)

    def forward(self, latent: Tensor, amounts: Tensor) -> Tensor:
        amounts = amounts.clamp(0, REACH)
        code = code_of(self.style, amounts)
        features = F.pixel_shuffle(self.enter(latent), FINER)
        for block in self.blocks:
            features = block(features, code)
        straight, bent = F.pixel_unshuffle(features, FINER).chunk(2, 1)
        gate = self.gate(moved_by(self.first, amounts))[:, :, None, None]
        return latent + self.leave(torch.cat([straight, F.relu(bent)], 1) * gate)

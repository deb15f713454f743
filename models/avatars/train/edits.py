"""The edit network, and the pairs of latents that it learns from.

A request is a row of amounts, one for each direction, in standard deviations of the attribute over the held-out faces. The network moves a
latent by a sum of products that all vanish where the amounts are 0, so that no request leaves a face exactly as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn as nn
from torch import Tensor

from .model import WIDTH

# Directions in the order of `amounts`: attributes (with their labels), then the styles.
ATTRIBUTES = {
    "smile": "smile", "glasses": "glasses", "hair": "length", "beard": "beard", "skin": "skin", "grey": "grey", "eyes": "eyes",
    "brightness": "light",
}
STYLE_DIRECTIONS = ("style-avataaars", "style-toon-head", "style-personas")
DIRECTIONS = (*ATTRIBUTES, *STYLE_DIRECTIONS)
LIMITS = {"smile": (-1, 1), "glasses": (0, 1), "hair": (0, 1), "beard": (0, 1), "skin": (0, 1), "grey": (0, 1), "eyes": (0, 1), "brightness": (0.5, 1)}
LARGEST = 4.0  # amounts beyond this are clipped
TOON_HEAD, HAT = 1, 2
PARTS = {"smile": ("mouth",), "glasses": ("glasses",), "hair": ("hair", "rear"), "beard": ("beard",), "eyes": ("eyes",)}


class Editor(nn.Module):
    """Latent [b, 128] and amounts [b, 11] to the edited latent [b, 128]."""

    def __init__(self, hidden: int = 384) -> None:
        super().__init__()
        count = len(DIRECTIONS)
        self.first = nn.Linear(WIDTH + count, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.third = nn.Linear(hidden, hidden)
        self.gate = nn.Linear(3 * count, hidden, bias=False)  # 0 where the amounts are 0
        self.last = nn.Linear(hidden, WIDTH, bias=False)
        nn.init.zeros_(self.last.weight)
        low = torch.full((count,), -LARGEST)
        low[len(ATTRIBUTES) :] = 0  # a face cannot have less than nothing of a style
        self.low = nn.Parameter(low, requires_grad=False)

    def forward(self, latent: Tensor, amounts: Tensor) -> Tensor:
        amounts = torch.minimum(torch.maximum(amounts, self.low), -self.low.min())
        x = torch.cat([latent, amounts], 1)
        x = nn.functional.silu(self.first(x))
        x = nn.functional.silu(self.second(x))
        x = self.third(x)
        gate = self.gate(torch.cat([amounts, torch.tanh(amounts), torch.tanh(3 * amounts)], 1))
        return latent + self.last(x * gate)


def values_of(labels: list[dict[str, Any]]) -> np.ndarray:
    """The attributes that directions change, [n, 8] (glasses worn: 0 or 1)."""
    return np.array([[min(1, label[name]) if name == "glasses" else label[name] for name in ATTRIBUTES.values()] for label in labels], np.float32)


def units_of(labels: list[dict[str, Any]]) -> np.ndarray:
    """One unit of each direction in the attribute's own measure: standard deviations of attributes, then of style shares."""
    styles = np.array([label["style"] for label in labels])
    shares = np.stack([styles == style for style in range(3)], 1).astype(np.float32)
    return np.concatenate([values_of(labels).std(0), shares.std(0)])


@dataclass
class Pairs:
    """Rows of latents before and after, the amounts between them [n, 11], and the number of things that changed."""

    before: np.ndarray
    after: np.ndarray
    amounts: np.ndarray
    changes: np.ndarray


def pairs_of(labels: list[dict[str, Any]], units: np.ndarray, each: int) -> Pairs:
    """All pairs of pictures of one group of variants whose difference follows from the amounts."""
    values = values_of(labels)
    before, after, amounts = [], [], []
    names = list(ATTRIBUTES)
    for group in range(0, len(labels) - each + 1, each):
        for a in range(group, group + each):
            for b in range(group, group + each):
                row = a != b and _amounts(labels[a], labels[b], values[a], values[b], names)
                if row is None or row is False:
                    continue
                before.append(a)
                after.append(b)
                amounts.append(row)
    table = np.array(amounts, np.float32) / units
    return Pairs(np.array(before), np.array(after), table, (table != 0).sum(1))


def _amounts(a: dict, b: dict, from_values: np.ndarray, to_values: np.ndarray, names: list[str]) -> list[float] | None:
    """What has to be asked of face a to get face b, in the measures of the attributes; None where b has parts that nothing asks for."""
    row = [0.0] * len(DIRECTIONS)
    other = a["style"] != b["style"]
    if other:
        if not b["restyled"]:
            return None
        row[len(names) + b["style"]] = 1.0
    for k, name in enumerate(names):
        change = float(to_values[k] - from_values[k])
        if other:
            # What the other style draws differently by itself is not asked for.
            row[k] = change if name in a["set"] or name in b["set"] else 0.0
            continue
        row[k] = change
        if any(a["parts"].get(part) != b["parts"].get(part) for part in PARTS.get(name, ())):
            canonical = b["restyled"] or name in b["set"] or (name == "eyes" and "glasses" in b["set"])
            if not canonical or change == 0 and name != "eyes":
                return None
    if row[1] and a["style"] == 2:
        row[6] = 0.0  # drawn glasses of personas are its eyes
    return row if any(row) else None


def augment(
    amounts: Tensor, before: Tensor, after: Tensor, to_values: Tensor, styles: Tensor, hats: Tensor
) -> tuple[Tensor, Tensor]:
    """Asks for more than there is, for what cannot be, and for a part of the way; returns the amounts and the latents they lead to."""
    n = len(amounts)
    attributes = len(ATTRIBUTES)
    limits = torch.tensor([LIMITS[name] for name in ATTRIBUTES])
    at_top, at_bottom = to_values >= limits[:, 1] - 1e-4, to_values <= limits[:, 0] + 1e-4
    more = torch.rand(n, attributes) * 3
    asked = amounts[:, :attributes]
    # More of what is at its limit changes nothing: often where it was asked for, now and then where it was not.
    chance = torch.where(asked != 0, torch.tensor(0.5), torch.tensor(0.06))
    extra = torch.where(at_top & (asked >= 0), more, torch.where(at_bottom & (asked <= 0), -more, torch.zeros(())))
    extra = extra * (torch.rand(n, attributes) < chance)
    # Hair under a hat, and glasses in toonHead, cannot be had.
    wild = torch.randn(n, attributes) * 1.5 * (torch.rand(n, attributes) < 0.15)
    same = amounts[:, attributes:].abs().sum(1) == 0
    extra[:, 2] = torch.where(hats & same, wild[:, 2], extra[:, 2])
    extra[:, 1] = torch.where((styles == TOON_HEAD) & same, wild[:, 1], extra[:, 1])
    style = torch.nn.functional.one_hot(styles, 3)
    again = torch.rand(n, 1) * 3 * style * (torch.rand(n, 1) < torch.where(same, 0.06, 0.5)[:, None])
    amounts = amounts + torch.cat([extra, again], 1)
    # Part of the way to another style or to glasses is part of the way in the latent space.
    only = (amounts != 0).sum(1) == 1
    partial = only & (torch.rand(n) < 0.4) & ((asked[:, 1] != 0) | ~same) & (extra.abs().sum(1) == 0) & (again.abs().sum(1) == 0)
    share = torch.where(partial, torch.rand(n), torch.ones(n))[:, None]
    return amounts * share, before + (after - before) * share

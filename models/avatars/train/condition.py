"""What the denoiser can be told about a face: groups of numbers, each known or not.

A condition is [values, known]: the values of the groups in order (0 where unknown), then one number for each group, 1 where it is known.
All zeros say nothing: the unconditional face.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

# Each group with the count of its values. Numbers run from -1 to 1; style and cover are one of three classes (1 and 0).
GROUPS: dict[str, int] = {
    "style": 3,  # avataaars, toonHead, personas
    "smile": 1,
    "open": 1,  # the mouth
    "eyes": 1,
    "glasses": 2,  # worn, dark
    "length": 1,
    "cover": 3,  # bald, hair, hat
    "skin": 1,  # light to dark
    "grey": 1,
    "hair": 3,  # colour
    "beard": 2,  # how much, only a moustache
    "light": 1,
    "background": 3,  # colour; the mean of a gradient
    "clothes": 3,  # colour
}
NAMES = tuple(GROUPS)
VALUES = sum(GROUPS.values())
CONDITION = VALUES + len(GROUPS)
MOUSTACHES = {"moustacheFancy", "moustacheMagnum", "moustacheTwirl", "walrus"}


def slices() -> dict[str, slice]:
    """Where the values of each group lie."""
    found, at = {}, 0
    for name, count in GROUPS.items():
        found[name] = slice(at, at + count)
        at += count
    return found


# The group of each value.
GROUP_OF_VALUE = torch.tensor([i for i, count in enumerate(GROUPS.values()) for _ in range(count)])


def values_of(label: dict[str, Any]) -> list[float]:
    """All values of one labelled face."""

    def wide(value: float) -> float:
        return value * 2 - 1

    def one_hot(index: int) -> list[float]:
        return [float(i == index) for i in range(3)]

    second = label["gradient"] or label["background"]
    beard = label["beard"]
    return [
        *one_hot(label["style"]), label["smile"], wide(label["open"]), wide(label["eyes"]),
        wide(float(label["glasses"] > 0)), wide(float(label["glasses"] == 2)), wide(label["length"]), *one_hot(label["cover"]),
        wide(label["skin"]), wide(label["grey"]), *map(wide, label["hair"]),
        wide(beard), wide(float(label["parts"]["beard"] in MOUSTACHES)), label["light"] * 4 - 3,
        *(a + b - 1 for a, b in zip(label["background"], second)), *map(wide, label["clothes"]),
    ]


def condition_of(values: Tensor, known: Tensor) -> Tensor:
    """Conditions [b, 40] from values [b, 26] and which groups [b, 14] are known (1 or 0)."""
    return torch.cat([values * known[:, GROUP_OF_VALUE], known], 1)

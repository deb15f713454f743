"""Rendered faces on disk: shards of raw RGB bytes with their labels, and what the training needs of the labels."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

SIZE = 128
CATEGORIES = ("hair", "rear", "mouth", "eyes", "brows", "beard", "glasses", "clothes", "nose")
STYLES = ("avataaars", "toonHead", "personas")

# The attributes of a face in the order of `attribute_vector`, each with the count of its numbers.
ATTRIBUTES: dict[str, int] = {
    "style": 3, "smile": 1, "open": 1, "eyes": 1, "glasses": 3, "length": 1, "cover": 3, "skin": 1, "grey": 1, "hair": 3,
    "beard": 1, "bearded": 1, "light": 1, "background": 3, "gradient": 3, "slope": 2, "clothes": 3, "hat": 3,
}
ATTRIBUTE_SIZE = sum(ATTRIBUTES.values())


def attribute_slices() -> dict[str, slice]:
    """Where each attribute lies in the attribute vector."""
    slices, at = {}, 0
    for name, count in ATTRIBUTES.items():
        slices[name] = slice(at, at + count)
        at += count
    return slices


def attribute_vector(label: dict[str, Any]) -> list[float]:
    """The attributes of one label as numbers from -1 to 1 (classes as 0 and 1)."""

    def one_hot(index: int) -> list[float]:
        return [float(i == index) for i in range(3)]

    def wide(value: float) -> float:
        return value * 2 - 1

    gradient = label["gradient"] or label["background"]
    angle = math.radians(label["rotation"])
    slope = [math.cos(angle), math.sin(angle)] if label["gradient"] else [0.0, 0.0]
    return [
        *one_hot(label["style"]), label["smile"], wide(label["open"]), wide(label["eyes"]), *one_hot(label["glasses"]),
        wide(label["length"]), *one_hot(label["cover"]), wide(label["skin"]), wide(label["grey"]), *map(wide, label["hair"]),
        wide(label["beard"]), wide(float(label["beard"] > 0)), label["light"] * 4 - 3,
        *map(wide, label["background"]), *map(wide, gradient), *slope,
        *map(wide, label["clothes"]), *map(wide, label["hat"] or [0.5] * 3),
    ]


class Vocabulary:
    """Class numbers of the drawn parts, one table per category; parts of different styles are different classes."""

    def __init__(self, tables: dict[str, list[str]]) -> None:
        self.tables = tables
        self.numbers = {category: {name: i for i, name in enumerate(names)} for category, names in tables.items()}

    @classmethod
    def of(cls, labels: list[dict[str, Any]]) -> "Vocabulary":
        """The vocabulary of all labels of a data set."""
        return cls({c: sorted({cls._name(label, c) for label in labels}) for c in CATEGORIES})

    @staticmethod
    def _name(label: dict[str, Any], category: str) -> str:
        return f"{STYLES[label['style']]}:{label['parts'].get(category, 'none')}"

    def classes(self, label: dict[str, Any]) -> list[int]:
        """The class of each category in one label."""
        return [self.numbers[c][self._name(label, c)] for c in CATEGORIES]

    @property
    def sizes(self) -> list[int]:
        return [len(names) for names in self.tables.values()]


class Faces:
    """A folder of shards, read by memory map; `refresh` finds shards that were rendered meanwhile."""

    def __init__(self, folder: str | Path, limit: int | None = None) -> None:
        self.folder, self.limit = Path(folder), limit
        self.images: list[np.ndarray] = []
        self.labels: list[dict[str, Any]] = []
        self.offsets = [0]
        self.refresh()

    def refresh(self) -> None:
        """Takes up the shards that are complete by now."""
        for path in sorted(self.folder.glob("*.rgb"))[len(self.images) :]:
            if self.limit and len(self) >= self.limit:
                return
            self.images.append(np.memmap(path, np.uint8, "r").reshape(-1, SIZE, SIZE, 3))
            self.labels += [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]
            self.offsets.append(self.offsets[-1] + len(self.images[-1]))

    def __len__(self) -> int:
        return self.offsets[-1]

    def pixels(self, indices: np.ndarray) -> Tensor:
        """Images as float [n, 3, 128, 128] in [0, 1], channels last in memory."""
        shards = np.searchsorted(self.offsets, indices, side="right") - 1
        return to_pixels(np.stack([self.images[s][i - self.offsets[s]] for s, i in zip(shards, indices)]))


def to_pixels(rows: np.ndarray) -> Tensor:
    """Bytes [n, 128, 128, 3] as float [n, 3, 128, 128] in [0, 1], channels last in memory."""
    return torch.from_numpy(np.array(rows)).permute(0, 3, 1, 2).float().div_(255)


def load_latents(folder: str | Path) -> Tensor:
    """The latents of a folder that `encode_data` wrote."""
    return torch.from_numpy(np.concatenate([np.load(path) for path in sorted(Path(folder).glob("*.npy"))]))


def load_labels(folder: str | Path) -> list[dict[str, Any]]:
    """The labels of a folder of shards; the pictures may be gone."""
    return [json.loads(line) for path in sorted(Path(folder).glob("*.jsonl")) for line in path.read_text().splitlines()]

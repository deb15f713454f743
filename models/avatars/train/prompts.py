"""The prompt encoder: phrases, as vectors of the `words` space, to a condition of the denoiser.

What a phrase may say is in `prompts.json`: each concept has the values that it sets, phrases to learn and phrases held out (written before
the first training and never trained on).
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch
import torch.nn as nn
from torch import Tensor

from .condition import CONDITION, GROUP_OF_VALUE, GROUPS, NAMES, VALUES, slices

SLICES = slices()
PROMPTS = json.loads(Path(__file__).with_name("prompts.json").read_text())
KNOWN_FROM = 0.3  # the probability from which a concept is meant; chosen on `held`
DROPPED = 0.3  # while training


class PromptEncoder(nn.Module):
    """embedding [phrases, d] (unit length) and polarity [phrases] (1, or -1 for "no ...") to a condition [1, 40].

    A small network says how likely each phrase means each concept; several can be meant ("long blond hair"). What a concept sets, and what
    its opposite does, is a table. Values are averaged over the concepts, then over the phrases, that know them.
    """

    def __init__(self, width: int, said: Tensor, opposite: Tensor, hidden: int = 256) -> None:
        """The length of an embedding, and the conditions of the concepts and of their opposites [k, 40]."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(DROPPED), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(DROPPED),
            nn.Linear(hidden, len(said)),
        )
        spread = nn.functional.one_hot(GROUP_OF_VALUE, len(GROUPS)).float().T  # groups to their values
        for name, tensor in {"said": said, "opposite": opposite, "spread": spread}.items():
            setattr(self, name, nn.Parameter(tensor.clone(), requires_grad=False))

    def concepts(self, embedding: Tensor) -> Tensor:
        """How sure it is of each concept, before the sigmoid [phrases, k]."""
        return self.layers(embedding * math.sqrt(embedding.shape[1]))

    def forward(self, embedding: Tensor, polarity: Tensor) -> Tensor:
        weights = torch.sigmoid(self.concepts(embedding)) ** 8  # the surest concepts decide
        negative = (polarity < 0).float()[:, None]
        weights = torch.cat([weights * (1 - negative), weights * negative], 1)
        both = torch.cat([self.said, self.opposite], 0)
        known = weights @ both[:, VALUES:]
        sure = (known > KNOWN_FROM**8).float()
        values = weights @ both[:, :VALUES] / (known @ self.spread + 1e-9)  # a concept's values are 0 where it knows nothing
        count = sure.sum(0, keepdim=True)
        return torch.cat([(sure @ self.spread * values).sum(0, keepdim=True) / (count @ self.spread + 1e-9), (count > 0).float()], 1)


HAIR_TONES = {
    "black": [0.13, 0.1, 0.09], "brown": [0.35, 0.22, 0.16], "blond": [0.86, 0.74, 0.5], "red": [0.74, 0.28, 0.06],
    "blue": [0.36, 0.5, 0.82], "green": [0.25, 0.62, 0.56], "pink": [0.96, 0.59, 0.59],
}


def wide(colour: list[float]) -> list[float]:
    """A colour from 0..1 to -1..1."""
    return [2 * v - 1 for v in colour]


def concepts() -> dict[str, tuple[dict, dict]]:
    """All concepts: what each says, and what its opposite says."""
    found = {name: (c["set"], c.get("not", {})) for name, c in PROMPTS["concepts"].items()}
    found |= {f"{colour} hair": ({"hair": wide(tone), "cover": [0, 1, 0], "grey": [-1]}, {}) for colour, tone in HAIR_TONES.items()}
    for group in ("background", "clothes"):
        found |= {f"{colour} {group}": ({group: wide(tone)}, {}) for colour, tone in PROMPTS["colours"].items()}
    return found


CONCEPTS = concepts()


def table(says: list[dict]) -> Tensor:
    """What is said as conditions [k, 40]."""
    rows = torch.zeros(len(says), CONDITION)
    for i, row in enumerate(says):
        for group, numbers in row.items():
            rows[i, VALUES + NAMES.index(group)] = 1
            rows[i, SLICES[group]] = torch.tensor(numbers, dtype=torch.float32)
    return rows


def held_phrases(which: str) -> list[tuple[str, str]]:
    """All phrases held out (`held`, looked at while the training was made, or `test`, not): concept and text."""
    rows = [(name, text) for name, c in PROMPTS["concepts"].items() for text in c[which]]
    rows += [(f"{colour} hair", text) for colour, texts in PROMPTS["hair"][which].items() for text in texts]
    for group in ("background", "clothes"):
        own = PROMPTS[group]
        rows += [(f"{c} {group}", text) for text, c in zip(own[which], own[f"{which}Colours"])]
    return rows


def held_texts() -> set[str]:
    """Everything held out, of concepts and of strangers."""
    texts = {text for which in ("held", "test") for _, text in held_phrases(which)}
    return texts | set(PROMPTS["unknown"]["held"]) | set(PROMPTS["unknown"]["test"])


def load_prompts(path: str | Path) -> tuple[PromptEncoder, str]:
    """A trained prompt encoder and the id of the space of words that it reads."""
    state: dict[str, Any] = torch.load(path)
    weights = state["encoder"]
    encoder = PromptEncoder(weights["layers.0.weight"].shape[1], weights["said"], weights["opposite"])
    encoder.load_state_dict(weights)
    return encoder.eval().requires_grad_(False), state["space"]

"""The prompt encoder: phrases, as vectors of the `words` space, to a condition of the denoiser; and the phrases that it learns from.

What a phrase may say is in `prompts.json`: each concept has the values that it sets, phrases to learn and phrases held out (written before
the first training and never trained on).
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn as nn
from torch import Tensor

from .condition import CONDITION, GROUP_OF_VALUE, GROUPS, NAMES, VALUES, slices

SLICES = slices()
PROMPTS = json.loads(Path(__file__).with_name("prompts.json").read_text())
KNOWN_FROM = 0.4  # the share of a phrase that must mean a group


class PromptEncoder(nn.Module):
    """embedding [phrases, d] (unit length) and polarity [phrases] (1, or -1 for "no ...") to a condition [1, 40].

    Each phrase is compared with examples of every concept and of nothing at all; a softmax over their cosines says which concepts it means.
    What a concept sets (and what its opposite does) is a table. Values are averaged over the phrases that know them.
    """

    def __init__(self, look: Tensor, examples: Tensor, concepts: Tensor, said: Tensor, opposite: Tensor) -> None:
        """A map of vectors [m, d], examples in its space [n, m], the number of each one's concept [n] (the last: nothing), and the conditions [k, 40]."""
        super().__init__()
        self.width = look.shape[1]
        self.sharpness = nn.Parameter(torch.tensor(16.0))
        self.stranger = nn.Parameter(torch.tensor(0.45))  # the cosine of what means nothing
        fixed = {
            "look": look, "examples": nn.functional.normalize(examples),
            "belongs": nn.functional.one_hot(concepts, len(said) + 1).float()[:, : len(said)],
            "said": said, "opposite": opposite,
            "spread": nn.functional.one_hot(GROUP_OF_VALUE, len(GROUPS)).float().T,  # groups to their values
        }
        for name, tensor in fixed.items():
            setattr(self, name, nn.Parameter(tensor.clone(), requires_grad=False))

    def masses(self, embedding: Tensor) -> Tensor:
        """How much each phrase means each concept [phrases, k]; the rest to 1 means nothing."""
        x = embedding @ self.look.T
        x = x / (x * x).sum(1, keepdim=True).sqrt()
        cosines = x @ self.examples.T
        cosines = torch.cat([cosines, torch.zeros_like(cosines[:, :1]) + self.stranger], 1)
        return torch.softmax(cosines * self.sharpness, 1)[:, :-1] @ self.belongs

    def forward(self, embedding: Tensor, polarity: Tensor) -> Tensor:
        masses = self.masses(embedding)
        negative = (polarity < 0).float()[:, None]
        table = torch.cat([masses * (1 - negative), masses * negative], 1)
        both = torch.cat([self.said, self.opposite], 0)
        known = table @ both[:, VALUES:]
        values = table @ both[:, :VALUES]  # a concept's values are 0 where it knows nothing
        sure = (known > KNOWN_FROM).float()
        total = (sure * known).sum(0, keepdim=True)
        sums = (sure @ self.spread * values).sum(0, keepdim=True)
        return torch.cat([sums / (total @ self.spread + 1e-6), (total > 0).float()], 1)


@dataclass
class Concepts:
    """What phrases can mean: what each concept sets, what its opposite sets, and its phrases to learn."""

    said: list[dict]
    opposite: list[dict]
    phrases: list[list[str]]

    def table(self, says: list[dict]) -> Tensor:
        """Conditions [k, 40]."""
        rows = torch.zeros(len(says), CONDITION)
        for i, row in enumerate(says):
            for group, numbers in row.items():
                rows[i, VALUES + NAMES.index(group)] = 1
                rows[i, SLICES[group]] = torch.tensor(numbers, dtype=torch.float32)
        return rows


def concepts_of(rows: list[tuple[str, dict, dict | None]]) -> Concepts:
    """Phrases that say the same belong to one concept."""
    found = Concepts([], [], [])
    for text, says, opposite in rows:
        if says not in found.said:
            found.said.append(says)
            found.opposite.append(opposite or {})
            found.phrases.append([])
        if text not in found.phrases[found.said.index(says)]:
            found.phrases[found.said.index(says)].append(text)
    return found


def hair_says(colour: str) -> dict[str, list[float]]:
    """What a hair colour sets."""
    tones = {
        "black": [0.13, 0.1, 0.09], "brown": [0.35, 0.22, 0.16], "blond": [0.86, 0.74, 0.5], "red": [0.74, 0.28, 0.06],
        "blue": [0.36, 0.5, 0.82], "green": [0.25, 0.62, 0.56], "pink": [0.96, 0.59, 0.59],
    }
    return {"hair": wide(tones[colour]), "cover": [0, 1, 0], "grey": [-1]}


def wide(colour: list[float]) -> list[float]:
    """A colour from 0..1 to -1..1."""
    return [2 * v - 1 for v in colour]


def learned_phrases() -> list[tuple[str, dict, dict | None]]:
    """All phrases to learn: text, what they say, and what their opposites say."""
    rows = [(text, c["set"], c.get("not")) for c in PROMPTS["concepts"].values() for text in c["train"]]
    hair = PROMPTS["hair"]
    for colour, words in hair["train"].items():
        rows += [(f"{word} {noun}", hair_says(colour), None) for word in words for noun in hair["words"]]
    rows += [(text, hair_says(colour), None) for colour, words in hair["alone"].items() for text in words]
    for group in ("background", "clothes"):
        for colour, words in PROMPTS["colourWords"].items():
            says = {group: wide(PROMPTS["colours"][colour])}
            rows += [(f"{word} {noun}", says, None) for word in words for noun in PROMPTS[group]["train"]]
    return rows


def held_phrases(which: str) -> list[tuple[str, str, dict]]:
    """All phrases held out (`held`, looked at while the training was made, or `test`, not): concept, text, what they say."""
    rows = [(name, text, c["set"]) for name, c in PROMPTS["concepts"].items() for text in c[which]]
    rows += [(f"{colour} hair", text, hair_says(colour)) for colour, texts in PROMPTS["hair"][which].items() for text in texts]
    for group in ("background", "clothes"):
        own = PROMPTS[group]
        rows += [(f"{c} {group}", text, {group: wide(PROMPTS["colours"][c])}) for text, c in zip(own[which], own[f"{which}Colours"])]
    return rows


def held_words() -> set[str]:
    """Every word of the phrases held out that no phrase to learn has."""
    known = {word for text, _, _ in learned_phrases() for word in text.split()} | set(PROMPTS["people"])
    phrases = [text for which in ("held", "test") for _, text, _ in held_phrases(which)] + PROMPTS["unknown"]["held"] + PROMPTS["unknown"]["test"]
    return {word for text in phrases for word in (text, *text.split())} - known


def synonyms(synsets: dict[str, dict], senses: int = 2) -> list[tuple[str, dict, dict | None]]:
    """More phrases to learn, from WordNet: the other lemmas of a phrase's synset, or of adjectives like it; none that is held out.

    A phrase with more than `senses` synsets is left alone: most of them would mean something else.
    """
    of: dict[str, list[str]] = {}
    for key, synset in synsets.items():
        for lemma in synset["lemmas"]:
            of.setdefault(lemma.lower(), []).append(key)
    rows, held = [], held_words()
    learned = {text for text, _, _ in learned_phrases()}

    def fresh(keys: list[str]) -> list[str]:
        words = dict.fromkeys(lemma.lower() for key in keys for lemma in synsets[key]["lemmas"])
        return [word for word in words if word not in learned and not {word, *word.replace("-", " ").split()} & held]

    def pointed(keys: list[str], symbols: str) -> list[str]:
        return [k for key in keys for symbol, k in synsets[key]["pointers"] if symbol in symbols and k in synsets]

    for concept in PROMPTS["concepts"].values():
        for text in concept["train"]:
            keys = of.get(text, [])
            if 0 < len(keys) <= senses:
                near = pointed([key for key in keys if key[0] == "a"], "&~")
                rows += [(other, concept["set"], concept.get("not")) for other in fresh([*keys, *near])]
        # The kinds of a thing, as WordNet has them: the first `kinds` name synsets by their first two lemmas.
        for pair in concept.get("kinds", []):
            keys = [key for key in of.get(pair[0], []) if key[0] == "n" and pair[1] in synsets[key]["lemmas"]]
            below = pointed(keys, "~")
            rows += [(other, concept["set"], concept.get("not")) for other in fresh([*keys, *below, *pointed(below, "~")])]
    for colour in PROMPTS["colours"]:
        keys = [key for key in of.get(colour, []) if "color" in synsets[key]["definition"] or "hue" in synsets[key]["definition"]]
        for word in fresh([*keys, *pointed(keys, "&~")])[:24]:
            for group in ("background", "clothes"):
                noun = PROMPTS[group]["train"][len(word) % len(PROMPTS[group]["train"])]
                rows.append((f"{word} {noun}", {group: wide(PROMPTS["colours"][colour])}, None))
            if colour in PROMPTS["hair"]["train"]:
                rows.append((f"{word} hair", hair_says(colour), None))
    return [row for i, row in enumerate(rows) if row not in rows[:i]]


@dataclass
class Examples:
    """Examples of concepts and strangers: texts and numbers of concepts."""

    texts: list[str]
    numbers: list[int]


def examples_of(concepts: Concepts) -> Examples:
    """All phrases to learn and all strangers."""
    texts = [text for own in concepts.phrases for text in own] + PROMPTS["unknown"]["train"]
    numbers = [number for number, own in enumerate(concepts.phrases) for _ in own] + [len(concepts.said)] * len(PROMPTS["unknown"]["train"])
    return Examples(texts, numbers)


def load_prompts(path: str | Path) -> tuple[PromptEncoder, str]:
    """A trained prompt encoder and the id of the space of words that it reads."""
    state: dict[str, Any] = torch.load(path)
    weights = state["encoder"]
    count = len(weights["examples"])
    numbers = torch.zeros(count, dtype=torch.long)
    encoder = PromptEncoder(weights["look"], weights["examples"], numbers, weights["said"], weights["opposite"])
    encoder.load_state_dict(weights)
    return encoder.eval().requires_grad_(False), state["space"]

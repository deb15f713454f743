"""The phrases that the prompt encoder learns from: those of `prompts.json`, their synonyms in WordNet, and what can be composed of them.

No phrase that is held out is among them.
"""

from __future__ import annotations

import random
from typing import Any

from .prompts import CONCEPTS, HAIR_TONES, PROMPTS, held_texts

Synsets = dict[str, dict[str, Any]]
Example = tuple[str, tuple[str, ...]]  # a text and the concepts that it means

COLOURED = ("background", "clothes")
LENGTHS = {"long hair": ("long", "very long", "flowing"), "short hair": ("short", "cropped", "very short"), "bob": ("medium-length", "shoulder-length")}
HAIR_NOUNS = ("hair", "hair", "hair", "haired", "locks", "curls", "haircut")
FILLERS = ("a", "a", "the", "very", "really", "quite", "with", "wearing", "has", "her", "his", "looking", "the face of", "portrait of", "picture of")


class WordNet:
    """Synonyms and kinds of words; none that is held out."""

    def __init__(self, synsets: Synsets) -> None:
        self.synsets, self.held = synsets, held_texts()
        self.of: dict[str, list[str]] = {}
        for key, synset in synsets.items():
            for lemma in synset["lemmas"]:
                self.of.setdefault(lemma.lower(), []).append(key)

    def lemmas(self, keys: list[str]) -> list[str]:
        return [w for w in dict.fromkeys(lemma.lower() for key in keys for lemma in self.synsets[key]["lemmas"]) if w not in self.held]

    def pointed(self, keys: list[str], symbols: str) -> list[str]:
        return [k for key in keys for symbol, k in self.synsets[key]["pointers"] if symbol in symbols and k in self.synsets]

    def synonyms(self, text: str, senses: int = 2) -> list[str]:
        """The other lemmas of its synsets and of adjectives like it; of nothing with more than `senses`, most of which would mean something else."""
        keys = self.of.get(text, [])
        if len(keys) > senses:
            return []
        return self.lemmas([*keys, *self.pointed([key for key in keys if key[0] == "a"], "&~")])

    def kinds(self, first: str, second: str) -> list[str]:
        """The kinds of the thing that has these two lemmas, two levels down."""
        keys = [key for key in self.of.get(first, []) if key[0] == "n" and second in self.synsets[key]["lemmas"]]
        below = self.pointed(keys, "~")
        return self.lemmas([*keys, *below, *self.pointed(below, "~")])

    def hues(self, colour: str) -> list[str]:
        """The kinds of a colour."""
        keys = [key for key in self.of.get(colour, []) if any(word in self.synsets[key]["definition"] for word in ("color", "hue"))]
        return self.lemmas([*keys, *self.pointed(keys, "&~")])


class Phrases:
    """Draws examples."""

    def __init__(self, wordnet: WordNet, strangers: list[str], seed: int) -> None:
        self.random, self.held, self.strangers = random.Random(seed), held_texts(), strangers
        self.own: dict[str, list[str]] = {name: c["train"] for name, c in PROMPTS["concepts"].items()}
        self.more = {
            name: [t for text in c["train"] for t in wordnet.synonyms(text)] + [t for pair in c.get("kinds", []) for t in wordnet.kinds(*pair)]
            for name, c in PROMPTS["concepts"].items()
        }
        self.plain = list(self.own)
        self.colours = {c: list(dict.fromkeys([*words, *wordnet.hues(c)])) for c, words in PROMPTS["colourWords"].items()}
        hair = PROMPTS["hair"]
        self.hair = {c: list(dict.fromkeys([*hair["train"][c], *self.colours.get(c, [])])) for c in HAIR_TONES}
        self.hair_alone = hair["alone"]
        garments = wordnet.kinds("garment", "garment")
        self.nouns = {"background": [PROMPTS["background"]["train"]], "clothes": [PROMPTS["clothes"]["train"], garments]}
        # Which values two concepts both set: those cannot be meant at once.
        self.groups = {name: set(says) for name, (says, _) in CONCEPTS.items()}

    def draw(self) -> Example:
        """One example, never one that is held out."""
        while True:
            text, meant = self.random.choices((self._one, self._two, self._colour, self._hair, self._nothing), (38, 12, 21, 9, 20))[0]()
            if text not in self.held:
                return text, meant

    def _phrase(self, concept: str) -> str:
        more = self.more[concept]
        return self.random.choice(more if more and self.random.random() < 0.4 else self.own[concept])

    def _filled(self, text: str, chance: float) -> str:
        if self.random.random() < chance:
            text = f"{self.random.choice(FILLERS)} {text}"
        if self.random.random() < chance:
            text = f"{text} {self.random.choice(PROMPTS['people'])}"
        return text

    def _one(self) -> Example:
        concept = self.random.choice(self.plain)
        return self._filled(self._phrase(concept), 0.2), (concept,)

    def _two(self) -> Example:
        first, second = self.random.sample(self.plain, 2)
        if self.groups[first] & self.groups[second]:
            return self._one()
        return self._filled(f"{self._phrase(first)} {self._phrase(second)}", 0.2), (first, second)

    def _colour(self) -> Example:
        group, colour = self.random.choice(COLOURED), self.random.choice(list(self.colours))
        noun = self.random.choice(self.random.choice(self.nouns[group]))
        return self._filled(f"{self.random.choice(self.colours[colour])} {noun}", 0.1), (f"{colour} {group}",)

    def _hair(self) -> Example:
        colour = self.random.choice(list(self.hair))
        if colour in self.hair_alone and self.random.random() < 0.2:
            return self._filled(self.random.choice(self.hair_alone[colour]), 0.2), (f"{colour} hair",)
        text, meant = f"{self.random.choice(self.hair[colour])} {self.random.choice(HAIR_NOUNS)}", (f"{colour} hair",)
        if self.random.random() < 0.35:
            length = self.random.choice(list(LENGTHS))
            text, meant = f"{self.random.choice(LENGTHS[length])} {text}", (*meant, length)
        return self._filled(text, 0.1), meant

    def _nothing(self) -> Example:
        unknown, stranger = PROMPTS["unknown"]["train"], self.random.choice(self.strangers)
        colour = self.random.choice(self.colours[self.random.choice(list(self.colours))])
        kinds = (self.random.choice(unknown), stranger, f"{stranger} {self.random.choice(self.strangers)}", f"{colour} {stranger}", colour)
        return self.random.choices(kinds, (30, 25, 20, 15, 10))[0], ()

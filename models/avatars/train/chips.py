"""What the model can be asked for, and how the probe tells whether a face shows it."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor

from .prompts import PROMPTS, HAIR_TONES

Found = dict[str, Tensor]
Check = Callable[[Found], Tensor]


def above(name: str, least: float) -> Check:
    return lambda found: found[name] > least


def below(name: str, most: float) -> Check:
    return lambda found: found[name] < most


def between(name: str, least: float, most: float) -> Check:
    return lambda found: (found[name] > least) & (found[name] < most)


def is_class(name: str, *numbers: int) -> Check:
    return lambda found: torch.isin(found[name].argmax(1), torch.tensor(numbers))


def both(first: Check, second: Check) -> Check:
    return lambda found: first(found) & second(found)


def nearest_colour(name: str, colour: str, colours: dict[str, list[float]]) -> Check:
    table = torch.tensor(list(colours.values()))
    return lambda found: torch.cdist(found[name], table).argmin(1) == list(colours).index(colour)


def hair(colour: str) -> Check:
    return both(nearest_colour("hair", colour, HAIR_TONES), is_class("cover", 1))


def coloured(name: str, colour: str) -> Check:
    return nearest_colour(name, colour, PROMPTS["colours"])


# Chips in the order in which they are shown: a label for each row, and its prompts with what the probe must see. Left out, as they came out in
# too few faces: serious (53 %), bald (74 %), brown hair (42 %) and pink hair (10 %).
CHIPS: dict[str, tuple[str, dict[str, Check]]] = {
    "smile": ("Smile", {"smiling": above("smile", 0.25), "sad": below("smile", -0.25)}),
    "mouth": ("Mouth", {"open mouth": above("open", 0.5)}),
    "eyes": ("Eyes", {"open eyes": above("eyes", 0.6), "closed eyes": below("eyes", 0.4)}),
    "glasses": ("Glasses", {
        "glasses": is_class("glasses", 1), "sunglasses": is_class("glasses", 2), "no glasses": is_class("glasses", 0),
    }),
    "hair": ("Hair", {
        "long hair": above("length", 0.45), "short hair": both(below("length", 0.45), is_class("cover", 1)),
        **{f"{colour} hair": hair(colour) for colour in ("blond", "red", "black", "blue")},
    }),
    "hat": ("Hat", {"hat": is_class("cover", 2), "no hat": is_class("cover", 0, 1)}),
    "age": ("Age", {"grey hair": above("grey", 0.25), "young": below("grey", 0.25)}),
    "beard": ("Beard", {"beard": above("beard", 0.45), "moustache": between("beard", 0.15, 0.6), "no beard": below("beard", 0.2)}),
    "skin": ("Skin", {"light skin": below("skin", 0.27), "tan skin": between("skin", 0.2, 0.7), "dark skin": above("skin", 0.6)}),
    "light": ("Light", {"bright": above("light", 0.85), "dim": below("light", 0.75)}),
    "background": ("Background", {f"{c} background": coloured("background", c) for c in ("red", "blue", "green", "yellow", "white")}),
    "clothes": ("Clothes", {f"{c} shirt": coloured("clothes", c) for c in ("red", "blue", "green", "white", "black")}),
    "style": ("Style", {"avatar": is_class("style", 0), "cartoon": is_class("style", 1), "minimalist": is_class("style", 2)}),
}

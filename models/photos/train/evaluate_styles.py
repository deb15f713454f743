"""Measures the styles on held-out pictures, against the filters that they learned and against CSS filters, and draws their sheets.

    PYTHONPATH=models python3 -m photos.train.evaluate_styles --painting WORK/painting/editor.pt --styles WORK/styles/editor.pt \\
        --held-out KODAK --sheets models/photos

All is measured as the elements show it: the decoded latent plus what is left of the source's own detail, clipped. Pictures have the
working size of the pack, 65 536 pixels. The chain of CSS filters is fitted to each style and amount on the very pictures on which it
is measured, which favours it.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from common.train.images import to_tensor, to_uint8
from photos.train.edits import NAMES as TONE_NAMES
from photos.train.edits import measure
from photos.train.export_edits import by_network, edit, load_editor, row_of
from photos.train.learn_edits import KINDS, Codec
from photos.train.styles import STYLE_NAMES, stylise, wide_blur

AMOUNTS = (1.0, 2.0)
BLURS = (0.0, 0.6, 1.2, 2.5, 5.0)  # pixels
SHEET_HEIGHT = 176


def held_out_paths(folder: Path) -> list[Path]:
    """The pictures of a folder, in a fixed order."""
    return sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))


def load_working(path: Path, pixels: int = 65536) -> Tensor:
    """A picture at the pack's working size, sides in multiples of 8."""
    image = Image.open(path).convert("RGB")
    scale = math.sqrt(pixels / (image.width * image.height))
    width, height = (round(side * scale / 8) * 8 for side in image.size)
    return to_tensor(np.asarray(image.resize((width, height), Image.LANCZOS))[None])


class Shown:
    """What the elements show, by the networks that are given."""

    def __init__(self, editors: dict[str, Path], pack: Path) -> None:
        self.codec = Codec(pack)
        self.models = {name: load_editor(name, path) for name, path in editors.items()}
        self.known: dict[int, tuple[Tensor, Tensor, Tensor]] = {}

    @torch.no_grad()
    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The latent of a picture and what it lacks, made once for each."""
        if id(image) not in self.known:
            latent = self.codec.encode(image)
            self.known[id(image)] = (image, latent, image - self.codec.decode(latent))
        return self.known[id(image)][1:]

    def detail(self, image: Tensor, amounts: Tensor) -> Tensor:
        """What is left of the picture's own detail."""
        left = self.encode(image)[1]
        for name, some in by_network(amounts, self.models).items():
            left = left * KINDS[name].detail_left(some)
        return left

    @torch.no_grad()
    def __call__(self, image: Tensor, amounts: Tensor) -> Tensor:
        latent = edit(self.models, self.encode(image)[0], amounts)
        return (self.codec.decode(latent) + self.detail(image, amounts)).clamp(0, 1)

    @torch.no_grad()
    def coded(self, image: Tensor, goal: Tensor, amounts: Tensor) -> Tensor:
        """What encoding and decoding the true picture itself leaves."""
        detail = self.detail(image, amounts)
        return (self.codec.decode(self.codec.encode(goal - detail)) + detail).clamp(0, 1)

    def row(self, amounts: dict[str, float]) -> Tensor:
        """Amounts by name."""
        return row_of(amounts, self.models)

    def styled(self, image: Tensor, amounts: dict[str, float]) -> Tensor:
        return self(image, self.row(amounts))


# The matrices of the Filter Effects Module, sRGB
GREY = torch.tensor([[0.213, 0.715, 0.072]]).repeat(3, 1)
SEPIA = torch.tensor([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
TURN = torch.tensor([[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]])


def css(colours: Tensor, knobs: Tensor) -> Tensor:
    """brightness, contrast, saturate, sepia and hue-rotate on colours [count, 3]; knobs at 0 change nothing."""
    brightness, contrast, saturate = knobs[:3].exp()
    sepia, angle = torch.sigmoid(knobs[3] - 5), knobs[4]
    out = (colours * brightness).clamp(0, 1)
    out = ((out - 0.5) * contrast + 0.5).clamp(0, 1)
    out = (out @ (GREY + saturate * (torch.eye(3) - GREY)).T).clamp(0, 1)
    out = (out @ (torch.eye(3) + sepia * (SEPIA - torch.eye(3))).T).clamp(0, 1)
    hue = GREY + angle.cos() * (torch.eye(3) - GREY) + angle.sin() * TURN
    return (out @ hue.T).clamp(0, 1)


def fit_css(pictures: list[Tensor], goals: list[Tensor], start: float, steps: int = 120, count: int = 12000) -> float:
    """The least distance of a chain of CSS filters to the goals, as a share of `start`, the distance of the pictures (both squared sums
    over all pixels)."""
    picks = np.random.default_rng(4)
    best = math.inf
    for deviation in BLURS:
        soft = torch.cat([(wide_blur(p, deviation) if deviation else p)[0].flatten(1).T for p in pictures])
        goal = torch.cat([g[0].flatten(1).T for g in goals])
        some = torch.from_numpy(picks.integers(0, len(soft), count))
        knobs = torch.tensor([0.0, 0.0, 0.0, 2.5, 0.0], requires_grad=True)
        optimizer = torch.optim.Adam([knobs], 0.06)
        for _ in range(steps):
            optimizer.zero_grad()
            (css(soft[some], knobs) - goal[some]).pow(2).mean().backward()
            optimizer.step()
        with torch.no_grad():
            best = min(best, (css(soft, knobs) - goal).pow(2).sum().item())
    return math.sqrt(best / start)


def squared(a: Tensor, b: Tensor) -> float:
    return (a - b).pow(2).sum().item()


def table(head: str, columns: tuple[str, ...], rows: dict[str, list[float]]) -> None:
    print(f"| {head} | " + " | ".join(columns) + " |", flush=True)
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |", flush=True)


def distances(pictures: list[Tensor], shown: Shown, names: tuple[str, ...], chain: bool) -> None:
    """Prints the distance left to the filter's picture as a share of the edit: the network, the coded goal, the best chain."""
    rows: dict[str, list[float]] = {}
    for name in names:
        cells = []
        for amount in AMOUNTS:
            amounts = {name: amount}
            goals = [stylise(picture, amounts) for picture in pictures]
            start = sum(map(squared, pictures, goals))
            left = sum(squared(shown.styled(picture, amounts), goal) for picture, goal in zip(pictures, goals))
            coded = sum(squared(shown.coded(picture, goal, shown.row(amounts)), goal) for picture, goal in zip(pictures, goals))
            cells += [math.sqrt(left / start), math.sqrt(coded / start), fit_css(pictures, goals, start) if chain else math.nan]
        rows[name] = cells
        table(name, tuple(f"{kind} at {a:g}" for a in AMOUNTS for kind in ("network", "coded goal", "CSS")), {name: cells})
    print()
    table("style", tuple(f"{kind} at {a:g}" for a in AMOUNTS for kind in ("network", "coded goal", "CSS")), rows)


def crosstalk(pictures: list[Tensor], shown: Shown, names: tuple[str, ...]) -> None:
    """Prints the distance of each style's picture at 2 (rows) to every filter's (columns) by the edit of the row's filter; then what
    each style at 1 does to the measures of the other directions, beside what its filter does."""
    goals = {name: [stylise(picture, {name: 2.0}) for picture in pictures] for name in STYLE_NAMES}
    rows = {}
    for name in names:
        made = [shown.styled(picture, {name: 2.0}) for picture in pictures]
        size = sum(map(squared, pictures, goals[name]))
        rows[name] = [math.sqrt(sum(map(squared, made, goals[other])) / size) for other in STYLE_NAMES]
    table("style at 2", STYLE_NAMES, rows)
    before = torch.cat([measure(picture) for picture in pictures])
    moved = {}
    for name in names:
        for kind, make in (("", shown.styled), (" (filter)", stylise)):
            after = torch.cat([measure(make(picture, {name: 1.0})) for picture in pictures])
            moved[name + kind] = ((after - before).mean(0) / before.std(0)).tolist()
    table("style at 1", TONE_NAMES, moved)


def together(pictures: list[Tensor], shown: Shown) -> None:
    """Prints the distance left for pairs of styles."""
    for pair in (("cinematic", "vintage"), ("painting", "golden-hour"), ("haze", "night"), ("sketch", "vintage")):
        amounts = dict.fromkeys(pair, 1.0)
        goals = [stylise(picture, amounts) for picture in pictures]
        left = sum(squared(shown.styled(picture, amounts), goal) for picture, goal in zip(pictures, goals))
        print(f"{' and '.join(pair)} at 1: {math.sqrt(left / sum(map(squared, pictures, goals))):.2f}", flush=True)


def sheet(pictures: list[Tensor], shown: Shown, names: tuple[str, ...], path: Path, filters: bool, amounts: tuple[float, ...]) -> None:
    """For each style a row of every picture: itself, then at the amounts (with `filters` each beside the filter's own)."""
    rows = []
    for name in names:
        line = []
        for picture in pictures:
            tiles = [picture]
            for amount in amounts:
                tiles += [shown.styled(picture, {name: amount})] + ([stylise(picture, {name: amount})] if filters else [])
            for tile in tiles:
                image = Image.fromarray(to_uint8(tile)[0])
                line.append(image.resize((round(image.width * SHEET_HEIGHT / image.height), SHEET_HEIGHT), Image.LANCZOS))
        rows.append((name, line))
    width = max(sum(tile.width + 3 for tile in line) for _, line in rows)
    drawn = Image.new("RGB", (width, len(rows) * (SHEET_HEIGHT + 3)), "white")
    pen = ImageDraw.Draw(drawn)
    for r, (name, line) in enumerate(rows):
        x = 0
        for tile in line:
            drawn.paste(tile, (x, r * (SHEET_HEIGHT + 3)))
            x += tile.width + 3
        pen.rectangle((0, r * (SHEET_HEIGHT + 3), 7 * len(name) + 6, r * (SHEET_HEIGHT + 3) + 13), fill="white")
        pen.text((3, r * (SHEET_HEIGHT + 3) + 1), name, fill="black")
    drawn.save(path, quality=45)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("painting", "styles"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"editor.pt of learn_edits {name}")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--held-out", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--names", default=",".join(STYLE_NAMES))
    parser.add_argument("--sheets", type=Path, help="folder for styles.webp")
    parser.add_argument("--sheet-pictures", default="2,3,6", help="which of the held-out pictures")
    parser.add_argument("--beside-filters", action="store_true", help="the filter's own picture beside each in the sheet")
    parser.add_argument("--only", choices=("sheet", "quick", "all"), default="all")
    args = parser.parse_args()
    torch.set_num_threads(1)
    shown = Shown({"painting": args.painting, "styles": args.styles}, args.pack)
    pictures = [load_working(path) for path in held_out_paths(args.held_out)]
    names = tuple(args.names.split(","))
    if args.sheets:
        chosen = [pictures[int(i)] for i in args.sheet_pictures.split(",")]
        sheet(chosen, shown, names, args.sheets / "styles.webp", args.beside_filters, AMOUNTS)
    if args.only == "sheet":
        return
    with torch.enable_grad():
        distances(pictures, shown, names, args.only == "all")
    if args.only == "all":
        crosstalk(pictures, shown, names)
        together(pictures, shown)


if __name__ == "__main__":
    main()

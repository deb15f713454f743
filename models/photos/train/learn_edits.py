"""Learns to edit: pairs of crops and what arithmetic on pixels makes of them, and one network for all directions of a kind.

    PYTHONPATH=models python3 -m photos.train.learn_edits tones pairs --crops WORK/free.npy --out WORK/tones --until 4m
    PYTHONPATH=models python3 -m photos.train.learn_edits tones train --crops WORK/free.npy --out WORK/tones --until 50m

The kinds: `tones` (`edits.py`), `painting`, and `styles`, which are the others of `styles.py`. The autoencoder is the pack's own, read
from its ONNX files. `pairs` writes OUT/pairs-*.npz, a file every few minutes. `train` learns to make the shown picture the true one: the
decoded latent plus the detail of the source that is left. It first compares latents, then (`--image-share` of the time) pictures.
OUT/editor.pt is written every few minutes; `--resume` goes on from it under a new schedule.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper
from torch import Tensor

from common.train.images import to_tensor, to_uint8
from common.train.layers import GradientLoss
from common.train.loop import Ema, WallClock, configure, save, seconds_until
from photos.train import edits, styles
from photos.train.editor import SIDE, PaintingEditor, StyleEditor, ToneEditor
from photos.train.model import CHANNELS, STRIDE, Autoencoder

GROUP = 6  # crops that are filtered together


@dataclass(frozen=True)
class Kind:
    """Directions that one network learns."""

    names: tuple[str, ...]
    shares: dict[str, float]  # how often each is drawn: more often where there is more to learn
    ranges: dict[str, tuple[float, float]]  # where they look right, as pack.json gives it
    detail: dict[str, float]  # the share of a picture's own detail that one unit leaves
    draw: Callable[[np.random.Generator, np.ndarray], np.ndarray]  # amounts [GROUP, names], by the share of each
    apply: Callable[[Tensor, Tensor], Tensor]  # pictures and such amounts to the true pictures
    editor: Callable[[], nn.Module]

    def detail_left(self, amounts: Tensor) -> Tensor:
        """The share of the picture's own detail in an edited picture: amounts [n, names] to [n, 1, 1, 1]. They count within the ranges."""
        low, high = torch.tensor([self.ranges[name] for name in self.names]).float().T
        logs = torch.tensor([math.log(self.detail[name]) for name in self.names])
        return (amounts.minimum(high).maximum(low) @ logs).exp()[:, None, None, None]

    @property
    def goes_down(self) -> bool:
        """Whether amounts below 0 count."""
        return any(low < 0 for low, _ in self.ranges.values())

    def row(self, amounts: dict[str, float]) -> Tensor:
        """Amounts by name, [1, names]."""
        return torch.tensor([[amounts.get(name, 0.0) for name in self.names]])


def draw_tones(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """Three quarters have one direction, uniform over the range; the others two or three, within two thirds of it."""
    amounts = np.zeros((GROUP, len(edits.NAMES)), np.float32)
    for row in amounts:
        count = min(1 if rng.random() < 0.75 else rng.integers(2, 4), np.count_nonzero(shares))
        chosen = rng.choice(len(edits.NAMES), count, replace=False, p=shares)
        row[chosen] = rng.uniform(-1, 1, count) * (1 if count == 1 else 2 / 3)
    return amounts * np.array([edits.RANGE[name] for name in edits.NAMES], np.float32)


def draw_styles(rng: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """One style by up to `REACH`, or (one in eight) two of them by up to half of it; the same for the group, as filters take a number."""
    count = min(2 if rng.random() < 0.12 else 1, np.count_nonzero(shares))
    chosen = rng.choice(len(shares), count, replace=False, p=shares)
    row = np.zeros(len(shares), np.float32)
    row[chosen] = rng.uniform(0.15, styles.REACH / count, count)
    return np.tile(row, (GROUP, 1))


def style_kind(shares: dict[str, float], editor: Callable[[], nn.Module]) -> Kind:
    """Styles that one network learns."""
    names = tuple(shares)

    def apply(images: Tensor, amounts: Tensor) -> Tensor:
        return styles.stylise(images, dict(zip(names, amounts[0].tolist())))

    ranges: dict[str, tuple[float, float]] = dict.fromkeys(names, (0, styles.REACH))
    return Kind(names, shares, ranges, {name: styles.DETAIL[name] for name in names}, draw_styles, apply, editor)


TONES = Kind(
    edits.NAMES,
    {"brightness": 0.16, "contrast": 0.26, "saturation": 0.22, "warmth": 0.14, "sharpness": 0.22},
    edits.USEFUL, edits.DETAIL, draw_tones, edits.edit, ToneEditor,
)
PAINTING = style_kind({"painting": 1.0}, PaintingEditor)
STYLE_SHARES = {
    "cinematic": 0.09, "vintage": 0.11, "sketch": 0.15, "watercolour": 0.33,
    "night": 0.08, "golden-hour": 0.08, "haze": 0.08, "bokeh": 0.08,
}
STYLES = style_kind(STYLE_SHARES, lambda: StyleEditor(len(STYLE_SHARES)))
# One after the other, as they edit
KINDS = {"tones": TONES, "painting": PAINTING, "styles": STYLES}


class Codec:
    """The autoencoder as the pack ships it, with its public latents."""

    def __init__(self, pack: Path) -> None:
        space = json.loads((pack / "pack.json").read_text())["space"]
        self.scale = torch.tensor(space["scale"])[:, None, None]
        self.shift = torch.tensor(space["shift"])[:, None, None]
        model = Autoencoder()
        load_weights(model, pack / "encoder.onnx")
        load_weights(model.decoder, pack / "decoder.onnx")
        self.model = model.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    @torch.no_grad()
    def encode(self, image: Tensor) -> Tensor:
        return (self.model.encoder.encode(image) - self.shift) * self.scale

    def decode(self, latent: Tensor) -> Tensor:
        return self.model.decoder(latent / self.scale + self.shift)


def load_weights(module: nn.Module, path: Path) -> None:
    """Copies the weights of an ONNX file into the module that it was exported from."""
    named = dict(module.named_parameters())
    for tensor in onnx.load(str(path)).graph.initializer:
        name = tensor.name.removesuffix("_half")
        named[name].data = torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))


class Squares:
    """Crops with their latents and with what encoding loses of them, which are kept in `path`."""

    def __init__(self, crops: np.ndarray, codec: Codec, path: Path) -> None:
        self.crops, self.codec = crops, codec
        if not path.exists():
            latents, missing = [], []
            for part in np.array_split(crops, math.ceil(len(crops) / 32)):
                images = to_tensor(part)
                latents.append(codec.encode(images))
                with torch.no_grad():
                    missing.append((images - codec.decode(latents[-1])).half())
            save(path, {"latents": torch.cat(latents), "missing": torch.cat(missing)})
        kept = torch.load(path)
        self.latents, self.lost = kept["latents"], kept["missing"]

    def images(self, chosen: np.ndarray) -> Tensor:
        return to_tensor(self.crops[chosen]).contiguous()

    def missing(self, chosen: np.ndarray) -> Tensor:
        return self.lost[torch.from_numpy(chosen)].float()


COLUMNS = ("crop", "amounts", "picture", "latent")  # index of the crop, amounts, true picture, latent to be made
Pairs = tuple[np.ndarray, ...]


def make_pairs(kind: Kind, squares: Squares, rng: np.random.Generator) -> Pairs:
    """Pairs of a group of crops."""
    chosen = rng.integers(0, len(squares.crops), GROUP)
    rows = kind.draw(rng, np.array([kind.shares[name] for name in kind.names]))
    amounts = torch.from_numpy(rows)
    true = kind.apply(squares.images(chosen), amounts)
    latent = squares.codec.encode(true - kind.detail_left(amounts) * squares.missing(chosen))
    return chosen, rows, to_uint8(true), latent.half().numpy()


def pairs(kind: Kind, squares: Squares, args: argparse.Namespace) -> None:
    """Writes pairs until the time is over."""
    first = len(list(args.out.glob("pairs-*.npz")))
    rng = np.random.default_rng([args.seed, first])
    clock = WallClock(seconds_until(args.until), 1.0)
    kept: list[Pairs] = []
    saved = time.time()
    while not clock.done():
        kept.append(make_pairs(kind, squares, rng))
        if time.time() - saved > 180 or clock.done():
            parts = (np.concatenate(part) for part in zip(*kept))
            np.savez(args.out / f"pairs-{first}.npz", **dict(zip(COLUMNS, parts)))
            print(f"{clock.elapsed():.0f} s: {len(kept) * GROUP} pairs in part {first}", flush=True)
            first, kept, saved = first + 1, [], time.time()


class Pool:
    """Pairs to draw from, those of a direction as often as its share says, whatever there is more of."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.shares = np.array([kind.shares[name] for name in kind.names])
        parts = [np.load(path) for path in sorted(folder.glob("pairs-*.npz"))]
        self.columns = [list(np.concatenate([part[name] for part in parts])) for name in COLUMNS]
        self.weigh()

    def __len__(self) -> int:
        return len(self.columns[0])

    def extend(self, made: Pairs) -> None:
        for column, new in zip(self.columns, made):
            column.extend(new)
        self.weigh()

    def weigh(self) -> None:
        size = np.abs(np.stack(self.columns[1]))
        self.by_name = size / size.sum(1, keepdims=True)
        chance = self.by_name @ (self.shares / self.by_name.sum(0))
        self.chance = chance / chance.sum()

    def draw(self, count: int, rng: np.random.Generator) -> Pairs:
        chosen = rng.choice(len(self), count, p=self.chance)
        return tuple(np.stack([column[i] for i in chosen]) for column in self.columns)


@torch.no_grad()
def channel_gains(codec: Codec, latents: Tensor) -> Tensor:
    """How much of the picture each channel draws, about 1: the change of the decoded picture per squared change of the channel."""
    plain, gains = codec.decode(latents), []
    for channel in range(CHANNELS):
        moved = latents.clone()
        moved[:, channel] += 0.3 * torch.randn_like(moved[:, channel])
        gains.append((codec.decode(moved) - plain).pow(2).mean())
    weight = torch.stack(gains)
    return (weight / weight.mean())[:, None, None]


@torch.no_grad()
def mean_changes(kind: Kind, pool: Pool, weight: Tensor, latents: Tensor) -> Tensor:
    """The mean squared change of each direction, about 1: errors are divided by it, so that the faint are learned as well as the strong."""
    goals = zip(pool.columns[0], pool.columns[3])
    change = torch.stack([(weight * (torch.from_numpy(goal).float() - latents[int(index)]).pow(2)).mean() for index, goal in goals])
    shares = torch.from_numpy(pool.by_name)
    by_name = (shares * change[:, None]).sum(0) / shares.sum(0)
    print("mean change: " + ", ".join(f"{name} {value:.3f}" for name, value in zip(kind.names, by_name.tolist())), flush=True)
    return by_name / by_name.mean()


@torch.no_grad()
def colour_of_latents(images: Tensor, latents: Tensor) -> tuple[Tensor, Tensor]:
    """The least squares map from a latent's channels to the mean colour of its 8x8 pixels: weights [3, 32, 1, 1] and biases."""
    colours = torch.nn.functional.avg_pool2d(images, STRIDE).permute(0, 2, 3, 1).reshape(-1, 3).double()
    numbers = latents.permute(0, 2, 3, 1).reshape(-1, CHANNELS).double()
    design = torch.cat([numbers, torch.ones_like(numbers[:, :1])], 1)
    solution = torch.linalg.lstsq(design, colours).solution
    left = (design @ solution - colours).pow(2).mean().sqrt()
    print(f"mean colour of 8x8 pixels from the latent: {left:.4f} root mean square error", flush=True)
    return solution[:-1].T.float()[:, :, None, None], solution[-1].float()


@torch.no_grad()
def latents_of_tiles(codec: Codec, strength: float = 0.08) -> Tensor:
    """The change that each tile makes to the latent of grey, for a deviation of 1: [1, 64, 24, 24], periodic."""
    wrapped = styles.tiles().tile(1, 3, 3, 3)
    grey = torch.full_like(wrapped, 0.5)
    moved = (codec.encode(grey + strength * wrapped) - codec.encode(grey)) / strength
    middle = moved[:, :, SIDE : 2 * SIDE, SIDE : 2 * SIDE]
    assert middle.shape[2] * STRIDE == styles.TILE
    return middle.reshape(1, 2 * CHANNELS, SIDE, SIDE)


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal (Jordan 2024), for the weights of convolutions: each step moves every direction of a
    matrix alike, which takes far fewer steps than Adam where, as here, a few directions dominate the gradient."""

    def __init__(self, parameters: list[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["mean"] = torch.zeros_like(parameter.grad)
                mean = state["mean"].lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(mean, group["momentum"])
                matrix = orthogonal(update.reshape(len(update), -1))
                scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                parameter.add_(matrix.reshape(update.shape), alpha=-group["lr"] * scale)


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """About the nearest matrix whose singular values are all 1, by Newton-Schulz iterations of fifth order."""
    a, b, c = 3.4445, -4.7750, 2.0315
    turned = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if turned else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if turned else x


def shown_error(shown: Tensor, true: Tensor) -> Tensor:
    """The error of a picture before it is clipped: none where both are beyond black or white."""
    over = torch.where(true >= 1, shown.clamp_max(1), shown)
    return torch.where(true <= 0, over.clamp_min(0), over) - true


def train(kind: Kind, squares: Squares, args: argparse.Namespace) -> None:
    """Trains the network until the time is over."""
    pool, codec, latents = Pool(kind, args.out), squares.codec, squares.latents
    weight = channel_gains(codec, latents[:16])
    by_name = mean_changes(kind, pool, weight, latents)
    model = kind.editor()
    if isinstance(model, StyleEditor):
        model.tile.copy_(latents_of_tiles(codec))
        for buffer, value in zip((model.colour, model.colour_bias), colour_of_latents(to_tensor(squares.crops[:600]), latents[:600])):
            buffer.copy_(value)
    model = model.to(memory_format=torch.channels_last)
    kernels = [layer.weight for layer in model.modules() if isinstance(layer, nn.Conv2d) and layer.out_channels * layer.in_channels > 1024]
    known = {id(kernel) for kernel in kernels}
    optimizers = [
        Muon(kernels, args.rate),
        torch.optim.Adam([p for p in model.parameters() if id(p) not in known], args.rate / 5, betas=(0.9, 0.98)),
    ]
    average, first = Ema(model, 0.998), 0
    checkpoint = args.out / "editor.pt"
    if args.start:
        for each in (model, average.model):
            each.load_state_dict(torch.load(args.start)["ema"])
    if args.resume:
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        average.model.load_state_dict(state["ema"])
        for optimizer, held in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(held)
        first = state["step"]
    gradient = GradientLoss()
    rng = np.random.default_rng([args.seed, first])
    clock = WallClock(seconds_until(args.until), 1.0, warmup=50)

    def write(step: int) -> None:
        weights = {"model": model.state_dict(), "ema": average.model.state_dict(), "optimizers": [each.state_dict() for each in optimizers]}
        save(checkpoint, {**weights, "step": step, "pairs": len(pool), "seconds": clock.elapsed(), "arguments": vars(args)})

    print(f"{len(pool)} pairs, {clock.seconds:.0f} s", flush=True)
    step, saved, tally, seen = first, time.time(), [0.0, 0.0], [0, 0]
    while not clock.done():
        for optimizer, share in zip(optimizers, (1, 0.2)):
            optimizer.param_groups[0]["lr"] = args.rate * share * clock.rate(step - first)
        if args.fresh and step % args.fresh == 0:
            pool.extend(make_pairs(kind, squares, rng))
        drawn = clock.progress() > 1 - args.image_share
        crop, amounts, picture, target = pool.draw(args.batch, rng)
        source, amount = latents[crop], torch.from_numpy(amounts)
        # What is left counts relative to the change that is asked for, by direction and by amount.
        total = amount.abs().sum(1, keepdim=True)
        size = ((amount.abs() / total) @ by_name) * (0.15 + 1.7 * total[:, 0] / styles.REACH)
        source = source.contiguous(memory_format=torch.channels_last)
        if drawn:
            shown = codec.decode(model(source, amount)) + kind.detail_left(amount) * squares.missing(crop)
            error = shown_error(shown, to_tensor(picture)) / size.sqrt()[:, None, None, None]
            loss = error.abs().mean() + 4 * error.pow(2).mean() + 0.5 * gradient(error)
        else:
            error = model(source, amount) - torch.from_numpy(target).float()
            loss = (weight * error.pow(2)).mean((1, 2, 3)).div(size).mean()
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step += 1
        average.update(model, step)
        tally[drawn] += loss.item()
        seen[drawn] += 1
        if step % 200 == 0:
            means = " ".join(f"{total / max(1, count):.4f}" for total, count in zip(tally, seen))
            print(f"{step} {clock.elapsed():.0f} s, loss of latents and of pictures {means}", flush=True)
            tally, seen = [0.0, 0.0], [0, 0]
        if time.time() - saved > args.every:
            saved = time.time()
            write(step)
    write(step)
    print(f"done: {step} steps, {clock.elapsed():.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=tuple(KINDS))
    parser.add_argument("task", choices=("pairs", "train"))
    parser.add_argument("--crops", type=Path, required=True, help="the file of prepare_edits")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--until", required=True, help="end: HH:MM, or minutes as in 20m")
    parser.add_argument("--image-share", type=float, default=0.5, help="share of the time on decoded pictures, at the end")
    parser.add_argument("--names", help="directions to make pairs of, alike often; default: all, by their shares")
    parser.add_argument("--start", type=Path, help="an editor.pt of another run, whose weights to begin with")
    parser.add_argument("--resume", action="store_true", help="go on from OUT/editor.pt")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-2, help="of Muon; that of Adam is a fifth")
    parser.add_argument("--fresh", type=int, default=10, help="steps after which some more pairs are made, 0 for never")
    parser.add_argument("--every", type=float, default=150, help="seconds between checkpoints")
    parser.add_argument("--seed", type=int, default=15)
    args = parser.parse_args()
    configure(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    kind = KINDS[args.kind]
    if args.names:
        chosen = args.names.split(",")
        kind = replace(kind, shares={name: (name in chosen) / len(chosen) for name in kind.names})
    squares = Squares(np.load(args.crops), Codec(args.pack), args.out / "squares.pt")
    {"pairs": pairs, "train": train}[args.task](kind, squares, args)


if __name__ == "__main__":
    main()

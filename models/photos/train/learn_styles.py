"""Learns the styles: pairs of crops and their filtered pictures, and one network for all.

    PYTHONPATH=models python3 -m photos.train.learn_styles pairs --crops WORK/styles.npy --out WORK/run --until 15m
    PYTHONPATH=models python3 -m photos.train.learn_styles train --crops WORK/styles.npy --out WORK/run --until 11:50

The autoencoder is the pack's own, read from its ONNX files. `pairs` writes OUT/pairs-*.npz, a file every few minutes. `train` learns
to make the shown picture the filter's: the decoded latent plus the detail of the source that is left (see `styles.DETAIL`). It first
compares latents, then (`--image-share` of the time) decoded pictures. OUT/style_editor.pt is written every few minutes; `--resume`
goes on from it under a new schedule.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper
from torch import Tensor

from common.train.images import to_tensor, to_uint8
from common.train.layers import GradientLoss
from common.train.loop import Ema, WallClock, configure, save, seconds_until
from photos.train.directions import Codec, channel_gains
from photos.train.model import CHANNELS, STRIDE, Autoencoder
from photos.train.style_editor import SIDE, StyleEditor
from photos.train.styles import REACH, STYLE_NAMES, TILE, detail_left, stylise, tiles

# How often each is drawn: more often where there is more to learn.
SHARES = {
    "cinematic": 0.06, "vintage": 0.08, "painting": 0.28, "sketch": 0.17, "watercolour": 0.21,
    "night": 0.04, "golden-hour": 0.04, "haze": 0.05, "bokeh": 0.07,
}
GROUP = 6  # crops that are filtered together, by one amount
TOGETHER = 0.12  # share of pairs with two styles


def load_pack_codec(pack: Path) -> Codec:
    """The autoencoder as the pack ships it."""
    model = Autoencoder()
    load_weights(model, pack / "encoder.onnx")
    load_weights(model.decoder, pack / "decoder.onnx")
    return Codec(model.eval().to(memory_format=torch.channels_last), pack)


def load_weights(module: nn.Module, path: Path) -> None:
    """Copies the weights of an ONNX file into the module that it was exported from."""
    named = dict(module.named_parameters())
    for tensor in onnx.load(str(path)).graph.initializer:
        name = tensor.name.removesuffix("_half")
        named[name].data = torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))


def draw_amounts(rng: np.random.Generator) -> dict[str, float]:
    """One style by up to REACH, or two of them by up to half of it."""
    count = 2 if rng.random() < TOGETHER else 1
    names = rng.choice(STYLE_NAMES, count, replace=False, p=[SHARES[name] for name in STYLE_NAMES])
    return {str(name): float(rng.uniform(0.15, REACH / count)) for name in names}


Pairs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # index of the crop, amounts, filtered picture, latent to be made


@torch.no_grad()
def make_pairs(crops: np.ndarray, codec: Codec, rng: np.random.Generator) -> Pairs:
    """Pairs of some crops and one draw of amounts."""
    chosen = rng.integers(0, len(crops), GROUP)
    amounts = draw_amounts(rng)
    images = to_tensor(crops[chosen]).contiguous()
    filtered = stylise(images, amounts)
    missing = images - codec.decode(codec.encode(images))
    latent = codec.encode(filtered - detail_left(amounts) * missing)
    row = np.array([amounts.get(name, 0) for name in STYLE_NAMES], np.float32)
    return chosen, np.tile(row, (GROUP, 1)), to_uint8(filtered), latent.half().numpy()


def pairs(crops: np.ndarray, codec: Codec, args: argparse.Namespace) -> None:
    """Writes pairs until the time is over."""
    first = len(list(args.out.glob("pairs-*.npz")))
    rng = np.random.default_rng([args.seed, first])
    clock = WallClock(seconds_until(args.until), 1.0)
    kept: list[Pairs] = []
    saved = time.time()
    while not clock.done():
        kept.append(make_pairs(crops, codec, rng))
        if time.time() - saved > 180 or clock.done():
            parts = (np.concatenate(part) for part in zip(*kept))
            np.savez(args.out / f"pairs-{first}.npz", **dict(zip(("crop", "amounts", "picture", "latent"), parts)))
            print(f"{clock.elapsed():.0f} s: {len(kept) * GROUP} pairs in part {first}", flush=True)
            first, kept, saved = first + 1, [], time.time()


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
    wrapped = tiles().tile(1, 3, 3, 3)
    grey = torch.full_like(wrapped, 0.5)
    moved = (codec.encode(grey + strength * wrapped) - codec.encode(grey)) / strength
    middle = moved[:, :, SIDE : 2 * SIDE, SIDE : 2 * SIDE]
    assert middle.shape[2] * STRIDE == TILE
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


@torch.no_grad()
def style_sizes(pool: list[list[np.ndarray]], weight: Tensor, latents: Tensor) -> Tensor:
    """The mean squared change of each style, about 1: errors are divided by it, so that the faint styles are learned as well as the
    strong."""
    change = torch.stack([
        (weight * (torch.from_numpy(goal).float() - latents[int(index)]).pow(2)).mean() for index, _, _, goal in zip(*pool)
    ])
    amounts = torch.from_numpy(np.stack(pool[1]))
    shares = amounts / amounts.sum(1, keepdim=True)
    by_style = (shares * change[:, None]).sum(0) / shares.sum(0)
    print("mean change: " + ", ".join(f"{name} {value:.3f}" for name, value in zip(STYLE_NAMES, by_style.tolist())), flush=True)
    return by_style / by_style.mean()


def draw(pool: list[list[np.ndarray]], count: int, rng: np.random.Generator) -> np.ndarray:
    """Indexes of pairs, those of a style as often as SHARES says, whatever the pool has more of."""
    amounts = np.stack(pool[1])
    by_style = amounts / amounts.sum(1, keepdims=True)
    chance = by_style @ (np.array([SHARES[name] for name in STYLE_NAMES]) / by_style.sum(0))
    return rng.choice(len(amounts), count, p=chance / chance.sum())


def train(crops: np.ndarray, codec: Codec, args: argparse.Namespace) -> None:
    """Trains the network until the time is over."""
    parts = [np.load(path) for path in sorted(args.out.glob("pairs-*.npz"))]
    pool = [list(np.concatenate([part[name] for part in parts])) for name in ("crop", "amounts", "picture", "latent")]
    kept = args.out / "latents.pt"
    if not kept.exists():
        save(kept, {"latents": torch.cat([codec.encode(to_tensor(part)) for part in np.array_split(crops, len(crops) // 32)])})
    latents = torch.load(kept)["latents"]
    weight = channel_gains(codec, latents[:16])
    weight = (weight / weight.mean())[:, None, None]
    by_style = style_sizes(pool, weight, latents)
    model = StyleEditor()
    model.tile.copy_(latents_of_tiles(codec))
    for buffer, value in zip((model.colour, model.colour_bias), colour_of_latents(to_tensor(crops[:600]), latents[:600])):
        buffer.copy_(value)
    model = model.to(memory_format=torch.channels_last)
    kernels = [p for p in model.parameters() if p.ndim == 4 and p.shape[-1] == 3]
    others = [p for p in model.parameters() if not (p.ndim == 4 and p.shape[-1] == 3)]
    optimizers = [Muon(kernels, args.rate), torch.optim.Adam(others, args.rate / 5, betas=(0.9, 0.98))]
    average, first = Ema(model, 0.998), 0
    checkpoint = args.out / "style_editor.pt"
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
        save(checkpoint, {**weights, "step": step, "pairs": len(pool[0]), "seconds": clock.elapsed(), "arguments": vars(args)})

    print(f"{len(pool[0])} pairs, {clock.seconds:.0f} s", flush=True)
    step, saved, tally, seen = first, time.time(), [0.0, 0.0], [0, 0]
    while not clock.done():
        for optimizer, share in zip(optimizers, (1, 0.2)):
            optimizer.param_groups[0]["lr"] = args.rate * share * clock.rate(step - first)
        if args.fresh and step % args.fresh == 0:
            made = make_pairs(crops, codec, rng)
            for part, new in zip(pool, made):
                part.extend(new)
        drawn = clock.progress() > 1 - args.image_share
        chosen = draw(pool, args.batch, rng)
        crop, amounts, picture, target = (np.stack([part[i] for i in chosen]) for part in pool)
        source, amount = latents[crop], torch.from_numpy(amounts)
        size = (amount / amount.sum(1, keepdim=True)) @ by_style
        source = source.contiguous(memory_format=torch.channels_last)
        if drawn:
            left = [detail_left(dict(zip(STYLE_NAMES, row))) for row in amounts.tolist()]
            with torch.no_grad():
                missing = to_tensor(crops[crop]) - codec.decode(source)
                goal = to_tensor(picture) - torch.tensor(left)[:, None, None, None] * missing
            error = codec.decode(model(source, amount)) - goal
            error = error / size.sqrt()[:, None, None, None]
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
    parser.add_argument("task", choices=("pairs", "train"))
    parser.add_argument("--crops", type=Path, required=True, help="the file of prepare_styles")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--until", required=True, help="end: HH:MM, or minutes as in 20m")
    parser.add_argument("--image-share", type=float, default=0.5, help="share of the time on decoded pictures, at the end")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-2, help="of Muon; that of Adam is a fifth")
    parser.add_argument("--fresh", type=int, default=10, help="steps after which some more pairs are made, 0 for never")
    parser.add_argument("--every", type=float, default=150, help="seconds between checkpoints")
    parser.add_argument("--seed", type=int, default=15)
    args = parser.parse_args()
    configure(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    crops = np.load(args.crops)
    codec = load_pack_codec(args.pack)
    {"pairs": pairs, "train": train}[args.task](crops, codec, args)


if __name__ == "__main__":
    main()

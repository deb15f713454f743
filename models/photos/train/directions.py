"""Learns the directions: straight vectors by least squares, and one edit network for all of them.

    PYTHONPATH=models python3 -m photos.train.directions units --crops DIR/squares.npy
    PYTHONPATH=models python3 -m photos.train.directions pairs --crops DIR/train.npy --checkpoint RUN/checkpoint.pt --out DIR
    PYTHONPATH=models python3 -m photos.train.directions train --crops DIR/train.npy --checkpoint RUN/checkpoint.pt --out DIR --until 20m

`units` prints the deviations of the measures over natural crops and what the edits do to them, from which UNITS of `edits` were
set. `pairs` encodes crops and the same crops edited. `train` fits the vectors, then the network on the pairs (`--image-share` of
the time on decoded pictures: the change of the decoded picture against the true change of the picture).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from common.train.images import to_tensor
from common.train.layers import GradientLoss
from common.train.loop import Ema, WallClock, configure, save, seconds_until
from common.train.onnx_pack import round_to_half
from photos.train.edits import NAMES, RANGE, UNITS, edit, measure
from photos.train.editor import Editor
from photos.train.export import KEEP, load_model
from photos.train.model import CHANNELS, Autoencoder


class Codec:
    """An autoencoder with the public latents of a pack."""

    def __init__(self, model: Autoencoder, pack: Path) -> None:
        space = json.loads((pack / "pack.json").read_text())["space"]
        self.model = model.requires_grad_(False)
        self.scale = torch.tensor(space["scale"])[:, None, None]
        self.shift = torch.tensor(space["shift"])[:, None, None]

    @torch.no_grad()
    def encode(self, image: Tensor) -> Tensor:
        return (self.model.encoder.encode(image) - self.shift) * self.scale

    def decode(self, latent: Tensor) -> Tensor:
        return self.model.decoder(latent / self.scale + self.shift)


def load_codec(checkpoint: Path, pack: Path) -> Codec:
    """The autoencoder of a checkpoint, rounded as it is shipped."""
    return Codec(round_to_half(load_model(checkpoint), KEEP), pack)


def draw_amounts(count: int, rng: np.random.Generator) -> Tensor:
    """Three quarters have one direction, uniform over the range; the others two or three, within two thirds of it."""
    amounts = np.zeros((count, len(NAMES)), np.float32)
    for row in amounts:
        alone = rng.random() < 0.75
        chosen = rng.permutation(len(NAMES))[: 1 if alone else rng.integers(2, 4)]
        row[chosen] = rng.uniform(-1, 1, len(chosen)) * (1 if alone else 2 / 3)
    return torch.from_numpy(amounts * np.array([RANGE[name] for name in NAMES], np.float32))


def units(crops: np.ndarray) -> None:
    """Prints each measure's mean and deviation over pictures, and how far edits move all five, in deviations."""
    parts = to_tensor(crops).contiguous().split(16)
    before = torch.cat([measure(part) for part in parts])
    deviation = before.std(0)
    for i, name in enumerate(NAMES):
        print(f"{name}: mean {before[:, i].mean():.4f}, deviation {deviation[i]:.4f}, unit {UNITS[name]}")
        for sign in (-3, -2, -1, 1, 2, 3):
            amounts = torch.zeros(1, len(NAMES))
            amounts[0, i] = sign
            after = torch.cat([measure(edit(part, amounts.expand(len(part), -1))) for part in parts])
            moved = ((after - before).mean(0) / deviation).tolist()
            print(f"  {sign:+d}: " + " ".join(f"{value:+.2f}" for value in moved), flush=True)


def pairs(crops: np.ndarray, codec: Codec, count: int, seed: int) -> dict[str, Tensor]:
    """Latents of crops and of their edits, half precision."""
    rng = np.random.default_rng(seed)
    before, after, kept = [], [], []
    for _ in range(0, count, 32):
        images = to_tensor(crops[rng.integers(0, len(crops), 32)])
        amounts = draw_amounts(32, rng)
        before.append(codec.encode(images).half())
        after.append(codec.encode(edit(images, amounts)).half())
        kept.append(amounts)
    return {"before": torch.cat(before), "after": torch.cat(after), "amounts": torch.cat(kept)}


def fit_vectors(data: dict[str, Tensor]) -> Tensor:
    """The steps [5, 32] of one unit: least squares of the change on the amount, over all pairs with one direction."""
    change = (data["after"].float() - data["before"].float()).mean((2, 3))
    alone = (data["amounts"] != 0).sum(1) == 1
    amounts = data["amounts"][alone]
    return (amounts.T @ change[alone]) / amounts.pow(2).sum(0)[:, None]


@torch.no_grad()
def channel_gains(codec: Codec, latents: Tensor) -> Tensor:
    """How much of the picture each channel draws: mean squared change of the decoded picture per squared change of the channel."""
    plain, gains = codec.decode(latents), []
    for channel in range(CHANNELS):
        moved = latents.clone()
        moved[:, channel] += 0.3 * torch.randn_like(moved[:, channel])
        gains.append((codec.decode(moved) - plain).pow(2).mean() / 0.09)
    return torch.stack(gains)


def train(crops: np.ndarray, codec: Codec, data: dict[str, Tensor], args: argparse.Namespace) -> None:
    """Fits the vectors and trains the network until the time is over."""
    rng = np.random.default_rng(args.seed)
    vectors = fit_vectors(data)
    weight = channel_gains(codec, data["before"][:16].float())
    weight = (weight / weight.mean())[:, None, None]
    model = Editor()
    if args.resume:
        model.load_state_dict(torch.load(args.out / "editor.pt")["editor"])
    average = Ema(model, 0.999)
    gradient = GradientLoss()
    optimizer = torch.optim.Adam(model.parameters(), args.rate, betas=(0.9, 0.98))
    clock = WallClock(seconds_until(args.until), args.rate, warmup=100)
    step, seen, total = 0, [0, 0], 0.0
    while not clock.done():
        clock.apply(optimizer, step)
        drawn = clock.progress() > 1 - args.image_share
        if drawn:
            images = to_tensor(crops[rng.integers(0, len(crops), args.batch // 2)])
            amounts = draw_amounts(len(images), rng)
            latent = codec.encode(images)
            with torch.no_grad():
                target = edit(images, amounts) - images + codec.decode(latent)
            error = codec.decode(model(latent, amounts)) - target
            loss = error.abs().mean() + 4 * error.pow(2).mean() + 0.5 * gradient(error)
        else:
            chosen = torch.from_numpy(rng.integers(0, len(data["amounts"]), args.batch))
            amounts, latent = data["amounts"][chosen], data["before"][chosen].float()
            loss = (weight * (model(latent, amounts) - data["after"][chosen].float()).pow(2)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen[drawn] += len(amounts)
        average.update(model, step)
        total += loss.item()
        if step % 200 == 0:
            print(f"{step} {clock.elapsed():.0f}s {'image' if drawn else 'latent'} loss {total / 200:.5f}", flush=True)
            total = 0.0
    state = {"editor": average.model.state_dict(), "vectors": vectors, "weight": weight.flatten()}
    save(args.out / "editor.pt", {**state, "steps": step, "seen": seen, "seconds": clock.elapsed(), "arguments": vars(args)})
    print(f"{step} steps, {seen[0]} latent and {seen[1]} image pairs, {clock.elapsed():.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("units", "pairs", "train"))
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="the autoencoder")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"), help="for scale and shift of the space")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--count", type=int, default=12800, help="pairs to encode")
    parser.add_argument("--until", help="end of training: HH:MM, or minutes as in 20m")
    parser.add_argument("--image-share", type=float, default=0.5, help="share of the time on decoded pictures, at the end")
    parser.add_argument("--resume", action="store_true", help="go on from editor.pt in --out")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=6)
    args = parser.parse_args()
    configure(args.seed)
    crops = np.load(args.crops)
    if args.task == "units":
        units(crops)
        return
    codec = load_codec(args.checkpoint, args.pack)
    if args.task == "pairs":
        save(args.out / "pairs.pt", pairs(crops, codec, args.count, args.seed))
    else:
        train(crops, codec, torch.load(args.out / "pairs.pt"), args)


if __name__ == "__main__":
    main()

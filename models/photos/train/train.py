"""Trains the autoencoder until a given time on one thread.

    PYTHONPATH=models python3 -m photos.train.train --data crops.npy --out DIR --end 07:55

Writes DIR/checkpoint.pt every few minutes (averaged weights under "ema") and at the end. The learning rate follows the
wall time. Most of the time goes to 64x64 pieces (many cheap steps), the last part to whole crops.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from common.train.images import load_square, to_tensor
from common.train.layers import GradientLoss, kl_divergence, sample_latent
from common.train.loop import Ema, WallClock, configure, save, seconds_until
from common.train.metrics import psnr
from photos.train.model import STRIDE, Autoencoder

LOSSES = ("total", "mae", "gradient", "kl", "psnr")


def draw_piece(crops: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A random piece of a random crop; flat ones are mostly passed over."""
    room = crops.shape[1] - size
    while True:
        top, left = rng.integers(0, room + 1, 2)
        piece = crops[rng.integers(len(crops)), top : top + size, left : left + size]
        green = piece[::2, :, 1].astype(np.int16)
        if rng.random() < max(0.1, np.abs(np.diff(green, axis=1)).mean() / 8):
            return piece


def draw_batch(crops: np.ndarray, count: int, size: int, rng: np.random.Generator) -> Tensor:
    """A batch of pieces, mirrored or turned at random."""
    pieces = np.empty((count, size, size, 3), np.uint8)
    for i in range(count):
        piece = draw_piece(crops, size, rng)
        if rng.random() < 0.5:
            piece = piece[:, ::-1]
        if rng.random() < 0.15:
            piece = piece.transpose(1, 0, 2)
        pieces[i] = piece
    return to_tensor(pieces).contiguous(memory_format=torch.channels_last)


def losses(model: Autoencoder, gradient: GradientLoss, images: Tensor, kl_weight: float) -> dict[str, Tensor]:
    """The loss: log of each crop's squared error (PSNR is that), a little absolute and gradient error, and KL.

    The log weights crops as the mean PSNR does; its floor (33 dB) keeps crops that are nearly flat from ruling.
    """
    mean, log_variance = model.encoder(images)
    error = model.decoder(sample_latent(mean, log_variance)) - images
    squared = (error * error).flatten(1).mean(1)
    terms = {"mae": error.abs().mean(), "gradient": gradient(error), "kl": kl_divergence(mean, log_variance)}
    fit = 0.02 * (squared + 5e-4).log().mean() + 0.3 * terms["mae"] + 0.3 * terms["gradient"]
    return {"total": fit + kl_weight * terms["kl"], **terms, "psnr": -10 * squared.detach().log10().mean()}


@torch.no_grad()
def held_out_psnr(model: Autoencoder, images: list[Tensor]) -> float:
    """Mean PSNR over held-out images, for the log only: nothing is chosen by it."""
    return float(np.mean([psnr(model.decoder(model.encoder.encode(x)).clamp(0, 1), x).item() for x in images]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="crops.npy of prepare")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--end", required=True, help="local time HH:MM, or minutes such as 95m")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/checkpoint.pt, under a new schedule")
    parser.add_argument("--monitor", type=Path, help="folder of held-out pictures, to log their PSNR")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--kl", type=float, default=1.5e-3)
    parser.add_argument("--small-share", type=float, default=0.7, help="share of the time on small pieces")
    parser.add_argument("--every", type=float, default=300, help="seconds between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    configure(args.seed)
    rng = np.random.default_rng(args.seed)
    crops = np.load(args.data)
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint = args.out / "checkpoint.pt"
    clock = WallClock(seconds_until(args.end), args.rate)

    model, gradient, first = Autoencoder(), GradientLoss(), 0
    model.start_from_pca(to_tensor(crops[:1500]))
    # The linear transforms start near their optimum: they learn more slowly than the network.
    linear = [*model.encoder.linear.parameters(), *model.decoder.linear.parameters()]
    known = {id(p) for p in linear}
    groups = [{"params": [p for p in model.parameters() if id(p) not in known]}, {"params": linear}]
    optimizer = torch.optim.Adam(groups, args.rate, betas=(0.9, 0.98))
    if args.resume:
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    model = model.to(memory_format=torch.channels_last)
    ema = Ema(model, 0.999)
    if args.resume:
        ema.model.load_state_dict(state["ema"])
    held_out = [load_square(p, 256) for p in sorted(args.monitor.glob("*.png"))] if args.monitor else []

    def write(step: int) -> None:
        weights = {"model": model.state_dict(), "ema": ema.model.state_dict(), "optimizer": optimizer.state_dict()}
        save(checkpoint, {**weights, "step": step, "seconds": clock.elapsed(), "arguments": vars(args)})

    step, seen, saved, tally = first, 0, time.time(), dict.fromkeys(LOSSES, 0.0)
    print(f"{clock.seconds:.0f} s, start {held_out_psnr(ema.model, held_out) if held_out else 0:.2f} dB", flush=True)
    while not clock.done():
        small = clock.progress() < args.small_share
        images = draw_batch(crops, 24 if small else 12, STRIDE * 8 if small else crops.shape[1], rng)
        rate = clock.apply(optimizer, step - first)
        optimizer.param_groups[1]["lr"] = rate * 0.3
        values = losses(model, gradient, images, args.kl)
        optimizer.zero_grad(set_to_none=True)
        values["total"].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        step, seen = step + 1, seen + len(images)
        ema.update(model, step)
        for name in LOSSES:
            tally[name] += values[name].item() / 250
        if (step - first) % 250 == 0:
            text = " ".join(f"{name} {value:.4f}" for name, value in tally.items())
            print(f"{step:6d} {clock.elapsed():5.0f} s {text} rate {rate:.5f} images {seen}", flush=True)
            tally = dict.fromkeys(LOSSES, 0.0)
        if time.time() - saved > args.every:
            saved = time.time()
            write(step)
            if held_out:
                print(f"{step:6d} held-out {held_out_psnr(ema.model, held_out):.2f} dB", flush=True)
    write(step)
    print(f"done: {step} steps, {clock.elapsed():.0f} s", flush=True)


if __name__ == "__main__":
    main()

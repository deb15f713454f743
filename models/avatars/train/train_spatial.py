"""Stage 1: trains the spatial autoencoder on rendered shards, until a given time.

    PYTHONPATH=models python3 -m avatars.train.train_spatial --data DIR/main --out DIR/run --until 20m
"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

import numpy as np
import torch

from common.train.layers import kl_divergence, sample_latent
from common.train.loop import Ema, WallClock, configure, save, seconds_until

from .data import Faces
from .losses import ReconstructionLoss, Threads
from .model import Spatial


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of training shards (more may still be arriving)")
    parser.add_argument("--out", required=True, help="folder for the checkpoint, spatial.pt")
    parser.add_argument("--until", required=True, help="end of training: HH:MM, or minutes as in 20m")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="at most; fewer are used while that is faster")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--kl", type=float, default=5e-4)
    parser.add_argument("--every", type=float, default=300, help="seconds between checkpoints")
    args = parser.parse_args()
    configure(args.seed, args.threads)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    faces = Faces(args.data)
    model = Spatial().to(memory_format=torch.channels_last)
    average = Ema(model)
    reconstruction = ReconstructionLoss()
    optimizer = torch.optim.Adam(model.parameters(), args.rate, betas=(0.9, 0.98), foreach=True)
    clock = WallClock(seconds_until(args.until), args.rate, warmup=100)
    generator = np.random.default_rng(args.seed)
    threads = Threads(args.threads)
    sums, step, saved = np.zeros(4), 0, 0.0

    def checkpoint() -> None:
        state = {"model": average.model.state_dict(), "step": step, "seen": step * args.batch, "seconds": clock.elapsed()}
        save(out / "spatial.pt", {**state, "arguments": vars(args)})

    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))  # ends the run with a checkpoint
    while not clock.done() and not stopped:
        if step % 500 == 499:
            faces.refresh()
        threads.tick(step)
        rate = clock.apply(optimizer, step)
        image = faces.pixels(generator.integers(0, len(faces), args.batch))
        mean, log_variance = model.encoder(image)
        drawn = model.decoder(sample_latent(mean, log_variance))
        absolute, squared, gradient = reconstruction(drawn, image)
        kl = kl_divergence(mean, log_variance)
        loss = absolute + 4 * squared + gradient + args.kl * min(1, 5 * clock.progress()) * kl
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        average.update(model, step)
        sums += [absolute.item(), squared.item(), gradient.item(), kl.item()]
        if step % 100 == 0:
            a, s, g, k = sums / 100
            print(
                f"{step} {clock.elapsed():.0f}s rate {rate:.1e} L1 {a:.4f} psnr {-10 * np.log10(s):.2f} gradient {g:.4f} kl {k:.3f} "
                f"{step * args.batch / clock.elapsed():.1f}/s",
                flush=True,
            )
            sums[:] = 0
        if clock.elapsed() - saved > args.every:
            saved = clock.elapsed()
            checkpoint()
    checkpoint()
    print(f"{step} steps, {step * args.batch} faces, {clock.elapsed():.0f} s")


if __name__ == "__main__":
    main()

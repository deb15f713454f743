"""Trains the face autoencoder end to end on rendered shards, until a given time.

In the first part of the run a share of the faces is drawn from a `w` that is a linear map of their labels, and the encoder is pulled
to the same place: the decoder learns to draw from clean codes at once, the encoder learns what to look for, and the space gets
straight attribute directions. The share falls to zero and the labels' weight to a tenth: the run ends as a plain autoencoder.

    PYTHONPATH=models python3 -m avatars.train.train --data DIR/main --out DIR/run --until 07:58
"""

from __future__ import annotations

import argparse
import json
import signal
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from common.train.layers import GradientLoss, kl_divergence, sample_latent
from common.train.loop import Ema, WallClock, configure, save, seconds_until

from .data import ATTRIBUTE_SIZE, Faces, Vocabulary, attribute_vector
from .model import FaceAutoencoder

FACE = (slice(28, 96), slice(36, 92))  # rows and columns in which a face has eyes and mouth
FACE_WEIGHT = 2.5


class ReconstructionLoss(torch.nn.Module):
    """Absolute, squared and gradient error of an image, the face region weighted."""

    def __init__(self) -> None:
        super().__init__()
        weight = torch.ones(1, 1, 128, 128)
        weight[:, :, FACE[0], FACE[1]] = FACE_WEIGHT
        self.register_buffer("weight", weight / weight.mean())
        self.gradient = GradientLoss(2)

    def forward(self, image: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        difference = image - target
        error = difference * self.weight
        dx, dy = np.random.randint(0, 2, 2)  # the gradient filter has stride 2: meet every pixel in turn
        gradient = self.gradient(error[:, :, dy:, dx:].contiguous(memory_format=torch.channels_last))
        return error.abs().mean(), (error * difference).mean(), gradient


class Threads:
    """Chooses one or more threads by trial now and then: on a machine that others use, more threads can be slower."""

    def __init__(self, most: int, every: int = 600, trial: int = 15) -> None:
        self.most, self.every, self.trial = most, every, trial
        self.seconds: dict[int, float] = {}
        self.start = time.time()

    def tick(self, step: int) -> None:
        """Call once a step: runs `trial` steps with one thread, as many with all, and keeps the faster for the rest."""
        at = step % self.every
        if self.most > 1 and at in (0, self.trial, 2 * self.trial):
            now = time.time()
            if at:
                self.seconds[torch.get_num_threads()] = now - self.start
            self.start = now
            choice = {0: 1, self.trial: self.most}.get(at) or min(self.seconds, key=self.seconds.__getitem__)
            torch.set_num_threads(choice)
            if at == 2 * self.trial:
                print(f"threads {choice}: " + ", ".join(f"{n}: {s / self.trial:.2f} s a step" for n, s in self.seconds.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of training shards (more may still be arriving)")
    parser.add_argument("--out", required=True, help="folder for checkpoints")
    parser.add_argument("--until", required=True, help="end of training: HH:MM, or minutes as in 90m")
    parser.add_argument("--resume", help="checkpoint whose weights to start from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="at most; fewer are used while that is faster")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--channels", default="128,64,32", help="of the decoder at 8, 16 and 32 pixels")
    parser.add_argument("--kl", type=float, default=1e-3)
    parser.add_argument("--attributes", type=float, default=0.15, help="weight of the attribute head at first")
    parser.add_argument("--classes", type=float, default=0.03, help="weight of the part heads at first")
    parser.add_argument("--align", type=float, default=0.2, help="weight of the distance between seen and told latents at first")
    parser.add_argument("--told", type=float, default=0.5, help="share of faces that are drawn from their labels at first")
    parser.add_argument("--told-until", type=float, default=0.6, help="progress at which that share reaches zero")
    parser.add_argument("--every", type=float, default=300, help="seconds between checkpoints")
    args = parser.parse_args()
    configure(args.seed, args.threads)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    faces = Faces(args.data)
    vocabulary = Vocabulary.of(faces.labels)
    targets = torch.tensor([attribute_vector(label) for label in faces.labels])
    classes = torch.tensor([vocabulary.classes(label) for label in faces.labels])
    channels = tuple(map(int, args.channels.split(",")))
    model = FaceAutoencoder(ATTRIBUTE_SIZE, vocabulary.sizes, channels).to(memory_format=torch.channels_last)
    if args.resume:
        known = model.state_dict()
        weights = torch.load(args.resume)["model"]
        model.load_state_dict({**known, **{n: v for n, v in weights.items() if n in known and v.shape == known[n].shape}})
    average = Ema(model)
    reconstruction = ReconstructionLoss()
    linear = [p for m in (model.attributes, model.classes, model.from_labels, model.parts) for p in m.parameters()]
    deep = [*model.encoder.parameters(), *model.decoder.parameters()]
    groups = [{"params": deep, "scale": 1.0}, {"params": linear, "scale": 5.0}]
    optimizer = torch.optim.Adam(groups, args.rate, betas=(0.9, 0.98), foreach=True)
    clock = WallClock(seconds_until(args.until), args.rate, warmup=200)
    generator = np.random.default_rng(args.seed)
    threads = Threads(args.threads)
    sums, step, saved = np.zeros(7), 0, 0.0

    def checkpoint() -> None:
        state = {"model": average.model.state_dict(), "vocabulary": vocabulary.tables, "step": step, "seen": step * args.batch}
        save(out / "checkpoint.pt", {**state, "seconds": clock.elapsed(), "arguments": vars(args)})

    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))  # ends the run with a checkpoint
    while not clock.done() and not stopped:
        if step % 500 == 0 and step:
            known = len(faces)
            faces.refresh()
            fresh = faces.labels[known:]
            if fresh:
                targets = torch.cat([targets, torch.tensor([attribute_vector(label) for label in fresh])])
                classes = torch.cat([classes, torch.tensor([vocabulary.classes(label) for label in fresh])])
        threads.tick(step)
        rate = clock.rate(step)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        rows = generator.integers(0, len(faces), args.batch)
        image = faces.pixels(rows)
        mean, log_variance = model.encoder(image)
        seen = sample_latent(mean, log_variance)
        told = model.embed(targets[rows], classes[rows])
        align = F.mse_loss(mean, told)
        guidance = min(1.0, max(0.0, (args.told_until - clock.progress()) / (0.5 * args.told_until)))
        share = args.told * guidance
        weight = max(0.1, guidance)  # of everything that the labels teach
        use = torch.from_numpy(generator.random((args.batch, 1)) < share)
        w = torch.where(use, told + 0.05 * torch.randn_like(told), seen)
        absolute, squared, gradient = reconstruction(model.decoder(w), image)
        kl = kl_divergence(mean, log_variance)
        attribute = F.mse_loss(model.attributes(seen), targets[rows])
        logits = model.classes(seen).split(vocabulary.sizes, 1)
        part = torch.stack([F.cross_entropy(l, t) for l, t in zip(logits, classes[rows].unbind(1))]).sum()
        loss = (
            absolute + 4 * squared + gradient + args.kl * min(1, step / 1000) * kl
            + weight * (args.attributes * attribute + args.classes * part + args.align * align)
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        average.update(model, step)
        sums += [absolute.item(), squared.item(), gradient.item(), kl.item(), attribute.item(), part.item(), align.item()]
        if step % 100 == 0:
            a, s, g, k, t, p, d = sums / 100
            sigma = (0.5 * log_variance).exp().mean().item()
            print(
                f"{step} {clock.elapsed():.0f}s rate {rate:.1e} L1 {a:.4f} psnr {-10 * np.log10(s):.2f} gradient {g:.4f} kl {k:.3f} "
                f"sigma {sigma:.3f} attributes {t:.4f} parts {p:.3f} align {d:.4f} share {share:.2f} {step * args.batch / clock.elapsed():.1f}/s faces {len(faces)}",
                flush=True,
            )
            sums[:] = 0
        if clock.elapsed() - saved > args.every:
            saved = clock.elapsed()
            checkpoint()
    checkpoint()
    print(json.dumps({"steps": step, "images": step * args.batch, "seconds": round(clock.elapsed())}))


if __name__ == "__main__":
    main()

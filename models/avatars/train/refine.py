"""Stage 3: goes on from a checkpoint of stage 2, end to end or with the decoder alone, until a given time.

    PYTHONPATH=models python3 -m avatars.train.refine --data DIR/main --val DIR/val --start DIR/run/global.pt --out DIR/joint --until 54m
    PYTHONPATH=models python3 -m avatars.train.refine --data DIR/main --val DIR/val --start DIR/joint/refined.pt --out DIR/last \\
        --until 50m --train decoder

End to end, both encoders learn as well, so the space is a new one. With the decoder alone the space stays as it was.
"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common.train.layers import kl_divergence, sample_latent
from common.train.loop import Ema, WallClock, configure, save, seconds_until
from common.train.metrics import psnr

from .data import ATTRIBUTE_SIZE, Faces, Vocabulary, attribute_vector
from .losses import FEATURES, ReconstructionLoss
from .model import Global, Spatial


class Autoencoder(nn.Module):
    """Both levels: image to mean and log variance of `w`, and `w` to image."""

    def __init__(self, spatial: Spatial, level: Global, shift: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.spatial, self.level = spatial, level
        self.register_buffer("shift", shift[:, None, None])
        self.register_buffer("scale", scale[:, None, None])

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        return self.level.encoder((self.spatial.encoder(image)[0] - self.shift) / self.scale)

    def decode(self, w: Tensor) -> Tensor:
        codes, guide = self.level.decoder(w)
        codes = (codes * self.scale + self.shift).contiguous(memory_format=torch.channels_last)
        return self.spatial.decoder(codes, guide)


@torch.no_grad()
def held_out(model: Autoencoder, faces: Faces, count: int = 192) -> float:
    """Mean PSNR of some held-out faces, for the log."""
    parts = [faces.pixels(np.arange(at, at + 64)) for at in range(0, count, 64)]
    return torch.cat([psnr(model.decode(model.encode(image)[0]).clamp(0, 1), image) for image in parts]).mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of training shards")
    parser.add_argument("--val", required=True, help="held-out shards, for the log only")
    parser.add_argument("--start", required=True, help="checkpoint to go on from")
    parser.add_argument("--out", required=True, help="folder for the checkpoint, refined.pt")
    parser.add_argument("--until", required=True, help="end: HH:MM, or minutes as in 54m")
    parser.add_argument("--train", choices=("all", "decoder"), default="all")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4, help="of the convolutions; dense layers take a third")
    parser.add_argument("--warmup", type=int, default=300, help="steps")
    parser.add_argument("--kl", type=float, default=2e-3)
    parser.add_argument("--attributes", type=float, default=0.03, help="weight of the attribute head")
    parser.add_argument("--classes", type=float, default=0.006, help="weight of the part heads")
    parser.add_argument("--features", type=float, default=4.0, help="weight of the pixels of eyes and mouth")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--every", type=float, default=240, help="seconds between checkpoints")
    args = parser.parse_args()
    configure(args.seed)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    clock = WallClock(seconds_until(args.until), args.rate, warmup=args.warmup)

    faces, val = Faces(args.data), Faces(args.val)
    state = torch.load(args.start, map_location="cpu")
    vocabulary = Vocabulary(state["vocabulary"])
    targets = torch.tensor([attribute_vector(label) for label in faces.labels])
    classes = torch.tensor([vocabulary.classes(label) for label in faces.labels])
    model = Autoencoder(Spatial(), Global(ATTRIBUTE_SIZE, vocabulary.sizes), state["shift"], state["scale"])
    model.spatial.load_state_dict(state["spatial"])
    model.level.load_state_dict(state["level"])
    model.spatial.to(memory_format=torch.channels_last)
    whole = args.train == "all"
    if not whole:
        model.spatial.encoder.requires_grad_(False)
        model.level.encoder.requires_grad_(False)
    average = Ema(model, 0.999)
    reconstruction = ReconstructionLoss([(FEATURES, args.features)])
    used = {n: p for n, p in model.named_parameters() if p.requires_grad and (whole or "decoder" in n)}
    dense = [p for n, p in used.items() if n.startswith("level.") and "places" not in n]
    groups = [{"params": dense, "scale": 1 / 3}]
    groups.append({"params": [p for p in used.values() if all(p is not q for q in dense)], "scale": 1.0})
    optimizer = torch.optim.Adam(groups, args.rate, betas=(0.9, 0.98), foreach=True)
    generator = np.random.default_rng(args.seed)
    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))  # ends the run with a checkpoint
    sums, step, saved = np.zeros(5), 0, clock.elapsed()
    print(f"start: held-out {held_out(average.model, val):.2f} dB, {clock.seconds:.0f} s to go", flush=True)

    def checkpoint() -> None:
        levels = {"spatial": average.model.spatial.state_dict(), "level": average.model.level.state_dict()}
        fixed = {key: state[key] for key in ("shift", "scale", "vocabulary")}
        progress = {"step": step, "seen": step * args.batch, "seconds": clock.elapsed(), "arguments": vars(args)}
        save(out / "refined.pt", {**levels, **fixed, **progress})
        print(f"checkpoint {step}: held-out {held_out(average.model, val):.2f} dB", flush=True)

    while not clock.done() and not stopped:
        for group in optimizer.param_groups:
            group["lr"] = clock.rate(step) * group["scale"]
        chosen = generator.integers(0, len(faces), args.batch)
        image = faces.pixels(chosen)
        with torch.set_grad_enabled(whole):
            mean, log_variance = model.encode(image)
            w = sample_latent(mean, log_variance)
            kl = kl_divergence(mean, log_variance)
            attribute = F.mse_loss(model.level.attributes(w), targets[chosen])
            logits = model.level.classes(w).split(vocabulary.sizes, 1)
            part = torch.stack([F.cross_entropy(l, t) for l, t in zip(logits, classes[chosen].unbind(1))]).sum()
        absolute, squared, gradient = reconstruction(model.decode(w), image)
        loss = absolute + 8 * squared + gradient
        if whole:
            loss = loss + args.kl * kl + args.attributes * attribute + args.classes * part
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(used.values()), 1.0)
        optimizer.step()
        step += 1
        average.update(model, step)
        sums += [absolute.item(), squared.item(), kl.item(), attribute.item(), part.item()]
        if step % 100 == 0:
            a, s, k, t, p = sums / 100
            print(
                f"{step} {clock.elapsed():.0f}s L1 {a:.4f} psnr {-10 * np.log10(s):.2f} kl {k:.3f} attributes {t:.4f} parts {p:.3f} "
                f"{step * args.batch / clock.elapsed():.1f}/s", flush=True,
            )
            sums[:] = 0
        if clock.elapsed() - saved > args.every:
            saved = clock.elapsed()
            checkpoint()
    checkpoint()
    print(f"{step} steps, {step * args.batch} faces, {clock.elapsed():.0f} s", flush=True)


if __name__ == "__main__":
    main()

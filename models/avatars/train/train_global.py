"""Stage 2: trains the global autoencoder on the latents of a spatial one.

    PYTHONPATH=models python3 -m avatars.train.train_global --data DIR/main --out DIR/run --spatial DIR/run/spatial.pt \\
        --latents-until 6m --until 30m

First in latent space: thousands of faces a second learn what makes a face, with linear heads that read the labels from `w`. Then
`w` is brought to mean 0 and deviation 1, and the spatial decoder is trained along with the loss of the drawn face.
"""

from __future__ import annotations

import argparse
import signal
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common.train.layers import kl_divergence, sample_latent
from common.train.loop import Ema, WallClock, configure, save, seconds_until

from .data import ATTRIBUTE_SIZE, Faces, Vocabulary, attribute_vector
from .losses import ReconstructionLoss, Threads
from .model import Global, Spatial


@torch.no_grad()
def encode(spatial: Spatial, faces: Faces, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the spatial latents of many faces."""
    means, deviations = [], []
    for at in range(0, len(rows), 64):
        mean, log_variance = spatial.encoder(faces.pixels(rows[at : at + 64]))
        means.append(mean.contiguous())
        deviations.append((0.5 * log_variance).exp().contiguous())
    return torch.cat(means), torch.cat(deviations)


class Levels(nn.Module):
    """What is trained here: the global level and the spatial decoder."""

    def __init__(self, level: Global, spatial: Spatial) -> None:
        super().__init__()
        self.level = level
        self.spatial = spatial


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of training shards")
    parser.add_argument("--out", required=True, help="folder for the checkpoint, global.pt")
    parser.add_argument("--spatial", help="checkpoint of stage 1")
    parser.add_argument("--resume", help="checkpoint of the training in latent space, to go on with drawn faces")
    parser.add_argument("--latents-until", default="0m", help="end of the training in latent space: HH:MM, or minutes as in 6m")
    parser.add_argument("--until", required=True, help="end of training")
    parser.add_argument("--count", type=int, default=32768, help="faces whose latents are kept for the first part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="at most; fewer are used while that is faster")
    parser.add_argument("--batches", default="256,12", help="in latent space, and with drawn faces")
    parser.add_argument("--rates", default="1.5e-3,8e-4")
    parser.add_argument("--kl", default="2e-3,2e-3")
    parser.add_argument("--attributes", default="0.2,0.02", help="weights of the attribute head")
    parser.add_argument("--classes", default="0.05,0.004", help="weights of the part heads")
    parser.add_argument("--every", type=float, default=240, help="seconds between checkpoints")
    args = parser.parse_args()
    configure(args.seed, args.threads)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    ends = [time.time() + seconds_until(end) for end in (args.latents_until, args.until)]

    faces = Faces(args.data)
    vocabulary = Vocabulary.of(faces.labels)
    targets = torch.tensor([attribute_vector(label) for label in faces.labels])
    classes = torch.tensor([vocabulary.classes(label) for label in faces.labels])
    spatial = Spatial().to(memory_format=torch.channels_last)
    level = Global(ATTRIBUTE_SIZE, vocabulary.sizes)
    if args.resume:
        state = torch.load(args.resume)
        spatial.load_state_dict(state["spatial"])
        level.load_state_dict(state["level"], strict=False)
        args.count = 4096
    else:
        spatial.load_state_dict(torch.load(args.spatial)["model"])
    began = time.time()
    rows = np.arange(min(args.count, len(faces)))
    means, deviations = encode(spatial.eval(), faces, rows)
    if args.resume:
        shift, scale = state["shift"][:, None, None], state["scale"][:, None, None]
    else:
        shift, scale = means.mean((0, 2, 3))[:, None, None], means.std((0, 2, 3))[:, None, None]
    means.sub_(shift).div_(scale)
    deviations.div_(scale)
    print(f"{len(rows)} faces encoded in {time.time() - began:.0f} s, deviation {deviations.mean():.3f}", flush=True)
    spatial.train()

    models = Levels(level, spatial)
    average = Ema(models)
    reconstruction = ReconstructionLoss()
    generator = np.random.default_rng(args.seed)
    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))  # ends the run with a checkpoint

    def checkpoint(**progress: float) -> None:
        state = {
            "spatial": average.model.spatial.state_dict(), "level": average.model.level.state_dict(),
            "shift": shift.flatten(), "scale": scale.flatten(), "vocabulary": vocabulary.tables, "arguments": vars(args),
        }
        save(out / "global.pt", {**state, **progress})

    def choices(text: str) -> list[float]:
        return [float(value) for value in text.split(",")]

    for stage, end in enumerate(ends):
        if stage == 0 and args.resume:
            continue
        if stage == 1:
            with torch.no_grad():
                if not args.resume:
                    models.load_state_dict(average.model.state_dict())
                seen = level.encoder(means[:4096])[0]
                level.normalise(seen.mean(0), seen.std(0))
            average = Ema(models)
        batch, drawn = int(choices(args.batches)[stage]), stage == 1
        kl_weight, attribute_weight, class_weight = (choices(t)[stage] for t in (args.kl, args.attributes, args.classes))
        trained = list(level.parameters()) + (list(spatial.decoder.parameters()) if drawn else [])
        rate = choices(args.rates)[stage]
        dense = [p for n, p in level.named_parameters() if "places" not in n]
        groups = [{"params": dense, "scale": 0.2 if drawn else 1.0}]  # a small batch must not unlearn what large ones taught
        groups.append({"params": [p for p in trained if all(p is not q for q in dense)], "scale": 1.0})
        optimizer = torch.optim.Adam(groups, rate, betas=(0.9, 0.98), foreach=True)
        clock = WallClock(max(1.0, end - time.time()), rate, warmup=100)
        threads = Threads(args.threads)
        sums, step, saved = np.zeros(6), 0, 0.0
        while not clock.done() and not stopped:
            threads.tick(step)
            for group in optimizer.param_groups:
                group["lr"] = clock.rate(step) * group["scale"]
            chosen = generator.integers(0, len(faces) if drawn else len(rows), batch)
            if drawn:
                image = faces.pixels(chosen)
                with torch.no_grad():
                    z = (spatial.encoder(image)[0] - shift) / scale
                mean, log_variance = level.encoder(z)
            else:
                z = means[chosen]
                mean, log_variance = level.encoder(z + 0.5 * deviations[chosen] * torch.randn_like(z))
            w = sample_latent(mean, log_variance)
            again, guide = level.decoder(w)
            latent = F.mse_loss(again, z)
            kl = kl_divergence(mean, log_variance)
            attribute = F.mse_loss(level.attributes(w), targets[chosen])
            logits = level.classes(w).split(vocabulary.sizes, 1)
            part = torch.stack([F.cross_entropy(l, t) for l, t in zip(logits, classes[chosen].unbind(1))]).sum()
            loss = kl_weight * kl + attribute_weight * attribute + class_weight * part
            if drawn:
                codes = (again * scale + shift).contiguous(memory_format=torch.channels_last)
                absolute, squared, gradient = reconstruction(spatial.decoder(codes, guide), image)
                loss = loss + absolute + 4 * squared + gradient + 0.05 * latent
            else:
                absolute = squared = torch.ones(())
                loss = loss + latent
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            step += 1
            average.update(models, step)
            sums += [absolute.item(), squared.item(), latent.item(), kl.item(), attribute.item(), part.item()]
            if step % 100 == 0:
                a, s, l, k, t, p = sums / 100
                print(
                    f"stage {stage + 1}: {step} {clock.elapsed():.0f}s L1 {a:.4f} psnr {-10 * np.log10(s):.2f} latent {l:.4f} kl {k:.3f} "
                    f"sigma {(0.5 * log_variance).exp().mean().item():.3f} attributes {t:.4f} parts {p:.3f} {step * batch / clock.elapsed():.1f}/s",
                    flush=True,
                )
                sums[:] = 0
            if clock.elapsed() - saved > args.every:
                saved = clock.elapsed()
                checkpoint(stage=stage, step=step, seconds=saved)
        checkpoint(stage=stage, step=step, seconds=clock.elapsed())
        print(f"stage {stage + 1}: {step} steps, {step * batch} faces, {clock.elapsed():.0f} s", flush=True)


if __name__ == "__main__":
    main()

"""The judge: a small convolutional network that reads attributes off pictures of faces, trained on renders alone.

    PYTHONPATH=models python3 -m avatars.train.probe --data DIR/main --val DIR/val --out DIR/probe.pt --until 12m

It never sees the pack: not its encoder, not its drawings. It looks at 64 x 64 pixels. Its last hidden layer (128 numbers) gives the
features of Fréchet distances.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from common.train.loop import Ema, WallClock, configure, save

from .data import Faces

FEATURES = 128
# What is read as a number (with the label that holds it), and as one of three classes.
NUMBERS = ("smile", "length", "beard", "skin", "grey", "eyes", "light", "open")
COLOURS = ("hair", "background", "clothes")
CLASSES = ("style", "glasses", "cover")
OUTPUTS = len(NUMBERS) + 3 * len(COLOURS) + 3 * len(CLASSES)


class Probe(nn.Module):
    """Images [b, 3, 128, 128] (or 64 x 64) in [0, 1] to features [b, 128]; `head` reads the attributes from them."""

    def __init__(self) -> None:
        super().__init__()

        def block(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
            layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=False)
            return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]

        self.layers = nn.Sequential(
            *block(3, 16, 4, 2), *block(16, 32, 3, 2), *block(32, 48, 3, 1), *block(48, 64, 3, 2), *block(64, 64, 3, 1),
            *block(64, 96, 3, 2), nn.Flatten(), nn.Linear(96 * 16, FEATURES), nn.ReLU(),
        )
        self.head = nn.Linear(FEATURES, OUTPUTS)
        self.register_buffer("mean", torch.zeros(len(NUMBERS)))
        self.register_buffer("std", torch.ones(len(NUMBERS)))

    def forward(self, images: Tensor) -> Tensor:
        if images.shape[-1] == 128:
            images = F.avg_pool2d(images, 2)
        return self.layers(images * 2 - 1)

    def read(self, features: Tensor) -> dict[str, Tensor]:
        """Attributes from features: numbers in their own units, colours [b, 3] in [0, 1], probabilities of classes [b, 3]."""
        outputs = self.head(features)
        numbers, colours, classes = outputs.split([len(NUMBERS), 3 * len(COLOURS), 3 * len(CLASSES)], 1)
        numbers = numbers * self.std + self.mean
        found = {name: numbers[:, i] for i, name in enumerate(NUMBERS)}
        found |= {name: part for name, part in zip(COLOURS, colours.split(3, 1))}
        return found | {name: part.softmax(1) for name, part in zip(CLASSES, classes.split(3, 1))}


def targets_of(labels: list[dict]) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers, colours and classes of labels."""
    numbers = torch.tensor([[float(label[name]) for name in NUMBERS] for label in labels])
    colours = torch.tensor([[value for name in COLOURS for value in label[name]] for label in labels])
    return numbers, colours, torch.tensor([[label[name] for name in CLASSES] for label in labels])


def thumbnails(faces: Faces, rows: np.ndarray, cache: Path | None = None) -> Tensor:
    """Images at 64 x 64 as bytes [n, 3, 64, 64]; kept in a file `cache` if one is named."""
    if cache and cache.exists():
        return torch.from_numpy(np.load(cache))
    parts = [F.avg_pool2d(faces.pixels(rows[at : at + 256]), 2) for at in range(0, len(rows), 256)]
    images = torch.cat([(part * 255).round().byte().contiguous() for part in parts])
    if cache:
        np.save(cache, images.numpy())
    return images


@torch.no_grad()
def apply_probe(probe: Probe, images: Tensor, batch: int = 256) -> Tensor:
    """Features of many images (bytes or floats)."""
    whole = [images[at : at + batch] for at in range(0, len(images), batch)]
    return torch.cat([probe(part.float() / 255 if part.dtype == torch.uint8 else part) for part in whole])


def load_probe(path: str | Path) -> Probe:
    """A trained probe, ready to read."""
    probe = Probe().eval().requires_grad_(False)
    probe.load_state_dict(torch.load(path)["model"])
    return probe


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017), each feature as it is."""
    a, b = a.double().numpy(), b.double().numpy()
    covariance_a, covariance_b = np.cov(a.T), np.cov(b.T)
    roots = np.linalg.eigvals(covariance_a @ covariance_b)
    mixed = np.sqrt(np.maximum(roots.real, 0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariance_a) + np.trace(covariance_b) - 2 * mixed)


def agreement(found: dict[str, Tensor], labels: list[dict]) -> dict[str, float]:
    """How well readings agree with labels: correlation of numbers, accuracy of classes, R² of colours."""
    numbers, colours, classes = targets_of(labels)
    result = {}
    for i, name in enumerate(NUMBERS):
        result[name] = float(np.corrcoef(found[name].numpy(), numbers[:, i].numpy())[0, 1])
    for i, name in enumerate(COLOURS):
        truth = colours[:, 3 * i : 3 * i + 3]
        result[f"{name} R2"] = float(1 - (found[name] - truth).pow(2).mean() / truth.var(0).mean())
    for i, name in enumerate(CLASSES):
        result[f"{name} accuracy"] = float((found[name].argmax(1) == classes[:, i]).float().mean())
    return {name: round(value, 4) for name, value in result.items()}


def blur(images: Tensor) -> Tensor:
    """Softens some images and adds a little noise, so that softness alone does not decide a reading."""
    amount = torch.rand(len(images), 1, 1, 1) * (torch.rand(len(images), 1, 1, 1) < 0.5)
    images = images + amount * (F.avg_pool2d(images, 3, 1, 1, count_include_pad=False) - images)
    return images + 0.01 * torch.randn_like(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--report", help="file for the held-out agreement")
    parser.add_argument("--until", required=True, help="minutes as in 12m")
    parser.add_argument("--count", type=int, default=49152, help="faces, from the end of the data")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--start", help="checkpoint to go on from")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    configure(args.seed)
    faces, val = Faces(args.data), Faces(args.val)
    rows = np.arange(len(faces))[-args.count :]
    images = thumbnails(faces, rows, Path(args.out).with_suffix(f".{len(rows)}.npy"))
    numbers, colours, classes = targets_of([faces.labels[i] for i in rows])
    probe = Probe().to(memory_format=torch.channels_last)
    probe.mean.copy_(numbers.mean(0))
    probe.std.copy_(numbers.std(0))
    if args.start:
        probe.load_state_dict(torch.load(args.start)["model"])
    numbers = (numbers - probe.mean) / probe.std
    average = Ema(probe)
    optimizer = torch.optim.AdamW(probe.parameters(), args.rate, weight_decay=1e-2)
    clock = WallClock(float(args.until[:-1]) * 60, args.rate, warmup=100)
    print(f"{len(images)} thumbnails", flush=True)
    step, total = 0, 0.0
    order, at = torch.randperm(len(images)), 0
    while not clock.done():
        if at + args.batch > len(order):
            order, at = torch.randperm(len(images)), 0
        chosen = order[at : at + args.batch]
        at += args.batch
        clock.apply(optimizer, step)
        outputs = probe.head(probe(blur(images[chosen].float().div_(255).contiguous(memory_format=torch.channels_last))))
        found = outputs.split([len(NUMBERS), 3 * len(COLOURS), 3 * len(CLASSES)], 1)
        crossed = [F.cross_entropy(part, classes[chosen, i]) for i, part in enumerate(found[2].split(3, 1))]
        loss = F.mse_loss(found[0], numbers[chosen]) + 4 * F.mse_loss(found[1], colours[chosen]) + 0.3 * sum(crossed)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        average.update(probe, step)
        for mine, theirs in zip(average.model.buffers(), probe.buffers()):
            mine.copy_(theirs)  # statistics of the batch norms
        total += loss.item()
        if step % 100 == 0:
            print(f"{step} {clock.elapsed():.0f}s loss {total / 100:.4f} {step * args.batch / clock.elapsed():.0f}/s", flush=True)
            total = 0.0
            save(args.out, {"model": average.model.state_dict(), "step": step})
    save(args.out, {"model": average.model.state_dict(), "step": step})
    judge = load_probe(args.out)
    report = agreement(judge.read(apply_probe(judge, thumbnails(val, np.arange(len(val))))), val.labels)
    text = json.dumps({"steps": step, "faces": len(images), "held-out": len(val), **report}, indent=2)
    print(text)
    if args.report:
        Path(args.report).write_text(text + "\n")


if __name__ == "__main__":
    main()

"""Measures an exported checkpoint on held-out faces, and draws the contact sheets of the model card.

    PYTHONPATH=models python3 -m avatars.train.evaluate --checkpoint DIR/run/global.pt --data DIR/main --val DIR/val \\
        --sheets models/avatars --report DIR/report.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from common.train.images import contact_sheet
from common.train.loop import configure
from common.train.metrics import gflop, psnr, ssim

from .data import STYLES, Faces, attribute_slices, attribute_vector
from .export import apply, choose_samples, public_parts


def linear_probe(w: Tensor, targets: Tensor, w_val: Tensor, targets_val: Tensor, ridge: float = 1.0) -> Tensor:
    """R² on held-out rows of ridge regression from latents, for each target."""

    def with_one(x: Tensor) -> Tensor:
        return torch.cat([x, torch.ones(len(x), 1)], 1).double()

    x, y = with_one(w), targets.double()
    weights = torch.linalg.solve(x.T @ x + ridge * torch.eye(x.shape[1], dtype=torch.double), x.T @ y)
    residual = (targets_val - with_one(w_val) @ weights).pow(2).mean(0)
    return 1 - residual / targets_val.double().var(0, unbiased=False)


def probe_report(r2: Tensor) -> dict[str, float]:
    """Mean R² of each attribute's numbers."""
    return {name: round(r2[where].mean().item(), 3) for name, where in attribute_slices().items()}


def strips(decoder: torch.nn.Module, latents: Tensor, pairs: list[tuple[int, int]], steps: int = 9) -> list[Tensor]:
    """Straight lines between latents, decoded: one row for each pair."""
    t = torch.linspace(0, 1, steps)[:, None]
    with torch.no_grad():
        return [decoder(latents[a] * (1 - t) + latents[b] * t).clamp(0, 1) for a, b in pairs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--data", required=True, help="training shards, for the whitening and the probe")
    parser.add_argument("--val", required=True, help="held-out shards")
    parser.add_argument("--sheets", required=True, help="folder for the contact sheets")
    parser.add_argument("--report", help="file for the measurements")
    parser.add_argument("--count", type=int, default=2048, help="held-out faces to measure")
    parser.add_argument("--format", default="webp", help="of the sheets")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    configure(args.seed)
    train, val = Faces(args.data), Faces(args.val)
    encoder, decoder = public_parts(args.checkpoint, train)
    rows = np.arange(min(args.count, len(val)))
    latents = apply(encoder, val, rows)

    quality, similarity = [], []
    with torch.no_grad():
        for at in range(0, len(rows), 64):
            images, faces = decoder(latents[at : at + 64]).clamp(0, 1), val.pixels(rows[at : at + 64])
            quality.append(psnr(images, faces))
            similarity.append(ssim(images, faces))
    quality, similarity = torch.cat(quality), torch.cat(similarity)
    style = torch.tensor([val.labels[i]["style"] for i in rows])
    report = {"faces": len(rows), "psnr": quality.mean().item(), "ssim": similarity.mean().item()}
    for number, name in enumerate(STYLES):
        mine = style == number
        report[name] = {"psnr": quality[mine].mean().item(), "ssim": similarity[mine].mean().item(), "faces": int(mine.sum())}
    report["gflop"] = {
        "encode": gflop(encoder, torch.zeros(1, 3, 128, 128)), "decode": gflop(decoder, torch.zeros(1, latents.shape[1])),
    }
    report["latent"] = {"std least": latents.std(0).min().item(), "std most": latents.std(0).max().item()}

    some = np.arange(min(4096, len(train)))
    targets = torch.tensor([attribute_vector(train.labels[i]) for i in some])
    targets_val = torch.tensor([attribute_vector(val.labels[i]) for i in rows])
    report["probe"] = probe_report(linear_probe(apply(encoder, train, some), targets, latents, targets_val))

    sheets = Path(args.sheets)
    sheets.mkdir(parents=True, exist_ok=True)

    def reconstructions(which: np.ndarray, name: str) -> None:
        layout = []
        for at in range(0, len(which), 10):
            part = which[at : at + 10]
            with torch.no_grad():
                layout += [val.pixels(part), decoder(latents[part]).clamp(0, 1)]
        contact_sheet(layout, sheets / f"{name}.{args.format}")

    order = quality.argsort().numpy()
    mixed = np.concatenate([np.flatnonzero(style == s)[:10] for s in range(len(STYLES))])
    reconstructions(mixed, "reconstructions")
    reconstructions(order[:20], "worst")
    good = choose_samples(encoder, decoder, val, args.seed)
    contact_sheet(strips(decoder, good, [(2 * i, 2 * i + 1) for i in range(8)]), sheets / f"morphs.{args.format}")
    with torch.no_grad():
        random = decoder(torch.randn(20, latents.shape[1])).clamp(0, 1)
    contact_sheet(list(random.split(10)), sheets / f"gaussian.{args.format}")

    text = json.dumps(report, indent=2)
    print(text)
    if args.report:
        Path(args.report).write_text(text + "\n")


if __name__ == "__main__":
    main()

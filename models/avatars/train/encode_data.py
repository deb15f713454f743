"""Encodes renders into latents once, so that everything in `w` trains without pictures.

    PYTHONPATH=models python3 -m avatars.train.encode_data --checkpoint DIR/run/global.pt --data DIR/data --out DIR/latents

Reads DIR/data/{main, variants, val} and writes DIR/latents/{main, variants, val}.npy, float32 [n, 128], rows in the order of the labels.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from common.train.loop import configure

from .data import Faces
from .export import public_parts


@torch.no_grad()
def encode(encoder: torch.nn.Module, faces: Faces, count: int, batch: int = 64) -> np.ndarray:
    """Latents of the first `count` faces."""
    parts, began = [], time.time()
    for at in range(0, count, batch):
        rows = np.arange(at, min(count, at + batch))
        parts.append(encoder(faces.pixels(rows)).contiguous().numpy())
        if at // batch % 100 == 99:
            print(f"  {at + batch} of {count}, {(at + batch) / (time.time() - began):.0f}/s", flush=True)
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True, help="of the autoencoder")
    parser.add_argument("--data", required=True, help="folder that holds main, variants and val")
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=40960, help="faces of main")
    parser.add_argument("--groups", type=int, default=12288, help="groups of variants")
    args = parser.parse_args()
    configure(1)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    encoder, _ = public_parts(args.checkpoint, Faces(Path(args.data) / "main", 4096))
    encoder = encoder.to(memory_format=torch.channels_last)
    variants = Faces(Path(args.data) / "variants")
    each = 1 + max(i for i, label in enumerate(variants.labels[:64]) if label["base"] == 0)
    counts = {"val": 4096, "variants": args.groups * each, "main": args.count}
    for name, count in counts.items():
        path, began = out / f"{name}.npy", time.time()
        if path.exists():
            continue
        faces = variants if name == "variants" else Faces(Path(args.data) / name, count)
        latents = encode(encoder, faces, min(count, len(faces)))
        np.save(path.with_suffix(".part.npy"), latents)
        path.with_suffix(".part.npy").rename(path)
        print(f"{name}: {latents.shape}, std {latents.std(0).min():.3f} to {latents.std(0).max():.3f}, {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()

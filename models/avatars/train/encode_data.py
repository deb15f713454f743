"""Encodes renders into latents once, so that everything in `w` trains without pictures.

    PYTHONPATH=models python3 -m avatars.train.encode_data --pack models/avatars --data DIR/data --out DIR/latents

Reads every folder of shards in DIR/data (val, main, variants) and writes DIR/latents/FOLDER/SHARD.npy, float32 [n, 128], rows in the order of
the labels. Shards that are encoded already are left as they are.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from common.train.loop import configure

from .data import SIZE, to_pixels
from .pack import open_autoencoder


@torch.no_grad()
def encode(encoder: torch.nn.Module, shard: Path, batch: int = 64) -> np.ndarray:
    """Latents of all faces of a shard."""
    images = np.memmap(shard, np.uint8, "r").reshape(-1, SIZE, SIZE, 3)
    return np.concatenate([encoder(to_pixels(images[at : at + batch])).numpy() for at in range(0, len(images), batch)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--data", required=True, help="folder of folders of shards")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    configure(1)
    encoder, _ = open_autoencoder(args.pack)
    for shard in sorted(Path(args.data).glob("*/*.rgb")):
        path, began = Path(args.out) / shard.parent.name / f"{shard.stem}.npy", time.time()
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        latents = encode(encoder, shard)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, latents)
        part.rename(path)
        print(f"{path}: {latents.shape}, std {latents.std(0).min():.3f} to {latents.std(0).max():.3f}, {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()

"""Cuts the crops for the directions, as they are (`prepare.vary` changes what the directions are to change).

    PYTHONPATH=models python3 -m photos.train.prepare_directions --sources DIR --out DIR

Writes train.npy (photographs, wallpapers, textures, cut-outs, emoji) and natural.npy (held-out: every eighth photograph and
wallpaper, of which no crop is in train.npy), uint8 [count, 128, 128, 3].
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Iterable, Iterator

import numpy as np
from PIL import Image, ImageFont

from photos.train import prepare

HELD_OUT = 8
Source = Iterable[tuple[Image.Image, int]]


def plain_crops(images: Source, size: int, rng: random.Random) -> Iterator[np.ndarray]:
    """So many crops of each picture, unchanged; flat ones are mostly passed over."""
    for image, count in images:
        made = 0
        for _ in range(count * 3):
            crop = prepare.random_crop(image, size, rng)
            if made < count and rng.random() <= min(1.0, max(0.15, prepare.detail(crop) / 6)):
                made += 1
                yield np.asarray(crop)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="folder of the unpacked packages, see prepare")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    rng, size = random.Random(args.seed), args.size
    args.out.mkdir(parents=True, exist_ok=True)
    prepare.fetch(args.sources)

    photos = prepare.photographs(args.sources, size)
    walls = prepare.wallpapers(args.sources)
    tiles = prepare.textures(args.sources)[::3]
    stamps = prepare.pictures(args.sources / prepare.STAMPS)
    font = ImageFont.truetype(str(next((args.sources / prepare.EMOJI).rglob("NotoColorEmoji.ttf"))), 109)

    held = [*((image, 8) for image in photos[::HELD_OUT]), *((prepare.open_wallpaper(path), 20) for path in walls[::HELD_OUT])]
    natural = list(plain_crops(held, size, rng))
    rng.shuffle(natural)
    np.save(args.out / "natural.npy", np.stack(natural))

    parts: dict[str, Source] = {
        "photographs": ((image, 9) for i, image in enumerate(photos) if i % HELD_OUT),
        "wallpapers": ((prepare.open_wallpaper(path), 33) for i, path in enumerate(walls) if i % HELD_OUT),
        "textures": ((image, 2) for image in tiles),
        "stamps": ((prepare.open_stamp(path, size, rng), 2) for path in stamps),
        "emoji": ((prepare.emoji_sheet(font, rng), 12) for _ in range(25)),
    }
    crops: list[np.ndarray] = []
    for name, images in parts.items():
        before = len(crops)
        crops.extend(plain_crops(images, size, rng))
        print(f"{name}: {len(crops) - before} crops", flush=True)
    rng.shuffle(crops)
    np.save(args.out / "train.npy", np.stack(crops))
    print(f"{len(crops)} to learn from, {len(natural)} held out", flush=True)


if __name__ == "__main__":
    main()

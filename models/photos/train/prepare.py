"""Makes the training crops from free pictures in Debian packages.

    PYTHONPATH=models python3 -m photos.train.prepare --sources DIR --out crops.npy

Downloads and unpacks the packages into DIR (nothing is installed), then writes uint8 crops [count, size, size, 3].
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import zipfile
from pathlib import Path
from typing import Iterable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

WALLPAPERS = (
    "plasma-workspace-wallpapers", "mate-backgrounds", "gnome-backgrounds",
    "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "ukui-wallpapers",
)
PHOTOGRAPHS = "gcompris-qt-data"
TEXTURES = "ufoai-textures"
STAMPS = "tuxpaint-stamps-default"
EMOJI = "fonts-noto-color-emoji"
EMOJI_RANGES = ((0x1F300, 0x1F64F), (0x1F680, 0x1F6FC), (0x1F90C, 0x1F9FF), (0x1FA70, 0x1FAF8), (0x2600, 0x27BF))
SHARES = {"wallpapers": 0.42, "photographs": 0.28, "textures": 0.10, "stamps": 0.14, "emoji": 0.06}
LONGEST = 2200  # larger pictures are reduced to this first: they are soft at their full size


PACKAGES = (*WALLPAPERS, PHOTOGRAPHS, TEXTURES, STAMPS, EMOJI)


def fetch(sources: Path, packages: Iterable[str] = PACKAGES) -> None:
    """Downloads and unpacks the packages that are not in `sources` yet."""
    sources.mkdir(parents=True, exist_ok=True)
    for package in packages:
        if (sources / package).is_dir():
            continue
        subprocess.run(["apt-get", "download", package], cwd=sources, check=True)
        archive = next(sources.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", archive, sources / package], check=True)
        archive.unlink()


def pictures(folder: Path) -> list[Path]:
    """Every bitmap under a folder, in a fixed order, without icons and previews."""
    kinds = {".jpg", ".jpeg", ".png", ".webp"}
    found = (p for p in folder.rglob("*") if p.suffix.lower() in kinds and p.stat().st_size > 8000)
    return sorted(p for p in found if "screenshot" not in p.name and not p.is_symlink())


def wallpapers(sources: Path) -> list[Path]:
    """The wallpapers, each picture once: no portrait and no second size of the same."""
    kept = []
    for package in WALLPAPERS:
        for path in pictures(sources / package):
            with Image.open(path) as image:
                width, height = image.size
            if width >= height and height >= 600 and not path.stem.startswith("Elephants_"):
                kept.append(path)
    return kept


def photographs(sources: Path, size: int) -> list[Image.Image]:
    """The photographs and paintings of GCompris: WebP files, which its Qt resource files hold as they are."""
    found = []
    for path in sorted((sources / PHOTOGRAPHS).rglob("*.rcc")):
        data, at = path.read_bytes(), 0
        while (at := data.find(b"RIFF", at)) >= 0:
            length = int.from_bytes(data[at + 4 : at + 8], "little") + 8
            if data[at + 8 : at + 12] == b"WEBP" and length > 20_000:
                image = Image.open(io.BytesIO(data[at : at + length]))
                if min(image.size) >= 1.4 * size:
                    found.append(image.convert("RGB"))
            at += 4
    return found


def textures(sources: Path) -> list[Image.Image]:
    """The textures of UFO: Alien Invasion (walls, ground, cloth), without normal and gloss maps."""
    archive = zipfile.ZipFile(next((sources / TEXTURES).rglob("*.pk3")))
    names = [n for n in sorted(archive.namelist()) if n.endswith((".jpg", ".png")) and n[-7:-4] not in ("_nm", "_sm")]
    images = (Image.open(io.BytesIO(archive.read(n))) for n in names if archive.getinfo(n).file_size > 30_000)
    return [image.convert("RGB") for image in images if min(image.size) >= 256]


def noise_background(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A plain colour, or a smooth gradient between four, for cut-outs to stand on."""
    if rng.random() < 0.5:
        return Image.new("RGB", size, tuple(rng.randrange(256) for _ in range(3)))
    corners = np.array([rng.randrange(256) for _ in range(12)], np.uint8).reshape(2, 2, 3)
    return Image.fromarray(corners).resize(size, Image.BICUBIC)


def random_crop(image: Image.Image, size: int, rng: random.Random) -> Image.Image:
    """A square at a random place, of a random scale (log-uniform, mostly reduced, so that crops are sharp)."""
    width, height = image.size
    whole = size / min(width, height)
    low = max(whole, 0.14)
    scale = float(np.exp(rng.uniform(np.log(low), np.log(max(low, 0.9)))))
    side = size / scale
    left, top = rng.uniform(0, width - side), rng.uniform(0, height - side)
    return image.resize((size, size), Image.LANCZOS, box=(left, top, left + side, top + side), reducing_gap=2.0)


def vary(crop: Image.Image, rng: random.Random) -> Image.Image:
    """Mirrors half of the crops; changes brightness, contrast or saturation, or swaps colours, in some."""
    if rng.random() < 0.5:
        crop = crop.transpose(Image.FLIP_LEFT_RIGHT)
    if rng.random() < 0.45:
        crop = ImageEnhance.Color(crop).enhance(rng.uniform(0.0, 1.7))
        crop = ImageEnhance.Brightness(crop).enhance(rng.uniform(0.6, 1.35))
        crop = ImageEnhance.Contrast(crop).enhance(rng.uniform(0.7, 1.35))
    if rng.random() < 0.2:
        channels = list(crop.split())
        rng.shuffle(channels)
        crop = Image.merge("RGB", channels)
    return crop


def detail(crop: Image.Image) -> float:
    """Mean absolute difference of neighbours, in grey levels."""
    grey = np.asarray(crop.convert("L"), np.float32)
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()) / 2


def is_taken(crop: Image.Image, rng: random.Random) -> bool:
    """Whether to take a crop: flat ones are mostly passed over, as there is little to learn from them."""
    return rng.random() <= min(1.0, max(0.15, detail(crop) / 6))


def crops_of(image: Image.Image, count: int, size: int, rng: random.Random) -> Iterator[np.ndarray]:
    """`count` crops of a picture, few of them flat."""
    made = 0
    for _ in range(count * 3):
        crop = random_crop(image, size, rng)
        if not is_taken(crop, rng):
            continue
        yield np.asarray(vary(crop, rng))
        made += 1
        if made == count:
            return


def open_wallpaper(path: Path) -> Image.Image:
    """A wallpaper in RGB, reduced to at most LONGEST."""
    image = Image.open(path).convert("RGB")
    image.thumbnail((LONGEST, LONGEST), Image.LANCZOS)
    return image


def open_stamp(path: Path, size: int, rng: random.Random) -> Image.Image:
    """A cut-out on a random background, no smaller than a crop."""
    image = Image.open(path).convert("RGBA")
    shortest = min(image.size)
    if shortest < size:
        image = image.resize(tuple(max(size, round(v * size / shortest)) for v in image.size), Image.LANCZOS)
    image.thumbnail((1400, 1400), Image.LANCZOS)
    if min(image.size) < size:
        image = image.resize(tuple(max(size, v) for v in image.size), Image.LANCZOS)
    background = noise_background(image.size, rng)
    background.paste(image, mask=image.getchannel("A"))
    return background


def emoji_sheet(font: ImageFont.FreeTypeFont, rng: random.Random) -> Image.Image:
    """A few emoji, some overlapping, on a random background."""
    sheet = noise_background((512, 512), rng)
    draw = ImageDraw.Draw(sheet)
    for _ in range(14):
        symbol = chr(rng.randint(*rng.choice(EMOJI_RANGES)))
        draw.text((rng.randint(-40, 440), rng.randint(-40, 440)), symbol, font=font, embedded_color=True)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="folder for the unpacked packages")
    parser.add_argument("--out", type=Path, required=True, help="the .npy file to write")
    parser.add_argument("--count", type=int, default=28_000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    rng = random.Random(args.seed)
    fetch(args.sources)

    crops: list[np.ndarray] = []

    def add(kind: str, images: Iterable[Image.Image], count: int) -> None:
        """Cuts the share of one kind, evenly from its pictures."""
        before, each = len(crops), max(1, round(args.count * SHARES[kind] / count))
        for image in images:
            crops.extend(crops_of(image, each, args.size, rng))
        print(f"{kind}: {count} pictures, {len(crops) - before} crops", flush=True)

    walls, stamps = wallpapers(args.sources), pictures(args.sources / STAMPS)
    photos, tiles = photographs(args.sources, args.size), textures(args.sources)
    font = ImageFont.truetype(str(next((args.sources / EMOJI).rglob("NotoColorEmoji.ttf"))), 109)
    sheets = round(args.count * SHARES["emoji"] / 16)
    add("photographs", photos, len(photos))
    add("textures", tiles, len(tiles))
    add("stamps", (open_stamp(path, args.size, rng) for path in stamps), len(stamps))
    add("emoji", (emoji_sheet(font, rng) for _ in range(sheets)), sheets)
    add("wallpapers", (open_wallpaper(path) for path in walls), len(walls))
    rng.shuffle(crops)
    np.save(args.out, np.stack(crops))


if __name__ == "__main__":
    main()

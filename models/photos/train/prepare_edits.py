"""Makes the crops from which edits are learned, of pictures that ask for no more than a credit, and others to measure them on.

    PYTHONPATH=models python3 -m photos.train.prepare_edits --sources WORK/src --out WORK/free.npy --credits WORK/credits.txt \\
        --held-out WORK/held-out.npy

Only pictures whose stanza in their Debian package's copyright file says public domain, CC0 or CC BY are learned from: the weights of
the edit networks then owe nothing but the credits, which are written as well. Squares [count, size, size, 3] uint8, of whole pictures
and of parts, at about the scale at which pictures are encoded. The held-out crops are of other pictures, as they are.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import random
import re
import struct
from pathlib import Path
from typing import Iterator, NamedTuple

import numpy as np
from PIL import Image

from photos.train import prepare

PACKAGES = ("lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", prepare.PHOTOGRAPHS)
# Sample pictures of Python packages, with the terms that these give beside them (not in Debian's copyright file).
SAMPLES = {
    "python3-skimage": ("skimage/data", {
        "astronaut.png": "NASA (public domain)", "rocket.jpg": "NASA (public domain)",
        "hubble_deep_field.jpg": "NASA, ESA (public domain)", "camera.png": "Lav Varshney (CC0)",
        "chelsea.png": "Stefan van der Walt (CC0)", "coffee.png": "Rachel Michetti (CC0)", "brick.png": "CC0Textures (CC0)",
        "grass.png": "linolafett (CC0)", "gravel.png": "CC0Textures (CC0)",
    }),
    "python3-sklearn": ("sklearn/datasets/images", {
        "china.jpg": "danielbuechele (CC BY 2.0)", "flower.jpg": "vultilion (CC BY 2.0)",
    }),
}
# Pictures of the demo page, which are held out.
HELD_OUT = ("aitzgorri_", "picosdeeuropa_", "sunset_by_Aitzol", "seeding_")
FREE = re.compile(r"^(public-domain|CC0-1\.0|CC-BY-[0-9.]+)$", re.IGNORECASE)


class Stanza(NamedTuple):
    """One `Files:` paragraph of a copyright file."""

    patterns: list[str]
    licence: str
    holder: str


def stanzas(copyright_file: Path) -> list[Stanza]:
    """The paragraphs of a machine-readable copyright file; where several name a file, the last one holds."""
    found = []
    for paragraph in copyright_file.read_text().split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line[:1] not in (" ", "\t", "#") and ":" in line:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
            elif name:
                fields[name] += "\n" + line.strip()
        if "Files" in fields and "License" in fields:
            holder = " ".join(fields.get("Copyright", "").split())
            found.append(Stanza(fields["Files"].split(), fields["License"].splitlines()[0].strip(), holder))
    return found


def licence_of(path: str, known: list[Stanza]) -> Stanza | None:
    """The paragraph of a file, told by its path without the suffix (packages convert pictures)."""
    stem = path.rsplit(".", 1)[0]
    for stanza in reversed(known):
        for pattern in stanza.patterns:
            if fnmatch.fnmatch(stem, pattern.rsplit(".", 1)[0]):
                return stanza
    return None


def resources(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The uncompressed files of a Qt resource file: path and content."""
    version, tree, content, names = struct.unpack(">4I", data[4:20])
    entry = 14 if version == 1 else 22

    def walk(index: int, folder: str) -> Iterator[tuple[str, bytes]]:
        at = tree + index * entry
        name_at, flags = struct.unpack(">IH", data[at : at + 6])
        length = struct.unpack(">H", data[names + name_at : names + name_at + 2])[0]
        start = names + name_at + 6
        path = f"{folder}/{data[start : start + 2 * length].decode('utf-16-be')}"
        if flags & 2:
            count, first = struct.unpack(">2I", data[at + 6 : at + 14])
            for child in range(first, first + count):
                yield from walk(child, path if index else "")
        elif not flags & 5:
            begin = content + struct.unpack(">I", data[at + 10 : at + 14])[0]
            size = struct.unpack(">I", data[begin : begin + 4])[0]
            yield path, data[begin + 4 : begin + 4 + size]

    yield from walk(0, "")


def candidates(sources: Path) -> Iterator[tuple[str, str, bytes]]:
    """Package, path in its source, and content of every picture."""
    for package in PACKAGES:
        root = sources / package
        for path in sorted(root.rglob("*.rcc")):
            for inner, content in resources(path.read_bytes()):
                if inner.endswith((".webp", ".jpg", ".png")):
                    yield package, inner.removeprefix("/gcompris/"), content
        if package == prepare.PHOTOGRAPHS:
            continue
        for path in prepare.pictures(root):
            yield package, f"{package.rpartition('-')[2]}/{path.name}", path.read_bytes()


def free_pictures(sources: Path, least: int) -> Iterator[tuple[Image.Image, str]]:
    """Pictures that may be used, with their credit; `least` pixels along the shorter side."""
    known = {package: stanzas(next((sources / package / "usr/share/doc").rglob("copyright"))) for package in PACKAGES}
    seen: set[int] = set()
    for package, path, content in candidates(sources):
        stanza = licence_of(path, known[package])
        if path.rpartition("/")[2].startswith(HELD_OUT):
            continue
        if stanza is None or not FREE.match(stanza.licence) or hash(content) in seen:
            continue
        seen.add(hash(content))
        try:
            image = Image.open(io.BytesIO(content))
        except OSError:
            continue
        if min(image.size) < least or "A" in image.getbands() and image.getchannel("A").getextrema()[0] < 255:
            continue
        image = image.convert("RGB")
        image.thumbnail((prepare.LONGEST, prepare.LONGEST), Image.LANCZOS)
        yield image, f"{package}: {path}: {stanza.holder} ({stanza.licence})"
    for package, (folder, credits) in SAMPLES.items():
        for name, credit in credits.items():
            path = sources / package / "usr/lib/python3/dist-packages" / folder / name
            yield Image.open(path).convert("RGB"), f"{package}: {name}: {credit}"


def crop(image: Image.Image, size: int, rng: random.Random) -> np.ndarray:
    """A square of a picture, a third of them all that the picture holds; light and colour of some changed, half of them mirrored."""
    shorter = min(image.size)
    side = shorter if rng.random() < 0.33 else rng.uniform(min(shorter, size * 0.9), min(shorter, size * 4))
    left, top = rng.uniform(0, image.width - side), rng.uniform(0, image.height - side)
    square = image.resize((size, size), Image.LANCZOS, box=(left, top, left + side, top + side), reducing_gap=2.0)
    return np.asarray(prepare.vary(square, rng))


def held_out(sources: Path, free: list[Image.Image], size: int, rng: random.Random) -> list[np.ndarray]:
    """Crops, as they are, of every eighth photograph and wallpaper from which nothing is learned; flat ones are mostly passed over."""
    learned = {image.tobytes() for image in free}
    others = [(path, 20) for path in prepare.wallpapers(sources) if not set(PACKAGES) & set(path.parts)]
    pictures = [(prepare.open_wallpaper(path), count) for path, count in others[::8]]
    for image in prepare.photographs(sources, size)[::8]:
        image.thumbnail((prepare.LONGEST, prepare.LONGEST), Image.LANCZOS)
        if image.tobytes() not in learned:
            pictures.append((image, 8))
    crops = []
    for image, count in pictures:
        drawn = (prepare.random_crop(image, size, rng) for _ in range(count * 3))
        kept = (each for each in drawn if prepare.is_taken(each, rng))
        crops += [np.asarray(each) for each, _ in zip(kept, range(count))]
    rng.shuffle(crops)
    return crops


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="folder for the unpacked packages")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--credits", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True, help="file for crops of pictures that are not learned from")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=14)
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    rng = random.Random(args.seed)
    prepare.fetch(args.sources, (*PACKAGES, *SAMPLES, *prepare.WALLPAPERS))
    found = list(free_pictures(args.sources, args.size))
    args.credits.write_text("\n".join(credit for _, credit in found) + "\n")
    # Large pictures have more to show.
    shares = [min(image.width * image.height / args.size**2, 20) for image, _ in found]
    each = [max(1, round(args.count * share / sum(shares))) for share in shares]
    squares = [crop(image, args.size, rng) for (image, _), count in zip(found, each) for _ in range(count)]
    rng.shuffle(squares)
    np.save(args.out, np.stack(squares))
    crops = held_out(args.sources, [image for image, _ in found], args.size, rng)
    np.save(args.held_out, np.stack(crops))
    print(f"{len(found)} pictures, {len(squares)} squares; {len(crops)} crops held out", flush=True)


if __name__ == "__main__":
    main()

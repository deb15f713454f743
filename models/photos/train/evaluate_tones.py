"""Measures the directions of tone on held-out pictures, beside the true edits that they learned, and draws their sheet.

    PYTHONPATH=models python3 -m photos.train.evaluate_tones --tones WORK/tones/editor.pt --crops WORK/held-out.npy \\
        --held-out KODAK --modules . --sheet models/photos/directions.webp

Everything is measured as the elements show it: the decoded latent plus the share of the source's own detail that is left, clipped.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import numpy as np
import torch
from torch import Tensor

from common.train.images import contact_sheet, load_square, to_tensor
from common.train.onnx_pack import time_onnx
from photos.train.edits import NAMES, RANGE, edit, measure
from photos.train.evaluate_styles import Shown, held_out_paths
from photos.train.export_edits import row_of
from photos.train.learn_edits import KINDS

Make = Callable[[Tensor, Tensor], Tensor]  # pictures and amounts [n, 5] to pictures


def one(index: int, amount: float, count: int) -> Tensor:
    """Amounts [count, 5] of one direction."""
    amounts = torch.zeros(count, len(NAMES))
    amounts[:, index] = amount
    return amounts


def distances(parts: list[Tensor], makes: dict[str, Make]) -> None:
    """Prints the distance left to the true edit as a share of the edit, root mean squares, over the range and at 1 and -1."""
    random = np.random.default_rng(3)
    spread = [torch.from_numpy(random.uniform(-1, 1, (len(part), 1))).float() for part in parts]
    print("| direction | " + " | ".join(f"{name}: range, at 1, at -1" for name in makes) + " |", flush=True)
    for i, name in enumerate(NAMES):
        cases = [[one(i, RANGE[name], len(part)) * some for part, some in zip(parts, spread)]]
        cases += [[one(i, sign, len(part)) for part in parts] for sign in (1, -1)]
        cells = []
        for make in makes.values():
            shares = []
            for amounts in cases:
                left = start = 0.0
                for part, some in zip(parts, amounts):
                    true = edit(part, some)
                    left += (make(part, some) - true).pow(2).sum().item()
                    start += (part - true).pow(2).sum().item()
                shares.append(f"{(left / start) ** 0.5:.2f}")
            cells.append(", ".join(shares))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def matrix(parts: list[Tensor], deviation: Tensor, make: Make, reach: Callable[[str], float], title: str) -> None:
    """Prints how far each direction moves each measure between -reach and reach, in deviations per unit, and the true edit in brackets."""
    print(f"| {title} | " + " | ".join(NAMES) + " |", flush=True)
    for i, name in enumerate(NAMES):
        moved = torch.zeros(2, len(NAMES))
        for part in parts:
            for sign in (-1, 1):
                amounts = one(i, sign * reach(name), len(part))
                for k, each in enumerate((make, edit)):
                    moved[k] += sign * measure(each(part, amounts)).sum(0)
        made, true = (moved / sum(map(len, parts)) / deviation / (2 * reach(name))).tolist()
        print(f"| {name} | " + " | ".join(f"{a:.2f} ({b:.2f})" for a, b in zip(made, true)) + " |", flush=True)


def sheet(pictures: list[Tensor], make: Make, path: Path, steps: int, names: tuple[str, ...], truth: bool) -> None:
    """A row for each picture and direction, over its range; with `truth` a row of the true edits below each."""
    rows = []
    for name in names:
        i = NAMES.index(name)
        amounts = torch.cat([one(i, k, 1) for k in np.linspace(-RANGE[name], RANGE[name], steps)])
        for picture in pictures:
            repeated = picture.repeat(steps, 1, 1, 1)
            rows += [each(repeated, amounts) for each in ((make, edit) if truth else (make,))]
    contact_sheet(rows, path, gap=2, quality=60)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tones", type=Path, required=True, help="editor.pt of learn_edits")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--crops", type=Path, required=True, help="held-out crops of prepare_edits; the deviations of the measures are theirs")
    parser.add_argument("--held-out", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--count", type=int, default=120, help="held-out crops to measure")
    parser.add_argument("--modules", type=Path, help="where onnxruntime-web is, for the time")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--sheet-size", type=int, default=128)
    parser.add_argument("--sheet-pictures", default="0,2,3,6", help="which of the held-out pictures")
    parser.add_argument("--names", default=",".join(NAMES), help="what the sheet shows")
    parser.add_argument("--beside-truth", action="store_true", help="the true edits in the sheet, below each row")
    parser.add_argument("--only", choices=("sheet", "quick", "all"), default="all")
    args = parser.parse_args()
    torch.set_num_threads(1)
    shown = Shown({"tones": args.tones}, args.pack)
    paths = held_out_paths(args.held_out)
    if args.sheet:
        chosen = [load_square(paths[int(i)], args.sheet_size) for i in args.sheet_pictures.split(",")]
        sheet(chosen, shown, args.sheet, 7, tuple(args.names.split(",")), args.beside_truth)
    if args.only == "sheet":
        return
    held_out = to_tensor(np.load(args.crops))
    deviation = torch.cat([measure(part) for part in held_out.split(32)]).std(0)
    crops = list(held_out[: args.count].split(20))
    kodak = [load_square(path, 256) for path in paths]
    makes = {"network": shown}
    if args.only == "all":
        makes["coded"] = lambda image, amounts: shown.coded(image, edit(image, amounts), amounts)
    distances(crops, makes)
    distances(kodak, makes)
    matrix(crops, deviation, shown, lambda _: 1, "held-out crops, +-1")
    matrix(kodak, deviation, shown, lambda _: 1, "Kodak 01-08 at 256x256, +-1")
    if args.only == "all":
        matrix(crops, deviation, shown, RANGE.__getitem__, "held-out crops, whole range")
    if args.modules:
        latent = torch.zeros(1, 32, 32, 32)
        for kind in KINDS.values():
            inputs = {"latent": latent, "amounts": row_of({kind.names[0]: 1})}
            milliseconds = time_onnx(args.pack / "editor.onnx", inputs, args.modules)
            print(f"{kind.names[0]} at 256x256: {milliseconds:.1f} ms (WASM, one thread, in node)")


if __name__ == "__main__":
    main()

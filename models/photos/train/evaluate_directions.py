"""Measures the directions on held-out pictures and draws their sheet.

    PYTHONPATH=models python3 -m photos.train.evaluate_directions --editor DIR/editor.pt --checkpoint RUN/checkpoint.pt \\
        --crops DIR/natural.npy --squares DIR/squares.npy --held-out KODAK --modules . --sheet models/photos/directions.webp

Everything is measured as the elements show it: the source plus the decoded difference, clipped. The sheet comes from the pack's
ONNX files, the tables from PyTorch with the same (rounded) weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import numpy as np
import torch
from torch import Tensor

from common.train.images import contact_sheet, load_square, to_tensor
from common.train.onnx_pack import run_onnx, time_onnx
from photos.train.directions import Codec, load_codec
from photos.train.edits import NAMES, RANGE, edit, measure
from photos.train.export_directions import load_editor

Move = Callable[[Tensor, Tensor], Tensor]  # latent and amounts to the moved latent


def one(index: int, amount: float, count: int) -> Tensor:
    """Amounts [count, 5] of one direction."""
    amounts = torch.zeros(count, len(NAMES))
    amounts[:, index] = amount
    return amounts


def shown(codec: Codec, image: Tensor, latent: Tensor, moved: Tensor) -> Tensor:
    """The source plus the decoded difference."""
    return (image + codec.decode(moved) - codec.decode(latent)).clamp(0, 1)


def distances(codec: Codec, images: Tensor, moves: dict[str, Move]) -> None:
    """Prints the distance left to the true edit as a share of the distance at the start (latent; shown picture), root mean squares."""
    random = np.random.default_rng(3)
    print("| direction | " + " | ".join(f"{name}: latent, picture" for name in moves) + " | encoded true edit |", flush=True)
    for i, name in enumerate(NAMES):
        sums: dict[str, Tensor] = {key: torch.zeros(2) for key in (*moves, "start", "codec")}
        for part in images.split(16):
            amounts = one(i, 1, len(part)) * torch.from_numpy(random.uniform(-RANGE[name], RANGE[name], (len(part), 1))).float()
            target, latent = edit(part, amounts), codec.encode(part)
            goal = codec.encode(target)

            def add(key: str, moved: Tensor, picture: Tensor) -> None:
                sums[key] += torch.stack([(moved - goal).pow(2).sum(), (picture - target).pow(2).sum()])

            add("start", latent, part)
            add("codec", goal, shown(codec, part, latent, goal))
            for key, move in moves.items():
                moved = move(latent, amounts)
                add(key, moved, shown(codec, part, latent, moved))
        share = {key: (value / sums["start"]).sqrt().tolist() for key, value in sums.items()}
        cells = [f"{share[key][0]:.2f}, {share[key][1]:.2f}" for key in moves]
        print(f"| {name} | " + " | ".join(cells) + f" | {share['codec'][1]:.2f} |", flush=True)


def matrix(codec: Codec, images: Tensor, deviation: Tensor, move: Move | None, reach: Callable[[str], float], title: str) -> None:
    """Prints how far each direction moves each measure, in deviations per unit, between -reach and reach; no move: the true edits."""
    print(f"| {title} | " + " | ".join(NAMES) + " |", flush=True)
    for i, name in enumerate(NAMES):
        moved = torch.zeros(len(NAMES))
        for part in images.split(16):
            latent = codec.encode(part)
            for sign in (-1, 1):
                amounts = one(i, sign * reach(name), len(part))
                picture = edit(part, amounts) if move is None else shown(codec, part, latent, move(latent, amounts))
                moved += sign * measure(picture).sum(0)
        cells = moved / len(images) / deviation / (2 * reach(name))
        print(f"| {name} | " + " | ".join(f"{value:+.2f}" for value in cells.tolist()) + " |", flush=True)


def sheet(pack: Path, modules: Path, codec: Codec, pictures: Tensor, steps: int) -> list[Tensor]:
    """A row for each picture and direction, over its range, from the ONNX files."""
    def run(part: str, **inputs: Tensor) -> Tensor:
        return next(iter(run_onnx(pack / f"{part}.onnx", inputs, modules).values()))

    rows = []
    latents = (run("encoder", image=pictures) - codec.shift) * codec.scale
    for i, name in enumerate(NAMES):
        for picture, latent in zip(pictures.split(1), latents.split(1)):
            amounts = torch.cat([one(i, k, 1) for k in np.linspace(-RANGE[name], RANGE[name], steps)])
            moved = run("editor", latent=latent.repeat(steps, 1, 1, 1), amounts=amounts)
            images = run("decoder", latent=torch.cat([latent, moved]) / codec.scale + codec.shift)
            rows.append((picture + images[1:] - images[:1]).clamp(0, 1))
    return rows


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editor", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True, help="the autoencoder")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--crops", type=Path, required=True, help="held-out crops")
    parser.add_argument("--squares", type=Path, required=True, help="natural pictures, for the deviations of the measures")
    parser.add_argument("--held-out", type=Path, required=True, help="folder of PNG pictures")
    parser.add_argument("--count", type=int, default=160, help="held-out crops to measure")
    parser.add_argument("--modules", type=Path, help="where onnxruntime-web is, for the sheet and the time")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--sheet-size", type=int, default=128)
    parser.add_argument("--sheet-pictures", default="0,2,3,6", help="which of the held-out pictures")
    args = parser.parse_args()
    torch.set_num_threads(1)
    codec, editor = load_codec(args.checkpoint, args.pack), load_editor(args.editor)
    vectors = torch.load(args.editor)["vectors"]
    deviation = torch.cat([measure(part) for part in to_tensor(np.load(args.squares)).split(16)]).std(0)
    crops = to_tensor(np.load(args.crops)[: args.count])
    paths = sorted(args.held_out.glob("*.png"))

    def straight(latent: Tensor, amounts: Tensor) -> Tensor:
        return latent + (amounts @ vectors)[:, :, None, None]

    if args.sheet and args.modules:
        chosen = [load_square(paths[int(i)], args.sheet_size) for i in args.sheet_pictures.split(",")]
        contact_sheet(sheet(args.pack, args.modules, codec, torch.cat(chosen), 7), args.sheet, gap=2, quality=60)
    distances(codec, crops, {"vector": straight, "network": editor})
    kodak = torch.cat([load_square(path, 256) for path in paths])
    matrix(codec, crops, deviation, None, lambda _: 1, "true edits, +-1")
    matrix(codec, crops, deviation, editor, lambda _: 1, "held-out crops, +-1")
    matrix(codec, crops, deviation, editor, RANGE.__getitem__, "held-out crops, whole range")
    matrix(codec, kodak, deviation, editor, lambda _: 1, "Kodak 01-08 at 256x256, +-1")
    matrix(codec, crops, deviation, straight, lambda _: 1, "vectors, held-out crops, +-1")
    if args.modules:
        inputs = {"latent": torch.zeros(1, 32, 32, 32), "amounts": torch.ones(1, len(NAMES))}
        print(f"editor at 256x256: {time_onnx(args.pack / 'editor.onnx', inputs, args.modules):.1f} ms (WASM, one thread, in node)")


if __name__ == "__main__":
    main()

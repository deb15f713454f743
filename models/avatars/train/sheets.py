"""Draws the contact sheets of directions and denoiser for the model card.

    PYTHONPATH=models:models/words/train python3 -m avatars.train.sheets --checkpoint DIR/run/global.pt --data DIR/data --latents DIR/latents \\
        --editor DIR/editor.pt --denoiser DIR/denoiser.pt --prompts DIR/prompts.pt --words models/words --probe DIR/probe.pt --out models/avatars
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from common.train.images import contact_sheet
from common.train.loop import configure

from .condition import CONDITION
from .data import Faces
from .denoiser import generate, repair
from .edits import DIRECTIONS
from .export import public_parts
from .probe import apply_probe, load_probe, thumbnails
from .prompts import load_prompts
from .score import RANGES, amounts_for, load_denoiser, load_editor, nearest

PROMPTS = (
    ["smiling", "glasses"], ["sad", "long hair"], ["beard", "bald"], ["sunglasses", "red hair"], ["grey hair", "moustache"], ["hat", "blue background"],
    ["dark skin", "short hair", "red shirt"], ["cartoon", "closed eyes"],
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("checkpoint", "data", "latents", "editor", "denoiser", "prompts", "words", "probe", "out"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    configure(1)
    from words import Words  # beside the `words` pack

    out, data = Path(args.out), Path(args.data)
    _, decoder = public_parts(args.checkpoint, Faces(data / "main", 4096))
    editor, _ = load_editor(args.editor)
    denoiser = load_denoiser(args.denoiser)
    prompts, _ = load_prompts(args.prompts)
    embed = Words(args.words).embed
    latents = torch.from_numpy(np.load(Path(args.latents) / "val.npy"))

    @torch.no_grad()
    def draw(w: Tensor) -> Tensor:
        return decoder(w).clamp(0, 1)

    def small(rows: list[Tensor], name: str) -> None:
        contact_sheet([torch.nn.functional.interpolate(row, size=96, mode="area") for row in rows], out / f"{name}.webp", quality=82)

    noise = torch.randn(10, 128, generator=torch.Generator().manual_seed(1))
    free = torch.zeros(10, CONDITION)
    small([draw(generate(denoiser, noise, free, steps)) for steps in (1, 2, 4, 8)], "samples")

    rows = []
    for phrases in PROMPTS:
        with torch.no_grad():
            told = prompts(torch.from_numpy(embed(list(phrases))), torch.ones(len(phrases)))
        rows.append(draw(generate(denoiser, noise[:8], told.expand(8, -1), 4, 1.5)))
    small(rows, "prompts")

    with torch.no_grad():
        rows = []
        for k, name in enumerate(DIRECTIONS):
            low, high = RANGES[name]
            faces = latents[[3 + k % 5, 40 + k % 7]]
            amounts = torch.linspace(low, high, 7)
            rows.append(torch.cat([draw(torch.cat([editor(face[None], amounts_for(1, k, float(a))) for a in amounts])) for face in faces]))
    small(rows, "directions")

    rows = []
    for a, b in ((5, 9), (20, 31), (44, 60), (70, 81)):
        ends = (latents[a][None], latents[b][None])
        for strength in (0.0, 0.6):
            rows.append(draw(torch.cat([repair(denoiser, ends, i / 8, noise[:1], strength, 4, free[:1]) for i in range(9)])))
    small(rows, "repair")

    many = generate(denoiser, torch.randn(200, 128, generator=torch.Generator().manual_seed(8)), torch.zeros(200, CONDITION), 4)
    probe = load_probe(args.probe)
    val = Faces(data / "val")
    known = apply_probe(probe, thumbnails(val, np.arange(len(val)), Path(args.latents) / "val.thumbnails.npy"))
    pictures = torch.cat([draw(part) for part in many.split(50)])
    order = nearest(apply_probe(probe, pictures), known).argsort(descending=True)
    small(list(pictures[order[:20]].split(10)), "worst-samples")


if __name__ == "__main__":
    main()

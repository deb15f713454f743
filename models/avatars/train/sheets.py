"""Draws the contact sheets of directions and denoiser for the model card.

    PYTHONPATH=models:models/words/train python3 -m avatars.train.sheets --pack models/avatars --data DIR/data --latents DIR/latents \\
        --denoiser DIR/denoiser.pt --prompts DIR/prompts.pt --words models/words --probe DIR/probe.pt --out models/avatars
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from common.train.images import contact_sheet
from common.train.loop import configure
from words import Words  # of the `words` pack

from .condition import CONDITION
from .data import Faces, load_latents
from .denoiser import GUIDANCE, STEPS, generate, repair
from .edits import DIRECTIONS
from .pack import open_autoencoder, open_editor
from .probe import apply_probe, load_probe, thumbnails
from .prompts import load_prompts
from .score import RANGES, REPAIR, amounts_for, load_denoiser, nearest, seeded

PROMPTS = (
    ["smiling", "glasses"], ["sad", "long hair"], ["beard", "bald"], ["sunglasses", "red hair"], ["grey hair", "moustache"], ["hat", "blue background"],
    ["dark skin", "short hair", "red shirt"], ["cartoon", "closed eyes"], ["spectacles", "grinning"], ["long blond hair", "young"],
)
SIDE = 96


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("pack", "data", "latents", "denoiser", "prompts", "words", "probe", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", default="samples,prompts,directions,repair,worst-samples")
    args = parser.parse_args()
    configure(1)
    _, decoder = open_autoencoder(args.pack)
    denoiser, embed = load_denoiser(args.denoiser), Words(args.words).embed
    latents = load_latents(Path(args.latents) / "val")

    @torch.no_grad()
    def draw(w: Tensor) -> Tensor:
        return torch.cat([decoder(part).clamp(0, 1) for part in w.split(50)])

    def free(count: int) -> Tensor:
        return torch.zeros(count, CONDITION)

    def samples() -> list[Tensor]:
        noise = seeded(10, 1)
        return [draw(generate(denoiser, noise, free(10), steps)) for steps in (1, 2, 4, 8)]

    def prompts() -> list[Tensor]:
        encoder, rows = load_prompts(args.prompts)[0], []
        for phrases in PROMPTS:
            with torch.no_grad():
                told = encoder(torch.from_numpy(embed(list(phrases))), torch.ones(len(phrases)))
            rows.append(draw(generate(denoiser, seeded(10, 1), told.expand(10, -1), STEPS, GUIDANCE)))
        return rows

    def directions() -> list[Tensor]:
        editor, rows = open_editor(args.pack), []
        for k, name in enumerate(DIRECTIONS):
            faces = latents[[3 + k % 5, 40 + k % 7]]
            amounts = torch.linspace(*RANGES[name], 7)
            rows.append(draw(torch.cat([editor(face[None], amounts_for(1, k, float(a))) for face in faces for a in amounts])))
        return rows

    def repairs() -> list[Tensor]:
        rows = []
        for a, b in ((5, 9), (20, 31), (44, 60), (70, 81)):
            ends = (latents[a][None], latents[b][None])
            for strength in (0.0, REPAIR):
                rows.append(draw(torch.cat([repair(denoiser, ends, i / 8, seeded(1, 1), strength, STEPS, free(1)) for i in range(9)])))
        return rows

    def worst() -> list[Tensor]:
        """Of 200 by seed alone, those that are farthest from every held-out render."""
        probe, val = load_probe(args.probe), Faces(Path(args.data) / "val")
        known = apply_probe(probe, thumbnails(val, np.arange(len(val)), Path(args.latents) / "val.thumbnails.npy"))
        pictures = draw(generate(denoiser, seeded(200, 8), free(200), STEPS))
        return list(pictures[nearest(apply_probe(probe, pictures), known).argsort(descending=True)[:20]].split(10))

    sheets = {"samples": samples, "prompts": prompts, "directions": directions, "repair": repairs, "worst-samples": worst}
    for name in args.only.split(","):
        rows = [torch.nn.functional.interpolate(row, size=SIDE, mode="area") for row in sheets[name]()]
        contact_sheet(rows, Path(args.out) / f"{name}.webp", quality=82)


if __name__ == "__main__":
    main()

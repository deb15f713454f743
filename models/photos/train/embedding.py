"""Trains the head that tells how like two pictures are: public latent to 64 numbers, and adds it to the pack.

    PYTHONPATH=models python3 -m photos.train.embedding views  --sources DIR --checkpoint DIR/checkpoint.pt --pack models/photos --out views.npz
    PYTHONPATH=models python3 -m photos.train.embedding train  --views views.npz --out embedding.pt --minutes 6
    PYTHONPATH=models python3 -m photos.train.embedding export --checkpoint embedding.pt --pack models/photos --modules .

`views` cuts several views of every picture (place, scale, mirror, a little light and colour) and encodes them; `train` brings
views of one picture together and those of others apart (InfoNCE) and prints the check on pictures that it never saw;
`export` writes image-encoder.onnx and its entry in pack.json.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image, ImageEnhance
from torch import Tensor

from common.train.images import to_tensor
from common.train.onnx_pack import export_onnx, file_entry, max_difference, write_manifest
from photos.train import prepare
from photos.train.export import load_model
from photos.train.model import CHANNELS, PublicEncoder

DIMENSIONS = 64
SPACE = "photos-similar-1"
SIZE = 160  # pixels of a view: what is found at any scale need not be large
VIEWS = 8
HELD_OUT = 8  # every eighth picture of a kind is for the check alone
TEMPERATURE = 0.07


class Head(nn.Module):
    """Public latent [n, 32, h, w] of any size to unit vectors [n, 64]: colour and texture by pooling, layout by two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Conv2d(CHANNELS, 64, 3, stride=2, padding=1)
        self.coarse = nn.Conv2d(64, 96, 3, stride=2, padding=1)
        self.out = nn.Linear(2 * CHANNELS + 96, DIMENSIONS)

    def forward(self, latent: Tensor) -> Tensor:
        features = F.relu(self.coarse(F.relu(self.fine(latent)))).mean((2, 3))
        vector = self.out(torch.cat([pooled(latent), features], 1))
        return vector / (vector * vector).sum(1, keepdim=True).sqrt()


def pooled(latent: Tensor) -> Tensor:
    """The mean and the deviation of each channel: what there is without training."""
    mean = latent.mean((2, 3))
    spread = ((latent - mean[:, :, None, None]) ** 2).mean((2, 3))
    return torch.cat([mean, (spread + 1e-4).sqrt()], 1)


def view_of(image: Image.Image, rng: random.Random) -> np.ndarray:
    """A square of a random place, scale, light and colour, mirrored or not."""
    side = min(image.size) * rng.uniform(0.45, 1.0)
    left, top = (rng.uniform(0, length - side) for length in image.size)
    box = (left, top, left + side, top + side)
    view = image.resize((SIZE, SIZE), Image.BICUBIC, box=box, reducing_gap=2.0)
    if rng.random() < 0.5:
        view = view.transpose(Image.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        view = enhance(view).enhance(rng.uniform(0.75, 1.3))
    return np.asarray(view)


def pictures(sources: Path, rng: random.Random) -> Iterator[tuple[bool, Image.Image]]:
    """(whether it is held out, picture) for every photograph, wallpaper, texture and cut-out."""
    walls, stamps = prepare.wallpapers(sources), prepare.pictures(sources / prepare.STAMPS)
    kinds = (
        prepare.photographs(sources, SIZE),
        (prepare.open_wallpaper(path) for path in walls),
        prepare.textures(sources),
        (prepare.open_stamp(path, SIZE, rng) for path in stamps),
    )
    for images in kinds:
        for index, image in enumerate(images):
            yield index % HELD_OUT == 0, image


@torch.no_grad()
def make_views(args: argparse.Namespace) -> None:
    """Encodes VIEWS views of every picture: `train` and `held` [pictures, views, channels, h, w] as float16."""
    Image.MAX_IMAGE_PIXELS = None
    rng = random.Random(1)
    space = json.loads((args.pack / "pack.json").read_text())["space"]
    scale, shift = (torch.tensor(space[name])[:, None, None] for name in ("scale", "shift"))
    encoder = PublicEncoder(load_model(args.checkpoint))
    latents: dict[bool, list[np.ndarray]] = {False: [], True: []}
    begin = time.time()
    for held, image in pictures(args.sources, rng):
        image.thumbnail((900, 900), Image.BICUBIC, reducing_gap=2.0)
        if min(image.size) < SIZE:
            continue
        views = np.stack([view_of(image, rng) for _ in range(VIEWS)])
        latents[held].append(((encoder(to_tensor(views)) - shift) * scale).half().numpy())
        done = sum(map(len, latents.values()))
        if done % 100 == 0:
            print(f"{done} pictures, {time.time() - begin:.0f} s", flush=True)
    np.savez(args.out, train=np.stack(latents[False]), held=np.stack(latents[True]))
    print({"held" if held else "train": len(found) for held, found in latents.items()})


def contrast(a: Tensor, b: Tensor) -> Tensor:
    """InfoNCE of two views of each picture, both ways."""
    scores, targets = a @ b.T / TEMPERATURE, torch.arange(len(a))
    return (F.cross_entropy(scores, targets) + F.cross_entropy(scores.T, targets)) / 2


def recall(vectors: Tensor) -> tuple[float, float]:
    """Recall@1 and @5 over [pictures, views, d]: each view looks for the first view of its own picture among all pictures'."""
    gallery, queries = vectors[:, 0], vectors[:, 1:]
    scores = queries.reshape(-1, queries.shape[-1]) @ gallery.T
    own = torch.arange(len(gallery)).repeat_interleave(queries.shape[1])
    ranks = (scores > scores.gather(1, own[:, None])).sum(1)
    return float((ranks < 1).float().mean()), float((ranks < 5).float().mean())


def unit(vectors: Tensor) -> Tensor:
    """Each vector at unit length."""
    return vectors / vectors.norm(dim=-1, keepdim=True)


def whitening(train: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the matrix that whiten pooled latents."""
    mean = train.mean(0)
    values, axes = torch.linalg.eigh(torch.cov((train - mean).T))
    return mean, axes / (values + 1e-3).sqrt()


@torch.no_grad()
def check(head: Head, train: Tensor, held: Tensor) -> None:
    """Prints the recall on held-out pictures: pooled latents as they are, whitened, and the head."""
    count, views = held.shape[:2]
    flat = held.flatten(0, 1)
    plain = pooled(flat)
    mean, axes = whitening(pooled(train.flatten(0, 1)))
    found = {"pooled": unit(plain), "pooled, whitened": unit((plain - mean) @ axes), "head": head(flat)}
    for name, vectors in found.items():
        first, fifth = recall(vectors.reshape(count, views, -1))
        print(f"{name}: recall@1 {first:.3f}, recall@5 {fifth:.3f} of {count} pictures", flush=True)


def train_head(args: argparse.Namespace) -> None:
    """Adam under a cosine over the wall time, averaged weights at the end."""
    torch.manual_seed(1)
    data = np.load(args.views)
    train, held = (torch.from_numpy(data[name]).float() for name in ("train", "held"))
    head = Head()
    average = torch.optim.swa_utils.AveragedModel(head, avg_fn=lambda old, new, _: old + (new - old) * 0.005)
    optimiser = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=0.02)
    begin, step, progress = time.time(), 0, 0.0
    while (progress := (time.time() - begin) / (60 * args.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 1e-5 + 2e-3 * (1 + np.cos(np.pi * progress)) / 2
        picks = torch.randperm(len(train))[: args.batch]
        a, b = torch.rand(len(picks), VIEWS).topk(2).indices.T
        latents = torch.cat([train[picks, a], train[picks, b]])
        loss = contrast(*head(latents + 0.05 * torch.randn_like(latents)).chunk(2))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        average.update_parameters(head)
        step += 1
        if step % 100 == 0:
            print(f"step {step}, {progress:.2f}, loss {loss.item():.3f}", flush=True)
    head = average.module.eval()
    check(head, train, held)
    torch.save(head.state_dict(), args.out)


def export(args: argparse.Namespace) -> None:
    """Writes the ONNX file, then its entry and the space of the embeddings into pack.json."""
    head = Head()
    head.load_state_dict(torch.load(args.checkpoint))
    head.eval().requires_grad_(False)
    path = args.pack / "image-encoder.onnx"
    example = torch.randn(1, CHANNELS, 24, 32, generator=torch.Generator().manual_seed(1))
    axes = {"latent": {0: "batch", 2: "latent_height", 3: "latent_width"}, "embedding": {0: "batch"}}
    export_onnx(head, example, path, ["latent"], ["embedding"], axes)
    if args.modules:
        print(f"ONNX from PyTorch: {max_difference(path, head, {'latent': example}, 'embedding', args.modules):.1e}")
    manifest = json.loads((args.pack / "pack.json").read_text())
    manifest["parts"]["imageEncoder"] = file_entry(
        path, inputs={"latent": "latent"}, outputs={"embedding": "embedding"}, dtype="float32", dimensions={"batch": 1},
    )
    manifest["embedding"] = {"type": "network", "space": {"id": SPACE, "shape": [DIMENSIONS]}}
    manifest.pop("format")
    write_manifest(args.pack / "pack.json", manifest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    views = commands.add_parser("views")
    views.add_argument("--sources", type=Path, required=True, help="folder of the unpacked packages, see prepare")
    views.add_argument("--checkpoint", type=Path, required=True, help="of the autoencoder")
    views.add_argument("--pack", type=Path, required=True)
    views.add_argument("--out", type=Path, required=True)
    views.set_defaults(run=make_views)
    train = commands.add_parser("train")
    train.add_argument("--views", type=Path, required=True)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--minutes", type=float, default=6)
    train.add_argument("--batch", type=int, default=192)
    train.set_defaults(run=train_head)
    exporter = commands.add_parser("export")
    exporter.add_argument("--checkpoint", type=Path, required=True)
    exporter.add_argument("--pack", type=Path, required=True)
    exporter.add_argument("--modules", type=Path, help="check the file with onnxruntime-web from here")
    exporter.set_defaults(run=export)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.run(args)


if __name__ == "__main__":
    main()

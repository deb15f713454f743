"""Measures the exported pack on held-out pictures and draws sheets to look at.

    PYTHONPATH=models python3 -m photos.train.evaluate --checkpoint DIR/checkpoint.pt --held-out DIR --sheets DIR

The weights are those of the checkpoint, rounded as they are shipped. With --modules (where onnxruntime-web is) the
files in --pack are timed; with --yardstick a folder's *encoder.onnx and *decoder.onnx are measured on the same pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import numpy as np
import torch
from torch import Tensor

from common.train.images import contact_sheet, load_square, to_tensor
from common.train.metrics import gflop, psnr, ssim
from common.train.onnx_pack import round_weights, run_onnx, time_onnx
from photos.train.export import KEEP, load_model
from photos.train.model import CHANNELS, Autoencoder, PublicEncoder

Codec = Callable[[Tensor], Tensor]


def table(name: str, codec: Codec, paths: list[Path], size: int) -> list[Tensor]:
    """Prints PSNR and SSIM of each picture and the means, as rows of a Markdown table."""
    decoded, scores = [], []
    for path in paths:
        image = load_square(path, size)
        out = codec(image).clamp(0, 1)
        decoded.append(out)
        scores.append((psnr(out, image).item(), ssim(out, image).item()))
        print(f"| {name} | {path.stem} | {scores[-1][0]:.2f} | {scores[-1][1]:.3f} |", flush=True)
    mean = np.mean(scores, axis=0)
    print(f"| {name} | mean | {mean[0]:.2f} | {mean[1]:.3f} |", flush=True)
    return decoded


def morph(model: Autoencoder, a: Tensor, b: Tensor, steps: int = 7) -> Tensor:
    """Decoded points of the straight line between two pictures' latents."""
    ends = model.encoder.encode(torch.cat([a, b]))
    t = torch.linspace(0, 1, steps)[:, None, None, None]
    return model.decoder(ends[:1] + (ends[1:] - ends[:1]) * t).clamp(0, 1)


def worst_crops(model: Autoencoder, crops: np.ndarray, count: int = 8) -> tuple[Tensor, Tensor]:
    """The training crops with the largest error among some hundreds, and their reconstructions."""
    images = to_tensor(crops[:: max(1, len(crops) // 512)])
    out = torch.cat([model.decoder(model.encoder.encode(part)).clamp(0, 1) for part in images.split(32)])
    order = psnr(out, images).argsort()[:count]
    return images[order], out[order]


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True, help="folder of PNG pictures")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--sheets", type=Path, help="folder for reconstructions.webp, morphs.webp and worst.webp")
    parser.add_argument("--data", type=Path, help="crops.npy, for worst.webp")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--modules", type=Path)
    parser.add_argument("--yardstick", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)

    model = round_weights(load_model(args.checkpoint), KEEP)
    encoder = PublicEncoder(model)
    paths = sorted(args.held_out.glob("*.png"))
    decoded = table("photos", lambda image: model.decoder(encoder(image)), paths, args.size)

    probe = torch.zeros(1, 3, args.size, args.size)
    latent = torch.zeros(1, CHANNELS, args.size // 8, args.size // 8)
    cost = gflop(encoder, probe), gflop(model.decoder, latent)
    print(f"{args.size}x{args.size}: encode {cost[0]:.2f}, decode {cost[1]:.2f} GFLOP")
    if args.modules:
        encode = time_onnx(args.pack / "encoder.onnx", {"image": probe}, args.modules)
        decode = time_onnx(args.pack / "decoder.onnx", {"latent": latent}, args.modules)
        print(f"WASM, one thread, in node: encode {encode:.1f} ms, decode {decode:.1f} ms")
    if args.yardstick and args.modules:
        def yardstick(image: Tensor) -> Tensor:
            point = run_onnx(next(args.yardstick.glob("*encoder.onnx")), {"image": image}, args.modules)["latent"]
            return run_onnx(next(args.yardstick.glob("*decoder.onnx")), {"latent": point}, args.modules)["image"]

        table("yardstick", yardstick, paths, args.size)

    if args.sheets:
        images = [load_square(p, args.size) for p in paths]
        half = len(images) // 2
        rows = [images[:half], decoded[:half], images[half:], decoded[half:]]
        contact_sheet([torch.cat(row) for row in rows], args.sheets / "reconstructions.webp", quality=80)
        small = [load_square(p, 128) for p in paths]
        strips = [morph(model, small[i], small[(i + 3) % len(small)]) for i in range(len(small))]
        contact_sheet(strips, args.sheets / "morphs.webp", quality=80)
    if args.sheets and args.data:
        contact_sheet(worst_crops(model, np.load(args.data, mmap_mode="r")), args.sheets / "worst.webp", quality=80)


if __name__ == "__main__":
    main()

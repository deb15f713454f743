"""Exports a checkpoint: encoder.onnx, decoder.onnx, then pack.json; with --reference also the tests' tensors.

    PYTHONPATH=models python3 -m photos.train.export --checkpoint DIR/checkpoint.pt --data crops.npy --out models/photos

With --modules (a folder whose node_modules has onnxruntime-web) both files are run against PyTorch, as float32 and with
the half-precision weights that are shipped.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch import Tensor

from common.train.images import to_tensor
from common.train.onnx_pack import export_onnx, file_entry, max_difference, round_weights, write_manifest
from photos.train.model import CHANNELS, STRIDE, Autoencoder, PublicEncoder

ATTRIBUTION = [
    "KDE Visual Design Group: wallpapers of plasma-workspace-wallpapers (GPL-2+)",
    "MATE artwork authors: mate-backgrounds (GPL-2+)",
    "GNOME artwork authors: gnome-backgrounds (CC BY-SA 3.0)",
    "Ubuntu Touch community photographers: lomiri-wallpapers (CC BY-SA 3.0 and 4.0, CC BY 4.0, CC0)",
    "Ubuntu Kylin community: ukui-wallpapers (CC BY-SA 3.0)",
    "GCompris and the photographers it names: gcompris-qt-data (public domain, CC0, CC BY, CC BY-SA, GFDL, GPL)",
    "UFO: Alien Invasion team: ufoai-textures (GPL-2+, CC BY 3.0, CC BY-SA 3.0, public domain)",
    "Tux Paint artists, Bill Kendrick: tuxpaint-stamps (GPL-2)",
    "Google: Noto Color Emoji (OFL 1.1, images Apache 2.0)",
]
KEEP = ["encoder.linear"]  # float32: whitened weights, in which rounding would show in the weak channels
AXES = {
    "image": {0: "batch", 2: "height", 3: "width"},
    "latent": {0: "batch", 2: "latent_height", 3: "latent_width"},
}


def load_model(path: Path) -> Autoencoder:
    """The averaged weights of a checkpoint."""
    model = Autoencoder()
    model.load_state_dict(torch.load(path, map_location="cpu")["ema"])
    return model.eval().requires_grad_(False)


@torch.no_grad()
def latent_statistics(encoder: nn.Module, crops: np.ndarray, count: int = 768) -> tuple[list[float], list[float]]:
    """Per-channel (scale, shift) that give raw latents of the data zero mean and unit deviation."""
    picks = np.linspace(0, len(crops) - 1, count).astype(int)
    latents = torch.cat([encoder(to_tensor(crops[picks[i : i + 32]])) for i in range(0, count, 32)])
    flat = latents.transpose(0, 1).flatten(1)
    return [round(v, 5) for v in (1 / flat.std(1)).tolist()], [round(v, 5) for v in flat.mean(1).tolist()]


def gradient_image(height: int = 48, width: int = 64) -> Tensor:
    """A synthetic picture: red rises to the right, green downwards, blue is a diagonal wave."""
    x = torch.linspace(0, 1, width)[None, :].expand(height, width)
    y = torch.linspace(0, 1, height)[:, None].expand(height, width)
    return torch.stack([x, y, 0.5 + 0.5 * torch.sin(6 * (x + y))])[None]


@torch.no_grad()
def write_reference(path: Path, encoder: nn.Module, decoder: nn.Module, scale: list[float], shift: list[float]) -> None:
    """One image, its public latent and its decoding, by PyTorch from the weights as shipped."""
    image = torch.round(gradient_image() * 1e3) / 1e3
    raw = encoder(image)
    public = (raw - torch.tensor(shift)[:, None, None]) * torch.tensor(scale)[:, None, None]
    tensors = {"image": (image, 3), "latent": (public, 5), "decoded": (decoder(raw), 4)}
    reference: dict[str, list] = {}
    for name, (tensor, digits) in tensors.items():
        reference[name] = [round(v, digits) for v in tensor.flatten().tolist()]
        reference[name + "Shape"] = list(tensor.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")


def check(name: str, module: nn.Module, example: Tensor, out: Path, source: str, target: str, modules: Path) -> None:
    """Prints how far the shipped file, and one with float32 weights, are from the module in PyTorch."""
    axes = {source: AXES[source], target: AXES[target]}
    rounded = max_difference(out, round_weights(module, KEEP), {source: example}, target, modules)
    shipped = max_difference(out, module, {source: example}, target, modules)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full.onnx"
        export_onnx(module, example, path, [source], [target], axes, half=False)
        full = max_difference(path, module, {source: example}, target, modules)
    print(f"{name}: float32 {full:.1e}; as shipped {shipped:.1e} from float32 weights, {rounded:.1e} from rounded ones")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="crops.npy, for the scale of the space")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--reference", type=Path, help="JSON file for the repository's tests")
    parser.add_argument("--modules", type=Path, help="check the files with onnxruntime-web from here")
    args = parser.parse_args()
    torch.set_num_threads(1)

    model = load_model(args.checkpoint)
    encoder, decoder = PublicEncoder(model), model.decoder
    scale, shift = latent_statistics(encoder, np.load(args.data, mmap_mode="r"))
    image = gradient_image()
    latent = encoder(image)
    export_onnx(encoder, image, args.out / "encoder.onnx", ["image"], ["latent"], AXES, keep=KEEP)
    export_onnx(decoder, latent, args.out / "decoder.onnx", ["latent"], ["image"], AXES)

    part = {"dtype": "float32", "dimensions": {"batch": 1}}
    encode = {"inputs": {"image": "image"}, "outputs": {"latent": "latent"}, **part}
    decode = {"inputs": {"latent": "latent"}, "outputs": {"image": "image"}, **part}
    write_manifest(args.out / "pack.json", {
        "name": "photos",
        "version": args.version,
        "description": "Any image of any size: a small convolutional autoencoder, 32 channels at 1/8.",
        "license": "MIT",
        "attribution": ATTRIBUTION,
        "space": {
            "id": "photos-1",
            "shape": [CHANNELS, f"height/{STRIDE}", f"width/{STRIDE}"],
            "scale": scale,
            "shift": shift,
        },
        "image": {
            "size": {"multiple": STRIDE, "pixels": 65536, "maxPixels": 1048576}, "channels": "rgb", "range": [0, 1],
        },
        "parts": {
            "encoder": file_entry(args.out / "encoder.onnx", **encode),
            "decoder": file_entry(args.out / "decoder.onnx", **decode),
        },
    })
    if args.reference:
        shipped = round_weights(model, KEEP)
        write_reference(args.reference, PublicEncoder(shipped), shipped.decoder, scale, shift)
    if args.modules:
        check("encoder", encoder, image, args.out / "encoder.onnx", "image", "latent", args.modules)
        check("decoder", decoder, latent, args.out / "decoder.onnx", "latent", "image", args.modules)


if __name__ == "__main__":
    main()

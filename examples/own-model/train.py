"""Trains an autoencoder on a folder of pictures and writes what `latent-elements pack` makes a pack of.

    python3 train.py <folder of pictures> <folder of the pack> [--steps 1000]

Needs PyTorch and Pillow. Two minutes of processor time; a picture becomes 16 numbers for each 8 by 8 pixels.
"""

import argparse
import inspect
import json
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

CHANNELS, STRIDE, CROP, BATCH = 16, 8, 64, 16


def make_encoder() -> nn.Sequential:
    """[n, 3, h, w] in 0..1 to [n, 16, h/8, w/8]."""
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 4, 2, 1), nn.ReLU()),
        *(nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU()),
        *(nn.Conv2d(64, 96, 4, 2, 1), nn.ReLU()),
        nn.Conv2d(96, CHANNELS, 1),
    )


def make_decoder() -> nn.Sequential:
    """[n, 16, h/8, w/8] to [n, 3, h, w] in 0..1."""
    return nn.Sequential(
        *(nn.Conv2d(CHANNELS, 96, 3, 1, 1), nn.ReLU()),
        *(nn.Conv2d(96, 4 * 64, 3, 1, 1), nn.PixelShuffle(2), nn.ReLU()),
        *(nn.Conv2d(64, 4 * 32, 3, 1, 1), nn.PixelShuffle(2), nn.ReLU()),
        *(nn.Conv2d(32, 4 * 3, 3, 1, 1), nn.PixelShuffle(2)),
    )


def read_pictures(folder: Path) -> list[Tensor]:
    """Every picture of a folder as [3, h, w] in 0..1, none smaller than a crop."""
    pictures = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in {".jpg", ".jpeg", ".png", ".webp"}:
            continue
        image = Image.open(path).convert("RGB")
        image.thumbnail((512, 512))
        if min(image.size) < CROP:
            continue
        pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        pictures.append(pixels.view(image.height, image.width, 3).permute(2, 0, 1) / 255)
    if not pictures:
        raise SystemExit(f"{folder} has no .jpg, .png or .webp of at least {CROP} by {CROP} pixels.")
    return pictures


def random_crops(pictures: list[Tensor]) -> Tensor:
    """[16, 3, 64, 64]: each from a random picture and place, half of them mirrored."""
    crops = []
    for _ in range(BATCH):
        picture = pictures[int(torch.randint(len(pictures), ()))]
        y = int(torch.randint(picture.shape[1] - CROP + 1, ()))
        x = int(torch.randint(picture.shape[2] - CROP + 1, ()))
        crop = picture[:, y : y + CROP, x : x + CROP]
        crops.append(crop.flip(2) if torch.rand(()) < 0.5 else crop)
    return torch.stack(crops)


def export(module: nn.Module, example: Tensor, file: Path, names: tuple[str, str]) -> None:
    """An ONNX file of any batch, height and width."""
    axes = {name: {0: "batch", 2: f"{name}_height", 3: f"{name}_width"} for name in names}
    # Newer versions of PyTorch have a second exporter, which needs a package more.
    older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        module, example, str(file), input_names=[names[0]], output_names=[names[1]], dynamic_axes=axes,
        opset_version=15, **older,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    given = parser.parse_args()

    torch.manual_seed(0)
    pictures = read_pictures(given.pictures)
    encoder, decoder = make_encoder(), make_decoder()
    weights = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(weights, lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, given.steps)
    for step in range(given.steps):
        crops = random_crops(pictures)
        loss = (decoder(encoder(crops)) - crops).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}: mean error {255 * loss.item():.1f} of 255", flush=True)

    encoder.eval().requires_grad_(False)
    decoder.eval().requires_grad_(False)
    given.pack.mkdir(parents=True, exist_ok=True)
    crops = random_crops(pictures)
    latents = encoder(crops)
    export(encoder, crops[:1], given.pack / "encoder.onnx", ("image", "latent"))
    export(decoder, latents[:1], given.pack / "decoder.onnx", ("latent", "image"))
    manifest = {
        "format": 1,
        "name": given.pack.name,
        "version": "1.0.0",
        "license": "your choice, as your pictures allow",
        # A new id whenever training moves the latents: equal ids promise that latents mix.
        "space": {
            "id": f"{given.pack.name}-1",
            "shape": [CHANNELS, f"height/{STRIDE}", f"width/{STRIDE}"],
            # Public latents have mean 0 and deviation 1.
            "scale": round(1 / latents.std().item(), 5),
            "shift": round(latents.mean().item(), 5),
        },
        "image": {"size": {"multiple": STRIDE, "pixels": 65536, "maxPixels": 262144}, "range": [0, 1]},
        "parts": {
            "encoder": {"file": "encoder.onnx", "inputs": {"image": "image"}, "outputs": {"latent": "latent"}},
            "decoder": {"file": "decoder.onnx", "inputs": {"latent": "latent"}, "outputs": {"image": "image"}},
        },
    }
    (given.pack / "pack.template.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()

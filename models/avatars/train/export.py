"""Exports a checkpoint as the pack: two ONNX files, samples, pack.json and the reference of the repository's tests.

    PYTHONPATH=models python3 -m avatars.train.export --checkpoint DIR/run/global.pt --data DIR/main --val DIR/val \\
        --pack models/avatars --modules . --reference test/models/avatars.reference.json
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
from torch import Tensor

from common.train.loop import configure
from common.train.metrics import psnr
from common.train.onnx_pack import export_onnx, file_entry, max_difference, round_weights, write_manifest

from .data import ATTRIBUTE_SIZE, STYLES, Faces
from .model import WIDTH, Global, PublicDecoder, PublicEncoder, Spatial

SPACE = "avatars-2"
SAMPLE_SHARES = (156, 58, 42)  # faces kept of each style
DESCRIPTION = "Faces of three drawn styles at 128 x 128 pixels as 128 numbers: sample, mix and edit them."
LICENSE = "MIT (weights); the rendered training data is under the terms in `attribution`"
ATTRIBUTION = [
    "Avataaars by Pablo Stanley (https://avataaars.com), free for personal and commercial use; rendered with DiceBear",
    "Toon Head by Johan Melin, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); remix rendered with DiceBear",
    "Personas by Draftbit, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); remix rendered with DiceBear",
]


@torch.no_grad()
def apply(module: nn.Module, faces: Faces, rows: np.ndarray, batch: int = 64) -> Tensor:
    """What a module makes of many images, in batches."""
    parts = []
    for at in range(0, len(rows), batch):
        parts.append(module(faces.pixels(rows[at : at + batch])))
    return torch.cat(parts)


def public_parts(checkpoint: str | Path, faces: Faces, count: int = 4096) -> tuple[PublicEncoder, PublicDecoder]:
    """The encoder and decoder of a checkpoint, whitened by `count` training images, their weights rounded to half precision."""
    state = torch.load(checkpoint, map_location="cpu")
    spatial, level = Spatial(), Global(ATTRIBUTE_SIZE, [len(names) for names in state["vocabulary"].values()])
    spatial.load_state_dict(state["spatial"])
    level.load_state_dict(state["level"])
    inner = (state["shift"], state["scale"])
    plain = (torch.zeros(WIDTH), torch.ones(WIDTH))
    w = apply(PublicEncoder(spatial.eval(), level.eval(), inner, plain), faces, np.arange(min(count, len(faces))))
    scale = (w.mean(0), w.std(0))
    print(f"std of w before whitening: least {scale[1].min():.3f}, median {scale[1].median():.3f}, largest {scale[1].max():.3f}")
    parts = PublicEncoder(spatial, level, inner, scale), PublicDecoder(spatial, level, inner, scale)
    return round_weights(parts[0]), round_weights(parts[1])


@torch.no_grad()
def choose_samples(encoder: nn.Module, decoder: nn.Module, faces: Faces, seed: int, count: int = 2048) -> Tensor:
    """Latents of varied held-out faces in good light that the pack draws well: the shares of the styles, shuffled."""
    rows = np.arange(min(count, len(faces)))
    latents = apply(encoder, faces, rows)
    quality = torch.cat([
        psnr(decoder(latents[at : at + 64]).clamp(0, 1), faces.pixels(rows[at : at + 64])) for at in range(0, len(rows), 64)
    ]).numpy()
    styles = np.array([label["style"] for label in faces.labels[: len(rows)]])
    lit = np.array([label["light"] > 0.85 for label in faces.labels[: len(rows)]])
    random = np.random.default_rng(seed)
    chosen = []
    for style, share in enumerate(SAMPLE_SHARES):
        mine = rows[(styles == style) & lit]
        good = mine[quality[mine] >= np.quantile(quality[mine], 0.4)]
        chosen.append(random.choice(good, share, replace=len(good) < share))
    return latents[random.permutation(np.concatenate(chosen))]


def write_safetensors(path: str | Path, name: str, tensor: Tensor, metadata: dict[str, str]) -> None:
    """Writes one float32 tensor in the safetensors format."""
    data = tensor.contiguous().numpy().astype("<f4").tobytes()
    entry = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [0, len(data)]}
    header = json.dumps({"__metadata__": metadata, name: entry}).encode()
    header += b" " * (-len(header) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(header)) + header + data)


def read_samples(path: str | Path) -> Tensor:
    """The one tensor of a file that `write_safetensors` wrote."""
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    shape = json.loads(data[8 : 8 + length])["samples"]["shape"]
    return torch.from_numpy(np.frombuffer(data[8 + length :], "<f4").reshape(shape).copy())


def name_output(path: Path, shape: torch.Size) -> None:
    """Writes the fixed sides of the output into an ONNX file, which the exporter leaves open."""
    model = onnx.load(str(path))
    for dimension, side in list(zip(model.graph.output[0].type.tensor_type.shape.dim, shape))[1:]:
        dimension.dim_value = side
    onnx.save(model, str(path))


@torch.no_grad()
def write_reference(path: str | Path, encoder: nn.Module, decoder: nn.Module, latent: Tensor) -> None:
    """Writes what PyTorch makes of one latent, for tests that run the exported files."""
    decoded = decoder(latent)
    reencoded = encoder(decoded.clamp(0, 1))

    def flat(tensor: Tensor, digits: int) -> list[float]:
        return [round(v, digits) for v in tensor.flatten().tolist()]

    reference = {
        "latent": flat(latent, 6), "latentShape": list(latent.shape), "decoded": flat(decoded, 4),
        "decodedShape": list(decoded.shape), "reencoded": flat(reencoded, 6),
    }
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(reference) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--data", required=True, help="training shards, for the whitening")
    parser.add_argument("--val", required=True, help="held-out shards, for the samples and the check")
    parser.add_argument("--pack", required=True, help="folder of the pack")
    parser.add_argument("--modules", help="folder from which onnxruntime-web resolves; without it the ONNX files go unchecked")
    parser.add_argument("--reference", help="where to write the reference of the tests")
    parser.add_argument("--count", type=int, default=4096, help="training faces for the whitening; half as many held-out ones for samples")
    parser.add_argument("--version", default="2.0.0")
    parser.add_argument("--decoder-only", action="store_true", help="the encoder is the pack's: replace its decoder, and nothing else")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    configure(args.seed)
    pack = Path(args.pack)
    val = Faces(args.val)
    encoder, decoder = public_parts(args.checkpoint, Faces(args.data), args.count)
    if args.decoder_only:
        samples = read_samples(pack / "samples.safetensors")
    else:
        samples = choose_samples(encoder, decoder, val, args.seed, args.count // 2)
        samples = (samples * 1e5).round() / 1e5

    image = val.pixels(np.arange(2)).contiguous()
    jobs = {"encoder": (encoder, "image", image, "latent"), "decoder": (decoder, "latent", samples[:2], "image")}
    if args.decoder_only:
        del jobs["encoder"]
    parts = {}
    for name, (module, source, example, target) in jobs.items():
        module.to(memory_format=torch.contiguous_format)
        path = pack / f"{name}.onnx"
        export_onnx(module, example, path, [source], [target], {source: {0: "batch"}, target: {0: "batch"}})
        name_output(path, image.shape if target == "image" else samples.shape)
        if args.modules:
            print(f"{name}: ONNX differs from PyTorch by {max_difference(path, module, {source: example}, target, args.modules):.1e}")
        parts[name] = file_entry(
            path, inputs={source: source}, outputs={target: target}, dtype="float32", dimensions={"batch": 1}
        )
    if args.reference:
        write_reference(args.reference, encoder, decoder, samples[:1])
    if args.decoder_only:
        manifest = json.loads((pack / "pack.json").read_text())
        manifest["parts"].update(parts)
        write_manifest(pack / "pack.json", manifest)
        return
    write_safetensors(pack / "samples.safetensors", "samples", samples, {"space": SPACE})
    write_manifest(pack / "pack.json", {
        "name": "avatars", "version": args.version, "description": DESCRIPTION, "license": LICENSE, "attribution": ATTRIBUTION,
        "space": {"id": SPACE, "shape": [128], "scale": 1, "shift": 0},
        "image": {"size": {"width": 128, "height": 128}, "channels": "rgb", "range": [0, 1]},
        "parts": parts,
        "samples": file_entry(pack / "samples.safetensors", tensor="samples"),
    })
    print({name: part["bytes"] for name, part in parts.items()}, f"samples of {', '.join(STYLES)}: {SAMPLE_SHARES}")


if __name__ == "__main__":
    main()

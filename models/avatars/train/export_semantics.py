"""Adds the directions, the denoiser and the prompt encoder to a pack, and writes reference tensors for tests.

    PYTHONPATH=models python3 -m avatars.train.export_semantics --pack models/avatars --editor DIR/editor.pt --denoiser DIR/denoiser.pt \\
        [--prompts DIR/prompts.pt] [--reference FILE] [--modules .]

The pack folder holds pack.json with the autoencoder already; everything else in it stays as it is.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import onnx
import torch
import torch.nn as nn
from torch import Tensor

from common.train.loop import configure
from common.train.onnx_pack import export_onnx, file_entry, max_difference, round_to_half, time_onnx, write_manifest

from .condition import CONDITION, condition_of, GROUPS, VALUES
from .edits import DIRECTIONS
from .prompts import PromptEncoder, load_prompts
from .score import RANGES, load_denoiser, load_editor

LABELS = {
    "smile": "Smile", "glasses": "Glasses", "hair": "Hair length", "beard": "Beard", "skin": "Skin tone", "grey": "Grey hair", "eyes": "Eyes open",
    "brightness": "Brightness", "style-avataaars": "Avataaars style", "style-toon-head": "Toon Head style", "style-personas": "Personas style",
}
SCHEDULER = {"type": "flow-matching", "prediction": "flow", "steps": 4, "shift": 1, "guidance": 2}
DESCRIPTION = "Faces of three drawn styles at 128 x 128 pixels as 128 numbers: make them from words, mix and edit them."
ATTRIBUTES = {
    "smile": ["smiling", "sad", "serious"],
    "mouth": ["open mouth"],
    "eyes": ["open eyes", "closed eyes"],
    "glasses": ["glasses", "sunglasses", "no glasses"],
    "hair": ["long hair", "short hair", "bald", "blond hair", "red hair", "black hair", "blue hair"],
    "hat": ["hat", "no hat"],
    "age": ["grey hair", "young"],
    "beard": ["beard", "moustache", "no beard"],
    "skin": ["light skin", "tan skin", "dark skin"],
    "light": ["bright", "dim"],
    "background": ["red background", "blue background", "green background", "white background"],
    "clothes": ["red shirt", "blue shirt", "green shirt", "black shirt"],
    "style": ["avatar", "cartoon", "minimalist"],
}
ATTRIBUTE_LABELS = {"mouth": "Mouth", "age": "Age"}


def export_part(
    module: nn.Module, example: dict[str, Tensor], output: str, path: Path, dynamic: dict[str, int], modules: str | None
) -> tuple[nn.Module, dict[str, Any]]:
    """Exports one network with half-precision weights and checks it; returns the rounded module and its manifest entry."""
    rounded = round_to_half(module)
    names = list(example)
    axes = {name: {0: "batch"} for name in dynamic} | ({output: {0: "batch"}} if dynamic and output != "condition" else {})
    export_onnx(rounded, tuple(example.values()), path, names, [output], axes)
    model = onnx.load(str(path))
    with torch.no_grad():
        made = rounded(*example.values())
    for dimension, side in list(zip(model.graph.output[0].type.tensor_type.shape.dim, made.shape))[1:]:
        dimension.dim_value = side
    onnx.save(model, str(path))
    if modules:
        difference = max_difference(path, rounded, example, output, modules)
        whole = (module(*example.values()) - made).abs().max().item()
        print(f"{path.name}: ONNX differs from PyTorch by {difference:.1e}, half precision by {whole:.1e}; "
              f"{time_onnx(path, example, modules, 100):.2f} ms at least, {path.stat().st_size} bytes", flush=True)
    entry = file_entry(path, inputs={name: name for name in names}, outputs={"sample" if output == "velocity" else output: output}, dtype="float32")
    if dynamic:
        entry["dimensions"] = {"batch": 1}
    return rounded, entry


def numbers(tensor: Tensor) -> dict[str, Any]:
    """A tensor for a test: its shape and rounded numbers."""
    return {"shape": list(tensor.shape), "data": [round(v, 5) for v in tensor.flatten().tolist()]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--editor", required=True)
    parser.add_argument("--denoiser", required=True)
    parser.add_argument("--prompts")
    parser.add_argument("--reference")
    parser.add_argument("--modules")
    parser.add_argument("--version", default="2.0.0")
    args = parser.parse_args()
    configure(1)
    pack = Path(args.pack)
    manifest = json.loads((pack / "pack.json").read_text())
    manifest.pop("format", None)
    references: dict[str, Any] = {"space": manifest["space"]["id"], "directions": list(DIRECTIONS)}
    generator = torch.Generator().manual_seed(1)
    latent = torch.randn(1, 128, generator=generator).mul(1000).round() / 1000

    def reference(name: str, module: nn.Module, cases: dict[str, dict[str, Tensor]], output: str) -> None:
        with torch.no_grad():
            references[name] = {
                case: {**{key: numbers(value) for key, value in inputs.items()}, output: numbers(module(*inputs.values()))}
                for case, inputs in cases.items()
            }

    editor, _ = load_editor(args.editor)
    amounts = torch.zeros(1, len(DIRECTIONS))
    amounts[0, :4] = torch.tensor([1.5, 2.0, -1.0, 0.5])
    rounded, manifest["parts"]["editor"] = export_part(
        editor, {"latent": latent, "amounts": amounts}, "edited", pack / "editor.onnx", {"latent": 0, "amounts": 0}, args.modules
    )
    manifest["parts"]["editor"]["outputs"] = {"latent": "edited"}
    reference("editor", rounded, {
        "several": {"latent": latent, "amounts": amounts}, "none": {"latent": latent, "amounts": amounts * 0},
        "far": {"latent": latent, "amounts": amounts * 100},
    }, "edited")

    denoiser = load_denoiser(args.denoiser)
    one = torch.ones(1)
    values, known = torch.zeros(1, VALUES), torch.zeros(1, len(GROUPS))
    values[0, 6:8], known[0, list(GROUPS).index("glasses")] = torch.tensor([1.0, -1.0]), 1
    values[0, 3], known[0, list(GROUPS).index("smile")] = 1.0, 1
    told = condition_of(values, known)
    inputs = {"sample": latent, "timestep": one, "step": one * 0.25, "condition": told, "guidance": one * 1.5}
    rounded, manifest["parts"]["denoiser"] = export_part(
        denoiser, inputs, "velocity", pack / "denoiser.onnx", dict.fromkeys(inputs, 0), args.modules
    )
    reference("denoiser", rounded, {
        "told": inputs, "free": {**inputs, "condition": told * 0, "timestep": one * 0.5, "step": one * 0, "guidance": one},
        "clipped": {**inputs, "guidance": one * 100},
    }, "velocity")
    manifest["scheduler"] = SCHEDULER
    manifest["directions"] = {
        name: {"label": LABELS[name], "range": [int(v) for v in RANGES[name]], "editor": i} for i, name in enumerate(DIRECTIONS)
    }

    if args.prompts:
        prompts, space = load_prompts(args.prompts)
        embedding = torch.randn(3, prompts.width, generator=generator)
        embedding = (embedding / embedding.norm(dim=1, keepdim=True)).mul(1e5).round() / 1e5
        inputs = {"embedding": embedding, "polarity": torch.tensor([1.0, -1.0, 1.0])}
        rounded, manifest["parts"]["textEncoder"] = export_part(
            prompts, inputs, "condition", pack / "prompt.onnx", dict.fromkeys(inputs, 0), args.modules
        )
        manifest["parts"]["textEncoder"].pop("dimensions", None)
        references["prompt"] = json.loads(Path(args.prompts).with_suffix(".reference.json").read_text())
        manifest["tokenizer"] = {"type": "phrases", "model": "words", "space": space}
        manifest["attributes"] = {
            name: {"label": ATTRIBUTE_LABELS.get(name, name.capitalize()), "prompts": known} for name, known in ATTRIBUTES.items()
        }
        assert isinstance(prompts, PromptEncoder)
    manifest["version"], manifest["description"] = args.version, DESCRIPTION
    write_manifest(pack / "pack.json", manifest)
    if args.reference:
        Path(args.reference).write_text(json.dumps({"condition": CONDITION, **references}) + "\n")
    total = sum(p["bytes"] for p in manifest["parts"].values()) + manifest["samples"]["bytes"]
    print(f"whole pack {total} bytes")


if __name__ == "__main__":
    main()

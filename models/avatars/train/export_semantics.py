"""Adds the denoiser, the prompt encoder and, if there is a new one, the edit network to a pack, and writes reference tensors for tests.

    PYTHONPATH=models:models/words/train python3 -m avatars.train.export_semantics --pack models/avatars --denoiser DIR/denoiser.pt \\
        --prompts DIR/prompts.pt --words models/words --version 2.1.0 [--editor DIR/editor.pt] [--reference FILE] [--modules .]

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
from common.train.onnx_pack import export_onnx, file_entry, max_difference, round_weights, time_onnx, write_manifest
from words import Words  # of the `words` pack

from .chips import CHIPS
from .condition import CONDITION
from .denoiser import GUIDANCE, STEPS, generate
from .edits import DIRECTIONS, Editor
from .model import WIDTH
from .prompts import CONCEPTS, load_prompts, table
from .score import RANGES, load_denoiser

LABELS = {
    "smile": "Smile", "glasses": "Glasses", "hair": "Hair length", "beard": "Beard", "skin": "Skin tone", "grey": "Grey hair", "eyes": "Eyes open",
    "brightness": "Brightness", "style-avataaars": "Avataaars style", "style-toon-head": "Toon Head style", "style-personas": "Personas style",
}
SCHEDULER = {"type": "flow-matching", "prediction": "flow", "steps": STEPS, "shift": 1, "guidance": GUIDANCE}
WORDS = "../words/pack.json"
DESCRIPTION = "Faces of three drawn styles at 128 x 128 pixels as 128 numbers: make them from words, mix and edit them."
WORDNET = "WordNet 3.1, Princeton University (WordNet licence): synonyms that the prompt encoder learned"
# What the tests sample: options as `Model.denoise` takes them, and the phrases of their prompts.
CASES: list[dict[str, Any]] = [
    {"options": {"steps": 1}},
    {"options": {"steps": 4, "prompt": "glasses, no beard"}, "phrases": [("glasses", 1), ("beard", -1)]},
    {"options": {"steps": 2, "prompt": "smiling woman with red hair", "negativePrompt": "hat", "guidanceScale": 3},
     "phrases": [("smiling woman", 1), ("red hair", 1), ("hat", -1)]},
    {"options": {"steps": 4, "strength": 0.6}},
]


def export_part(
    module: nn.Module, example: dict[str, Tensor], output: str, path: Path, dynamic: dict[str, int], modules: str | None
) -> tuple[nn.Module, dict[str, Any]]:
    """Exports one network with half-precision weights and checks it; returns the rounded module and its manifest entry."""
    rounded = round_weights(module)
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
    entry = file_entry(path, inputs={name: name for name in names}, outputs={output: output}, dtype="float32")
    if dynamic:
        entry["dimensions"] = {"batch": 1}
    return rounded, entry


def digits(tensor: Tensor, count: int) -> list[float]:
    """The numbers of a tensor, rounded."""
    return [round(v, count) for v in tensor.flatten().tolist()]


@torch.no_grad()
def reference(denoiser: nn.Module, prompts: nn.Module, words: Words) -> dict[str, Any]:
    """What the networks make of one noise, through the whole of a prompt and its steps, for tests."""
    generator = torch.Generator().manual_seed(1)
    noise, latent = (torch.randn(1, WIDTH, generator=generator).mul(1e4).round() / 1e4 for _ in range(2))
    cases = []
    for case in CASES:
        told = torch.zeros(1, CONDITION)
        if "phrases" in case:
            texts, polarity = zip(*case["phrases"])
            told = prompts(torch.from_numpy(words.embed(list(texts))), torch.tensor(polarity, dtype=torch.float32))
        options = case["options"]
        start = options.get("strength", 1)
        sample = noise * start + latent * (1 - start)
        made = generate(denoiser, sample, told, options["steps"], options.get("guidanceScale", GUIDANCE), start)
        cases.append({"options": options, "latent": digits(made, 5)})
    return {"noise": digits(noise, 4), "latent": digits(latent, 4), "cases": cases}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("pack", "denoiser", "prompts", "words", "version"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--editor", help="checkpoint of a new edit network")
    parser.add_argument("--reference", help="where to write the reference of the tests")
    parser.add_argument("--modules", help="folder from which onnxruntime-web resolves; without it the ONNX files go unchecked")
    args = parser.parse_args()
    configure(1)
    pack, words = Path(args.pack), Words(args.words)
    manifest = json.loads((pack / "pack.json").read_text())
    if args.editor:
        editor = Editor().eval()
        editor.load_state_dict(torch.load(args.editor)["editor"])
        inputs = {"latent": torch.randn(1, WIDTH), "amounts": torch.ones(1, len(DIRECTIONS))}
        _, entry = export_part(editor, inputs, "edited", pack / "editor.onnx", dict.fromkeys(inputs, 0), args.modules)
        manifest["parts"]["editor"] = {**entry, "outputs": {"latent": "edited"}}
        manifest["directions"] = {
            name: {"label": LABELS[name], "range": [int(v) for v in RANGES[name]], "editor": i} for i, name in enumerate(DIRECTIONS)
        }

    one = torch.ones(1)
    told = table([CONCEPTS["glasses"][0] | CONCEPTS["smile"][0]])
    inputs = {"sample": torch.randn(1, WIDTH), "timestep": one, "step": one * 0.25, "condition": told, "guidance": one * GUIDANCE}
    denoiser, manifest["parts"]["denoiser"] = export_part(
        load_denoiser(args.denoiser), inputs, "velocity", pack / "denoiser.onnx", dict.fromkeys(inputs, 0), args.modules
    )
    manifest["parts"]["denoiser"]["outputs"] = {"sample": "velocity"}
    encoder, space = load_prompts(args.prompts)
    inputs = {"embedding": torch.from_numpy(words.embed(["smiling woman", "beard"])), "polarity": torch.tensor([1.0, -1.0])}
    prompts, manifest["parts"]["textEncoder"] = export_part(
        encoder, inputs, "condition", pack / "prompt.onnx", dict.fromkeys(inputs, 0), args.modules
    )
    manifest["parts"]["textEncoder"].pop("dimensions")
    manifest |= {
        "version": args.version, "description": DESCRIPTION, "scheduler": SCHEDULER,
        "tokenizer": {"type": "phrases", "pack": WORDS, "space": space},
        "attributes": {name: {"label": label, "prompts": list(chips)} for name, (label, chips) in CHIPS.items()},
        "attribution": [*(line for line in manifest["attribution"] if line != WORDNET), WORDNET],
    }
    write_manifest(pack / "pack.json", manifest)
    if args.reference:
        Path(args.reference).write_text(json.dumps(reference(denoiser, prompts, words)) + "\n")
    total = sum(p["bytes"] for p in manifest["parts"].values()) + manifest["samples"]["bytes"]
    print(f"whole pack {total} bytes")


if __name__ == "__main__":
    main()

"""Adds the directions to the pack: editor.onnx, directions.safetensors where a vector is used, and pack.json.

    PYTHONPATH=models python3 -m photos.train.export_directions --editor DIR/editor.pt --pack models/photos --modules .
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from common.train.onnx_pack import export_onnx, file_entry, max_difference, round_to_half, write_manifest
from photos.train.edits import NAMES, RANGE
from photos.train.editor import Editor
from photos.train.model import CHANNELS

VERSION = "1.1.0"
AXES = {name: {0: "batch", 2: "latent_height", 3: "latent_width"} for name in ("latent", "edited")}


def load_editor(path: Path) -> Editor:
    """The averaged weights, rounded as they are shipped."""
    model = Editor()
    model.load_state_dict(torch.load(path, map_location="cpu")["editor"])
    return round_to_half(model).requires_grad_(False)


def example(height: int = 6, width: int = 8) -> tuple[Tensor, Tensor]:
    """A latent and amounts to export and to check with."""
    random = np.random.default_rng(7)
    latent = torch.from_numpy(random.standard_normal((1, CHANNELS, height, width)).astype(np.float32))
    return latent, torch.tensor([[1.0, -2.0, 0.5, 3.0, -1.0]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editor", type=Path, required=True)
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--modules", type=Path, help="check the file with onnxruntime-web from here")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = load_editor(args.editor)
    path = args.pack / "editor.onnx"
    latent, amounts = example()
    export_onnx(model, (latent, amounts), path, ["latent", "amounts"], ["edited"], {**AXES, "amounts": {0: "batch"}})
    if args.modules:
        for latent, amounts in (example(), example(19, 5), (latent, amounts * 0)):
            inputs = {"latent": latent, "amounts": amounts}
            difference = max_difference(path, model, inputs, "edited", args.modules)
            print(f"{tuple(latent.shape)} by {amounts.abs().sum():.1f}: ONNX differs from PyTorch by {difference:.1e}")
        still = max_difference(path, lambda latent, _: latent, {"latent": latent, "amounts": amounts * 0}, "edited", args.modules)
        assert still == 0, "amounts 0 must be the identity"

    manifest = copy.deepcopy(json.loads((args.pack / "pack.json").read_text()))
    manifest.pop("format")
    manifest["version"] = VERSION
    roles = {"inputs": {"latent": "latent", "amounts": "amounts"}, "outputs": {"latent": "edited"}}
    manifest["parts"]["editor"] = file_entry(path, **roles, dtype="float32", dimensions={"batch": 1})
    manifest["directions"] = {
        name: {"label": name.capitalize(), "range": [-RANGE[name], RANGE[name]], "editor": i} for i, name in enumerate(NAMES)
    }
    write_manifest(args.pack / "pack.json", manifest)
    print(f"editor.onnx: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()

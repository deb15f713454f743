"""Adds the directions to the pack: one editor.onnx of all edit networks, and pack.json.

    PYTHONPATH=models python3 -m photos.train.export_edits --tones WORK/tones/editor.pt --painting WORK/painting/editor.pt \\
        --styles WORK/styles/editor.pt --pack models/photos --modules . --reference test/models/photos-edits.reference.json

The editor takes the amounts of all, in the order of KINDS. Each network stands in a branch that runs only where one of its amounts
counts, so that it costs and gives what it does alone, to the bit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Iterable

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import TensorProto, compose, helper
from torch import Tensor

from common.train.onnx_pack import OPSET, export_onnx, file_entry, round_weights, run_onnx, write_manifest
from photos.train.edits import NAMES
from photos.train.learn_edits import KINDS
from photos.train.model import CHANNELS
from photos.train.styles import STYLE_NAMES

VERSION = "1.4.0"
# Kernels that are shipped as bytes, by the beginnings of their names: where it costs nothing that shows
QUANTIZED = {"tones": (), "painting": ("enter", "blocks", "leave"), "styles": ("blocks",)}
AXES = {name: {0: "batch", 2: "latent_height", 3: "latent_width"} for name in ("latent", "edited")}
ATTRIBUTION = [
    "Directions: Aitzol Berasategi, Jakub Mede, Abhishek Mudgal, Trevor \"Freespace\": lomiri-wallpapers (CC BY 4.0)",
    "Directions: Dezidor, Kmanoj: gcompris-qt-data (CC BY 3.0)",
    "Directions: Ed Bierman, David Brodbeck, Jean-Pierre Dalbéra, Elma, Dean Franklin, Richard Gifford, Jean-Pol Grandmont, Philippe "
    "Guillaume, Dan Kamminga, Derek Keats, mattbuck, Ole Palnatoke Andersen, Francesco Pappalardo, Nadya Peek, Pink Sherbet "
    "Photography, suneko, Hao Wei: gcompris-qt-data (CC BY 2.0)",
    "Directions: J.c.houd, Aaron Logan, Modeha: gcompris-qt-data (CC BY 1.0)",
    "Directions: danielbuechele, vultilion: scikit-learn (CC BY 2.0)",
]


def load_editor(name: str, path: Path) -> nn.Module:
    """The averaged weights, rounded as they are shipped."""
    model = KINDS[name].editor()
    model.load_state_dict(torch.load(path, map_location="cpu")["ema"])
    for buffer in ("tile", "colour"):
        if hasattr(model, buffer):
            getattr(model, buffer).copy_(getattr(model, buffer).half().float())
    return round_weights(model, quantize=QUANTIZED[name]).requires_grad_(False)


def example(height: int = 6, width: int = 8) -> Tensor:
    """A latent to export and to check with."""
    return torch.from_numpy(np.random.default_rng(7).standard_normal((1, CHANNELS, height, width)).astype(np.float32))


def branch(model: onnx.ModelProto, name: str, source: str, amounts: str) -> tuple[onnx.GraphProto, list[onnx.TensorProto]]:
    """A network as the branch of an `If`, and its weights, which the graph outside keeps."""
    graph = compose.add_prefix(model, f"{name}/").graph
    renamed = {f"{name}/latent": source, f"{name}/amounts": amounts}
    for node in graph.node:
        node.input[:] = [renamed.get(each, each) for each in node.input]
    weights = list(graph.initializer)
    return helper.make_graph(list(graph.node), name, [], [untyped(f"{name}/edited")]), weights


def untyped(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", CHANNELS, "latent_height", "latent_width"])


def join(models: dict[str, onnx.ModelProto]) -> onnx.ModelProto:
    """One model that edits by one network after the other, each where one of its amounts counts."""
    counts = [len(KINDS[name].names) for name in models]
    weights = [
        helper.make_tensor("parts", TensorProto.INT64, [len(counts)], counts),
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
    ]
    nodes = [helper.make_node("Split", ["amounts", "parts"], list(models), axis=1)]
    source = "latent"
    for name, model in models.items():
        size = name
        if KINDS[name].goes_down:
            size = f"{name}/size"
            nodes.append(helper.make_node("Abs", [name], [size]))
        result = "edited" if name == list(models)[-1] else f"{name}/result"
        then, own = branch(model, name, source, name)
        weights += own
        same = helper.make_graph([helper.make_node("Identity", [source], [f"{name}/same"])], f"{name}/none", [], [untyped(f"{name}/same")])
        nodes += [
            helper.make_node("ReduceMax", [size], [f"{name}/largest"], keepdims=0),
            helper.make_node("Greater", [f"{name}/largest", "zero"], [f"{name}/counts"]),
            helper.make_node("If", [f"{name}/counts"], [result], then_branch=then, else_branch=same),
        ]
        source = result
    inputs = [untyped("latent"), helper.make_tensor_value_info("amounts", TensorProto.FLOAT, ["batch", sum(counts)])]
    graph = helper.make_graph(nodes, "editor", inputs, [untyped("edited")], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = models["tones"].ir_version
    onnx.checker.check_model(model)
    return model


def row_of(amounts: dict[str, float], networks: Iterable[str] = KINDS) -> Tensor:
    """Amounts by name as networks take them one after the other, [1, count]."""
    return torch.cat([KINDS[name].row(amounts) for name in networks], 1)


def by_network(amounts: Tensor, networks: Iterable[str]) -> dict[str, Tensor]:
    """The amounts [n, count] of these networks apart."""
    return dict(zip(networks, amounts.split([len(KINDS[name].names) for name in networks], 1)))


def edit(models: dict[str, nn.Module], latent: Tensor, amounts: Tensor) -> Tensor:
    """What the joined model does, by PyTorch, with amounts [n, count] of these models: where none counts, a network is not asked."""
    for name, some in by_network(amounts, models).items():
        if (some.abs() if KINDS[name].goes_down else some).max() > 0:
            latent = models[name](latent, some)
    return latent


def check(path: Path, models: dict[str, nn.Module], modules: Path) -> None:
    """Compares the file with the networks that it joins, and asserts what must be exact."""
    def run(latent: Tensor, amounts: Tensor) -> Tensor:
        return run_onnx(path, {"latent": latent, "amounts": amounts}, modules)["edited"]

    tones = dict(zip(NAMES, (1.0, -2.0, 0.5, 3.0, -1.0)))
    none = dict.fromkeys(STYLE_NAMES, -1.0)
    some = dict(zip(STYLE_NAMES, torch.linspace(3, -1, len(STYLE_NAMES)).tolist()))
    for latent in (example(), example(19, 5), example(40, 27)):
        assert torch.equal(run(latent, row_of(none)), latent), "amounts that do not count must change nothing"
        for case, amounts in {"tones": {**tones, **none}, "painting": {"painting": 2.0}, "all": {**tones, **some}}.items():
            row = row_of(amounts)
            difference = (run(latent, row) - edit(models, latent, row)).abs().max().item()
            print(f"{tuple(latent.shape)}, {case}: ONNX differs from PyTorch by {difference:.1e}", flush=True)


def write_reference(path: Path, source: Path, models: dict[str, nn.Module]) -> None:
    """The latent of another reference file, edited by PyTorch. One number of eight is kept."""
    given = json.loads(source.read_text())
    latent = torch.tensor(given["latent"]).reshape(given["latentShape"])
    cases = [{name: amount} for name in NAMES for amount in (1.0, -1.5)] + [{name: 2.0} for name in STYLE_NAMES]
    cases += [{"painting": 1.0, "vintage": 0.5, "warmth": -1.0, "night": -2.0}]
    written = []
    for case in cases:
        written.append({"edits": case, "everyEighth": [round(v, 4) for v in edit(models, latent, row_of(case)).flatten()[::8].tolist()]})
    path.write_text(json.dumps(written, separators=(",", ":")) + "\n")


def directions() -> dict[str, dict[str, object]]:
    """What pack.json says of the directions."""
    made: dict[str, dict[str, object]] = {}
    for kind in KINDS.values():
        for name in kind.names:
            made[name] = {"label": name.replace("-", " ").capitalize(), "range": list(kind.ranges[name]), "editor": len(made)}
            if kind.detail[name] != 1:
                made[name]["detail"] = kind.detail[name]
    return {name: made[name] for name in (*NAMES, *STYLE_NAMES)}


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in KINDS:
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"editor.pt of learn_edits {name}")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--reference", type=Path, help="JSON file for the repository's tests, beside photos.reference.json")
    parser.add_argument("--modules", type=Path, default=Path("."), help="where onnxruntime-web is")
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = args.pack / "editor.onnx"
    models = {name: load_editor(name, getattr(args, name)) for name in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        parts = {}
        for name, model in models.items():
            file = Path(folder) / f"{name}.onnx"
            inputs = (example(), torch.ones(1, len(KINDS[name].names)))
            axes = {**AXES, "amounts": {0: "batch"}}
            export_onnx(model, inputs, file, ["latent", "amounts"], ["edited"], axes, quantize=QUANTIZED[name])
            print(f"{name}: {file.stat().st_size} bytes")
            parts[name] = onnx.load(str(file))
        onnx.save(join(parts), str(path))
    check(path, models, args.modules)
    if args.reference:
        write_reference(args.reference, args.reference.with_name("photos.reference.json"), models)

    manifest = json.loads((args.pack / "pack.json").read_text())
    manifest.pop("format")
    manifest["version"] = VERSION
    kept = [credit for credit in manifest["attribution"] if not credit.startswith(("Styles:", "Directions:"))]
    manifest["attribution"] = kept + ATTRIBUTION
    roles = {"inputs": {"latent": "latent", "amounts": "amounts"}, "outputs": {"latent": "edited"}}
    manifest["parts"]["editor"] = file_entry(path, **roles, dtype="float32", dimensions={"batch": 1})
    manifest["directions"] = directions()
    write_manifest(args.pack / "pack.json", manifest)
    print(f"editor.onnx: {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

"""Adds the directions to the pack: one editor.onnx of both edit networks, and pack.json.

    PYTHONPATH=models python3 -m photos.train.export_edits --tones WORK/tones/editor.pt --styles WORK/styles/editor.pt \\
        --pack models/photos --modules . --reference test/models/photos-edits.reference.json

The editor takes the amounts of both, those of tone first. Each network stands in a branch that runs only where one of its amounts
counts, so that either costs and gives what it does alone, to the bit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, compose, helper
from torch import Tensor

from common.train.onnx_pack import OPSET, export_onnx, file_entry, round_to_half, run_onnx, write_manifest
from photos.train.edits import NAMES
from photos.train.editor import Editor
from photos.train.learn_edits import STYLES, TONES, Kind
from photos.train.model import CHANNELS
from photos.train.styles import STYLE_NAMES

VERSION = "1.3.1"
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


def load_editor(kind: Kind, path: Path) -> Editor:
    """The averaged weights, rounded as they are shipped."""
    model = kind.editor()
    model.load_state_dict(torch.load(path, map_location="cpu")["ema"])
    for name in ("tile", "colour"):
        if hasattr(model, name):
            getattr(model, name).copy_(getattr(model, name).half().float())
    return round_to_half(model).requires_grad_(False)


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


def join(tones: onnx.ModelProto, styles: onnx.ModelProto) -> onnx.ModelProto:
    """One model that edits by the first amounts and then by the others, each where one of them is not 0 (of styles: above 0)."""
    counts = [len(NAMES), len(STYLE_NAMES)]
    constants = [
        helper.make_tensor("parts", TensorProto.INT64, [2], counts),
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
    ]
    nodes = [
        helper.make_node("Split", ["amounts", "parts"], ["tones", "styles"], axis=1),
        helper.make_node("Abs", ["tones"], ["tones/size"]),
    ]
    weights = []
    steps = ((tones, "tone", "latent", "tones", "tones/size", "toned"), (styles, "style", "toned", "styles", "styles", "edited"))
    for model, name, source, amounts, size, result in steps:
        then, own = branch(model, name, source, amounts)
        weights += own
        same = helper.make_graph([helper.make_node("Identity", [source], [f"{name}/same"])], f"{name}/none", [], [untyped(f"{name}/same")])
        nodes += [
            helper.make_node("ReduceMax", [size], [f"{name}/largest"], keepdims=0),
            helper.make_node("Greater", [f"{name}/largest", "zero"], [f"{name}/counts"]),
            helper.make_node("If", [f"{name}/counts"], [result], then_branch=then, else_branch=same),
        ]
    inputs = [untyped("latent"), helper.make_tensor_value_info("amounts", TensorProto.FLOAT, ["batch", sum(counts)])]
    graph = helper.make_graph(nodes, "editor", inputs, [untyped("edited")], [*constants, *weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = tones.ir_version
    onnx.checker.check_model(model)
    return model


def check(path: Path, models: dict[str, Editor], modules: Path) -> None:
    """Compares the file with the two networks that it joins, and asserts what must be exact."""
    def run(latent: Tensor, tones: Tensor, styles: Tensor) -> Tensor:
        return run_onnx(path, {"latent": latent, "amounts": torch.cat([tones, styles], 1)}, modules)["edited"]

    tones, styles = torch.tensor([[1.0, -2.0, 0.5, 3.0, -1.0]]), torch.linspace(3, -1, len(STYLE_NAMES))[None]
    none = styles * 0
    for latent in (example(), example(19, 5), example(40, 27)):
        assert torch.equal(run(latent, tones * 0, none - 1), latent), "amounts that do not count must change nothing"
        toned = models["tones"](latent, tones)
        apart = (run(latent, tones, none) - toned).abs().max().item()
        both = (run(latent, tones, styles) - models["styles"](toned, styles)).abs().max().item()
        print(f"{tuple(latent.shape)}: ONNX differs from PyTorch by {apart:.1e} (tones), {both:.1e} (both)", flush=True)


def write_reference(path: Path, source: Path, models: dict[str, Editor]) -> None:
    """The latent of another reference file, edited by PyTorch. One number of eight is kept."""
    given = json.loads(source.read_text())
    latent = torch.tensor(given["latent"]).reshape(given["latentShape"])
    cases = [{name: amount} for name in NAMES for amount in (1.0, -1.5)] + [{name: 2.0} for name in STYLE_NAMES]
    cases += [{"painting": 1.0, "vintage": 0.5, "warmth": -1.0, "night": -2.0}]
    written = []
    for case in cases:
        edited = models["styles"](models["tones"](latent, TONES.row(case)), STYLES.row(case))
        written.append({"edits": case, "everyEighth": [round(v, 4) for v in edited.flatten()[::8].tolist()]})
    path.write_text(json.dumps(written, separators=(",", ":")) + "\n")


def directions() -> dict[str, dict[str, object]]:
    """What pack.json says of the directions."""
    made: dict[str, dict[str, object]] = {}
    for kind in (TONES, STYLES):
        for name in kind.names:
            made[name] = {"label": name.replace("-", " ").capitalize(), "range": list(kind.ranges[name]), "editor": len(made)}
            if kind.detail[name] != 1:
                made[name]["detail"] = kind.detail[name]
    return made


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tones", type=Path, required=True, help="editor.pt of learn_edits tones")
    parser.add_argument("--styles", type=Path, required=True, help="editor.pt of learn_edits styles")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--reference", type=Path, help="JSON file for the repository's tests, beside photos.reference.json")
    parser.add_argument("--modules", type=Path, default=Path("."), help="where onnxruntime-web is")
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = args.pack / "editor.onnx"
    models = {"tones": load_editor(TONES, args.tones), "styles": load_editor(STYLES, args.styles)}
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for (name, model), kind in zip(models.items(), (TONES, STYLES)):
            files.append(Path(folder) / f"{name}.onnx")
            inputs = (example(), torch.ones(1, len(kind.names)))
            export_onnx(model, inputs, files[-1], ["latent", "amounts"], ["edited"], {**AXES, "amounts": {0: "batch"}})
            print(f"{name}: {files[-1].stat().st_size} bytes")
        onnx.save(join(*(onnx.load(str(file)) for file in files)), str(path))
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

"""Adds the styles to the pack: one editor.onnx of the network of `export_directions` and the style network, and pack.json.

    PYTHONPATH=models python3 -m photos.train.export_styles --styles WORK/run/style_editor.pt --pack models/photos --modules .

The editor takes the amounts of both. Each network stands in a branch that runs only where one of its amounts counts, so that the
directions of `export_directions` cost and give what they did, to the bit.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, compose, helper
from torch import Tensor

from common.train.onnx_pack import OPSET, export_onnx, file_entry, round_to_half, run_onnx, write_manifest
from photos.train import edits
from photos.train.export_directions import AXES, example
from photos.train.model import CHANNELS
from photos.train.style_editor import StyleEditor
from photos.train.styles import DETAIL, REACH, STYLE_NAMES

VERSION = "1.2.0"
ATTRIBUTION = [
    "Styles: Aitzol Berasategi, Jakub Mede, Abhishek Mudgal, Trevor \"Freespace\": lomiri-wallpapers (CC BY 4.0)",
    "Styles: Dezidor, Kmanoj: gcompris-qt-data (CC BY 3.0)",
    "Styles: Ed Bierman, David Brodbeck, Jean-Pierre Dalbéra, Elma, Dean Franklin, Richard Gifford, Jean-Pol Grandmont, Philippe "
    "Guillaume, Dan Kamminga, Derek Keats, mattbuck, Ole Palnatoke Andersen, Francesco Pappalardo, Nadya Peek, Pink Sherbet "
    "Photography, suneko, Hao Wei: gcompris-qt-data (CC BY 2.0)",
    "Styles: J.c.houd, Aaron Logan, Modeha: gcompris-qt-data (CC BY 1.0)",
    "Styles: danielbuechele, vultilion: scikit-learn (CC BY 2.0)",
]
TONES = len(edits.NAMES)


def load_styles(path: Path) -> StyleEditor:
    """The averaged weights, rounded as they are shipped."""
    model = StyleEditor()
    model.load_state_dict(torch.load(path, map_location="cpu")["ema"])
    model.tile.copy_(model.tile.half().float())
    model.colour.copy_(model.colour.half().float())
    return round_to_half(model).requires_grad_(False)


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
    total = TONES + len(STYLE_NAMES)
    constants = [
        helper.make_tensor("parts", TensorProto.INT64, [2], [TONES, len(STYLE_NAMES)]),
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
    inputs = [untyped("latent"), helper.make_tensor_value_info("amounts", TensorProto.FLOAT, ["batch", total])]
    graph = helper.make_graph(nodes, "editor", inputs, [untyped("edited")], [*constants, *weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = tones.ir_version
    onnx.checker.check_model(model)
    return model


def check(path: Path, before: Path, model: StyleEditor, modules: Path) -> None:
    """Compares the file with the two networks that it joins, and asserts what must be exact."""
    def run(file: Path, latent: Tensor, amounts: Tensor) -> Tensor:
        return run_onnx(file, {"latent": latent, "amounts": amounts}, modules)["edited"]

    for latent, tones in (example(), example(19, 5), example(40, 27)):
        none, styles = torch.zeros(1, len(STYLE_NAMES)), torch.linspace(3, -1, len(STYLE_NAMES))[None]
        toned = run(before, latent, tones)
        assert torch.equal(run(path, latent, torch.cat([tones, none], 1)), toned), "without styles all must stay as it was"
        assert torch.equal(run(path, latent, torch.cat([tones * 0, none - 1], 1)), latent), "amounts that do not count must change nothing"
        difference = (run(path, latent, torch.cat([tones, styles], 1)) - model(toned, styles)).abs().max().item()
        print(f"{tuple(latent.shape)}: ONNX differs from PyTorch by {difference:.1e}", flush=True)


def write_reference(path: Path, file: Path, source: Path, model: StyleEditor, modules: Path) -> None:
    """The latent of another reference file, edited: by PyTorch for the styles, by the network as it was for the other directions.
    One number of eight is kept."""
    given = json.loads(source.read_text())
    latent = torch.tensor(given["latent"]).reshape(given["latentShape"])
    cases = [{name: 2.0} for name in STYLE_NAMES] + [{"painting": 1.0, "vintage": 0.5, "warmth": -1.0, "night": -2.0}]
    written = []
    for case in cases:
        tones = torch.tensor([[case.get(name, 0.0) for name in edits.NAMES]])
        styles = torch.tensor([[case.get(name, 0.0) for name in STYLE_NAMES]])
        edited = model(run_onnx(file, {"latent": latent, "amounts": tones}, modules)["edited"], styles)
        written.append({"edits": case, "everyEighth": [round(v, 4) for v in edited.flatten()[::8].tolist()]})
    path.write_text(json.dumps(written, separators=(",", ":")) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--styles", type=Path, required=True, help="style_editor.pt of learn_styles")
    parser.add_argument("--directions", type=Path, help="editor.onnx of export_directions; default: that of the pack")
    parser.add_argument("--pack", type=Path, default=Path("models/photos"))
    parser.add_argument("--reference", type=Path, help="JSON file for the repository's tests, beside photos.reference.json")
    parser.add_argument("--modules", type=Path, default=Path("."), help="where onnxruntime-web is")
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = args.pack / "editor.onnx"
    tones = onnx.load(str(args.directions or path))
    if len(tones.graph.node) < 8:
        raise SystemExit("that editor.onnx has the styles already: give the file of export_directions by --directions")
    model = load_styles(args.styles)
    with tempfile.TemporaryDirectory() as folder:
        before, alone = Path(folder) / "tones.onnx", Path(folder) / "styles.onnx"
        onnx.save(tones, str(before))
        inputs = (torch.zeros(1, CHANNELS, 6, 8), torch.ones(1, len(STYLE_NAMES)))
        export_onnx(model, inputs, alone, ["latent", "amounts"], ["edited"], {**AXES, "amounts": {0: "batch"}})
        onnx.save(join(tones, onnx.load(str(alone))), str(path))
        check(path, before, model, args.modules)
        if args.reference:
            write_reference(args.reference, before, args.reference.with_name("photos.reference.json"), model, args.modules)

    manifest = json.loads((args.pack / "pack.json").read_text())
    manifest.pop("format")
    manifest["version"] = VERSION
    manifest["attribution"] += [credit for credit in ATTRIBUTION if credit not in manifest["attribution"]]
    roles = {"inputs": {"latent": "latent", "amounts": "amounts"}, "outputs": {"latent": "edited"}}
    manifest["parts"]["editor"] = file_entry(path, **roles, dtype="float32", dimensions={"batch": 1})
    for i, name in enumerate(STYLE_NAMES):
        direction = {"label": name.replace("-", " ").capitalize(), "range": [0, REACH], "editor": TONES + i}
        manifest["directions"][name] = direction if DETAIL[name] == 1 else {**direction, "detail": DETAIL[name]}
    write_manifest(args.pack / "pack.json", manifest)
    print(f"editor.onnx: {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

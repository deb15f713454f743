"""ONNX export with weights in half precision or in bytes, the check against PyTorch, and pack.json."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Sequence

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

OPSET = 17
HALF_FROM = 64  # smaller tensors stay float32: they save nothing


def to_bytes(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A kernel [out, in, h, w] as int8, and the float32 scale of each output [out, 1, 1, 1]: symmetric quantization by channel."""
    scale = np.maximum(np.abs(kernel).max((1, 2, 3), keepdims=True), 1e-12).astype(np.float32) / np.float32(127)
    return np.round(kernel / scale).astype(np.int8), scale


def round_weights(module: nn.Module, keep: Sequence[str] = (), quantize: Sequence[str] = ()) -> nn.Module:
    """A copy of a module whose weights have the values that `shrink_initializers` stores."""
    rounded = copy.deepcopy(module).float().eval()
    for name, parameter in rounded.named_parameters():
        if parameter.numel() < HALF_FROM or name.startswith(tuple(keep)):
            continue
        if parameter.ndim == 4 and name.startswith(tuple(quantize)):
            values, scale = to_bytes(parameter.detach().numpy())
            parameter.data = torch.from_numpy(values.astype(np.float32) * scale)
        else:
            parameter.data = parameter.data.half().float()
    return rounded


def export_onnx(
    module: nn.Module,
    example: Tensor | tuple[Tensor, ...],
    path: str | Path,
    inputs: Sequence[str],
    outputs: Sequence[str],
    axes: dict[str, dict[int, str]],
    half: bool = True,
    keep: Sequence[str] = (),
    quantize: Sequence[str] = (),
) -> None:
    """Exports a module (opset 17, dynamic `axes`, no doc strings), with float16 weights unless `half` is false.

    Weights whose names start with one of `keep` stay float32; kernels whose names start with one of `quantize` become int8.
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    torch.onnx.export(
        copy.deepcopy(module).cpu().float().eval(), example, str(part), opset_version=OPSET,
        input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes, do_constant_folding=True,
    )
    model = onnx.load(str(part))
    for node in model.graph.node:
        node.doc_string = ""
    if half:
        shrink_initializers(model, keep, quantize)
    onnx.checker.check_model(model)
    onnx.save(model, str(part))
    part.replace(path)


def shrink_initializers(model: onnx.ModelProto, keep: Sequence[str] = (), quantize: Sequence[str] = ()) -> None:
    """Stores float32 weights as float16 followed by a Cast to float32, and kernels whose names start with one of `quantize` as int8
    followed by a Cast and a Mul by their scales: the runtime folds both when it loads."""
    graph = model.graph
    nodes, scales = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < HALF_FROM or tensor.name.startswith(tuple(keep)):
            continue
        name = tensor.name
        if values.ndim == 4 and name.startswith(tuple(quantize)):
            stored, scale = to_bytes(values)
            tensor.CopyFrom(numpy_helper.from_array(stored, name + "_int8"))
            scales.append(numpy_helper.from_array(scale, name + "_scale"))
            nodes.append(helper.make_node("Cast", [name + "_int8"], [name + "_cast"], name=name + "_cast", to=TensorProto.FLOAT))
            nodes.append(helper.make_node("Mul", [name + "_cast", name + "_scale"], [name], name=name + "_mul"))
        else:
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
            nodes.append(helper.make_node("Cast", [name + "_half"], [name], name=name + "_cast", to=TensorProto.FLOAT))
    graph.initializer.extend(scales)
    nodes += list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def run_onnx(model: str | Path, inputs: dict[str, Tensor], modules: str | Path = ".") -> dict[str, Tensor]:
    """Runs an ONNX file on onnxruntime-web (WASM, in node); `modules` is a folder from which it can be resolved."""
    return _run(model, inputs, modules, 0)[0]


def time_onnx(model: str | Path, inputs: dict[str, Tensor], modules: str | Path = ".", repeats: int = 20) -> float:
    """Least milliseconds of `repeats` runs of an ONNX file on onnxruntime-web (WASM, one thread, in node)."""
    return float(_run(model, inputs, modules, repeats)[1])


def _run(
    model: str | Path, inputs: dict[str, Tensor], modules: str | Path, repeats: int
) -> tuple[dict[str, Tensor], str]:
    with tempfile.TemporaryDirectory() as folder:
        description = {}
        for name, tensor in inputs.items():
            file = f"{len(description)}.in"
            tensor.detach().float().contiguous().numpy().astype("<f4").tofile(Path(folder) / file)
            description[name] = {"file": file, "dims": list(tensor.shape)}
        (Path(folder) / "inputs.json").write_text(json.dumps(description))
        script = Path(__file__).with_name("run_onnx.mjs")
        command = ["node", str(script), str(Path(model).resolve()), folder, str(Path(modules).resolve()), str(repeats)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        outputs = json.loads((Path(folder) / "outputs.json").read_text())
        tensors = {
            name: torch.from_numpy(np.fromfile(Path(folder) / o["file"], "<f4").reshape(o["dims"]).copy())
            for name, o in outputs.items()
        }
        return tensors, printed.strip()


def max_difference(
    path: str | Path, module: nn.Module, inputs: dict[str, Tensor], output: str, modules: str | Path = "."
) -> float:
    """Largest absolute difference between an ONNX file and the PyTorch module that it came from."""
    with torch.no_grad():
        expected = module(*inputs.values())
    return (run_onnx(path, inputs, modules)[output] - expected).abs().max().item()


def file_entry(path: str | Path, **fields: Any) -> dict[str, Any]:
    """A manifest entry for a file beside pack.json: its name, bytes and sha256, then `fields`."""
    data = Path(path).read_bytes()
    return {"file": Path(path).name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **fields}


def write_manifest(path: str | Path, manifest: dict[str, Any]) -> None:
    """Writes pack.json atomically; call it last, when every file that it names is in place."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps({"format": 1, **manifest}, indent=2, ensure_ascii=False) + "\n")
    part.replace(path)

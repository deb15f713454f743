"""The networks of the finished pack as PyTorch modules, read back from its ONNX files: later stages need the pack alone, no checkpoint."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper

from .data import ATTRIBUTE_SIZE
from .edits import Editor
from .model import DEPTH, WIDTH, Global, PublicDecoder, PublicEncoder, Spatial


def fill(module: nn.Module, path: Path) -> nn.Module:
    """Gives a module the weights of the ONNX file that it was exported to.

    The exporter keeps the names of parameters, but for matrices without a bias: those it transposes and numbers, in the order of use.
    """
    stored = {t.name.removesuffix("_half"): torch.from_numpy(numpy_helper.to_array(t).astype("f4")) for t in onnx.load(str(path)).graph.initializer}
    state = module.state_dict()
    numbered = sorted((name for name in stored if name not in state), key=lambda name: int(name.rsplit("_", 1)[1]))
    missing = [name for name in state if name not in stored]
    module.load_state_dict({name: stored[name] for name in stored if name in state} | {m: stored[n].T for m, n in zip(missing, numbered, strict=True)})
    return module.eval().requires_grad_(False)


def open_autoencoder(pack: str | Path) -> tuple[nn.Module, nn.Module]:
    """Encoder and decoder."""
    inner, outer = (torch.zeros(DEPTH), torch.ones(DEPTH)), (torch.zeros(WIDTH), torch.ones(WIDTH))
    parts = [kind(Spatial(), Global(ATTRIBUTE_SIZE, [1]), inner, outer) for kind in (PublicEncoder, PublicDecoder)]
    return tuple(
        fill(part, Path(pack) / f"{name}.onnx").to(memory_format=torch.channels_last) for part, name in zip(parts, ("encoder", "decoder"))
    )


def open_editor(pack: str | Path) -> Editor:
    """The edit network."""
    return fill(Editor(), Path(pack) / "editor.onnx")

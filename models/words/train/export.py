"""Writes the pack: int8 rows with one scale each, the vocabulary, pack.json.

`python3 export.py WORK OUT CHECKPOINT [CHECKPOINT...]` averages the tables of runs that went on from one common checkpoint.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np

from tokenize_words import Tokenizer
from train import Table, torch

ATTRIBUTION = json.loads((Path(__file__).parent / "attribution.json").read_text())


def quantise(table):
    """int8 rows and their scales (largest number of a row = 127); no row may be all zero."""
    scales = np.abs(table).max(1) / 127
    assert scales.min() > 0, "a row is zero"
    return np.rint(table / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def write_safetensors(path, tensors, metadata):
    types = {np.dtype(np.int8): "I8", np.dtype(np.float32): "F32"}
    header, offset = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": types[array.dtype], "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in tensors.values()))


def asset(path):
    data = path.read_bytes()
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def load_table(work, names):
    """Mean of the tables of some checkpoints."""
    tables = []
    for name in names:
        state = torch.load(work / f"runs/{name}.pt")
        n, dimensions = len(state["gains"]), state["matrix"].shape[1]
        model = Table(np.zeros((n, 1), np.float32), np.ones(n, np.float32), dimensions)
        for key in ("base", "rarity"):
            state.setdefault(key, getattr(model, key))
        model.base = state["base"]
        model.rows.data = state["rows"]
        model.load_state_dict(state, strict=False)
        tables.append(model.table().numpy())
    return np.mean(tables, axis=0)


def settle(table, work):
    """Entries that GloVe lacks and the data shows too seldom: emoji and flags become the mean of their CLDR names and keywords; figures get at
    least two thirds of the usual length, and every row at least a tenth."""
    settings = json.loads((work / "settings.json").read_text())
    vocabulary = (work / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    tokenizer = Tokenizer(vocabulary, settings)
    lengths = np.linalg.norm(table, axis=1)
    usual = np.median(lengths[: len(vocabulary)])
    settled = table.copy()
    for name in ("emoji", "flags"):
        for line in (work / f"groups/{name}.tsv").read_text(encoding="utf-8").split("\n"):
            sign, *names = line.split("\t")
            row = tokenizer(sign)
            if len(row) != 1 or row[0][0] >= len(vocabulary) or vocabulary[row[0][0]].isascii():
                continue
            pieces = [piece for text in names for piece in tokenizer(text)]
            total = sum(factor * table[piece] for piece, factor in pieces)
            settled[row[0][0]] = 0.9 * usual * total / np.linalg.norm(total)
    for i, word in enumerate(vocabulary):
        if word.isdigit() and lengths[i] < usual / 1.5:
            settled[i] *= usual / 1.5 / lengths[i]
    now = np.linalg.norm(settled, axis=1, keepdims=True)
    return settled * np.maximum(1, 0.1 * usual / now)


def write_pack(table, work, out):
    out.mkdir(parents=True, exist_ok=True)
    settings = json.loads((work / "settings.json").read_text())
    rows, scales = quantise(table)
    (out / "vocabulary.txt").write_bytes((work / "vocabulary.txt").read_bytes())
    # The float32 scales come first: they are then aligned whatever the number of rows.
    metadata = {"space": "words-1", "kind": "table"}
    write_safetensors(out / "table.safetensors", {"scales": scales, "rows": rows}, metadata)
    manifest = {
        "format": 1,
        "name": "words",
        "version": "1.0.0",
        "description": "English words and sentences as directions: texts of like meaning are near. A table look-up, no network.",
        **ATTRIBUTION,
        "space": {"id": "words-1", "shape": [table.shape[1]], "scale": 1, "shift": 0},
        "parts": {},
        "tokenizer": {"type": "static-words", **asset(out / "vocabulary.txt"), **settings},
        "embedding": {"type": "static", **asset(out / "table.safetensors"), "rows": "rows", "scales": "scales"},
    }
    (out / "pack.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    print({path.name: path.stat().st_size for path in out.iterdir()})


if __name__ == "__main__":
    work, out = Path(sys.argv[1]), Path(sys.argv[2])
    write_pack(settle(load_table(work, sys.argv[3:]), work), work, out)

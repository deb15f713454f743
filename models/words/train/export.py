"""Writes the pack: several tables side by side, turned to fewer numbers, as int4 rows with one scale each; the vocabulary; pack.json.

`python3 export.py WORK OUT RUN[:WEIGHT] [RUN[:WEIGHT]...]`; runs joined by `+` are averaged first (they must come from one `--init`).
With `--run NAME` in place of OUT the joined table becomes WORK/runs/NAME.pt, for train.py to go on from.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np

from tokenize_words import Tokenizer
from train import Data, Table, torch

ATTRIBUTION = json.loads((Path(__file__).parent / "attribution.json").read_text())


DIMENSIONS = 256
VERSION, SPACE = "2.0.0", "words-2"
# Rows of n-grams count that much more: exact rare words then weigh enough (1, 1.4, 2 tried; STS-B dev by source and Debian agree).
NGRAMS = 1.4
# Cosine that 95 of 100 pairs of unrelated texts stay below (evaluate.py --chance).
NOISE = 0.2


def quantise(table):
    """int4 rows, two numbers a byte (8 higher, the first in the low bits), and the scale of each row that leaves the smallest error."""
    largest = np.abs(table).max(1)
    assert largest.min() > 0, "a row is zero"
    best, scales = np.full(len(table), np.inf), largest / 7
    for share in np.linspace(0.5, 1.0, 26):
        scale = largest * share / 7
        error = ((np.clip(np.rint(table / scale[:, None]), -8, 7) * scale[:, None] - table) ** 2).sum(1)
        scales = np.where(error < best, scale, scales)
        best = np.minimum(best, error)
    scales = scales.astype(np.float32)
    codes = np.clip(np.rint(table / scales[:, None]), -8, 7).astype(np.int8)
    bytes_ = (codes[:, ::2] + 8) | ((codes[:, 1::2] + 8) << 4)
    return bytes_.astype(np.uint8), scales


def write_safetensors(path, tensors, metadata):
    types = {np.dtype(np.uint8): "U8", np.dtype(np.float32): "F32"}
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


def load_table(work, name):
    """The table of a run."""
    state = torch.load(work / f"runs/{name}.pt")
    n, dimensions = len(state["gains"]), state["matrix"].shape[1]
    model = Table(np.zeros((n, 1), np.float32), np.ones(n, np.float32), dimensions)
    model.rows.data = state["rows"]
    model.load_state_dict(state)
    return model.table().numpy()


def sums(table, texts):
    """The vectors of texts before they are brought to unit length; texts as (ids, factors, starts)."""
    ids, factors, starts = texts
    return np.add.reduceat(table[ids] * factors[:, None], starts, axis=0)


def sample(work, count=20_000):
    """Texts of the training data, of all sources alike."""
    data = Data(work)
    chosen = np.random.default_rng(0).choice(len(data.lengths), count, replace=False)
    ids, factors, offsets = data.bag(chosen[data.lengths[chosen] > 0])
    return ids.numpy(), factors.numpy(), offsets.numpy()


def join(work, specs, dimensions):
    """Tables side by side, each brought to the same mean length of a text and then weighted, turned to the `dimensions` principal ones of texts."""
    texts, tables = sample(work), []
    for spec in specs:
        names, _, weight = spec.partition(":")
        table = np.mean([load_table(work, name) for name in names.split("+")], axis=0)
        length = np.exp(np.log(np.linalg.norm(sums(table, texts), axis=1)).mean())
        tables.append(table / length * float(weight or 1))
    wide = np.concatenate(tables, axis=1)
    if len(specs) > 1:
        wide[json.loads((work / "settings.json").read_text())["words"] :] *= NGRAMS
    vectors = sums(wide, texts)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # What all texts have in common would bring strangers near: without it the mean cosine of random pairs is 0.
    common = vectors.mean(0) / np.linalg.norm(vectors.mean(0))
    wide -= np.outer(wide @ common, common)
    vectors = sums(wide, texts)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    values, basis = np.linalg.eigh(vectors.T @ vectors)
    kept = values[-dimensions:].sum() / values.sum()
    print(wide.shape[1], "numbers turned to", dimensions, f"keep {kept:.4f} of the square")
    # A random turn spreads the principal numbers evenly: rounding to four bits then costs less.
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(dimensions, dimensions)))[0]
    return wide @ (basis[:, -dimensions:] @ turn).astype(np.float32)


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
    metadata = {"space": SPACE, "kind": "table", "rows": "int4"}
    write_safetensors(out / "table.safetensors", {"scales": scales, "rows": rows}, metadata)
    manifest = {
        "format": 1,
        "name": "words",
        "version": VERSION,
        "description": "English words and sentences as directions: texts of like meaning are near. A table look-up, no network.",
        **ATTRIBUTION,
        "space": {"id": SPACE, "shape": [table.shape[1]], "scale": 1, "shift": 0},
        "parts": {},
        "tokenizer": {"type": "static-words", **asset(out / "vocabulary.txt"), **settings},
        "embedding": {"type": "static", **asset(out / "table.safetensors"), "rows": "rows", "scales": "scales", "noise": NOISE},
    }
    (out / "pack.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    print({path.name: path.stat().st_size for path in out.iterdir()})


def save_run(table, path):
    """A table as a run: its rows at unit length, their lengths as gains, a matrix and a network that change nothing yet."""
    lengths = np.linalg.norm(table, axis=1)
    rarity = np.load(path.parents[1] / "start.npz")["weights"]
    model = Table(np.zeros(table.shape, np.float32), rarity, table.shape[1])
    model.rows.data = torch.from_numpy((table / lengths[:, None]).astype(np.float32))
    model.gains.data = torch.from_numpy(np.log(lengths).astype(np.float32))
    torch.save(model.state_dict(), path)


if __name__ == "__main__":
    work, out, *specs = sys.argv[1:]
    work = Path(work)
    if out == "--run":
        name, *specs = specs
        save_run(join(work, specs, DIMENSIONS), work / f"runs/{name}.pt")
    else:
        write_pack(settle(join(work, specs, DIMENSIONS), work), work, Path(out))

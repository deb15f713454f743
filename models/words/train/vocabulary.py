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
# How often a source's texts count for general use: the nearer to everyday sentences, the more. All others are the web's.
GENERAL = {
    "definitions": 1, "synonyms": 1, "examples": 1, "related": 0.2, "glosses-bul": 1, "glosses-jpn": 1, "glosses-fin": 1, "pivot-fin": 0.5,
    "pivot-pol": 0.5, "edict": 0.3, "emoji": 1, "flags": 1, "numbers": 1, "contractions": 1,
}  # fmt: skip
# Words of the vocabulary that are also learned by their n-grams, right and misspelt.
SPELLED = 20_000


def read_groups(work):
    """{source: [[text, text, ...], ...]}"""
    paths = sorted((work / "groups").glob("*.tsv"))
    return {path.stem: [line.split("\t") for line in path.read_text().split("\n") if line] for path in paths}


def read_sts(path):
    """[(score 0..5, sentence, sentence, source)]"""
    rows = [line.split("\t") for line in Path(path).read_text().split("\n") if line]
    return [(float(row[4]), row[5].strip(), row[6].strip(), row[1]) for row in rows]


def count(groups, weights, tokenizer):
    """How often each word comes in some sources."""
    counts = Counter()
    for name, weight in weights.items():
        for text in {text for row in groups[name] for text in row}:
            for token in tokenizer.tokens(text)[0]:
                word = fold(token)
                counts[word] += weight
                if "'" in word or "-" in word:
                    for part in re.split("['-]", word):
                        counts[part] += weight
    return counts


def choose(groups, glove, size):
    """`size` entries: fixed ones (figures, contractions, emoji, flags, symbols, web.txt), then alternately the best by general use and by the web's."""
    blank = Tokenizer([], {**LIMITS, "buckets": 1})
    general = count(groups, GENERAL, blank)
    web = count(groups, {name: 1 for name in groups if name not in GENERAL}, blank)
    fixed = [str(n) for n in range(1001)] + [str(y) for y in range(1900, 2031)] + [f"{y}0s" for y in range(180, 203)]
    fixed += [*sources.CONTRACTIONS, *"$€£¥%&@#+", *"abcdefghijklmnopqrstuvwxyz"]
    fixed += [row[0] for row in groups["flags"] if blank.tokens(row[0])[0] == [row[0]]]
    for row in groups["emoji"]:
        tokens = blank.tokens(row[0])[0]
        if len(tokens) == 1 and not tokens[0].isascii():
            fixed.append(fold(tokens[0]))
    lines = (Path(__file__).parent / "web.txt").read_text().split("\n")
    fixed += [word for line in lines if not line.startswith("#") for word in line.split()]
    chosen = dict.fromkeys(fixed)
    rank = {word: i for i, word in enumerate(glove)}
    allowed = re.compile(r"[a-z]+(-[a-z]+)*|[a-z]+\d+|\d+[a-z]+")
    candidates = [word for word in {*glove, *general, *web} if allowed.fullmatch(word)]

    def order(counts, share):
        """Best first. Log-ranks: a word is as good as its frequency in general text, raised by its use in these sources."""
        score = {
            word: -np.log(rank.get(word, 400_000) + 20) + share * np.log1p(counts[word]) - (2.0 if "-" in word else 0.0)
            for word in candidates
        }
        return sorted(candidates, key=lambda word: (-score[word], word))

    for pair in zip(order(general, 0.5), order(web, 1.0)):
        for word in pair:
            if len(chosen) < size:
                chosen[word] = None
    return sorted(chosen)


def misspelt(word, rng):
    """A word with one slip of the fingers: two letters swapped, one left out, one doubled, one wrong."""
    i = int(rng.integers(0, len(word) - 1))
    kind = rng.integers(0, 4)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[: i + 1] + word[i + 2 :]
    return word[: i + 1] + (word[i] if kind == 2 else "abcdefghijklmnopqrstuvwxyz"[rng.integers(26)]) + word[i + 1 + (kind == 3) :]


def spellings(vocabulary, glove):
    """(word, misspelt, misspelt) of the most common words."""
    rng = np.random.default_rng(3)
    known = set(vocabulary)
    common = [word for word in glove if word in known and word.isascii() and word.isalpha() and len(word) > 3][:SPELLED]
    return [[word, misspelt(word, rng), misspelt(word, rng)] for word in common]


def encode(pieces):
    """Pieces of all texts in one row: ids, factors and where each text begins."""
    ids, factors, starts = [], [], [0]
    for text in pieces:
        for row, factor in text:
            ids.append(row)
            factors.append(factor)
        starts.append(len(ids))
    return np.array(ids, np.int32), np.array(factors, np.float32), np.array(starts, np.int64)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("sts", type=Path)
    parser.add_argument("--words", type=int, default=37000)
    parser.add_argument("--buckets", type=int, default=8192)
    args = parser.parse_args()
    groups = read_groups(args.work)
    train = read_sts(args.sts / "sts-train.tsv")
    glove = (args.work / "glove.txt").read_text().split("\n")[:-1]
    # The vocabulary sees no STS text: the figure without STS-B is then truly without.
    vocabulary = choose(groups, glove, args.words)
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
    pieces = [tokenizer(text) for text in texts]
    # A word, its n-grams as if it were unknown, and the n-grams of two misspellings mean the same: so the rows of n-grams learn to read.
    spelled = spellings(vocabulary, glove)
    arrays["group_spelling"] = np.arange(len(pieces), len(pieces) + 4 * len(spelled), dtype=np.int32)
    arrays["start_spelling"] = np.arange(0, 4 * len(spelled) + 1, 4, dtype=np.int64)
    for word, *wrong in spelled:
        pieces += [tokenizer(word), *(tokenizer._ngrams(each) for each in (word, *wrong))]
    arrays["ids"], arrays["factors"], arrays["starts"] = encode(pieces)
    np.savez(args.work / "encoded.npz", **arrays)
    known = (arrays["ids"] < len(vocabulary)).sum()
    whole = arrays["factors"].sum()
    print(len(vocabulary), "entries;", len(texts), "texts; share of words in the vocabulary", known / whole)


if __name__ == "__main__":
    main()

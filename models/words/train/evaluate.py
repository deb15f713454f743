"""Measures a pack against SIF over GloVe and BM25.

`python3 evaluate.py WORK STS PACK [--dev] [--retrieval] [--chance] [--search FILE ...]`. Each look at STS-B dev is written to WORK/dev-looks.txt. A file of
`--search` is {docs: [{id, title?, text}], queries: [{q, rel: {id: grade}}]}.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.stats import pearsonr, spearmanr

from tokenize_words import Tokenizer, fold
from vocabulary import LIMITS, read_sts
from words import Words


class Sif:
    """Smooth inverse frequency (Arora et al. 2017) over the 341 479 GloVe vectors; first component of `fit` texts removed."""

    def __init__(self, work, fit):
        self.vectors = np.load(work / "glove.npy")
        names = (work / "glove.txt").read_text().split("\n")[:-1]
        self.rank = {name: i for i, name in enumerate(names)}
        frequency = 1 / ((np.arange(len(names)) + 2.7) * np.log(len(names)))
        self.weights = 1e-3 / (1e-3 + frequency)
        self.split = Tokenizer([], {**LIMITS, "buckets": 1})
        self.component = np.zeros(self.vectors.shape[1])
        sample = self.embed(fit)
        self.component = np.linalg.svd(sample, full_matrices=False)[2][0]

    def embed(self, texts):
        total = np.zeros((len(texts), self.vectors.shape[1]))
        for i, text in enumerate(texts):
            for token in self.split.tokens(text)[0]:
                word = fold(token)
                for part in [word] if word in self.rank else word.replace("'", "-").split("-"):
                    if part in self.rank:
                        row = self.rank[part]
                        total[i] += self.weights[row] * self.vectors[row]
        total /= np.linalg.norm(total, axis=1, keepdims=True) + 1e-9
        total -= np.outer(total @ self.component, self.component)
        return total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-9)


class Bm25:
    """Okapi BM25 (k1 1.2, b 0.75) over folded words."""

    def __init__(self, documents):
        self.split = Tokenizer([], {**LIMITS, "buckets": 1})
        self.index = {}
        counts = self._matrix(documents, grow=True)
        self.size = len(self.index)
        lengths = np.asarray(counts.sum(1)).ravel()
        held = np.asarray((counts > 0).sum(0)).ravel()
        idf = np.log(1 + (len(documents) - held + 0.5) / (held + 0.5))
        counts = counts.tocoo()
        norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        values = idf[counts.col] * counts.data * 2.2 / (counts.data + norm[counts.row])
        self.table = csr_matrix((values, (counts.row, counts.col)), shape=counts.shape).T.tocsr()

    def _matrix(self, texts, grow=False):
        rows, columns = [], []
        for i, text in enumerate(texts):
            for token in self.split.tokens(text)[0]:
                word = fold(token)
                if grow:
                    self.index.setdefault(word, len(self.index))
                if word in self.index:
                    rows.append(i)
                    columns.append(self.index[word])
        shape = (len(texts), len(self.index))
        return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)

    def scores(self, queries):
        return (self._matrix(queries) @ self.table).toarray()


def sts(embed, rows):
    """(Spearman, Pearson) x 100 of the cosines with the scores."""
    a, b = embed([row[1] for row in rows]), embed([row[2] for row in rows])
    cosines, scores = (a * b).sum(1), [row[0] for row in rows]
    return round(100 * spearmanr(cosines, scores)[0], 2), round(100 * pearsonr(cosines, scores)[0], 2)


def by_source(embed, rows):
    """Spearman x 100 within each source of STS-B."""
    names = dict.fromkeys(row[3] for row in rows)
    return {name: sts(embed, [row for row in rows if row[3] == name])[0] for name in names}


def recall(scores, right, k=10):
    """Share of queries with a right candidate among the k best (a score of 0 or less finds nothing for BM25)."""
    found = 0
    for row, wanted in zip(scores, right):
        best = np.argpartition(-row, k)[:k]
        found += any(j in wanted and row[j] > -1e9 for j in best)
    return found / len(right)


def tasks(work):
    """name -> (queries, candidates, set of right candidates for each query); synsets that training never saw."""
    data = json.loads((work / "heldout.json").read_text())
    synsets = list(data["synsets"].values())
    rng = np.random.default_rng(5)
    chosen = [synsets[i] for i in rng.permutation(len(synsets))[:2000]]
    lemmas = data["lemmas"]
    where = {lemma: i for i, lemma in enumerate(lemmas)}
    small = sorted({lemma.lower() for names, _ in synsets for lemma in names})
    here = {lemma: i for i, lemma in enumerate(small)}
    definitions = [definition for _, definition in synsets]
    position = {id(synset): i for i, synset in enumerate(synsets)}
    queries = [definition for _, definition in chosen]
    yield f"word from definition, {len(lemmas)} words", queries, lemmas, [{where[n.lower()] for n in s[0]} for s in chosen]
    yield f"word from definition, {len(small)} words", queries, small, [{here[n.lower()] for n in s[0]} for s in chosen]
    words = [s[0][0] for s in chosen]
    yield f"definition from word, {len(definitions)} definitions", words, definitions, [{position[id(s)]} for s in chosen]


def gain(order, grades, k=10):
    """nDCG of the first k ids of an order; an id of grade g is worth 2^g - 1."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best = sorted(grades.values(), reverse=True)[:k]
    found = [grades.get(name, 0) for name in order[:k]]
    return sum((2**g - 1) * d for g, d in zip(found, discounts)) / sum((2**g - 1) * d for g, d in zip(best, discounts))


def search(embed, path):
    """Mean nDCG@10 by cosine alone of the queries that have an answer."""
    data = json.loads(Path(path).read_text())
    documents = embed([f"{document.get('title', '')} {document['text']}" for document in data["docs"]])
    names = [document["id"] for document in data["docs"]]
    queries = [query for query in data["queries"] if query["rel"]]
    cosines = embed([query["q"] for query in queries]) @ documents.T
    orders = [[names[i] for i in np.argsort(-row, kind="stable")] for row in cosines]
    return float(np.mean([gain(order, query["rel"]) for order, query in zip(orders, queries)]))


def chance(embed, work, rows, pairs=20_000):
    """Shares of random pairs of texts whose cosine is below some limits."""
    synsets = list(json.loads((work / "heldout.json").read_text())["synsets"].values())
    words, definitions, phrases = [s[0][0] for s in synsets if " " not in s[0][0]], [s[1] for s in synsets], [s[0][0] for s in synsets if " " in s[0][0]]
    passages = [". ".join(definitions[i : i + 8]) for i in range(0, len(definitions) - 8, 8)]
    texts = {"word": words, "phrase": phrases, "definition": definitions, "sentence": [row[1] for row in rows], "passage of 8 definitions": passages}
    vectors, rng = {name: embed(list(dict.fromkeys(some))) for name, some in texts.items()}, np.random.default_rng(1)
    for a, b in [
        ("word", "definition"), ("phrase", "definition"), ("phrase", "sentence"), ("definition", "sentence"), ("phrase", "passage of 8 definitions"),
    ]:  # fmt: skip
        left, right = (vectors[name][rng.integers(0, len(vectors[name]), pairs)] for name in (a, b))
        cosines = (left * right).sum(1)
        shares = "  ".join(f"< {limit} {100 * (cosines < limit).mean():.1f} %" for limit in (0.15, 0.2, 0.25, 0.3))
        print(f"{a} / {b}: mean {cosines.mean():.3f}, deviation {cosines.std():.3f}; {shares}", flush=True)


def retrieval(work, systems):
    for name, queries, candidates, right in tasks(work):
        line = {}
        for system, embed in systems.items():
            table = embed(candidates).astype(np.float32)
            vectors = embed(queries).astype(np.float32)
            line[system] = np.mean(
                [recall(vectors[i : i + 200] @ table.T, right[i : i + 200]) for i in range(0, len(queries), 200)]
            )
        index = Bm25(candidates)
        rng = np.random.default_rng(0)
        values = []
        for i in range(0, len(queries), 200):
            scores = index.scores(queries[i : i + 200])
            scores[scores <= 0] = -1e10
            values.append(recall(scores + rng.random(scores.shape) * 1e-6, right[i : i + 200]))
        line["bm25"] = np.mean(values)
        print(name, {key: round(float(value), 3) for key, value in line.items()}, flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("work", type=Path)
    p.add_argument("sts", type=Path)
    p.add_argument("pack", type=Path)
    p.add_argument("--dev", action="store_true")
    p.add_argument("--sif", action="store_true")
    p.add_argument("--retrieval", action="store_true")
    p.add_argument("--chance", action="store_true")
    p.add_argument("--search", nargs="*", default=[])
    args = p.parse_args()
    train, pack = read_sts(args.sts / "sts-train.tsv"), Words(args.pack)
    sif = Sif(args.work, [row[1] for row in train]) if args.sif or args.retrieval else None
    began = time.process_time()
    print("pack: STS-B train", sts(pack.embed, train), "ms a sentence (Python)", round(1000 * (time.process_time() - began) / 2 / len(train), 3))
    if sif:
        print("SIF over GloVe: STS-B train", sts(sif.embed, train))
    if args.dev:
        dev = read_sts(args.sts / "sts-dev.tsv")
        figures = sts(pack.embed, dev)
        with (args.work / "dev-looks.txt").open("a") as log:
            log.write(f"{time.strftime('%H:%M')} {args.pack} {figures}\n")
        sources = by_source(pack.embed, dev)
        print("pack: STS-B dev", figures, sources, "mean of sources", round(np.mean(list(sources.values())), 2))
        if sif:
            print("SIF over GloVe: STS-B dev", sts(sif.embed, dev), by_source(sif.embed, dev))
    for path in args.search:
        print("nDCG@10 by cosine", path, round(search(pack.embed, path), 3), flush=True)
    if args.chance:
        chance(pack.embed, args.work, train)
    if args.retrieval:
        retrieval(args.work, {"words": pack.embed, "sif": sif.embed})


if __name__ == "__main__":
    main()

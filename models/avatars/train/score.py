"""Measures the directions, the denoiser and the prompts of a pack on held-out faces, judged by the probe.

    PYTHONPATH=models:models/words/train python3 -m avatars.train.score --pack models/avatars --data DIR/data --latents DIR/latents \\
        --probe DIR/probe.pt --denoiser DIR/denoiser.pt --prompts DIR/prompts.pt --words models/words --report DIR/score.json [--only samples,repair]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Callable

import numpy as np
import torch
from torch import Tensor

from common.train.loop import configure

from .chips import CHIPS, above, below, is_class
from .condition import CONDITION, GROUPS, condition_of, values_of
from .data import Faces, load_latents
from .denoiser import GUIDANCE, STEPS, Denoiser, GuidedDenoiser, generate, repair
from .edits import ATTRIBUTES, DIRECTIONS, HAT, Editor, units_of
from .model import WIDTH
from .pack import open_autoencoder, open_editor
from .probe import Probe, apply_probe, frechet_distance, load_probe, thumbnails
from .prompts import CONCEPTS, PromptEncoder, load_prompts, table

RANGES = {name: (0.0, 3.0) if name.startswith("style") else (-3.0, 3.0) for name in DIRECTIONS}
REPAIR = 0.6  # the strength of repair that the card shows
STEP_COUNTS = (1, 2, 4, 8, 32)
Embed = Callable[[list[str]], np.ndarray]
# What the accuracies ask for: what a prompt of one side sets, and of the other, each with what the probe must see.
CLEAR = {
    "glasses": ((CONCEPTS["glasses"][0], lambda found: found["glasses"][:, 0] < 0.5), (CONCEPTS["glasses"][1], is_class("glasses", 0))),
    "beard": ((CONCEPTS["beard"][0], above("beard", 0.2)), (CONCEPTS["beard"][1], below("beard", 0.2))),
    "hair length": ((CONCEPTS["long hair"][0], above("length", 0.45)), (CONCEPTS["short hair"][0], below("length", 0.45))),
    "smile": ((CONCEPTS["smile"][0], above("smile", 0.25)), (CONCEPTS["sad"][0], below("smile", 0.25))),
    "grey": ((CONCEPTS["grey hair"][0], above("grey", 0.25)), (CONCEPTS["young"][0], below("grey", 0.25))),
}


class Judge:
    """Decodes latents and reads the drawings with the probe."""

    def __init__(self, decoder: torch.nn.Module, probe: Probe) -> None:
        self.decoder = decoder.to(memory_format=torch.channels_last)
        self.probe = probe

    @torch.no_grad()
    def features(self, latents: Tensor) -> Tensor:
        """Features of the drawings."""
        return torch.cat([self.probe(self.decoder(part).clamp(0, 1)) for part in latents.split(64)])

    def measures(self, features: Tensor) -> Tensor:
        """What each direction is about, [n, 11], in the measures of the labels (glasses and styles: probabilities)."""
        found = self.probe.read(features)
        columns = [1 - found["glasses"][:, 0] if name == "glasses" else found[label] for name, label in ATTRIBUTES.items()]
        return torch.cat([torch.stack(columns, 1), found["style"]], 1)


def load_denoiser(path: str | Path) -> GuidedDenoiser:
    """A trained denoiser, as exported."""
    state = torch.load(path)
    network = Denoiser(state["width"], state["blocks"])
    network.load_state_dict(state["denoiser"])
    return GuidedDenoiser(network).eval().requires_grad_(False)


def amounts_for(count: int, direction: int, amount: float) -> Tensor:
    """Requests of one direction."""
    amounts = torch.zeros(count, len(DIRECTIONS))
    amounts[:, direction] = amount
    return amounts


def direction_matrix(judge: Judge, editor: Editor, vectors: Tensor | None, latents: Tensor, units: Tensor) -> dict[str, Any]:
    """Movement of every measure, in its units, from the low to the high end of each direction; of the network, and of vectors if there are any."""
    base = judge.measures(judge.features(latents))
    report: dict[str, Any] = {}
    for k, name in enumerate(DIRECTIONS):

        def by_network(amount: float) -> Tensor:
            return editor(latents, amounts_for(len(latents), k, amount))

        def by_vector(amount: float) -> Tensor:
            return latents + amount * vectors[k]

        row: dict[str, Any] = {"range": RANGES[name]}
        for kind, move in (("network", by_network), ("vector", by_vector)):
            if kind == "vector" and vectors is None:
                continue
            low, high = (base if amount == 0 else judge.measures(judge.features(move(amount))) for amount in RANGES[name])
            change = ((high - low) / units).mean(0)
            off = change.abs() / change[k].abs()
            off[k] = 0
            # The style shares sum to 1: the other styles must fall where one rises, and do not count as side effects.
            if name.startswith("style"):
                off[len(ATTRIBUTES) :] = 0
            row[kind] = {
                "own": round(float(change[k]), 2), "worst other": DIRECTIONS[int(off.argmax())], "worst other share": round(float(off.max()), 3),
                "row": [round(v, 2) for v in change.tolist()],
            }
        report[name] = row
    return report


def accuracies(found: dict[str, Tensor], labels: list[dict]) -> dict[str, float]:
    """How often a reading agrees with the label, where the face can show it."""

    def of(name: str) -> np.ndarray:
        return np.array([float(label[name]) for label in labels])

    hat = of("cover") == HAT
    tests = {
        "glasses": ((1 - found["glasses"][:, 0]).numpy() > 0.5, of("glasses") > 0, of("glasses") >= 0),
        "beard": (found["beard"].numpy() > 0.2, of("beard") > 0, of("beard") >= 0),
        "hair length": (found["length"].numpy() > 0.45, of("length") > 0.45, ~hat),
        "smile": (found["smile"].numpy() > 0.25, of("smile") > 0.25, of("smile") > -2),
        "grey": (found["grey"].numpy() > 0.25, of("grey") > 0.25, ~hat & (of("length") > 0)),
        "skin": (found["skin"].numpy() > 0.5, of("skin") > 0.5, of("skin") > -1),
        "style": (found["style"].argmax(1).numpy(), of("style"), of("style") > -1),
        "eyes": (found["eyes"].numpy() > 0.35, of("eyes") > 0.35, of("glasses") < 2),
    }
    return {name: round(float((seen == truth)[where].mean()), 4) for name, (seen, truth, where) in tests.items()}


def seeded(count: int, seed: int) -> Tensor:
    """Noise of many samples."""
    return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))


def sample_scores(judge: Judge, denoiser: GuidedDenoiser, latents: Tensor, labels: list[dict], real: Tensor, count: int) -> dict[str, Any]:
    """Fréchet distances (to the second half of the held-out renders) and attribute accuracies."""
    target = real[len(real) // 2 :]
    told = condition_of(torch.tensor([values_of(label) for label in labels[:count]]), torch.ones(count, len(GROUPS)))
    noise = seeded(count, 2)
    report: dict[str, Any] = {"samples": count}

    def note(name: str, features: Tensor, mine: list[dict] | None) -> None:
        report[name] = {"distance": round(frechet_distance(features, target), 3)}
        if mine:
            report[name]["accuracy"] = accuracies(judge.probe.read(features), mine)
        print(name, report[name], flush=True)

    note("other renders", real[:count], labels[:count])
    note("reconstructions", judge.features(latents[:count]), labels[:count])
    for steps in STEP_COUNTS:
        note(f"free, {steps} steps", judge.features(generate(denoiser, noise, told * 0, steps)), None)
    for steps in STEP_COUNTS:
        note(f"told, {steps} steps", judge.features(generate(denoiser, noise, told, steps)), labels[:count])
    for steps, guidance in ((1, 3.0), (2, 3.0), (4, 2.0), (4, 3.0), (4, 6.0)):
        note(f"told, {steps} steps, guidance {guidance}", judge.features(generate(denoiser, noise, told, steps, guidance)), labels[:count])
    return report


def told_one_thing(judge: Judge, denoiser: GuidedDenoiser, labels: list[dict], count: int, guidance: float, steps: int) -> dict[str, float]:
    """Accuracy where only the attribute in question is told, with the values of held-out faces."""
    groups = {"glasses": ["glasses"], "beard": ["beard"], "hair length": ["length", "cover"], "smile": ["smile"], "grey": ["grey", "cover"]}
    values = torch.tensor([values_of(label) for label in labels[:count]])
    result = {}
    for name, members in groups.items():
        known = torch.zeros(count, len(GROUPS))
        for member in members:
            known[:, list(GROUPS).index(member)] = 1
        found = generate(denoiser, seeded(count, 3), condition_of(values, known), steps, guidance)
        result[name] = accuracies(judge.probe.read(judge.features(found)), labels[:count])[name]
    return result


def asked_clearly(judge: Judge, denoiser: GuidedDenoiser, count: int, guidance: float, steps: int) -> dict[str, list[float]]:
    """Accuracy where an attribute is asked for as a prompt does, and where its opposite is: [mean, asked for, opposite]."""
    result = {}
    for name, (asked, opposite) in CLEAR.items():
        right = []
        for (says, check) in (asked, opposite):
            found = generate(denoiser, seeded(count, 3), table([says]).expand(count, -1), steps, guidance)
            right.append(check(judge.probe.read(judge.features(found))).float().mean().item())
        result[name] = [round(v, 3) for v in (sum(right) / 2, *right)]
    return result


def chip_scores(judge: Judge, denoiser: GuidedDenoiser, encoder: PromptEncoder, embed: Embed, count: int) -> dict[str, float]:
    """How often a face made from the words of a chip shows it, at the pack's default steps and guidance."""
    result = {}
    for _, chips in CHIPS.values():
        for text, check in chips.items():
            phrase, polarity = (text[3:], -1.0) if text.startswith("no ") else (text, 1.0)
            with torch.no_grad():
                told = encoder(torch.from_numpy(embed([phrase])), torch.tensor([polarity]))
            found = generate(denoiser, seeded(count, 5), told.expand(count, -1), STEPS, GUIDANCE)
            result[text] = round(check(judge.probe.read(judge.features(found))).float().mean().item(), 3)
    return result


def nearest(features: Tensor, data: Tensor) -> Tensor:
    """Distance from each row to its nearest neighbour in the data."""
    return torch.cat([torch.cdist(part, data).min(1).values for part in features.split(100)])


def repair_scores(judge: Judge, denoiser: GuidedDenoiser, latents: Tensor, real: Tensor, data: Tensor, pairs: int = 200) -> dict[str, Any]:
    """How far mid-points of straight lines are from the data, with and without repair; and how evenly frames follow each other.

    The data are renders that the ends have no part in. Its distance from the ends, as rendered and as the pack draws them, is the least to be
    had. Each pair has its own noise, the same along its path.
    """
    rows = torch.from_numpy(np.random.default_rng(4).permutation(len(latents))[: 2 * pairs])
    a, b = latents[rows[:pairs]], latents[rows[pairs:]]
    noise, free = seeded(pairs, 6), torch.zeros(pairs, CONDITION)

    def distance(w: Tensor) -> float:
        return float(nearest(judge.features(w), data).mean())

    middle = (a + b) / 2
    line, floor = distance(middle), distance(latents[rows])
    report: dict[str, Any] = {
        "pairs": pairs, "renders": round(float(nearest(real[rows], data).mean()), 3), "ends": round(floor, 3), "line": round(line, 3),
        "samples": round(distance(generate(denoiser, noise, free, STEPS)), 3),
    }
    for steps in (1, 2, STEPS):
        for strength in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            w = repair(denoiser, (a, b), 0.5, noise, strength, steps, free)
            found, likeness = distance(w), float(torch.cosine_similarity(w, middle).mean())
            report[f"strength {strength}, {steps} steps"] = {
                "distance": round(found, 3), "share of the line": round(found / line, 3), "excess left": round((found - floor) / (line - floor), 3),
                "cosine with the line": round(likeness, 3),
            }
    frames = 33
    for steps in (1, STEPS):
        for strength in (0.4, 0.5, 0.6, 0.7):
            path = torch.stack([repair(denoiser, (a, b), i / (frames - 1), noise, strength, steps, free) for i in range(frames)])
            moves = (path[1:] - path[:-1]).norm(dim=2)
            worst = moves.max(0).values / moves.median(0).values
            report[f"largest step over median, strength {strength}, {steps} steps"] = {
                "mean": round(float(worst.mean()), 2), "95 %": round(float(worst.quantile(0.95)), 2), "at most 3": round(float((worst <= 3).float().mean()), 3),
            }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("pack", "data", "latents", "probe", "denoiser", "prompts", "words", "report"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--editor", help="checkpoint of the edit network, to compare it with vectors")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--only", default="matrix,samples,told,chips,repair")
    args = parser.parse_args()
    configure(1)
    data = Path(args.data)
    _, decoder = open_autoencoder(args.pack)
    probe = load_probe(args.probe)
    judge = Judge(decoder, probe)
    denoiser = load_denoiser(args.denoiser)
    val = Faces(data / "val")
    latents = load_latents(Path(args.latents) / "val")
    report = json.loads(Path(args.report).read_text()) if Path(args.report).exists() else {}
    real = apply_probe(probe, thumbnails(val, np.arange(len(val)), Path(args.latents) / "val.thumbnails.npy"))
    for part in args.only.split(","):
        if part == "matrix":
            vectors = torch.load(args.editor)["vectors"] if args.editor else None
            units = torch.from_numpy(units_of(val.labels))
            report[part] = direction_matrix(judge, open_editor(args.pack), vectors, latents[: args.faces], units)
        elif part == "samples":
            report[part] = sample_scores(judge, denoiser, latents, val.labels, real, args.samples)
        elif part == "told":
            for guidance, steps in ((1.0, 4), (2.0, 4), (3.0, 4), (4.0, 4), (3.0, 1), (3.0, 2), (3.0, 8)):
                name = f"{steps} steps, guidance {guidance}"
                report[f"told one thing, {name}"] = told_one_thing(judge, denoiser, val.labels, 300, guidance, steps)
                report[f"asked clearly, {name}"] = asked_clearly(judge, denoiser, 300, guidance, steps)
        elif part == "chips":
            from words import Words  # beside the `words` pack

            report[part] = chip_scores(judge, denoiser, load_prompts(args.prompts)[0], Words(args.words).embed, args.faces)
        elif part == "repair":
            known = apply_probe(probe, thumbnails(Faces(data / "main", 16384), np.arange(16384), Path(args.latents) / "main.thumbnails.npy"))
            report[part] = repair_scores(judge, denoiser, latents, real, known)
        Path(args.report).write_text(json.dumps(report, indent=1) + "\n")
        print(part, "done", flush=True)


if __name__ == "__main__":
    main()

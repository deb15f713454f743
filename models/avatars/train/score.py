"""Measures the edit network and the denoiser on held-out faces, judged by the probe.

    PYTHONPATH=models python3 -m avatars.train.score --checkpoint DIR/run/global.pt --data DIR/data --latents DIR/latents --probe DIR/probe.pt \\
        --editor DIR/editor.pt --denoiser DIR/denoiser.pt --report DIR/score.json [--only matrix,samples,repair]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from common.train.loop import configure

from .condition import CONDITION, GROUPS, condition_of, values_of
from .data import Faces
from .denoiser import Denoiser, generate, repair
from .edits import ATTRIBUTES, DIRECTIONS, HAT, TOON_HEAD, Editor
from .export import public_parts
from .probe import Probe, apply_probe, frechet_distance, load_probe, thumbnails

RANGES = {name: (0.0, 3.0) if name.startswith("style") else (-3.0, 3.0) for name in DIRECTIONS}
STEPS = (1, 2, 4, 8, 32)


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


def load_editor(path: str | Path) -> tuple[Editor, dict[str, Any]]:
    """A trained edit network, and its whole checkpoint."""
    state = torch.load(path)
    editor = Editor(state["editor"]["second.weight"].shape[0]).eval().requires_grad_(False)
    editor.load_state_dict(state["editor"])
    return editor, state


def load_denoiser(path: str | Path) -> Denoiser:
    """A trained denoiser."""
    state = torch.load(path)
    denoiser = Denoiser(state["width"], state["blocks"]).eval().requires_grad_(False)
    denoiser.load_state_dict(state["denoiser"])
    return denoiser


def amounts_for(count: int, direction: int, amount: float) -> Tensor:
    """Requests of one direction."""
    amounts = torch.zeros(count, len(DIRECTIONS))
    amounts[:, direction] = amount
    return amounts


def direction_matrix(judge: Judge, editor: Editor, state: dict[str, Any], latents: Tensor, labels: list[dict]) -> dict[str, Any]:
    """Movement of every measure, in its units, from the low to the high end of each direction; of the network and of vectors."""
    units, vectors = state["units"], state["vectors"]
    styles = torch.tensor([label["style"] for label in labels])
    hats = torch.tensor([label["cover"] == HAT for label in labels])
    base = judge.measures(judge.features(latents))
    report: dict[str, Any] = {}
    for k, name in enumerate(DIRECTIONS):
        low, high = RANGES[name]
        rows = {}
        for kind in ("network", "vector"):
            def moved(amount: float) -> Tensor:
                if amount == 0:
                    return base
                if kind == "vector":
                    return judge.measures(judge.features(latents + amount * vectors[k]))
                return judge.measures(judge.features(editor(latents, amounts_for(len(latents), k, amount))))

            change = (moved(high) - moved(low)) / units
            rows[kind] = {
                "mean": change.mean(0), "mean absolute": change.abs().mean(0),
                "possible": change[~(hats if name == "hair" else styles == TOON_HEAD if name == "glasses" else hats & False)].mean(0)[k],
            }
        row: dict[str, Any] = {"range": [low, high]}
        for kind, found in rows.items():
            own = found["mean"][k]
            off = found["mean"].abs() / own.abs()
            off[k] = 0
            # The style shares sum to 1: the other styles must fall where one rises, and do not count as side effects.
            if name.startswith("style"):
                off[len(ATTRIBUTES) :] = 0
            row[kind] = {
                "own": round(float(own), 2), "own where it can change": round(float(found["possible"]), 2),
                "worst other": DIRECTIONS[int(off.argmax())], "worst other share": round(float(off.max()), 3),
                "row": [round(v, 2) for v in found["mean"].tolist()],
                "absolute row": [round(v, 2) for v in found["mean absolute"].tolist()],
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


def sample_scores(judge: Judge, denoiser: Denoiser, latents: Tensor, labels: list[dict], real: Tensor, count: int) -> dict[str, Any]:
    """Fréchet distances (to the second half of the held-out renders) and attribute accuracies."""
    target = real[len(real) // 2 :]
    values = torch.tensor([values_of(label) for label in labels[:count]])
    told = condition_of(values, torch.ones(count, len(GROUPS)))
    told_little = torch.zeros_like(told)
    noise = torch.randn(count, latents.shape[1], generator=torch.Generator().manual_seed(2))
    read = judge.probe.read
    report: dict[str, Any] = {"samples": count}

    def note(name: str, features: Tensor, mine: list[dict] | None) -> None:
        report[name] = {"distance": round(frechet_distance(features, target), 3)}
        if mine:
            report[name]["accuracy"] = accuracies(read(features), mine)
        print(name, report[name], flush=True)

    note("other renders", real[:count], labels[:count])
    note("reconstructions", judge.features(latents[:count]), labels[:count])
    for steps in STEPS:
        note(f"told, {steps} steps", judge.features(generate(denoiser, noise, told, steps)), labels[:count])
    for steps, guidance in ((1, 1.5), (4, 1.5), (4, 3.0)):
        found = generate(denoiser, noise, told, steps, guidance)
        note(f"told, {steps} steps, guidance {guidance}", judge.features(found), labels[:count])
    for steps in STEPS:
        note(f"free, {steps} steps", judge.features(generate(denoiser, noise, told_little, steps)), None)
    return report


def told_one_thing(judge: Judge, denoiser: Denoiser, labels: list[dict], count: int, guidance: float, steps: int) -> dict[str, float]:
    """Accuracy where only the attribute in question is told, as a prompt does."""
    groups = {"glasses": ["glasses"], "beard": ["beard"], "hair length": ["length", "cover"], "smile": ["smile"], "grey": ["grey", "cover"]}
    values = torch.tensor([values_of(label) for label in labels[:count]])
    result = {}
    for name, members in groups.items():
        known = torch.zeros(count, len(GROUPS))
        for member in members:
            known[:, list(GROUPS).index(member)] = 1
        noise = torch.randn(count, 128, generator=torch.Generator().manual_seed(3))
        found = generate(denoiser, noise, condition_of(values, known), steps, guidance)
        result[name] = accuracies(judge.probe.read(judge.features(found)), labels[:count])[name]
    return result


def nearest(features: Tensor, data: Tensor) -> Tensor:
    """Distance from each row to its nearest neighbour in the data."""
    return torch.cat([torch.cdist(part, data).min(1).values for part in features.split(100)])


def repair_scores(judge: Judge, denoiser: Denoiser, latents: Tensor, data: Tensor, pairs: int = 200) -> dict[str, Any]:
    """How far mid-points of straight lines are from the data, with and without repair; and how evenly frames follow each other."""
    random = np.random.default_rng(4)
    rows = random.permutation(len(latents))[: 2 * pairs]
    a, b = latents[rows[:pairs]], latents[rows[pairs:]]
    shared = torch.randn(1, latents.shape[1], generator=torch.Generator().manual_seed(6))
    noise, free = shared.expand(pairs, -1), torch.zeros(pairs, CONDITION)
    line = nearest(judge.features((a + b) / 2), data).mean()
    report: dict[str, Any] = {"pairs": pairs, "ends": round(float(nearest(judge.features(a), data).mean()), 3), "line": round(float(line), 3)}
    for strength in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        for steps in (1, 4):
            found = repair(denoiser, (a, b), 0.5, noise, strength, steps, free)
            distance = nearest(judge.features(found), data).mean()
            report[f"strength {strength}, {steps} steps"] = [round(float(distance), 3), round(float(distance / line), 3)]
    frames, some = 33, 20
    for strength in (0.0, 0.4, 0.6, 0.7):
        path = torch.stack([
            repair(denoiser, (a[:some], b[:some]), i / (frames - 1), noise[:some], strength, 4, free[:some]) for i in range(frames)
        ])
        moves = (path[1:] - path[:-1]).norm(dim=2)
        worst = (moves.max(0).values / moves.median(0).values)
        report[f"largest step over median, strength {strength}"] = {"mean": round(float(worst.mean()), 2), "worst": round(float(worst.max()), 2)}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("checkpoint", "data", "latents", "probe", "editor", "denoiser", "report"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--only", default="matrix,samples,told,repair")
    args = parser.parse_args()
    configure(1)
    data = Path(args.data)
    _, decoder = public_parts(args.checkpoint, Faces(data / "main", 4096))
    probe = load_probe(args.probe)
    judge = Judge(decoder, probe)
    editor, state = load_editor(args.editor)
    denoiser = load_denoiser(args.denoiser)
    val = Faces(data / "val")
    latents = torch.from_numpy(np.load(Path(args.latents) / "val.npy"))
    report = json.loads(Path(args.report).read_text()) if Path(args.report).exists() else {}
    real = apply_probe(probe, thumbnails(val, np.arange(len(val)), Path(args.latents) / "val.thumbnails.npy"))
    for part in args.only.split(","):
        if part == "matrix":
            report[part] = direction_matrix(judge, editor, state, latents[: args.faces], val.labels[: args.faces])
        elif part == "samples":
            report[part] = sample_scores(judge, denoiser, latents, val.labels, real, args.samples)
        elif part == "told":
            for guidance, steps in ((1.0, 4), (1.5, 4), (2.0, 4), (1.5, 1)):
                report[f"told one thing, {steps} steps, guidance {guidance}"] = told_one_thing(judge, denoiser, val.labels, min(500, args.samples), guidance, steps)
        elif part == "repair":
            report[part] = repair_scores(judge, denoiser, latents[:2048], real)
        Path(args.report).write_text(json.dumps(report, indent=1) + "\n")
        print(part, "done", flush=True)


if __name__ == "__main__":
    main()

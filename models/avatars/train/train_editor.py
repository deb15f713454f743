"""Trains the edit network on pairs of latents, and compares it with one straight vector for each direction.

    PYTHONPATH=models python3 -m avatars.train.train_editor --latents DIR/latents --data DIR/data --out DIR/editor.pt --until 5m
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch import Tensor

from common.train.loop import Ema, WallClock, configure, save

from .data import load_labels, load_latents
from .edits import DIRECTIONS, HAT, Editor, Pairs, augment, pairs_of, units_of, values_of


def straight_vectors(latents: Tensor, pairs: Pairs) -> Tensor:
    """One unit's step of each direction: least squares over the pairs in which only that direction changed."""
    vectors = []
    for k in range(len(DIRECTIONS)):
        mine = (pairs.changes == 1) & (pairs.amounts[:, k] != 0)
        amount = torch.from_numpy(pairs.amounts[mine, k])[:, None]
        change = latents[pairs.after[mine]] - latents[pairs.before[mine]]
        vectors.append((amount * change).sum(0) / amount.pow(2).sum())
    return torch.stack(vectors)


@torch.no_grad()
def distances_left(editor: Editor, vectors: Tensor, latents: Tensor, pairs: Pairs) -> dict[str, dict[str, float]]:
    """Distance left to the true edit as a share of the whole (sums over the pairs), of the network and of straight vectors."""
    report = {}
    for name in (*DIRECTIONS, "several"):
        if name == "several":
            mine = pairs.changes > 1
        else:
            mine = (pairs.changes == 1) & (pairs.amounts[:, DIRECTIONS.index(name)] != 0)
        before, after = latents[pairs.before[mine]], latents[pairs.after[mine]]
        amounts = torch.from_numpy(pairs.amounts[mine])
        whole = (after - before).norm(dim=1)

        def left(found: Tensor) -> float:
            return round(float((after - found).norm(dim=1).sum() / whole.sum()), 3)

        report[name] = {"pairs": int(mine.sum()), "network": left(editor(before, amounts)), "vector": left(before + amounts @ vectors)}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latents", required=True)
    parser.add_argument("--data", required=True, help="folder that holds variants and val")
    parser.add_argument("--out", required=True)
    parser.add_argument("--report")
    parser.add_argument("--until", required=True, help="minutes as in 5m")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--held", type=float, default=0.08, help="share of the groups that is held out")
    parser.add_argument("--start", help="checkpoint to go on from")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    configure(args.seed)
    latents = load_latents(Path(args.latents) / "variants")
    labels = load_labels(Path(args.data) / "variants")[: len(latents)]
    each = sum(label["base"] == labels[0]["base"] for label in labels[:64])
    units = units_of(load_labels(Path(args.data) / "val"))
    split = int(len(labels) / each * (1 - args.held)) * each
    train, held = pairs_of(labels[:split], units, each), pairs_of(labels[split:], units, each)
    held.before += split
    held.after += split
    print(f"{len(train.before)} pairs, {len(held.before)} held out; units {dict(zip(DIRECTIONS, units.round(3)))}", flush=True)
    values = torch.from_numpy(values_of(labels))
    styles = torch.tensor([label["style"] for label in labels])
    hats = torch.tensor([label["cover"] == HAT for label in labels])
    scale = torch.from_numpy(units)
    before, after, amounts = (torch.from_numpy(table) for table in (train.before, train.after, train.amounts))

    editor = Editor()
    if args.start:
        editor.load_state_dict(torch.load(args.start)["editor"])
    average = Ema(editor)
    trained = [p for p in editor.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, args.rate, weight_decay=0.01)
    clock = WallClock(float(args.until[:-1]) * 60, args.rate, warmup=200)
    step, total = 0, 0.0
    while not clock.done():
        chosen = torch.randint(0, len(before), (args.batch,))
        a, b = before[chosen], after[chosen]
        asked, target = augment(amounts[chosen], latents[a], latents[b], values[b], styles[b], hats[a])
        # A little noise: latents that were sampled or edited before are not quite a render's.
        noise = 0.15 * torch.rand(len(a), 1) * torch.randn(latents[a].shape)
        clock.apply(optimizer, step)
        loss = (editor(latents[a] + noise, asked) - target - noise).pow(2).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        step += 1
        average.update(editor, step)
        total += loss.item()
        if step % 500 == 0:
            print(f"{step} {clock.elapsed():.0f}s loss {total / 500:.4f}", flush=True)
            total = 0.0
    vectors = straight_vectors(latents, train)
    report = distances_left(average.model, vectors, latents, held)
    save(args.out, {"editor": average.model.state_dict(), "units": scale, "vectors": vectors, "step": step})
    text = json.dumps({"steps": step, "pairs": len(train.before), "units": dict(zip(DIRECTIONS, units.round(4).tolist())), "left": report}, indent=2)
    print(text)
    if args.report:
        Path(args.report).write_text(text + "\n")


if __name__ == "__main__":
    main()

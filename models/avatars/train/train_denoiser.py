"""Trains the denoiser on latents of labelled faces.

    PYTHONPATH=models python3 -m avatars.train.train_denoiser --latents DIR/latents/main --data DIR/data/main --out DIR/denoiser.pt --until 15m

First the plain flow, with any subset of the condition known; then, beside it, steps of any length that agree with two of half the length,
and guidance, taught by the averaged network.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import Tensor

from common.train.loop import Ema, WallClock, configure, save

from .condition import GROUPS, condition_of, values_of
from .data import load_labels, load_latents
from .denoiser import MOST_GUIDANCE, SHORTEST, Denoiser


def draw_known(count: int) -> Tensor:
    """Which groups are known: all of some faces, nothing of a third, one or two (as in prompts) or any share of the others."""
    shares = torch.stack([torch.ones(count), torch.zeros(count), torch.full((count,), 0.13), torch.rand(count)], 1)
    kinds = torch.multinomial(torch.tensor([0.15, 0.33, 0.3, 0.22]), count, replacement=True)
    return (torch.rand(count, len(GROUPS)) < shares.gather(1, kinds[:, None])).float()


def draw_guidance(count: int) -> Tensor:
    """A quarter of it 1, the rest anywhere."""
    return torch.where(torch.rand(count) < 0.25, torch.ones(()), MOST_GUIDANCE * torch.rand(count))


def draw_steps(count: int) -> tuple[Tensor, Tensor]:
    """Times and lengths of steps: half on the grid of 1, 2, 4 or 8 equal steps, half anywhere."""
    length = 2.0 ** -torch.randint(0, 4, (count,)).float()
    time = 1 - (torch.rand(count) / length).floor() * length
    free = torch.rand(count) < 0.5
    any_length = torch.exp(torch.rand(count) * np.log(SHORTEST))
    any_time = any_length + torch.rand(count) * (1 - any_length)
    return torch.where(free, any_time, time), torch.where(free, any_length, length)


@torch.no_grad()
def guided_flow(teacher: torch.nn.Module, x: Tensor, time: Tensor, condition: Tensor, guidance: Tensor) -> Tensor:
    """The plain velocity of the teacher, guided by its two runs."""
    zero, one = torch.zeros_like(time), torch.ones_like(time)
    both = teacher(
        torch.cat([x, x]), torch.cat([time, time]), torch.cat([zero, zero]),
        torch.cat([condition, torch.zeros_like(condition)]), torch.cat([one, one]),
    )
    known, free = both.chunk(2)
    return free + guidance[:, None] * (known - free)


@torch.no_grad()
def two_halves(teacher: torch.nn.Module, x: Tensor, time: Tensor, length: Tensor, condition: Tensor, guidance: Tensor) -> Tensor:
    """Mean velocity of two steps of half the length."""
    half = length / 2
    first = teacher(x, time, half, condition, guidance)
    second = teacher(x - half[:, None] * first, time - half, half, condition, guidance)
    return (first + second) / 2


def energy_score(denoiser: torch.nn.Module, earlier: torch.nn.Module, data: Tensor, condition: Tensor, others: Tensor) -> Tensor:
    """How far whole samples are from the data in distribution; least where the two agree (Gneiting and Raftery 2007).

    Regression alone draws few-step samples towards the mean. Here two samples of each condition should lie as far from each other as from a
    true face; those told nothing are compared all with all and with `others`. Only the last of 1, 2 or 4 steps learns.
    """
    count = len(data)
    steps = int(2 ** torch.multinomial(torch.tensor([0.5, 0.3, 0.2]), 1))
    stride = 1 / steps
    x, told, one = torch.randn(2 * count, data.shape[1]), torch.cat([condition, condition]), torch.ones(2 * count)
    with torch.no_grad():
        for i in range(steps - 1):
            x = x - stride * earlier(x, one * (1 - i * stride), one * stride, told, one)
    x = x - stride * denoiser(x, one * stride, one * stride, told, one)
    free = (condition == 0).all(1)
    first, second = x.chunk(2)
    score = ((first - data).norm(dim=1) + (second - data).norm(dim=1) - (first - second).norm(dim=1))[~free].sum() / 2
    mine = x[torch.cat([free, free])]
    every = len(mine) * (len(mine) - 1)
    score = score + free.sum() * (torch.cdist(mine, others).mean() - torch.cdist(mine, mine).sum() / (2 * every))
    return score / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latents", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--until", required=True, help="minutes as in 15m")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--batch", type=int, default=384)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--noise", type=float, default=0.03, help="deviation of the noise on the latents that are learned")
    parser.add_argument("--flow", type=float, default=0.35, help="share of the time for the plain flow alone")
    parser.add_argument("--energy", type=float, default=0.1, help="weight of the energy score")
    parser.add_argument("--start", help="checkpoint to go on from")
    parser.add_argument("--seed", type=int, default=9)
    args = parser.parse_args()
    configure(args.seed)
    latents = load_latents(args.latents)
    values = torch.tensor([values_of(label) for label in load_labels(args.data)[: len(latents)]])
    denoiser = Denoiser(args.width, args.blocks)
    if args.start:
        denoiser.load_state_dict(torch.load(args.start)["denoiser"])
    average = Ema(denoiser, 0.999)
    trained = [p for p in denoiser.parameters() if p.requires_grad]
    print(f"{len(latents)} faces, {sum(p.numel() for p in denoiser.parameters())} weights", flush=True)
    optimizer = torch.optim.Adam(trained, args.rate, betas=(0.9, 0.99))
    clock = WallClock(float(args.until[:-1]) * 60, args.rate)
    step, sums = 0, np.zeros(3)
    while not clock.done():
        later = clock.progress() >= args.flow
        guided, stepped = (args.batch // 6, args.batch // 3) if later else (0, 0)
        chosen = torch.randint(0, len(latents), (args.batch,))
        data = latents[chosen] + args.noise * torch.randn(args.batch, latents.shape[1])
        noise = torch.randn_like(data)
        condition = condition_of(values[chosen], draw_known(args.batch))
        time = torch.sigmoid(torch.randn(args.batch) * 1.1 + 0.2)
        length = SHORTEST * torch.rand(args.batch) * (torch.rand(args.batch) < 0.5)
        guidance = torch.ones(args.batch)
        some, rest = slice(0, guided), slice(guided, guided + stepped)
        if later:
            guidance[some] = MOST_GUIDANCE * torch.rand(guided)
            guidance[rest] = draw_guidance(stepped)
            time[rest], length[rest] = draw_steps(stepped)
        x = (1 - time)[:, None] * data + time[:, None] * noise
        target = noise - data
        if later:
            target[some] = guided_flow(average.model, x[some], time[some], condition[some], guidance[some])
            target[rest] = two_halves(average.model, x[rest], time[rest], length[rest], condition[rest], guidance[rest])
        clock.apply(optimizer, step)
        error = (denoiser(x, time, length, condition, guidance) - target).pow(2).mean(1)
        loss = error.mean()
        if later and args.energy:
            mine = torch.randint(0, len(latents), (args.batch // 6,))
            known = draw_known(len(mine)) * (torch.rand(len(mine), 1) < 0.75)
            score = energy_score(denoiser, average.model, latents[mine], condition_of(values[mine], known), data)
            loss = loss + args.energy * score
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        step += 1
        average.update(denoiser, step)
        found = error.detach()
        sums += [found[guided + stepped :].mean().item()] + ([found[some].mean().item(), found[rest].mean().item()] if later else [0, 0])
        if step % 500 == 0:
            plain, steered, shortcut = sums / 500
            print(f"{step} {clock.elapsed():.0f}s flow {plain:.4f} guided {steered:.4f} shortcut {shortcut:.4f} {step * args.batch / clock.elapsed():.0f}/s", flush=True)
            sums[:] = 0
            save(args.out, {"denoiser": average.model.state_dict(), "width": args.width, "blocks": args.blocks, "step": step})
    save(args.out, {"denoiser": average.model.state_dict(), "width": args.width, "blocks": args.blocks, "step": step})
    print(f"{step} steps of {args.batch}", flush=True)


if __name__ == "__main__":
    main()

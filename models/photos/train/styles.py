"""The filters that the style directions learn. Images: [n, 3, height, width] in [0, 1], sizes multiples of 8, sRGB code values.

Each takes an amount in units, one number for the whole batch: nothing at 0 (the image itself, exactly), natural at 1, plainly the
style at 2, learned up to 3. Lengths are pixels of the picture as it is encoded, which is 256x256 or as many by default.

What depends on the whole picture (where the middle is, what lies in front, what is far) comes from `planes`, at an eighth of the
size: the edit network computes the same planes from the latent. Grain, paper and pencil strokes come from fixed tiles, which the
network holds as latents.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from photos.train.edits import blur, luma, shift_tone

TILE = 192  # pixels along each side of the tiles of grain and strokes, which repeat
FAR = 36.0  # the greatest squared distance from the colours of a margin, in variances


# Planes: what a position means in its picture

def coordinates(like: Tensor) -> tuple[Tensor, Tensor]:
    """x and y of each position, [n, 1, h, w], from -1 to 1 between the outer edges. (Sums of ones, which export to any size.)"""
    ones = torch.ones_like(like[:, :1])
    across, down = ones.cumsum(3), ones.cumsum(2)
    return (2 * across - 1) / ones.sum(3, keepdim=True) - 1, (2 * down - 1) / ones.sum(2, keepdim=True) - 1


def smooth(plane: Tensor, times: int = 2) -> Tensor:
    """Means of 3x3 neighbours, fewer at the edges."""
    for _ in range(times):
        plane = F.avg_pool2d(plane, 3, 1, 1, count_include_pad=False)
    return plane


def planes(colours: Tensor) -> Tensor:
    """x, y, foreground and distance, [n, 4, h, w], of mean colours [n, 3, h, w] of 8x8 pixels.

    Foreground, 0 to 1: how far a colour is from those along the top, the left and the right, nearer the middle more, parted in two
    classes by their means. Distance, 0 to 1: higher up, and where no channel is dark (sky, mist, far hills), smoothed.
    """
    x, y = coordinates(colours)
    red, green, blue = colours.split(1, 1)
    light = (red + green + blue) / 3
    opponents = torch.cat([0.7 * light, 1.6 * (red - green), 0.8 * (red + green) - 1.6 * blue], 1)
    nearest = torch.full_like(light, FAR)
    for margin in (torch.sigmoid(20 * (-0.8 - y)), torch.sigmoid(20 * (-0.8 - x)), torch.sigmoid(20 * (x - 0.8))):
        weight = margin / margin.sum((2, 3), keepdim=True)
        centre = (opponents * weight).sum((2, 3), keepdim=True)
        variance = ((opponents - centre).pow(2) * weight).sum((2, 3), keepdim=True) + 2e-3
        nearest = torch.minimum(nearest, ((opponents - centre).pow(2) / variance).sum(1, keepdim=True))
    raw = smooth(nearest.sqrt() * torch.exp(-(x * x + y * y * 0.7) / 0.9))
    raw = raw / (raw.amax((2, 3), keepdim=True) + 1e-3)
    threshold = raw.mean((2, 3), keepdim=True)
    for _ in range(4):
        above = torch.sigmoid(40 * (raw - threshold))
        high = (raw * above).sum((2, 3), keepdim=True) / (above.sum((2, 3), keepdim=True) + 1e-3)
        low = (raw * (1 - above)).sum((2, 3), keepdim=True) / ((1 - above).sum((2, 3), keepdim=True) + 1e-3)
        threshold = (high + low) / 2
    foreground = torch.sigmoid(12 * (raw - threshold))
    dark = torch.minimum(torch.minimum(red, green), blue)
    distance = smooth((0.55 * (1 - y) / 2 + 0.65 * dark).clamp(0, 1), 3)
    return torch.cat([x, y, foreground, distance], 1)


def planes_of(image: Tensor) -> tuple[Tensor, ...]:
    """The planes of a picture at its own size, each [n, 1, height, width]."""
    small = planes(F.avg_pool2d(image, 8))
    x, y = coordinates(image)
    front, distance = F.interpolate(small[:, 2:], size=image.shape[2:], mode="bilinear", align_corners=False).split(1, 1)
    return x, y, front, distance


# Tiles: the grain of film and paper, the strokes of a pencil

@lru_cache(maxsize=None)
def tiles() -> Tensor:
    """Grain and pencil strokes, [2, 1, 192, 192], of mean 0 and deviation 1, periodic; made with a fixed seed in double precision."""
    noise = np.random.default_rng(20).standard_normal((2, TILE, TILE))
    v, u = np.meshgrid(np.fft.fftfreq(TILE), np.fft.fftfreq(TILE), indexing="ij")
    along, across = (u - v) / math.sqrt(2), (u + v) / math.sqrt(2)
    grain = np.exp(-2 * (math.pi * 0.75) ** 2 * (u * u + v * v)) * (1 - np.exp(-2 * (math.pi * 5) ** 2 * (u * u + v * v)))
    strokes = np.exp(-2 * math.pi**2 * ((9.0 * along) ** 2 + (0.9 * across) ** 2))
    strokes = strokes * (1 - np.exp(-2 * (math.pi * 4) ** 2 * across * across))
    made = np.fft.ifft2(np.fft.fft2(noise) * np.stack([grain, strokes])).real
    made /= made.std((1, 2), keepdims=True)
    return torch.from_numpy(made).float()[:, None].clamp(-3, 3)


def tiled(index: int, like: Tensor) -> Tensor:
    """A tile laid over a picture from its top left, [1, 1, height, width]."""
    height, width = like.shape[2:]
    across = tiles()[index : index + 1].repeat(1, 1, -(-height // TILE), -(-width // TILE))
    return across[:, :, :height, :width]


# What filters share

def mix(a: Tensor, b: Tensor, share: Tensor | float) -> Tensor:
    return a + (b - a) * share


def wide_blur(image: Tensor, deviation: float) -> Tensor:
    """Gaussian blur; a wide one at a half or a quarter of the size."""
    factor = 1 if deviation < 3 else 2 if deviation < 8 else 4
    if factor == 1:
        return blur(image, max(deviation, 0.2))
    small = F.avg_pool2d(image, factor)
    limit = (min(small.shape[2:]) - 1) / 3.2
    small = blur(small, min(deviation / factor, limit))
    return F.interpolate(small, size=image.shape[2:], mode="bilinear", align_corners=False)


def vignette(x: Tensor, y: Tensor, strength: float) -> Tensor:
    """A factor of the light: 1 in the middle, 1 - strength in the corners."""
    return 1 - strength * ((x * x + y * y) / 2).pow(1.3)


def split_tone(image: Tensor, dark: tuple[float, ...], bright: tuple[float, ...], amount: float) -> Tensor:
    """Shifts the log-odds of the channels, in the shadows by `dark` and in the lights by `bright`."""
    weight = luma(image)
    parts = []
    for channel, low, high in zip(image.split(1, 1), dark, bright):
        parts.append(shift_tone(channel, amount * mix(torch.full_like(weight, low), torch.full_like(weight, high), weight)))
    return torch.cat(parts, 1)


def saturation(image: Tensor, gain: float) -> Tensor:
    grey = luma(image)
    return grey + (image - grey) * gain


def s_curve(image: Tensor, strength: float, middle: float = 0.45) -> Tensor:
    """Scales the log-odds about a middle grey by exp(strength): contrast that clips nothing."""
    gain = math.exp(strength)
    odds = torch.logit(image.clamp(1 / 512, 1 - 1 / 512))
    centre = math.log(middle / (1 - middle))
    return torch.sigmoid((odds - centre) * gain + centre)


def structure(image: Tensor, deviation: float) -> tuple[Tensor, Tensor, Tensor]:
    """The direction along edges (unit vectors x, y) and the anisotropy 0..1, by the smoothed structure tensor of Sobel gradients."""
    sobel = image.new_tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    count = image.shape[1]
    padded = F.pad(image, [1] * 4, mode="replicate")
    dx = F.conv2d(padded, sobel.repeat(count, 1, 1, 1), groups=count)
    dy = F.conv2d(padded, sobel.T.repeat(count, 1, 1, 1), groups=count)
    tensor = torch.cat([(dx * dx).sum(1, True), (dx * dy).sum(1, True), (dy * dy).sum(1, True)], 1)
    xx, xy, yy = blur(tensor, deviation).split(1, 1)
    angle = 0.5 * torch.atan2(2 * xy, xx - yy) + math.pi / 2
    spread = ((xx - yy).pow(2) + 4 * xy * xy).sqrt()
    return angle.cos(), angle.sin(), spread / (xx + yy + 1e-5)


def along_flow(image: Tensor, flow: tuple[Tensor, Tensor], length: float) -> Tensor:
    """Line integral convolution: Gaussian means along the field, whose sign does not matter, `length` pixels to either side."""
    n, _, height, width = image.shape
    unit = image.new_tensor([2 / width, 2 / height])
    x, y = coordinates(image)
    start = torch.cat([x, y], 1)
    field = torch.cat(flow, 1)
    steps = max(1, math.ceil(length / 1.5))
    stride = length / steps
    total, weight = image.clone(), 1.0
    for sign in (1.0, -1.0):
        place, heading = start, field * sign
        for step in range(1, steps + 1):
            place = place + heading * (stride * unit)[:, None, None]
            grid = place.permute(0, 2, 3, 1)
            sampled = F.grid_sample(torch.cat([image, field], 1), grid, padding_mode="border", align_corners=False)
            share = math.exp(-2 * (step / steps) ** 2)
            total = total + share * sampled[:, :-2]
            weight += share
            turned = sampled[:, -2:]
            turned = turned * torch.sign((turned * heading).sum(1, True) + 1e-6)
            heading = turned / turned.norm(dim=1, keepdim=True).clamp_min(1e-3)
    return total / weight


@lru_cache(maxsize=64)
def sectors(radius: float, count: int = 8) -> Tensor:
    """The weights of Kuwahara's sectors, [count, 1, k, k], each summing to 1: overlapping wedges under a Gaussian."""
    reach = math.ceil(radius)
    y, x = torch.meshgrid(torch.arange(-reach, reach + 1.0), torch.arange(-reach, reach + 1.0), indexing="ij")
    distance = (x * x + y * y).sqrt()
    inside = torch.exp(-2 * (distance / radius) ** 2) * (distance <= radius + 0.5)
    kernels = []
    for i in range(count):
        turn = torch.atan2(y, x) - 2 * math.pi * i / count
        turn = torch.atan2(turn.sin(), turn.cos()).abs() * count / (2 * math.pi)
        wedge = (1 - turn).clamp_min(0) * (distance > 0) + (distance == 0) / count
        kernels.append(inside * wedge)
    stack = torch.stack(kernels)[:, None]
    return stack / stack.sum((1, 2, 3), keepdim=True)


def kuwahara(image: Tensor, radius: float, sharpness: float = 8.0) -> Tensor:
    """Generalised Kuwahara filter (Papari et al. 2007): the means of eight sectors, those of little variance most."""
    if radius < 0.3:
        return image
    kernels = sectors(round(radius, 2))
    n, channels, height, width = image.shape
    reach = kernels.shape[-1] // 2
    padded = F.pad(image, [reach] * 4, mode="replicate")
    both = torch.cat([padded, padded * padded]).reshape(2 * n * channels, 1, *padded.shape[2:])
    means = F.conv2d(both, kernels).reshape(2, n, channels, len(kernels), height, width)
    variance = (means[1] - means[0].pow(2)).clamp_min(0).sum(1)
    weight = 1 / (1 + (255 * variance.sqrt() / 4).pow(sharpness))
    weight = weight.clamp_min(1e-9)
    return (means[0] * weight[:, None]).sum(2) / weight.sum(1)[:, None]


# The styles

def cinematic(image: Tensor, a: float) -> Tensor:
    """Local contrast, a film's tone curve with lifted black, teal shadows and orange lights, a vignette."""
    x, y, *_ = planes_of(image)
    grey = luma(image)
    local = grey - wide_blur(grey, 10)
    out = (image + 0.22 * a * local * (1 - (2 * grey - 1).pow(2))).clamp(0, 1)
    out = s_curve(out, 0.16 * a, 0.48)
    out = split_tone(out, (-0.42, 0.0, 0.34), (0.30, -0.04, -0.30), a)
    out = saturation(out, 1 - 0.06 * a).clamp(0, 1)
    black = 0.018 * a
    out = black + out * (1 - black - 0.012 * a)
    return (out * vignette(x, y, 1 - math.exp(-0.32 * a))).clamp(0, 1)


def vintage(image: Tensor, a: float) -> Tensor:
    """The response of an old print: faded black, cream white, crossed curves, red halation about lights, grain."""
    x, y, *_ = planes_of(image)
    lights = (image - 0.62).clamp_min(0).amax(1, keepdim=True) / 0.38
    glow = wide_blur(lights, 5)
    halo = torch.cat([glow, 0.42 * glow, 0.12 * glow], 1) * (0.20 * a)
    out = 1 - (1 - image) * (1 - halo).clamp(0, 1)
    out = saturation(out, math.exp(-0.22 * a)).clamp(0, 1)
    share = 1 - math.exp(-0.75 * a)
    red, green, blue = out.split(1, 1)
    faded = torch.cat([
        0.15 + 0.83 * s_curve(red, 0.25, 0.40), 0.115 + 0.81 * s_curve(green, 0.15, 0.45), 0.165 + 0.56 * blue,
    ], 1)
    out = mix(out, faded, share)
    grey = luma(out)
    grain = 0.008 * a * tiled(0, image) * (4 * grey * (1 - grey)).clamp_min(0).sqrt()
    return ((out + grain) * vignette(x, y, 1 - math.exp(-0.16 * a))).clamp(0, 1)


def painting(image: Tensor, a: float) -> Tensor:
    """Oil: generalised Kuwahara means, drawn out along the structure tensor, with the relief of thick paint.

    Edges of strokes are as soft as a latent can hold them (a Gaussian of 0.7 pixels); what makes them crisp is their contrast.
    """
    share = min(1.0, 1.6 * a)
    out = kuwahara(image, 2.0 + 1.55 * a)
    cos, sin, _ = structure(out, 2.0 + 0.8 * a)
    out = along_flow(out, (cos, sin), 2.0 + 3.0 * a)
    out = blur(kuwahara(out, 1.2 + 0.9 * a), 0.7)
    out = out + 0.9 * (out - wide_blur(out, 2.9))
    out = saturation(out, 1 + 0.28 * a)
    out = s_curve(out.clamp(0, 1), 0.13 * a)
    height = blur(luma(out), 1.5)
    relief = F.pad(height, [1, 1, 1, 1], mode="replicate")
    relief = relief[:, :, 2:, 2:] - relief[:, :, :-2, :-2]
    out = out + 0.15 * a * relief.clamp(-0.2, 0.2)
    return mix(image, out, share).clamp(0, 1)


def sketch(image: Tensor, a: float) -> Tensor:
    """Pencil on paper: lines by flow-based extended difference of Gaussians (Winnemoeller et al. 2012), tones as strokes."""
    grey = luma(image)
    smoothed = kuwahara(image, 2.0)
    cos, sin, _ = structure(smoothed, 2.0)
    base = luma(smoothed)
    narrow, broad = blur(base, 0.8), blur(base, 1.6)
    edges = along_flow((narrow - broad), (cos, sin), 3.0)
    lines = (1 + torch.tanh(26 * (edges + 0.004).clamp_max(0))).clamp(0, 1)
    tone = wide_blur(base, 1.0)
    paper = 1 - 0.62 * (1 - tone).pow(1.6)
    hatch = 0.12 * (1 - tone).pow(1.1) * tiled(1, image)
    pencil = ((paper + hatch) * mix(torch.ones_like(lines), lines, 0.92)).clamp(0, 1)
    drawn = pencil * image.new_tensor([0.99, 0.98, 0.955])[:, None, None]
    share = 1 - math.exp(-1.6 * a * a) if a < 1 else 1 - math.exp(-1.6 * a)
    colour = math.exp(-0.9 * a)
    chroma = (image - grey) * colour
    return mix(image, (drawn + chroma * (0.4 + 0.6 * pencil)).clamp(0, 1), share).clamp(0, 1)


def watercolour(image: Tensor, a: float) -> Tensor:
    """Washes with pigment gathered at their edges, light left as paper, granulation; edges as soft as a latent can hold them."""
    share = min(1.0, 1.4 * a)
    out = kuwahara(image, 1.5 + 1.1 * a, 6.0)
    out = blur(kuwahara(out, 1.2 + 0.8 * a, 6.0), 0.7)
    grey = luma(out)
    gradient = F.pad(blur(grey, 1.4), [1, 1, 1, 1], mode="replicate")
    edge = ((gradient[:, :, 1:-1, 2:] - gradient[:, :, 1:-1, :-2]).pow(2)
            + (gradient[:, :, 2:, 1:-1] - gradient[:, :, :-2, 1:-1]).pow(2)).sqrt()
    lift = 1 - math.exp(-0.55 * a)
    out = 1 - (1 - out) * (1 - lift * (0.22 + 0.75 * grey))
    out = saturation(out, 1 + 0.28 * a).clamp(0, 1)
    density = 1 + a * (0.75 * (edge * 5.5).clamp(0, 1) + 0.022 * tiled(0, image))
    out = out.clamp(1 / 512, 1).pow(density)
    return mix(image, out, share).clamp(0, 1)


def night(image: Tensor, a: float) -> Tensor:
    """Day for night: little light, most taken from the sky, colours gone to blue, moonlight left on the brightest."""
    x, y, _, distance = planes_of(image)
    linear = image.clamp_min(0).pow(2.2)
    dimmed = linear * torch.exp(-a * (0.42 + 0.75 * distance))
    grey = (dimmed * image.new_tensor([0.10, 0.50, 0.40])[:, None, None]).sum(1, keepdim=True)
    tint = image.new_tensor([0.50, 0.86, 1.62])[:, None, None]
    out = mix(dimmed, grey * tint, 1 - math.exp(-1.0 * a))
    out = out.clamp_min(1e-7).pow(1 / 2.2)
    out = out + 0.012 * a * image.new_tensor([0.2, 0.6, 1.6])[:, None, None]
    return (out * vignette(x, y, 1 - math.exp(-0.2 * a))).clamp(0, 1)


def golden_hour(image: Tensor, a: float) -> Tensor:
    """Low sun from the upper left: a warm glow, golden lights, violet shadows, softened contrast."""
    x, y, _, distance = planes_of(image)
    out = split_tone(image, (0.16, -0.14, 0.10), (0.52, 0.0, -0.66), a)
    out = saturation(out, 1 + 0.06 * a).clamp(0, 1)
    sun = torch.exp(-((x + 0.65).pow(2) + (y + 0.75).pow(2)) / 1.1) * (0.45 + 0.55 * distance)
    bloom = wide_blur(out, 8)
    light = (0.30 * a * sun + 0.05 * a * luma(bloom)).clamp(0, 0.9)
    glow = image.new_tensor([1.0, 0.66, 0.32])[:, None, None]
    out = 1 - (1 - out) * (1 - light * glow)
    return (out * (1 - 0.05 * a * (1 - sun))).clamp(0, 1)


def haze(image: Tensor, a: float) -> Tensor:
    """Mist that thickens with distance (Koschmieder): light fades towards that of the air."""
    *_, distance = planes_of(image)
    bright = F.avg_pool2d(image, 8).flatten(2).mean(2)[:, :, None, None]
    air = 0.72 + 0.14 * bright + image.new_tensor([-0.02, 0.0, 0.025])[:, None, None]
    left = torch.exp(-a * (0.12 + 1.25 * distance.pow(1.3)))
    soft = mix(image, wide_blur(image, 1.6), (1 - left) * 0.6)
    return mix(air, soft, left).clamp(0, 1)


def bokeh(image: Tensor, a: float) -> Tensor:
    """What does not belong to the foreground out of focus (without its light), the bright of it spread and blooming."""
    *_, front, _ = planes_of(image)
    behind = 1 - front
    bright = image.pow(2.2) * (1 + 1.5 * luma(image).pow(4))
    light = torch.cat([bright * behind, behind], 1) + 1e-3 * torch.cat([bright, torch.ones_like(behind)], 1)
    near, far = (wide_blur(light, deviation) for deviation in (0.9 * a + 0.2, 2.6 * a + 0.2))
    near, far = near[:, :3] / near[:, 3:], far[:, :3] / far[:, 3:]
    blurred = mix(near, far, behind).clamp_min(1e-7).pow(1 / 2.2).clamp(0, 1)
    return mix(image, blurred, (behind * 1.4).clamp(0, 1) * min(1.0, 2 * a)).clamp(0, 1)


STYLES: dict[str, Callable[[Tensor, float], Tensor]] = {
    "cinematic": cinematic, "vintage": vintage, "painting": painting, "sketch": sketch, "watercolour": watercolour,
    "night": night, "golden-hour": golden_hour, "haze": haze, "bokeh": bokeh,
}
STYLE_NAMES = tuple(STYLES)
REACH = 3.0  # how far they are learned, in units


# The share of the source's own detail (what encoding and decoding loses) that stays in the picture, for each unit.
DETAIL = {
    "cinematic": 1.0, "vintage": 0.8, "painting": 0.15, "sketch": 0.1, "watercolour": 0.15,
    "night": 0.6, "golden-hour": 1.0, "haze": 0.6, "bokeh": 0.5,
}


def stylise(image: Tensor, amounts: dict[str, float]) -> Tensor:
    """The picture in styles by name, one after the other in the order of STYLES; amounts that are not above 0 change nothing."""
    for name, style in STYLES.items():
        if amounts.get(name, 0) > 0:
            image = style(image, amounts[name])
    return image

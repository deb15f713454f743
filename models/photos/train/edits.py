"""The true edits that the directions learn, and the measures of what they change. Images: [n, 3, height, width] in [0, 1].

All work on sRGB code values with the luma of Rec. 709, Y = 0.2126 R + 0.7152 G + 0.0722 B; what is left of a colour without
its luma is its chroma, RGB - Y. Tone curves shift or scale log-odds, ln(x / (1 - x)), so black and white stay where they are and
nothing is clipped for them; a shift by +k undoes one by -k.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

NAMES = ("brightness", "contrast", "saturation", "warmth", "sharpness")

# The strength of one unit of each edit, and how far it is learned, in units. One unit up and one down move the measure by two standard
# deviations over natural pictures, on average (`directions.py units` prints it).
UNITS = {"brightness": 1.1, "contrast": 0.65, "saturation": 0.74, "warmth": 0.55, "sharpness": 0.75}
RANGE = {"brightness": 3.0, "contrast": 3.0, "saturation": 3.0, "warmth": 3.0, "sharpness": 2.0}
# Where they look right: what pack.json gives as their range.
USEFUL = {"brightness": (-3, 3), "contrast": (-2, 3), "saturation": (-2, 2), "warmth": (-3, 3), "sharpness": (-2, 2)}
# The share of a picture's own detail (what encoding and decoding loses) that one unit leaves: most of what sharpening does is to that.
DETAIL = {"brightness": 1.0, "contrast": 1.4, "saturation": 1.0, "warmth": 1.0, "sharpness": 1.9}
BLUR = 1.2  # deviation in pixels of the Gaussian that parts detail from the rest
EPSILON = 1 / 512


def luma(image: Tensor) -> Tensor:
    """Rec. 709 luma of code values, [n, 1, height, width]."""
    return (image * image.new_tensor([0.2126, 0.7152, 0.0722])[:, None, None]).sum(1, keepdim=True)


def blur(image: Tensor, deviation: float = BLUR) -> Tensor:
    """Gaussian blur, edges reflected."""
    radius = int(3 * deviation + 0.5)
    x = torch.arange(-radius, radius + 1, dtype=image.dtype)
    line = torch.exp(-0.5 * (x / deviation) ** 2)
    line = line / line.sum()
    channels = image.shape[1]
    padded = F.pad(image, [radius] * 4, mode="reflect")
    padded = F.conv2d(padded, line.view(1, 1, 1, -1).repeat(channels, 1, 1, 1), groups=channels)
    return F.conv2d(padded, line.view(1, 1, -1, 1).repeat(channels, 1, 1, 1), groups=channels)


def log_odds(x: Tensor) -> Tensor:
    return torch.logit(x.clamp(EPSILON, 1 - EPSILON))


def shift_tone(x: Tensor, shift: Tensor) -> Tensor:
    """x with its log-odds shifted: g x / (1 + (g - 1) x), g = exp(shift)."""
    gain = shift.exp()
    return gain * x / (1 + (gain - 1) * x)


def sharpen(image: Tensor, gain: Tensor) -> Tensor:
    """Multiplies the detail of the luma (what a Gaussian blur takes away) by `gain`."""
    y = luma(image)
    return (image + (gain - 1) * (y - blur(y))).clamp(0, 1)


def brighten(image: Tensor, shift: Tensor) -> Tensor:
    """Shifts the log-odds of every channel."""
    return shift_tone(image, shift)


def stretch(image: Tensor, gain: Tensor) -> Tensor:
    """Scales the log-odds of the luma about those of the mean luma, and keeps the mean luma and the chroma."""
    y = luma(image)
    middle = y.mean((2, 3), keepdim=True)
    odds = log_odds(middle)
    curve = torch.sigmoid((log_odds(y) - odds) * gain + odds)
    curve = curve + (middle - curve.mean((2, 3), keepdim=True))
    return (image + curve - y).clamp(0, 1)


def saturate(image: Tensor, gain: Tensor) -> Tensor:
    """Multiplies the chroma, in each pixel as far as its colour can be shown (hue and luma stay)."""
    y = luma(image)
    chroma = image - y
    room = torch.where(chroma > 0, (1 - y) / chroma.clamp_min(1e-4), y / (-chroma).clamp_min(1e-4)).amin(1, keepdim=True)
    return y + chroma * torch.minimum(gain.expand_as(room), room.clamp_min(1))


def warm(image: Tensor, shift: Tensor) -> Tensor:
    """Shifts the log-odds of red up and of blue down, of green a little down, then puts the luma back as far as colours can be shown."""
    moved = torch.cat([shift_tone(image[:, i : i + 1], shift * s) for i, s in enumerate((1.0, 0.0, -1.0))], 1)
    return (moved + luma(image) - luma(moved)).clamp(0, 1)


def edit(image: Tensor, amounts: Tensor) -> Tensor:
    """Applies the five edits by `amounts` [n, 5] (units, in the order of NAMES), sharpness first."""
    brightness, contrast, saturation, warmth, sharpness = (
        amounts[:, i, None, None, None] * UNITS[name] for i, name in enumerate(NAMES)
    )
    image = sharpen(image, sharpness.exp())
    image = brighten(image, brightness)
    image = stretch(image, contrast.exp())
    image = saturate(image, saturation.exp())
    return warm(image, warmth)


def measure(image: Tensor) -> Tensor:
    """The five measures [n, 5]: mean luma; deviation of luma; deviation of chroma about its mean over the picture (so that a cast
    is not saturation); mean red minus blue; detail of the luma (mean absolute) per its deviation."""
    y = luma(image)
    spread = y.flatten(1).std(1, unbiased=False)
    chroma = (image - y).flatten(2)
    colour = (chroma - chroma.mean(2, keepdim=True)).pow(2).sum(1).mean(1).sqrt()
    red_blue = (image[:, 0] - image[:, 2]).flatten(1).mean(1)
    detail = (y - blur(y)).abs().flatten(1).mean(1)
    return torch.stack([y.flatten(1).mean(1), spread, colour, red_blue, detail / spread.clamp_min(0.02)], 1)

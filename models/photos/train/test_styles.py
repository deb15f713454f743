"""What must hold of the filters, whatever they look like: PYTHONPATH=models python3 -m unittest photos.train.test_styles"""

from __future__ import annotations

import math
import unittest

import torch

from photos.train import styles
from photos.train.learn_edits import STYLES, TONES
from photos.train.styles import STYLE_NAMES, kuwahara, planes, stylise


def picture(height: int = 64, width: int = 96) -> torch.Tensor:
    """Noise over a gradient, with a bright disc."""
    torch.manual_seed(3)
    x, y = styles.coordinates(torch.zeros(1, 1, height, width))
    disc = ((x * x + y * y) < 0.2).float()
    base = torch.cat([0.5 + 0.3 * x, 0.5 - 0.3 * y, 0.4 + 0.2 * x * y], 1) * (1 - disc) + 0.9 * disc
    return (base + 0.05 * torch.randn(1, 3, height, width)).clamp(0, 1)


def deviation(image: torch.Tensor) -> float:
    return float(image.std(dim=(2, 3)).mean())


class Styles(unittest.TestCase):
    def test_nothing_at_zero_and_below(self) -> None:
        image = picture()
        for name in STYLE_NAMES:
            for amount in (0.0, -1.0):
                self.assertTrue(torch.equal(stylise(image, {name: amount}), image), name)
        self.assertEqual(STYLES.detail_left(STYLES.row({"watercolour": -2.0, "sketch": 0.0})).item(), 1.0)

    def test_continuous_and_within_bounds(self) -> None:
        image = picture()
        for name in STYLE_NAMES:
            little = (stylise(image, {name: 1e-3}) - image).abs().max()
            self.assertLess(float(little), 0.02, name)
            for amount in (0.5, 1.0, 2.0, 3.0):
                made = stylise(image, {name: amount})
                self.assertGreaterEqual(float(made.min()), 0, name)
                self.assertLessEqual(float(made.max()), 1, name)
                near = stylise(image, {name: amount + 0.004})
                self.assertLess(float((near - made).abs().mean()), 0.01, f"{name} at {amount}")

    def test_more_is_more(self) -> None:
        image = picture()
        for name in STYLE_NAMES:
            one, two = ((stylise(image, {name: a}) - image).pow(2).mean().sqrt() for a in (1.0, 2.0))
            self.assertGreater(float(one), 0.01, name)
            if name != "bokeh":  # the noise, most of its change here, is gone at 1
                self.assertGreater(float(two), 1.1 * float(one), name)

    def test_kuwahara_keeps_constants_and_edges(self) -> None:
        flat = torch.full((1, 3, 24, 24), 0.37)
        self.assertLess(float((kuwahara(flat, 4.0) - flat).abs().max()), 1e-5)
        step = torch.zeros(1, 3, 32, 32)
        step[..., 16:] = 0.8
        made = kuwahara(step, 4.0)
        self.assertLess(float((made - step).abs().max()), 0.08)  # a Gaussian of this width leaves half of the step
        noise = 0.5 + 0.1 * torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(1))
        self.assertLess(deviation(kuwahara(noise, 4.0)), 0.6 * deviation(noise))

    def test_smoothing_styles_keep_a_constant_picture_constant(self) -> None:
        flat = torch.full((1, 3, 64, 64), 0.6)
        for name in ("painting", "bokeh"):
            self.assertLess(deviation(stylise(flat, {name: 2.0})), 1e-3, name)

    def test_along_flow_keeps_stripes_along_it(self) -> None:
        stripes = (torch.arange(32) % 4 < 2).float().reshape(1, 1, 1, 32).repeat(1, 1, 32, 1)
        down = (torch.zeros(1, 1, 32, 32), torch.ones(1, 1, 32, 32))
        across = (torch.ones(1, 1, 32, 32), torch.zeros(1, 1, 32, 32))
        self.assertLess(float((styles.along_flow(stripes, down, 6.0) - stripes).abs().max()), 1e-4)
        self.assertLess(float(styles.along_flow(stripes, across, 6.0)[..., 8:-8].std()), 0.3 * float(stripes.std()))

    def test_haze_follows_its_law(self) -> None:
        image = torch.zeros(1, 3, 64, 64)
        one, two = (stylise(image, {"haze": a}) for a in (1.0, 2.0))
        air = 0.72 + torch.tensor([-0.02, 0.0, 0.025])[:, None, None]
        self.assertTrue(torch.allclose(1 - two / air, (1 - one / air) ** 2, atol=1e-4))

    def test_planes(self) -> None:
        colours = torch.full((1, 3, 16, 24), 0.2)
        colours[:, 0, 6:11, 9:15] = 0.9
        x, y, front, distance = planes(colours)[0]
        self.assertTrue(math.isclose(float(x[0, 0]), -1 + 1 / 24, abs_tol=1e-6))
        self.assertTrue(math.isclose(float(y[-1, 0]), 1 - 1 / 16, abs_tol=1e-6))
        self.assertGreater(float(front[8, 12]), 0.9)
        self.assertLess(float(front[0].max()), 0.3)
        self.assertGreater(float(distance[0, 0]), float(distance[-1, 0]))

    def test_tiles(self) -> None:
        tiles = styles.tiles()
        self.assertTrue(torch.allclose(tiles.mean((2, 3)), torch.zeros(2, 1), atol=0.01))
        self.assertTrue(torch.allclose(tiles.std((2, 3)), torch.ones(2, 1), atol=0.05))


if __name__ == "__main__":
    unittest.main()

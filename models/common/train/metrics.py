"""Image quality and cost. Images are float tensors [n, 3, height, width] in [0, 1]."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """PSNR in dB of each image of a batch."""
    return -10 * torch.log10(((a - b) ** 2).flatten(1).mean(1).clamp_min(1e-12))


def ssim(a: Tensor, b: Tensor, window: int = 7) -> Tensor:
    """SSIM of each image of a batch: uniform window, per colour channel, constants 0.01 and 0.03."""
    kernel = torch.full((3, 1, window, window), 1 / window**2, device=a.device)

    def blur(t: Tensor) -> Tensor:
        return F.conv2d(t, kernel, groups=3)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mean_a * mean_b + c1) * (2 * covariance + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return value.flatten(1).mean(1)


@torch.no_grad()
def gflop(module: nn.Module, *inputs: Tensor) -> float:
    """GFLOP (a multiply and an add are two) of the convolutions and linear layers in one forward pass."""
    total = 0

    def count_conv(layer: nn.Conv2d, _: tuple, out: Tensor) -> None:
        nonlocal total
        total += 2 * out[0, 0].numel() * out.shape[0] * layer.weight.numel()

    def count_linear(layer: nn.Linear, args: tuple, _: Tensor) -> None:
        nonlocal total
        total += 2 * (args[0].numel() // args[0].shape[-1]) * layer.weight.numel()

    hooks = [m.register_forward_hook(count_conv) for m in module.modules() if isinstance(m, nn.Conv2d)]
    hooks += [m.register_forward_hook(count_linear) for m in module.modules() if isinstance(m, nn.Linear)]
    module(*inputs)
    for hook in hooks:
        hook.remove()
    return total / 1e9

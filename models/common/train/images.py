"""Reading pictures, and laying them out to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def load_square(path: str | Path, size: int) -> Tensor:
    """A picture centre-cropped to a square and resized (Lanczos): [1, 3, size, size] in [0, 1]."""
    image = Image.open(path).convert("RGB")
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    image = image.crop((left, top, left + side, top + side)).resize((size, size), Image.LANCZOS)
    return to_tensor(np.asarray(image)[None])


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 [n, height, width, 3] to float [n, 3, height, width] in [0, 1]."""
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float().div_(255)


def to_uint8(images: Tensor) -> np.ndarray:
    """float [n, 3, height, width] in [0, 1] to uint8 [n, height, width, 3]."""
    return (images.detach().float().clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous().cpu().numpy()


def contact_sheet(rows: Sequence[Tensor], path: str | Path, gap: int = 4, quality: int = 88) -> None:
    """Writes rows of images (each [n, 3, height, width], all of one size) as one picture."""
    height, width = rows[0].shape[-2:]
    columns = max(len(row) for row in rows)
    sheet = np.full((len(rows) * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for r, row in enumerate(rows):
        for c, tile in enumerate(to_uint8(row)):
            y, x = r * (height + gap), c * (width + gap)
            sheet[y : y + height, x : x + width] = tile
    options = {} if str(path).endswith(".png") else {"quality": quality}
    Image.fromarray(sheet).save(path, **options)

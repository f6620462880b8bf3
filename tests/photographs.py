"""Small pictures for the tests, cut from the shipped samples or made up."""

from __future__ import annotations

import numpy as np

from viewer.imaging.image import Image, Pixels
from viewer.imaging.reader import load_image
from viewer.system.resources import sample_images


def sample_crop(height: int, width: int, name: str = "heron") -> Image:
    """The middle of a shipped sample photograph."""
    path = next(sample.path for sample in sample_images() if sample.name == name)
    pixels = load_image(path).pixels
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return Image(np.ascontiguousarray(pixels[top : top + height, left : left + width]), f"{name} {width}x{height}")


def noise(height: int, width: int, seed: int = 0) -> Image:
    """A picture that no codec likes."""
    rng = np.random.default_rng(seed)
    return Image(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), f"noise {width}x{height}")


def flat(height: int, width: int, colour: tuple[int, int, int] = (40, 120, 200)) -> Image:
    """One colour."""
    return Image(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)).copy(), f"flat {width}x{height}")


def mean_squared_error(a: Pixels, b: Pixels) -> float:
    """On the 0..255 scale."""
    return float(np.mean((a.astype(float) - b.astype(float)) ** 2))

"""Pictures without colour, and of one colour: found before they are coded, kept exact when they are decoded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_ROWS = 64
"""Looked at together: photographs differ in the first few, and large pictures are not copied whole."""


def is_grey(pixels: Pixels) -> bool:
    """Whether R = G = B in every pixel of uint8 (H, W, 3)."""
    return all((rows == rows[:, :, :1]).all() for rows in _bands(pixels))


def is_one_colour(pixels: Pixels) -> bool:
    """Whether every pixel of uint8 (H, W, 3) is the same."""
    return all((rows == pixels[0, 0]).all() for rows in _bands(pixels))


def make_grey(pixels: Pixels) -> None:
    """Put the mean of R, G and B in the place of each, in place: what the three were wrong by evens out."""
    for rows in _bands(pixels):
        total = rows.sum(axis=2, dtype=np.uint16)
        rows[:] = ((total + 1) // 3).astype(np.uint8)[:, :, None]


def _bands(pixels: Pixels) -> Iterator[Pixels]:
    return (pixels[top : top + _ROWS] for top in range(0, len(pixels), _ROWS))

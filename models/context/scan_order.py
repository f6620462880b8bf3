"""The order in which the context model codes latent positions, and the neighbours of each position.

A group of channels is coded in passes over a 4x4 pattern of positions. Two passes are a checkerboard; more passes nest
coarser grids in it (like interlaced PNG), so that fewer symbols are coded without any known neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

PATTERNS: Final[dict[int, tuple[tuple[int, ...], ...]]] = {
    1: ((0,) * 4,) * 4,
    2: ((0, 1, 0, 1), (1, 0, 1, 0)) * 2,
    4: ((0, 2, 0, 2), (3, 1, 3, 1)) * 2,
    6: ((0, 4, 2, 4), (5, 3, 5, 3), (2, 4, 1, 4), (5, 3, 5, 3)),
}
"""Pass of each position in the 4x4 pattern, by number of passes."""


def pattern(passes: int) -> NDArray[np.int64]:
    """The 4x4 pattern for a number of passes. Raises KeyError if there is none."""
    return np.array(PATTERNS[passes], np.int64)


@lru_cache
def known_taps(passes: int, number: int, kernel: int) -> tuple[int, ...]:
    """Taps (row * kernel + column) of a kernel x kernel window that are known in pass `number` of `passes`."""
    phases = pattern(passes)
    radius = kernel // 2
    taps = []
    for tap in range(kernel * kernel):
        dy, dx = tap // kernel - radius, tap % kernel - radius
        shifted = np.roll(phases, (-dy, -dx), (0, 1))
        if ((phases == number) & (shifted < number)).any():
            taps.append(tap)
    return tuple(taps)


@dataclass(frozen=True, eq=False)
class Grid:
    """A picture's latent positions, height x width, as rows of a matrix, with a border of one position.

    Row (y + 1) * stride + x + 1 is position (y, x). Row 0 is part of the border: it stays zero, and stands for every
    neighbour outside the picture.
    """

    height: int
    width: int

    @property
    def stride(self) -> int:
        return self.width + 2

    @property
    def rows(self) -> int:
        return (self.height + 2) * self.stride

    @cached_property
    def row(self) -> NDArray[np.int64]:
        """Row of each position, (height, width)."""
        y, x = np.mgrid[: self.height, : self.width]
        row: NDArray[np.int64] = (y + 1) * self.stride + x + 1
        return row

    @property
    def inner(self) -> slice:
        """From the first to the last position: rows for which the rows of all eight neighbours exist."""
        return slice(self.stride + 1, self.rows - self.stride - 1)

    def shift(self, tap: int) -> int:
        """Offset in rows from a position to its neighbour at a tap of the 3x3 window."""
        return (tap // 3 - 1) * self.stride + tap % 3 - 1

    def of_pass(self, passes: int, number: int) -> NDArray[np.int64]:
        """Flat indices (y * width + x) of a pass's positions, in raster order. Read-only."""
        return _of_pass(self.height, self.width, passes, number)

    def neighbours(self, passes: int, number: int, kernel: int) -> NDArray[np.int64]:
        """Rows of the known neighbours of a pass's positions, (positions, taps); row 0 for those outside.

        Taps are those of `known_taps`. Read-only.
        """
        return _neighbours(self.height, self.width, passes, number, kernel)


@lru_cache(maxsize=64)
def _of_pass(height: int, width: int, passes: int, number: int) -> NDArray[np.int64]:
    phases = np.tile(pattern(passes), (-(-height // 4), -(-width // 4)))[:height, :width]
    return np.flatnonzero(phases == number)


@lru_cache(maxsize=64)
def _neighbours(height: int, width: int, passes: int, number: int, kernel: int) -> NDArray[np.int64]:
    positions = _of_pass(height, width, passes, number)
    tap = np.array(known_taps(passes, number, kernel), np.int64)
    y = positions[:, None] // width + tap // kernel - kernel // 2
    x = positions[:, None] % width + tap % kernel - kernel // 2
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    return np.where(inside, (y + 1) * (width + 2) + x + 1, 0)

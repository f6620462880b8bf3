"""Divides large pictures into parts, refined one after the other, to bound time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.nn.layers import STRIDE
from models.refine.annealing import Window

WHOLE_UP_TO: Final = 96 * 96
"""Latent positions that are refined as one part: 2.4 megapixels."""

_SIDE: Final = 64
"""Of other parts, in latent positions."""

_FRAME: Final = 4
"""Positions around a part that its picture is made with but that stay as they are.

The kernels reach 28 pixels, so that half the frame is shown as it will be, and compared.
"""


@dataclass(frozen=True)
class Part:
    """Rows and columns of latent positions, with the frame; and what of them may move and is compared."""

    rows: slice
    columns: slice
    window: Window

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the picture that are compared."""
        top, left = self.rows.start * STRIDE, self.columns.start * STRIDE
        rows, columns = self.window.compared
        return slice(top + rows.start, top + rows.stop), slice(left + columns.start, left + columns.stop)


def parts_of(height: int, width: int) -> list[Part]:
    """The parts of a picture of this size, from the top."""
    rows, columns = -(-height // STRIDE), -(-width // STRIDE)
    if rows * columns <= WHOLE_UP_TO:
        return [Part(slice(0, rows), slice(0, columns), Window.whole(height, width))]
    return [
        Part(across_rows.outer, across_columns.outer, _window(across_rows, across_columns))
        for across_rows in _spans(rows, height)
        for across_columns in _spans(columns, width)
    ]


@dataclass(frozen=True)
class _Span:
    """One side of a part: its positions with the frame; within these, the positions that move; the pixels compared."""

    outer: slice
    moving: slice
    compared: slice


def _window(rows: _Span, columns: _Span) -> Window:
    return Window((rows.moving, columns.moving), (rows.compared, columns.compared))


def _spans(positions: int, pixels: int) -> Iterator[_Span]:
    count = -(-positions // _SIDE)
    for number in range(count):
        start, stop = number * positions // count, (number + 1) * positions // count
        first, last = max(start - _FRAME, 0), min(stop + _FRAME, positions)
        shown_from, shown_to = max(start - _FRAME // 2, 0), min((stop + _FRAME // 2) * STRIDE, pixels)
        yield _Span(
            slice(first, last),
            slice(start - first, stop - first),
            slice((shown_from - first) * STRIDE, shown_to - first * STRIDE),
        )

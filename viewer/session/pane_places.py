"""Where the panes of a grid go, so that their pictures are as large as the window allows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from viewer.session.state import Size, fit_zoom

SAME_SIZE = 0.02
"""Pictures whose sizes differ by less than this share count as equally large."""

NARROWEST = 150
"""A pane narrower than this, in logical pixels, has no room for a codec's name and one figure."""


@dataclass(frozen=True)
class PanePlace:
    """Corner and size of a pane, in logical pixels from the grid's corner."""

    left: int
    top: int
    width: int
    height: int


def columns_for(
    area: Size, image: Size, count: int, header_height: float, gap: int, *, narrowest: float = NARROWEST
) -> int:
    """The number of columns that shows pictures largest, with readable headers.

    Of numbers that show them equally large, the one that leaves the fewest cells empty, then the smaller one.
    """

    def rank(columns: int) -> tuple[int, int, int]:
        rows = -(-count // columns)
        width = (area[0] - gap * (columns - 1)) / columns
        height = (area[1] - gap * (rows - 1)) / rows - header_height
        zoom = fit_zoom(image, (max(width, 1.0), max(height, 1.0)))
        return round(math.log(zoom) / SAME_SIZE), -(columns * rows - count), -columns

    readable = [n for n in range(1, count + 1) if n == 1 or (area[0] - gap * (n - 1)) / n >= narrowest]
    return max(readable, key=rank)


def pane_places(
    area: Size, image: Size, count: int, header_height: float, gap: int, *, narrowest: float = NARROWEST
) -> tuple[PanePlace, ...]:
    """The places of so many panes in an area of logical pixels, all of the same size to the pixel, so that their
    pictures align. A last row that is not full stands in the middle.
    """
    columns = columns_for(area, image, count, header_height, gap, narrowest=narrowest)
    rows = -(-count // columns)
    width = (int(area[0]) - gap * (columns - 1)) // columns
    height = (int(area[1]) - gap * (rows - 1)) // rows
    places = []
    for index in range(count):
        row, column = divmod(index, columns)
        missing = rows * columns - count if row == rows - 1 else 0
        indent = missing * (width + gap) // 2
        places.append(PanePlace(indent + column * (width + gap), row * (height + gap), width, height))
    return tuple(places)

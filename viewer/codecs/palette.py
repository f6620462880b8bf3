"""Colour, marker and dash of each codec, the same in the window and in plots.

The first three colours are Okabe and Ito's ("Color Universal Design", 2008): vermilion, blue (lightened so that all
stand out equally on white and on black) and bluish green. The others were found by a search: any two of the seven stay
distinct for protanopes, deuteranopes and tritanopes too (Machado et al. 2009, full severity: at least 16 CIELAB units),
with a contrast of 3 or more on the panels of both themes. Markers and dashes distinguish them without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Marker(Enum):
    """A marker's shape; the value is pyqtgraph's symbol for it."""

    CIRCLE = "o"
    SQUARE = "s"
    TRIANGLE = "t1"
    DIAMOND = "d"
    STAR = "star"
    PENTAGON = "p"
    DOWNWARDS = "t"
    HEXAGON = "h"
    CROSS = "x"


@dataclass(frozen=True)
class CodecLook:
    """colour: #rrggbb. dash: lengths of dashes and gaps in line widths, empty for an unbroken line."""

    colour: str
    marker: Marker
    dash: tuple[float, ...] = ()


_LOOKS = {
    "learned": CodecLook("#d55e00", Marker.CIRCLE),
    "jpeg": CodecLook("#2b8cd6", Marker.SQUARE),
    "jpeg2000": CodecLook("#009e73", Marker.TRIANGLE),
    "webp": CodecLook("#8c6d3f", Marker.DIAMOND, (6, 2)),
    "avif": CodecLook("#d900ad", Marker.STAR, (3, 2)),
    "jpegxl": CodecLook("#7a6df2", Marker.PENTAGON, (6, 2, 1.5, 2)),
}
_OTHERS = (
    CodecLook("#77828c", Marker.DOWNWARDS, (1.5, 2)),
    CodecLook("#8c6d3f", Marker.HEXAGON, (10, 3)),
    CodecLook("#d900ad", Marker.CROSS, (10, 3, 3, 3)),
)
"""For codecs from other packages."""

CODEC_COLOURS = {name: look.colour for name, look in _LOOKS.items()}
"""#rrggbb of the built-in codecs."""


def look_of(codec: str, codecs: Sequence[str]) -> CodecLook:
    """The look of a codec among all installed ones; those from other packages get theirs in order."""
    if codec in _LOOKS:
        return _LOOKS[codec]
    others = [name for name in codecs if name not in _LOOKS]
    return _OTHERS[others.index(codec) % len(_OTHERS)]

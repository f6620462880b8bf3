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
_FIRST_OTHERS = (
    CodecLook("#77828c", Marker.DOWNWARDS, (1.5, 2)),
    CodecLook("#8c6d3f", Marker.HEXAGON, (10, 3)),
    CodecLook("#d900ad", Marker.CROSS, (10, 3, 3, 3)),
)
_DASHES = ((1.5, 2), (10, 3), (10, 3, 3, 3), (4, 1.5), (6, 2, 1.5, 2, 1.5, 2))


def _other_looks() -> tuple[CodecLook, ...]:
    """The first ones, then every unused pair of a colour and a marker, with alternating colours."""
    first = [look.colour for look in _FIRST_OTHERS]
    colours = [*dict.fromkeys(look.colour for look in _LOOKS.values() if look.colour not in first), *first]
    markers = list(Marker)
    taken = {(look.colour, look.marker) for look in (*_LOOKS.values(), *_FIRST_OTHERS)}
    pairs = [
        (colour, markers[(place + turn) % len(markers)])
        for turn in range(3, 3 + len(markers))
        for place, colour in enumerate(colours)
    ]
    free = [pair for pair in pairs if pair not in taken]
    others = (CodecLook(*pair, _DASHES[place % len(_DASHES)]) for place, pair in enumerate(free))
    return (*_FIRST_OTHERS, *others)


_OTHERS = _other_looks()
"""For codecs from other packages, codecs by command, and variants."""

CODEC_COLOURS = {name: look.colour for name, look in _LOOKS.items()}
"""#rrggbb of the built-in codecs."""


def look_of(codec: str, codecs: Sequence[str]) -> CodecLook:
    """The look of a codec among all known ones; those that are not built in get theirs in order."""
    if codec in _LOOKS:
        return _LOOKS[codec]
    others = [name for name in codecs if name not in _LOOKS]
    return _OTHERS[others.index(codec) % len(_OTHERS)]

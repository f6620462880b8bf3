"""Colour, marker and dash of each codec, the same in the window and in plots.

The first three colours are Okabe and Ito's ("Color Universal Design", 2008): vermilion, blue (lightened so that all
stand out equally on white and on black) and bluish green. The others were found by a search: any two of the seven stay
distinct for protanopes, deuteranopes and tritanopes too (Machado et al. 2009, full severity: at least 16 CIELAB units),
with a contrast of 3 or more on the panels of both themes. Markers and dashes distinguish them without colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

NAME_CONTRAST = 4.5
"""What WCAG 2 asks for text of usual size, as a name in its codec's colour."""
_STAR_WAIST = 0.45


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


@lru_cache(maxsize=256)
def name_colour(colour: str, ground: str) -> str:
    """A colour for a name: as near to `colour` as has a contrast of NAME_CONTRAST with the ground; both #rrggbb."""
    end = "#ffffff" if _luminance(ground) < 0.18 else "#000000"
    shares = (step / 50 for step in range(51))
    return next(
        (mixed for share in shares if contrast(mixed := _mixed(colour, end, share), ground) >= NAME_CONTRAST), end
    )


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, #rrggbb, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in _rgb(colour)))
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, other: str, share: float) -> str:
    parts = (round(a + (b - a) * share) for a, b in zip(_rgb(colour), _rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _regular(corners: int, *, size: float = 1.0, waist: float | None = None) -> tuple[tuple[float, float], ...]:
    """A polygon or, with a waist, a star with this many points, one at the top, in units of the marker's radius."""
    radii = (size,) if waist is None else (size, size * waist)
    count = corners * len(radii)
    angles = [2 * math.pi * i / count for i in range(count)]
    return tuple(
        (radii[i % len(radii)] * math.sin(a), -radii[i % len(radii)] * math.cos(a)) for i, a in enumerate(angles)
    )


_ARM = 0.36
CORNERS: dict[Marker, tuple[tuple[float, float], ...]] = {
    Marker.CIRCLE: _regular(48),
    Marker.SQUARE: ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    Marker.TRIANGLE: ((-1, 0.8), (1, 0.8), (0, -1)),
    Marker.DOWNWARDS: ((-1, -0.8), (1, -0.8), (0, 1)),
    Marker.DIAMOND: ((-1, 0), (0, -1), (1, 0), (0, 1)),
    Marker.STAR: _regular(5, size=1.2, waist=_STAR_WAIST),
    Marker.PENTAGON: _regular(5, size=1.05),
    Marker.HEXAGON: _regular(6),
    Marker.CROSS: tuple(
        ((a - b) * math.sqrt(0.5), (a + b) * math.sqrt(0.5))
        for a, b in (
            *((-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM)),
            *((_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM)),
        )
    ),
}
"""The outlines of the markers, in units of their radius, sized so that all look about equally heavy; y downwards."""

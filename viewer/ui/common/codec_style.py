"""The colour and marker of each codec in the window: `viewer.codecs.palette` for Qt."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from viewer.codecs.palette import CodecLook as CodecStyle
from viewer.codecs.palette import Marker
from viewer.codecs.palette import look_of as style_of

__all__ = ["CodecStyle", "Marker", "marker_path", "style_of"]

_STAR_WAIST = 0.45


def marker_path(marker: Marker, centre: QPointF, size: float) -> QPainterPath:
    """A marker's outline, sized so that all shapes look about equally heavy."""
    path = QPainterPath()
    x, y, r = centre.x(), centre.y(), size / 2
    if marker is Marker.CIRCLE:
        path.addEllipse(QRectF(x - r, y - r, size, size))
        return path
    if marker is Marker.SQUARE:
        s = r * 0.9
        path.addRect(QRectF(x - s, y - s, 2 * s, 2 * s))
        return path
    path.addPolygon(QPolygonF([QPointF(x + r * a, y + r * b) for a, b in _CORNERS[marker]]))
    path.closeSubpath()
    return path


def _regular(corners: int, *, size: float = 1.0, waist: float | None = None) -> tuple[tuple[float, float], ...]:
    """A polygon or, with a waist, a star with this many points, one at the top, in units of the marker's radius."""
    radii = (size,) if waist is None else (size, size * waist)
    count = corners * len(radii)
    angles = [2 * math.pi * i / count for i in range(count)]
    return tuple(
        (radii[i % len(radii)] * math.sin(a), -radii[i % len(radii)] * math.cos(a)) for i, a in enumerate(angles)
    )


_ARM = 0.36
_CORNERS: dict[Marker, tuple[tuple[float, float], ...]] = {
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

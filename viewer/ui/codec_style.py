"""How each codec looks, everywhere: a colour and a marker shape, so that no reader depends on colour alone.

The colours are those of Okabe and Ito ("Color Universal Design", 2008), vermilion, blue and bluish green; the blue is
lightened so that all three stand out alike, by a contrast of at least 3.4, from both a white and a black ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF


class Marker(Enum):
    """A marker's shape; the value is pyqtgraph's symbol for it."""

    CIRCLE = "o"
    SQUARE = "s"
    TRIANGLE = "t1"
    DIAMOND = "d"
    STAR = "star"


@dataclass(frozen=True)
class CodecStyle:
    """colour: #rrggbb."""

    colour: str
    marker: Marker


_STYLES = {
    "learned": CodecStyle("#d55e00", Marker.CIRCLE),
    "jpeg": CodecStyle("#2b8cd6", Marker.SQUARE),
    "jpeg2000": CodecStyle("#009e73", Marker.TRIANGLE),
}
_OTHERS = (
    CodecStyle("#cc79a7", Marker.DIAMOND),
    CodecStyle("#b8860b", Marker.STAR),
    CodecStyle("#8a7be0", Marker.DIAMOND),
)


def style_of(codec: str, codecs: tuple[str, ...]) -> CodecStyle:
    """The style of a codec among all that there are; codecs that came later take further colours in order."""
    if codec in _STYLES:
        return _STYLES[codec]
    others = [name for name in codecs if name not in _STYLES]
    return _OTHERS[others.index(codec) % len(_OTHERS)]


def marker_path(marker: Marker, centre: QPointF, size: float) -> QPainterPath:
    """A marker's outline, so large that all shapes weigh about the same."""
    path = QPainterPath()
    x, y, r = centre.x(), centre.y(), size / 2
    if marker is Marker.CIRCLE:
        path.addEllipse(QRectF(x - r, y - r, size, size))
    elif marker is Marker.SQUARE:
        s = r * 0.9
        path.addRect(QRectF(x - s, y - s, 2 * s, 2 * s))
    elif marker is Marker.TRIANGLE:
        path.addPolygon(QPolygonF([QPointF(x - r, y + 0.8 * r), QPointF(x + r, y + 0.8 * r), QPointF(x, y - r)]))
        path.closeSubpath()
    else:
        path.addPolygon(QPolygonF([QPointF(x - r, y), QPointF(x, y - r), QPointF(x + r, y), QPointF(x, y + r)]))
        path.closeSubpath()
    return path

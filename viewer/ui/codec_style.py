"""How each codec looks, everywhere: a colour and a marker shape, so that no reader depends on colour alone.

The colours are those of `viewer.palette`; each stands out from white and black grounds by a contrast of 3.4 or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from viewer.palette import CODEC_COLOURS


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
    "learned": CodecStyle(CODEC_COLOURS["learned"], Marker.CIRCLE),
    "jpeg": CodecStyle(CODEC_COLOURS["jpeg"], Marker.SQUARE),
    "jpeg2000": CodecStyle(CODEC_COLOURS["jpeg2000"], Marker.TRIANGLE),
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

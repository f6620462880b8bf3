"""The colour and marker of each codec in the window: `viewer.codecs.palette` for Qt."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from viewer.codecs.palette import CORNERS, Marker, name_colour
from viewer.codecs.palette import CodecLook as CodecStyle
from viewer.codecs.palette import look_of as style_of

__all__ = ["CodecStyle", "Marker", "marker_path", "name_colour", "style_of"]


def marker_path(marker: Marker, centre: QPointF, size: float) -> QPainterPath:
    """A marker's outline, sized so that all shapes look about equally heavy."""
    path = QPainterPath()
    x, y, r = centre.x(), centre.y(), size / 2
    if marker is Marker.CIRCLE:
        path.addEllipse(QRectF(x - r, y - r, size, size))
        return path
    path.addPolygon(QPolygonF([QPointF(x + r * a, y + r * b) for a, b in CORNERS[marker]]))
    path.closeSubpath()
    return path

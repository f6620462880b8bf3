"""A plot's curves as a layer of their own: a new point of a curve does not repaint the axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from viewer.ui.common.codec_style import CodecStyle, marker_path

CURVE_WIDTH = 1.8
POINT = 4


@dataclass(frozen=True)
class Curve:
    """A line through points, in logical pixels, with a small marker on each."""

    style: CodecStyle
    points: Sequence[QPointF]


def with_curves(ground: QPixmap, curves: Sequence[Curve], inside: QRectF) -> QPixmap:
    """Axes and grid with curves over them; of the curves what is inside a rectangle."""
    drawn = QPixmap(ground)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(inside)
    for curve in curves:
        painter.setPen(curve_pen(curve.style))
        painter.drawPolyline(QPolygonF(curve.points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(curve.style.colour))
        for point in curve.points:
            painter.drawPath(marker_path(curve.style.marker, point, POINT))
    painter.end()
    return drawn


def curve_pen(style: CodecStyle) -> QPen:
    """How a codec's curve is drawn."""
    pen = QPen(QColor(style.colour), CURVE_WIDTH)
    pen.setCosmetic(True)
    if style.dash:
        pen.setDashPattern(list(style.dash))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen

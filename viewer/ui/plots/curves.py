"""A plot's curves as a layer of their own: a new point of a curve repaints neither axes nor legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
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


@dataclass(frozen=True, eq=False)
class Ground:
    """What lies below the curves, axes and grid, and what lies above them: the legend."""

    below: QPixmap
    above: QPixmap | None

    def with_curves(self, curves: Sequence[Curve], inside: QRectF) -> QPixmap:
        """All three; of the curves what is inside a rectangle."""
        drawn = QPixmap(self.below)
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
        painter.setClipping(False)
        if self.above is not None:
            painter.drawPixmap(0, 0, self.above)
        painter.end()
        return drawn


def ground_of(plot: pg.PlotWidget, legend: pg.LegendItem) -> Ground:
    """Paint a plot without curves in two layers. The plot is as it was afterwards."""
    if not legend.isVisible():
        return Ground(plot.grab(), None)
    axes = [place["item"] for place in plot.getPlotItem().axes.values()]
    try:
        legend.setOpacity(0.0)  # hidden, it would be laid out anew
        below = plot.grab()
        legend.setOpacity(1.0)
        for axis in axes:
            axis.setOpacity(0.0)
        above = QPixmap(below.size())
        above.setDevicePixelRatio(below.devicePixelRatio())
        above.fill(Qt.GlobalColor.transparent)
        painter = QPainter(above)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        viewport = plot.viewport().rect()
        plot.scene().render(painter, QRectF(viewport), plot.mapToScene(viewport).boundingRect())
        painter.end()
    finally:
        legend.setOpacity(1.0)
        for axis in axes:
            axis.setOpacity(1.0)
    return Ground(below, above)


def curve_pen(style: CodecStyle) -> QPen:
    """How a codec's curve is drawn."""
    pen: QPen = pg.mkPen(QColor(style.colour), width=CURVE_WIDTH)
    if style.dash:
        pen.setDashPattern(list(style.dash))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen

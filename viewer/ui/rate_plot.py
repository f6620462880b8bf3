"""One rate-distortion plot: a metric against bits per pixel, one curve a codec, with the codecs' present points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.target import MAX_BPP, MIN_BPP
from viewer.ui.codec_style import CodecStyle
from viewer.ui.figures import figure_font, format_bpp_short
from viewer.ui.rate_slider import rounded_bpp
from viewer.ui.theme import DARK, Colours

LOG_TICKS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
LINEAR_TICKS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
CURVE_WIDTH = 1.8
POINT = 4
MARKER = 12

Points = Sequence[tuple[float, float]]
"""(bpp, value), rate ascending."""


class RatePlot(QWidget):
    """Press or drag in it to set the rate."""

    rate_chosen = Signal(float)

    def __init__(self, name: str, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        """styles: a codec's label and style by its name."""
        super().__init__(parent)
        self._logarithmic = True
        self._values: dict[str, Points] = dict.fromkeys(styles, ())
        self._markers: dict[str, tuple[float, float] | None] = dict.fromkeys(styles)
        self._styles = dict(styles)
        self._target_bpp = 1.0
        self.plot = pg.PlotWidget(parent=self)
        self.plot.setFrameStyle(0)
        self.plot.setAccessibleName(f"Plot of {name} against bits per pixel")
        item = self.plot.getPlotItem()
        item.setMouseEnabled(x=False, y=False)
        item.setMenuEnabled(False)
        item.hideButtons()
        item.showGrid(x=True, y=True, alpha=0.18)
        item.getViewBox().setDefaultPadding(0.06)
        self._legend = item.addLegend(offset=(-8, -8), labelTextSize="8pt", verSpacing=-4, horSpacing=14)
        self._target = pg.InfiniteLine(angle=90, movable=False)
        item.addItem(self._target, ignoreBounds=True)
        self._curves = {codec: self._add_curve(item, *style) for codec, style in styles.items()}
        self._points = {codec: self._add_marker(item) for codec in styles}
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setCursor(Qt.CursorShape.CrossCursor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.set_colours(DARK)
        self._scale_rates()

    def set_curve(self, codec: str, points: Points) -> None:
        """The measured points of a codec."""
        if points != self._values[codec]:
            self._values[codec] = points
            self._draw_curve(codec)

    def set_marker(self, codec: str, point: tuple[float, float] | None) -> None:
        """Where a codec is now."""
        if point != self._markers[codec]:
            self._markers[codec] = point
            self._draw_marker(codec)

    def set_target(self, bpp: float) -> None:
        """The rate asked for."""
        self._target_bpp = bpp
        self._target.setValue(self._x(bpp))

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Scale the rate axis by its logarithm, or evenly."""
        self._logarithmic = logarithmic
        self._scale_rates()
        for codec in self._values:
            self._draw_curve(codec)
            self._draw_marker(codec)

    def set_colours(self, colours: Colours) -> None:
        """Follow the theme."""
        self.plot.setBackground(colours.panel)
        font = figure_font(self.font(), 0.9)
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(QPen(QColor(colours.line), 1))
            axis.setTextPen(QColor(colours.quiet))
            axis.setTickFont(font)
            axis.setStyle(tickLength=-4, tickTextOffset=5)
        self.plot.getPlotItem().getAxis("left").setWidth(self.fontMetrics().horizontalAdvance("0.0000") + 12)
        self._target.setPen(pg.mkPen(colours.quiet, width=1, style=Qt.PenStyle.DashLine))
        self._legend.setLabelTextColor(colours.text)
        self._edge = colours.panel
        for codec in self._values:
            self._draw_marker(codec)

    def x_pixel(self, bpp: float) -> QPointF:
        """Where a rate lies in the plot's viewport, halfway up."""
        box = self.plot.getPlotItem().getViewBox()
        low, high = box.viewRange()[1]
        inside = self.plot.mapFromScene(box.mapViewToScene(QPointF(self._x(bpp), (low + high) / 2)))
        return QPointF(inside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() in (
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseMove,
            QEvent.Type.MouseButtonRelease,
        ):
            if event.buttons() & Qt.MouseButton.LeftButton:
                self._choose_at(event.position())
            return True
        return super().eventFilter(watched, event)

    def _choose_at(self, position: QPointF) -> None:
        box = self.plot.getPlotItem().getViewBox()
        x = box.mapSceneToView(self.plot.mapToScene(position.toPoint())).x()
        bpp = rounded_bpp(10.0 ** min(x, 2.0) if self._logarithmic else max(x, MIN_BPP))
        if bpp != self._target_bpp:
            self.rate_chosen.emit(bpp)

    def _x(self, bpp: float) -> float:
        return math.log10(bpp) if self._logarithmic else bpp

    def _scale_rates(self) -> None:
        ticks = LOG_TICKS if self._logarithmic else LINEAR_TICKS
        self.plot.getPlotItem().getAxis("bottom").setTicks([[(self._x(t), format_bpp_short(t)) for t in ticks]])
        low = self._x(MIN_BPP) if self._logarithmic else 0.0
        self.plot.getPlotItem().setXRange(low, self._x(MAX_BPP), padding=0.04)
        self._target.setValue(self._x(self._target_bpp))

    def _add_curve(self, item: pg.PlotItem, label: str, style: CodecStyle) -> pg.PlotDataItem:
        colour = QColor(style.colour)
        return item.plot(
            [],
            [],
            pen=pg.mkPen(colour, width=CURVE_WIDTH),
            symbol=style.marker.value,
            symbolSize=POINT,
            symbolBrush=colour,
            symbolPen=None,
            name=label,
            antialias=True,
        )

    def _add_marker(self, item: pg.PlotItem) -> pg.ScatterPlotItem:
        marker = pg.ScatterPlotItem(antialias=True)
        marker.setZValue(10)
        item.addItem(marker, ignoreBounds=True)
        return marker

    def _draw_curve(self, codec: str) -> None:
        points = [(bpp, value) for bpp, value in self._values[codec] if math.isfinite(value)]
        self._curves[codec].setData([self._x(bpp) for bpp, _ in points], [value for _, value in points])

    def _draw_marker(self, codec: str) -> None:
        point, style = self._markers[codec], self._styles[codec][1]
        if point is None or not math.isfinite(point[1]):
            self._points[codec].setData([], [])
            return
        self._points[codec].setData(
            [self._x(point[0])],
            [point[1]],
            symbol=style.marker.value,
            size=MARKER,
            brush=QBrush(QColor(style.colour)),
            pen=pg.mkPen(self._edge, width=1.5),
        )

"""A plot's axes and grid, which pyqtgraph draws.

It takes a quarter of a second to import, more than anything else at the start. So this module is imported once the
window is up.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFont, QPixmap
from PySide6.QtWidgets import QWidget

from viewer.ui.common.theme import Colours
from viewer.ui.plots.frame import Frame

PADDING = 0.06
"""Beside the curves, as a share of what they take."""


@dataclass(frozen=True)
class AxesLook:
    """x: the range of the rate axis; ticks: its positions and their texts. y: the range of the values, None while there
    are none. left_width: of the values' axis, in logical pixels.
    """

    x: tuple[float, float]
    ticks: tuple[tuple[float, str], ...]
    y: tuple[float, float] | None
    colours: Colours
    font: QFont
    left_width: int
    x_padding: float = PADDING


class Axes:
    """The axes of one plot. Their widget is never shown: its picture is taken. item: takes what is drawn with them."""

    def __init__(self, parent: QWidget) -> None:
        self.widget = pg.PlotWidget(parent=parent)
        self.widget.setFrameStyle(0)
        self.widget.hide()
        item = self.widget.getPlotItem()
        item.setMenuEnabled(False)
        # Made all the same, and without a parent: Python's garbage collector would delete it, at any time whatever.
        item.ctrlMenu.setParent(self.widget, item.ctrlMenu.windowFlags())
        item.hideButtons()
        item.showGrid(x=True, y=True, alpha=0.18)
        item.getViewBox().setDefaultPadding(PADDING)
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
        self.item = item

    def draw(self, size: QSize, look: AxesLook) -> tuple[QPixmap, Frame]:
        """Their picture, and where values are in it. size: in logical pixels."""
        widget, item, colours = self.widget, self.item, look.colours
        widget.resize(size)
        widget.setBackground(colours.panel)
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        for axis in (left, bottom):
            axis.setPen(pg.mkPen(colours.line, width=1))
            axis.setTickPen(pg.mkPen(colours.quiet, width=1))
            axis.setTextPen(QColor(colours.quiet))
            axis.setTickFont(look.font)
            axis.setStyle(tickLength=-4, tickTextOffset=5, hideOverlappingLabels=False)
        left.setWidth(look.left_width)
        # Without points the range is pyqtgraph's default, whose figures mean nothing.
        left.setStyle(showValues=look.y is not None)
        font_size = f"{look.font.pointSizeF():.1f}pt"
        bottom.setLabel("bits per pixel (bpp)", **{"color": colours.quiet, "font-size": font_size})
        bottom.setTicks([list(look.ticks)])
        item.setXRange(*look.x, padding=look.x_padding)
        item.setYRange(*(look.y or (0.0, 1.0)), padding=PADDING)
        item.layout.activate()  # it is never shown, so Qt would not lay it out
        drawn = widget.grab()
        box = item.getViewBox()
        rect = QRectF(widget.mapFromScene(box.sceneBoundingRect()).boundingRect())
        x_range, y_range = box.viewRange()
        return drawn, Frame(rect, (x_range[0], x_range[1]), (y_range[0], y_range[1]))

"""One rate-distortion plot: a metric against bits per pixel, a curve per codec, and markers for the current points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.metrics.base import Direction
from viewer.session.metric_reading import value_on
from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import figure_font, format_bpp_short
from viewer.ui.common.slider_scale import rounded_bpp
from viewer.ui.common.theme import DARK, Colours
from viewer.ui.plots.curves import Curve, with_curves
from viewer.ui.plots.frame import Frame
from viewer.ui.plots.pins import PlotPin, paint_pins
from viewer.ui.plots.pointer_values import PointerRow, paint_pointer, value_at

if TYPE_CHECKING:
    from viewer.ui.plots.axes import Axes, AxesLook

LOG_TICKS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
LINEAR_TICKS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
DRAWN_UP_TO = 1.05 * MAX_BPP
"""Points beyond this are not drawn: they would only flatten the curves."""
MARKER = 12
FINE_RANGE = 3.0
"""Values of plots that span no more than this, as raw MS-SSIM does, have four digits."""

Points = Sequence[tuple[float, float]]
"""(bpp, value), rate ascending."""


class RatePlot(QWidget):
    """Click or drag in it to set the rate or, if the codecs are matched by its metric, the value of that.

    pyqtgraph draws the axes, which are kept until one of them changes. The curves are laid over them, and the picture
    of both is kept until a curve has another point: that takes half a millisecond, the axes several. What moves with
    the slider, the target's line and the markers, is painted over it in a tenth of one.
    """

    rate_chosen = Signal(float)
    level_chosen = Signal(float)
    """The user chose this value of the metric."""

    def __init__(self, styles: Mapping[str, tuple[str, CodecStyle]], parent: QWidget | None = None) -> None:
        """styles: a codec's label and style by its name."""
        super().__init__(parent)
        self._logarithmic = True
        self._values: dict[str, Points] = dict.fromkeys(styles, ())
        self._markers: dict[str, tuple[float, float] | None] = dict.fromkeys(styles)
        self._styles = dict(styles)
        self._target_bpp: float | None = 1.0
        self._level: float | None = None
        self._pins: tuple[PlotPin, ...] = ()
        self._colours = DARK
        self._share = 1.0
        self._pointer: QPointF | None = None
        self._ground: QPixmap | None = None
        self._drawn: QPixmap | None = None
        self._frame: Frame | None = None
        self._values_range: tuple[float, float] | None = None
        self._axes: Axes | None = None
        self.is_held = False
        self._codecs: tuple[str, ...] = tuple(styles)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)

    def set_metric(self, metric: str, direction: Direction) -> None:
        """Its name, for screen readers, and which values are better."""
        self.setAccessibleName(f"Plot of {metric} against bits per pixel, {direction} is better")

    def add_codec(self, codec: str, label: str, style: CodecStyle) -> None:
        """Know one more codec; it is not shown yet."""
        self._styles[codec] = (label, style)
        self._values[codec], self._markers[codec] = (), None
        self.set_codecs(self._codecs)

    def set_curve(self, codec: str, points: Points) -> None:
        """The measured points of a codec."""
        if points != self._values[codec]:
            self._values[codec] = points
            self._draw_curves()

    def set_codecs(self, codecs: Sequence[str]) -> None:
        """Show these codecs only."""
        self._codecs = tuple(codecs)
        self._draw_curves()

    def set_marker(self, codec: str, point: tuple[float, float] | None) -> None:
        """The current point of a codec."""
        if point != self._markers[codec]:
            self._markers[codec] = point
            self.update()

    def point_on_curve(self, codec: str, bpp: float | None) -> tuple[float, float] | None:
        """Where the codec's curve is at a rate, if it reaches that far."""
        value = None if bpp is None else value_on(self._values[codec], bpp)
        return None if bpp is None or value is None else (bpp, value)

    def set_target(self, bpp: float | None) -> None:
        """The target rate; None if codecs are not matched by rate."""
        if bpp != self._target_bpp:
            self._target_bpp = bpp
            self._point()

    def set_level(self, value: float | None) -> None:
        """The target value of the metric; None if codecs are not matched by it."""
        if value != self._level:
            self._level = value
            self._point()

    @property
    def is_logarithmic(self) -> bool:
        """Whether the rate axis is."""
        return self._logarithmic

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codecs that are shown."""
        return self._codecs

    @property
    def pins(self) -> tuple[PlotPin, ...]:
        """The pins, and the points of pictures from elsewhere."""
        return self._pins

    def set_pins(self, pins: tuple[PlotPin, ...]) -> None:
        """Show these pins; those of hidden codecs are hidden, too."""
        if pins != self._pins:
            self._pins = pins
            self.update()

    def _point(self) -> None:
        settable = self._target_bpp is not None or self._level is not None
        self.setCursor(Qt.CursorShape.CrossCursor if settable else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Make the rate axis logarithmic or linear."""
        self._logarithmic = logarithmic
        self._redraw()

    def set_share(self, share: float) -> None:
        """Write everything larger by this factor."""
        self._share = share
        self._redraw()

    def set_colours(self, colours: Colours) -> None:
        """Follow the theme."""
        self._colours = colours
        self._redraw()

    def point_of(self, bpp: float, value: float) -> QPointF:
        """The position of a value in this widget, in logical pixels."""
        return self._current()[1].point(self._x(bpp), value)

    def values_at(self, point: QPointF) -> tuple[float, float]:
        """The rate, bpp, as the slider has it, and the value at a point of this widget."""
        frame = self._current()[1]
        x = frame.x_at(point.x())
        return rounded_bpp(10.0 ** min(x, 2.0) if self._logarithmic else max(x, MIN_BPP)), frame.y_at(point.y())

    def value_range(self) -> tuple[float, float]:
        """The lowest and highest value that the plot shows."""
        return self._current()[1].y

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.is_held:
            painter.fillRect(self.rect(), QColor(self._colours.panel))
            return
        drawn, frame = self._current()
        painter.drawPixmap(0, 0, drawn)
        painter.setClipRect(frame.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._colours.quiet), 1, Qt.PenStyle.DashLine))
        if self._target_bpp is not None:
            x = round(frame.point(self._x(self._target_bpp), 0.0).x()) + 0.5
            painter.drawLine(QPointF(x, frame.rect.top()), QPointF(x, frame.rect.bottom()))
        if self._level is not None:
            y = round(frame.point(0.0, self._level).y()) + 0.5
            painter.drawLine(QPointF(frame.rect.left(), y), QPointF(frame.rect.right(), y))
        painter.setClipRect(frame.rect)
        painter.setPen(QPen(QColor(self._colours.panel), 1.5))
        taken = []
        for codec in self._codecs:
            marker = self._markers[codec]
            if marker is not None and math.isfinite(marker[1]):
                style = self._styles[codec][1]
                shape = marker_path(style.marker, frame.point(self._x(marker[0]), marker[1]), MARKER)
                painter.setBrush(QColor(style.colour))
                painter.drawPath(shape)
                taken.append(shape.boundingRect())
        paint_pins(
            painter,
            [pin for pin in self._pins if not pin.codec or pin.codec in self._codecs],
            lambda pin: frame.point(self._x(pin.bpp), pin.value),
            font=figure_font(self.font(), 0.86),
            colours=self._colours,
            inside=frame.rect,
            taken=taken,
        )
        rows = self.pointer_rows
        if self._pointer is not None and rows:
            paint_pointer(
                painter,
                rows,
                bpp=self._bpp_at(self._pointer.x()),
                digits=2 if frame.y[1] - frame.y[0] > FINE_RANGE else 4,
                at=self._pointer,
                inside=frame.rect,
                font=figure_font(self.font(), 0.9 * self._share),
                colours=self._colours,
            )

    @property
    def pointer_rows(self) -> tuple[PointerRow, ...]:
        """What every curve says at the pointer; nothing while it is elsewhere."""
        if self._pointer is None or not any(self._values[codec] for codec in self._codecs):
            return ()
        bpp = self._bpp_at(self._pointer.x())
        return tuple(PointerRow(*self._styles[codec], value_at(self._values[codec], bpp)) for codec in self._codecs)

    def _bpp_at(self, pixel: float) -> float:
        x = self._current()[1].x_at(pixel)
        return 10.0 ** min(x, 2.0) if self._logarithmic else max(x, 1e-3)

    def _point_at(self, point: QPointF | None) -> None:
        """Show the values where the pointer is, if that is within the axes."""
        if point is not None and not self._current()[1].rect.contains(point):
            point = None
        if point != self._pointer:
            self._pointer = point
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        dragging = bool(event.buttons() & Qt.MouseButton.LeftButton)
        self._point_at(None if dragging else event.position())  # a drag moves the markers, which say more
        if dragging:
            self._choose_at(event.position())

    def _choose_at(self, point: QPointF) -> None:
        if self._level is not None:
            self.level_chosen.emit(self.values_at(point)[1])
            return
        if self._target_bpp is None:
            return
        bpp = self.values_at(point)[0]
        if bpp != self._target_bpp:
            self.rate_chosen.emit(bpp)

    def _redraw(self) -> None:
        """Redraw axes and curves next time."""
        self._ground = None
        self._draw_again()

    def _draw_again(self) -> None:
        """Redraw the curves next time."""
        self._drawn = None
        self.update()

    def hold(self) -> None:
        """Be empty until `release`: at the start, loading what draws the axes would hold up the window."""
        self.is_held = True

    def release(self) -> None:
        """Draw from now on."""
        if self.is_held:
            self.is_held = False
            self.update()

    def _made_axes(self) -> Axes:
        if self._axes is None:
            from viewer.ui.plots.axes import Axes

            self._axes = Axes(self)
        return self._axes

    def _current(self) -> tuple[QPixmap, Frame]:
        if self._ground is None or self._frame is None:
            self._ground, self._frame = self._drawn_axes()
        if self._drawn is None:
            curves = [
                Curve(self._styles[codec][1], [self._frame.point(self._x(bpp), value) for bpp, value in points])
                for codec in self._codecs
                if (points := self._drawn_points(codec))
            ]
            self._drawn = with_curves(self._ground, curves, self._frame.rect)
        return self._drawn, self._frame

    def _drawn_axes(self) -> tuple[QPixmap, Frame]:
        """The axes at this size. Taking their picture carries out any layout that is due, which may change the size."""
        axes = self._made_axes()
        while True:
            size = self.size()
            drawn = axes.draw(size, self._axes_look())
            if size == self.size():
                return drawn

    def _x(self, bpp: float) -> float:
        return math.log10(bpp) if self._logarithmic else bpp

    def _axes_look(self) -> AxesLook:
        from viewer.ui.plots.axes import AxesLook

        ticks = LOG_TICKS if self._logarithmic else LINEAR_TICKS
        return AxesLook(
            x=(self._x(MIN_BPP) if self._logarithmic else 0.0, self._x(MAX_BPP)),
            ticks=tuple((self._x(tick), format_bpp_short(tick)) for tick in ticks),
            y=self._values_range,
            colours=self._colours,
            font=figure_font(self.font(), 0.9 * self._share),
            left_width=round(self._share * self.fontMetrics().horizontalAdvance("0.0000")) + 12,
        )

    def _drawn_points(self, codec: str) -> list[tuple[float, float]]:
        return [(bpp, value) for bpp, value in self._values[codec] if math.isfinite(value) and bpp <= DRAWN_UP_TO]

    def _draw_curves(self) -> None:
        """Draw the curves anew and, only if they need another range, the axes."""
        values = [value for codec in self._codecs for _bpp, value in self._drawn_points(codec)]
        values_range = (min(values), max(values)) if values else None
        if values_range != self._values_range:
            self._values_range = values_range
            self._redraw()
        self._draw_again()

"""The rate slider: bits per pixel on a logarithmic scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from viewer.target import MAX_BPP, MIN_BPP
from viewer.ui.codec_style import CodecStyle, marker_path
from viewer.ui.figures import figure_font, format_bpp, format_bpp_short
from viewer.ui.theme import Colours, colours_of

STEPS = 4000
"""Slider positions; one is a thousandth more bits."""
MARGIN = 14
GROOVE_Y = 25
GROOVE_HEIGHT = 4
HANDLE = QSize(11, 22)
MARKS_Y = 9
MARK = 8
TICK_LABELS = (0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)
MINOR_TICKS = (0.06, 0.08, 0.09, 0.6, 0.8, 0.9, 2.5)
STEP_FACTOR = 1.05
"""One key or wheel step; 14 double the rate."""
FINE_FACTOR = 1.01
PAGE_FACTOR = 2.0


@dataclass(frozen=True)
class RateMark:
    """Where a codec is."""

    style: CodecStyle
    bpp: float


def rounded_bpp(bpp: float) -> float:
    """Three significant digits, within the slider's range: what a slider position means."""
    bpp = min(max(bpp, MIN_BPP), MAX_BPP)
    return round(bpp, 2 - math.floor(math.log10(bpp)))


def position_of(bpp: float) -> int:
    """Slider position, 0 to STEPS."""
    return round(STEPS * math.log(bpp / MIN_BPP) / math.log(MAX_BPP / MIN_BPP))


def bpp_at(position: float) -> float:
    """The rate at a slider position."""
    return rounded_bpp(MIN_BPP * (MAX_BPP / MIN_BPP) ** (position / STEPS))


class RateSlider(QAbstractSlider):
    """Click or drag sets the rate, Shift drags ten times finer; wheel and arrows step. Above the groove is
    marked where codecs are that cannot follow.
    """

    rate_chosen = Signal(float)
    """The user chose this rate, bpp."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bpp = 1.0
        self._marks: tuple[RateMark, ...] = ()
        self._fine_from: tuple[float, float] | None = None
        self._hovered = False
        self._grab_offset = 0.0
        self._scale: tuple[object, QPixmap] | None = None
        self.setRange(0, STEPS)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Target rate in bits per pixel, logarithmic")
        self.setToolTip("Drag, click or turn the wheel; Shift makes it finer")

    @property
    def bpp(self) -> float:
        """The rate shown, exactly as it was set: it need not lie on a slider position."""
        return self._bpp

    def set_bpp(self, bpp: float) -> None:
        """Show a rate; emits nothing."""
        self._bpp = bpp
        blocked = self.blockSignals(True)
        self.setValue(position_of(min(max(bpp, MIN_BPP), MAX_BPP)))
        self.blockSignals(blocked)
        self.setAccessibleDescription(f"{format_bpp(bpp)} bits per pixel")
        self.update()

    def set_marks(self, marks: tuple[RateMark, ...]) -> None:
        """Mark where codecs are."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def x_of(self, bpp: float) -> float:
        """Where a rate lies, logical pixels."""
        share = math.log(bpp / MIN_BPP) / math.log(MAX_BPP / MIN_BPP)
        return MARGIN + share * (self.width() - 2 * MARGIN)

    def step(self, factor: float) -> None:
        """Ask for the rate times a factor."""
        self._choose(self._bpp * factor)

    def sizeHint(self) -> QSize:
        label = QFontMetricsF(figure_font(self.font(), 0.86)).height()
        return QSize(500, round(GROOVE_Y + 15 + label + 3))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def _choose(self, bpp: float) -> None:
        chosen = rounded_bpp(bpp)
        if chosen != self._bpp:
            self.rate_chosen.emit(chosen)

    def _position_at(self, x: float) -> float:
        return STEPS * min(max((x - MARGIN) / max(1, self.width() - 2 * MARGIN), 0.0), 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        x = event.position().x()
        self._fine_from = None
        if abs(x - self.x_of(self._bpp)) > HANDLE.width():
            self._choose(bpp_at(self._position_at(x)))
        self._grab_offset = self.x_of(self._bpp) - x
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.isSliderDown():
            return
        x = event.position().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self._fine_from is None:
                self._fine_from = (x, self.x_of(self._bpp))
            x = self._fine_from[1] + (x - self._fine_from[0]) / 10
            self._grab_offset = 0.0
        else:
            if self._fine_from is not None:
                self._grab_offset = self.x_of(self._bpp) - x
                self._fine_from = None
            x += self._grab_offset
        self._choose(bpp_at(self._position_at(x)))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = (
            event.angleDelta().y() or event.angleDelta().x()
        )  # Shift or Alt turns the wheel sideways on some systems
        fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self.step((FINE_FACTOR if fine else STEP_FACTOR) ** (delta / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = FINE_FACTOR if fine else STEP_FACTOR
        key = Qt.Key(event.key())
        factors = {
            Qt.Key.Key_Left: 1 / step,
            Qt.Key.Key_Down: 1 / step,
            Qt.Key.Key_Right: step,
            Qt.Key.Key_Up: step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: math.inf,
        }
        if key in factors:
            factor = factors[key]
            self._choose(MAX_BPP if math.isinf(factor) else max(self._bpp * factor, MIN_BPP))
        else:
            super().keyPressEvent(event)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """A screen reader or another program moved the slider."""
        super().sliderChange(change)
        if change is QAbstractSlider.SliderChange.SliderValueChange and not self.signalsBlocked():
            self._choose(bpp_at(self.value()))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.drawPixmap(0, 0, self._ticks(colours))
        groove = QRectF(MARGIN, GROOVE_Y - GROOVE_HEIGHT / 2, self.width() - 2 * MARGIN, GROOVE_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.field if colours.field != "#ffffff" else colours.line))
        painter.drawRoundedRect(groove, 2, 2)
        x = self.x_of(min(max(self._bpp, MIN_BPP), MAX_BPP))
        painter.setBrush(QColor(colours.quiet))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), x - groove.left(), groove.height()), 2, 2)
        self._paint_marks(painter, colours)
        self._paint_handle(painter, colours, x)

    def _ticks(self, colours: Colours) -> QPixmap:
        """The scale, painted once for a size and a theme."""
        key = (self.size(), self.devicePixelRatioF(), colours)
        if self._scale is None or self._scale[0] != key:
            pixmap = QPixmap(self.size() * self.devicePixelRatioF())
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ticks(painter, colours)
            painter.end()
            self._scale = (key, pixmap)
        return self._scale[1]

    def _paint_ticks(self, painter: QPainter, colours: Colours) -> None:
        font = figure_font(self.font(), 0.86)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        top = GROOVE_Y + HANDLE.height() / 2 + 1
        line = QColor(colours.quiet)
        free_from = -math.inf
        for bpp in sorted((*TICK_LABELS, *MINOR_TICKS)):
            x = round(self.x_of(bpp)) + 0.5
            labelled = bpp in TICK_LABELS
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(x, top - (4 if labelled else 3)), QPointF(x, top + (1 if labelled else 0)))
            text = format_bpp_short(bpp)
            width = metrics.horizontalAdvance(text)
            if labelled and x - width / 2 >= free_from:
                painter.drawText(QRectF(x - 30, top + 3, 60, metrics.height()), Qt.AlignmentFlag.AlignHCenter, text)
                free_from = x + width / 2 + 8

    def _paint_marks(self, painter: QPainter, colours: Colours) -> None:
        for mark in self._marks:
            if not MIN_BPP * 0.9 <= mark.bpp <= MAX_BPP * 1.1:
                continue
            shape = marker_path(mark.style.marker, QPointF(self.x_of(mark.bpp), MARKS_Y), MARK)
            painter.setPen(QPen(QColor(colours.window), 1))
            painter.setBrush(QColor(mark.style.colour))
            painter.drawPath(shape)

    def _paint_handle(self, painter: QPainter, colours: Colours, x: float) -> None:
        handle = QRectF(x - HANDLE.width() / 2, GROOVE_Y - HANDLE.height() / 2, HANDLE.width(), HANDLE.height())
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.text), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(handle.adjusted(-3, -3, 3, 3), 5, 5)
        painter.setPen(QPen(QColor(colours.window), 1))
        painter.setBrush(QColor(colours.strong if self._hovered or self.isSliderDown() else colours.text))
        painter.drawRoundedRect(handle, 3, 3)

"""The slider for the rate or, at equal quality, for the quality."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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

from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.slider_scale import RATE_SCALE, SliderScale, Stride
from viewer.ui.common.theme import Colours, colours_of

STEPS = 4000
"""Number of slider positions; a step is a thousandth more bits, or less than a hundredth of a decibel."""
MARGIN = 14
GROOVE_Y = 25
GROOVE_HEIGHT = 4
HANDLE = QSize(11, 22)
MARKS_Y = 9
MARK = 8


@dataclass(frozen=True)
class RateMark:
    """The current value of a codec on the slider's scale."""

    style: CodecStyle
    value: float


@dataclass(frozen=True)
class Turn:
    """A wheel's movement so far: its start, the steps since, and the target reached."""

    stride: Stride
    scale: SliderScale
    start: float
    steps: float
    target: float


class RateSlider(QAbstractSlider):
    """A click or drag sets the target; with Shift, dragging is ten times finer. Wheel and arrows step. Marks above the
    groove show codecs that are not at the target.
    """

    chosen = Signal(float)
    """The user chose this target: bpp, or dB at equal quality."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target = 1.0
        self._scale: SliderScale = RATE_SCALE
        self._marks: tuple[RateMark, ...] = ()
        self._fine_from: tuple[float, float] | None = None
        self._hovered = False
        self._grab_offset = 0.0
        self._turned: Turn | None = None
        self._drawn_ticks: tuple[object, QPixmap] | None = None
        self.setRange(0, STEPS)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(RATE_SCALE.name)
        self.setToolTip("Drag, click or use the wheel; hold Shift for finer steps")

    @property
    def scale(self) -> SliderScale:
        """The scale of the slider."""
        return self._scale

    @property
    def target(self) -> float:
        """The target shown, exactly as set; it may lie between slider positions."""
        return self._target

    def set_target(self, target: float, scale: SliderScale) -> None:
        """Show a target on a scale, without emitting a signal."""
        if scale != self._scale:
            self._scale = scale
            self.setAccessibleName(scale.name)
        self._target = target
        blocked = self.blockSignals(True)
        self.setValue(round(STEPS * scale.share(self._inside(target))))
        self.blockSignals(blocked)
        self.setAccessibleDescription(scale.text(target))
        self.update()

    def set_marks(self, marks: tuple[RateMark, ...]) -> None:
        """Mark the values of codecs."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def x_of(self, value: float) -> float:
        """The position of a value, in logical pixels."""
        return MARGIN + self._scale.share(value) * (self.width() - 2 * MARGIN)

    def step(self, steps: float, stride: Stride = Stride.STEP) -> None:
        """Request the target this many steps further."""
        self._choose(self._scale.stepped(self._target, steps, stride))

    def _inside(self, value: float) -> float:
        return min(max(value, self._scale.low), self._scale.high)

    def sizeHint(self) -> QSize:
        label = QFontMetricsF(figure_font(self.font(), 0.86)).height()
        return QSize(500, round(GROOVE_Y + 15 + label + 3))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def _choose(self, target: float) -> None:
        if target != self._target:
            self.chosen.emit(target)

    def _share_at(self, x: float) -> float:
        return min(max((x - MARGIN) / max(1, self.width() - 2 * MARGIN), 0.0), 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        x = event.position().x()
        self._fine_from = None
        if abs(x - self.x_of(self._target)) > HANDLE.width():
            self._choose(self._scale.at(self._share_at(x)))
        self._grab_offset = self.x_of(self._target) - x
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.isSliderDown():
            return
        x = event.position().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self._fine_from is None:
                self._fine_from = (x, self.x_of(self._target))
            x = self._fine_from[1] + (x - self._fine_from[0]) / 10
            self._grab_offset = 0.0
        else:
            if self._fine_from is not None:
                self._grab_offset = self.x_of(self._target) - x
                self._fine_from = None
            x += self._grab_offset
        self._choose(self._scale.at(self._share_at(x)))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = (
            event.angleDelta().y() or event.angleDelta().x()
        )  # Shift or Alt makes the wheel horizontal on some systems
        fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._turn(delta / 120, Stride.FINE if fine else Stride.STEP)
        event.accept()

    def _turn(self, steps: float, stride: Stride) -> None:
        """Step by fractions of a step, as trackpads need: from their start, so that none is lost to rounding."""
        turn = self._turned
        if turn is None or (turn.stride, turn.scale, turn.target) != (stride, self._scale, self._target):
            turn = Turn(stride, self._scale, self._target, 0.0, self._target)
        target = self._scale.stepped(turn.start, turn.steps + steps, stride)
        beyond = target == self._scale.at(1.0 if steps > 0 else 0.0)  # need not be turned back
        done = beyond or (turn.steps + steps).is_integer()
        self._turned = None if done else replace(turn, steps=turn.steps + steps, target=target)
        self._choose(target)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        stride = Stride.FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else Stride.STEP
        key = Qt.Key(event.key())
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        ends = {Qt.Key.Key_Home: self._scale.at(0.0), Qt.Key.Key_End: self._scale.at(1.0)}
        if key in steps:
            self.step(steps[key], stride)
        elif key in ends:
            self._choose(ends[key])
        else:
            super().keyPressEvent(event)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """A screen reader or another program moved the slider."""
        super().sliderChange(change)
        if change is QAbstractSlider.SliderChange.SliderValueChange and not self.signalsBlocked():
            self._choose(self._scale.at(self.value() / STEPS))

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
        x = self.x_of(self._inside(self._target))
        painter.setBrush(QColor(colours.quiet))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), x - groove.left(), groove.height()), 2, 2)
        self._paint_marks(painter, colours)
        self._paint_handle(painter, colours, x)

    def _ticks(self, colours: Colours) -> QPixmap:
        """The painted scale, cached for a size and a theme."""
        key = (self.size(), self.devicePixelRatioF(), colours, self._scale, self.font().key())
        if self._drawn_ticks is None or self._drawn_ticks[0] != key:
            pixmap = QPixmap(self.size() * self.devicePixelRatioF())
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ticks(painter, colours)
            painter.end()
            self._drawn_ticks = (key, pixmap)
        return self._drawn_ticks[1]

    def _paint_ticks(self, painter: QPainter, colours: Colours) -> None:
        font = figure_font(self.font(), 0.86)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        top = GROOVE_Y + HANDLE.height() / 2 + 1
        line = QColor(colours.quiet)
        free_from = -math.inf
        ticks = self._scale.ticks
        for value in sorted((*ticks, *self._scale.minor), key=self.x_of):
            x = round(self.x_of(value)) + 0.5
            labelled = value in ticks
            painter.setPen(QPen(line, 1))
            painter.drawLine(QPointF(x, top - (4 if labelled else 3)), QPointF(x, top + (1 if labelled else 0)))
            text = self._scale.tick_text(value)
            width = metrics.horizontalAdvance(text)
            if labelled and x - width / 2 >= free_from:
                left = min(max(x - width / 2, 0.0), self.width() - width)
                painter.drawText(QPointF(left, top + 3 + metrics.ascent()), text)
                free_from = x + width / 2 + 8

    def _paint_marks(self, painter: QPainter, colours: Colours) -> None:
        for mark in self._marks:
            x = self.x_of(mark.value)
            if not 0 <= x <= self.width():
                continue
            shape = marker_path(mark.style.marker, QPointF(x, MARKS_Y), MARK)
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

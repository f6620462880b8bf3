"""Quality against encode or decode time at one rate: a marker a codec, and the front of those that none beats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.report.svg_plot import TIME_TICKS, spread, value_ticks
from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import Colours, colours_of

MARKER = 13
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 96.0, 14.0, 46.0
_ROOM = 0.35
"""Beyond the fastest and the slowest, in natural logarithms of the time."""


@dataclass(frozen=True)
class TimedCodec:
    """time_ms: per megapixel. front: whether no other codec is both better and faster."""

    label: str
    style: CodecStyle
    time_ms: float
    value: float
    front: bool


class TimePlot(QWidget):
    """Painted from the codecs that it is given; nothing in it can be clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codecs: tuple[TimedCodec, ...] = ()
        self._digits = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Quality against time")

    def sizeHint(self) -> QSize:
        return QSize(480, 320)

    @property
    def codecs(self) -> tuple[TimedCodec, ...]:
        """What is drawn."""
        return self._codecs

    def show_codecs(self, codecs: Sequence[TimedCodec]) -> None:
        """Draw these."""
        self._codecs = tuple(one for one in codecs if math.isfinite(one.value) and one.time_ms > 0)
        self.setAccessibleDescription(", ".join(f"{one.label} {one.time_ms:.0f} ms" for one in self._codecs))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.panel))
        if not self._codecs:
            painter.setPen(QColor(colours.quiet))
            text = "No codec goes to this rate on any picture: move the slider."
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(figure_font(self.font(), 0.9))
        inside = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        times = [math.log(one.time_ms) for one in self._codecs]
        low, high = min(times) - _ROOM, max(times) + _ROOM
        ticks = value_ticks(min(one.value for one in self._codecs), max(one.value for one in self._codecs))

        def place(time_ms: float, value: float) -> QPointF:
            across = (math.log(time_ms) - low) / (high - low)
            up = (value - ticks[0]) / (ticks[-1] - ticks[0])
            return QPointF(inside.left() + across * inside.width(), inside.bottom() - up * inside.height())

        shown = [tick for tick in TIME_TICKS if low <= math.log(tick) <= high]
        self._draw_axes(painter, inside, colours, (ticks, shown), place)
        front = sorted((one.time_ms, one.value) for one in self._codecs if one.front)
        painter.setPen(QPen(QColor(colours.quiet), 1.5, Qt.PenStyle.DotLine))
        painter.drawPolyline([place(*point) for point in front])
        self._draw_codecs(painter, colours, place)

    def _draw_axes(
        self,
        painter: QPainter,
        inside: QRectF,
        colours: Colours,
        ticks: tuple[Sequence[float], Sequence[float]],
        place: Callable[[float, float], QPointF],
    ) -> None:
        values, times = ticks
        digits = max(0, -math.floor(math.log10(values[1] - values[0]) + 1e-9))
        line, quiet = QPen(QColor(colours.line), 1), QColor(colours.quiet)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in values:
            y = round(place(times[0] if times else 1.0, value).y()) + 0.5
            painter.setPen(line)
            painter.drawLine(QPointF(inside.left(), y), QPointF(inside.right(), y))
            painter.setPen(quiet)
            painter.drawText(QRectF(0, y - 10, inside.left() - 8, 20), right, f"{value:.{digits}f}")
        for time_ms in times:
            x = round(place(time_ms, values[0]).x()) + 0.5
            painter.setPen(line)
            painter.drawLine(QPointF(x, inside.top()), QPointF(x, inside.bottom()))
            painter.setPen(quiet)
            below = QRectF(x - 40, inside.bottom() + 4, 80, 18)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"{time_ms:,g}")
        title = QRectF(inside.left(), inside.bottom() + 22, inside.width(), 20)
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, "ms per megapixel")

    def _draw_codecs(self, painter: QPainter, colours: Colours, place: Callable[[float, float], QPointF]) -> None:
        points = [place(one.time_ms, one.value) for one in self._codecs]
        heights = spread([point.y() for point in points], 1.25 * painter.fontMetrics().height())
        for one, point, middle in zip(self._codecs, points, heights, strict=True):
            painter.setPen(QPen(QColor(colours.panel), 1.5))
            painter.setBrush(QColor(one.style.colour))
            painter.drawPath(marker_path(one.style.marker, point, MARKER))
            beside = QRectF(point.x() + 11, middle - 10, painter.fontMetrics().horizontalAdvance(one.label) + 3, 20)
            painter.fillRect(beside.adjusted(-1, 2, 0, -2), QColor(colours.panel))  # the front may pass behind it
            painter.setPen(QColor(colours.text))
            painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, one.label)

"""What every curve of a plot says at the rate under the pointer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import format_bpp
from viewer.ui.common.theme import Colours

AWAY = 14.0
"""Between the pointer and the box."""
PADDING = 7.0
MARKER = 9.0

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class PointerRow:
    """A codec's value at the pointer's rate; None beyond the ends of its curve."""

    label: str
    style: CodecStyle
    value: float | None

    def text(self, digits: int) -> str:
        """The value, with a sign that it is between measured points."""
        return "–" if self.value is None else f"≈ {self.value:.{digits}f}"


def value_at(points: Sequence[tuple[float, float]], bpp: float) -> float | None:
    """The curve's value at a rate: linear against the logarithm of the rate, between its neighbouring points. points:
    (bpp, value), rate ascending. None beyond the ends, and beside values that are infinite.
    """
    for (low, below), (high, above) in pairwise(points):
        if low <= bpp <= high and math.isfinite(below + above):
            share = math.log(bpp / low) / math.log(high / low) if high > low else 0.0
            return below + share * (above - below)
    return None


def paint_pointer(
    painter: QPainter,
    rows: Sequence[PointerRow],
    *,
    bpp: float,
    digits: int,
    at: QPointF,
    inside: QRectF,
    font: QFont,
    colours: Colours,
) -> QRectF:
    """An upright line at the pointer, and a box with all values beside it; returns the box."""
    painter.setPen(QPen(QColor(colours.quiet), 1))
    x = round(at.x()) + 0.5
    painter.drawLine(QPointF(x, inside.top()), QPointF(x, inside.bottom()))
    metrics = QFontMetricsF(font)
    line = metrics.height() + 2
    names = max((metrics.horizontalAdvance(row.label) for row in rows), default=0.0)
    values = max((metrics.horizontalAdvance(row.text(digits)) for row in rows), default=0.0)
    heading = f"{format_bpp(bpp)} bpp"
    width = max(MARKER + 7 + names + 14 + values, metrics.horizontalAdvance(heading)) + 2 * PADDING
    box = QRectF(0.0, 0.0, width, line * (len(rows) + 1) + 2 * PADDING - 4)
    left = at.x() + AWAY if at.x() + AWAY + width <= inside.right() else at.x() - AWAY - width
    top = min(max(at.y() - box.height() / 2, inside.top() + 2), inside.bottom() - box.height() - 2)
    box.moveTo(max(left, inside.left()), top)
    painter.setPen(QPen(QColor(colours.line), 1))
    painter.setBrush(QColor(colours.panel))
    painter.drawRoundedRect(box, 3, 3)
    painter.setFont(font)
    painter.setPen(QColor(colours.quiet))
    row_box = QRectF(box.left() + PADDING, box.top() + PADDING - 2, width - 2 * PADDING, line)
    painter.drawText(row_box, LEFT, heading)
    for row in sorted(rows, key=lambda row: -math.inf if row.value is None else row.value, reverse=True):
        row_box.translate(0.0, line)
        middle = QPointF(row_box.left() + MARKER / 2, row_box.center().y())
        painter.fillPath(marker_path(row.style.marker, middle, MARKER), QColor(row.style.colour))
        painter.setPen(QColor(colours.text))
        painter.drawText(row_box.adjusted(MARKER + 7, 0, 0, 0), LEFT, row.label)
        painter.drawText(row_box, RIGHT, row.text(digits))
    return box

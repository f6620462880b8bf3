"""A sentence written over a picture."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

PADDING = 12
WIDEST = 340
INK, GROUND = QColor("#ffffff"), QColor(0, 0, 0, 190)
TEXT = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


def paint_note(painter: QPainter, font: QFont, note: str, area: QRect) -> None:
    """Write a note in the middle of an area, logical pixels; nothing if there is none, or no room for it."""
    if not note:
        return
    room = min(WIDEST, area.width() - 4 * PADDING)
    text = QFontMetrics(font).boundingRect(QRect(0, 0, max(room, 1), 10_000), TEXT, note)
    if room < 60 or text.height() > area.height():
        return
    text.moveCenter(area.center())
    painter.save()
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(text.adjusted(-PADDING, -PADDING, PADDING, PADDING), 4, 4)
    painter.setPen(INK)
    painter.drawText(text, TEXT, note)
    painter.restore()

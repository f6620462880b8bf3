"""The frame around the panes while something is dragged over the window."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.ui.common.formatting import figure_font


class DropFrame(QWidget):
    """Shows that dropping will open the file."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Drop to open")
        self.hide()

    def place_over(self, parent: QWidget) -> None:
        """Cover another widget."""
        if parent is not self._over:
            self._over = parent
            self.setParent(parent)
            self.hide()

    def cover(self) -> None:
        """Cover the whole parent."""
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 120))
        painter.setPen(QPen(Qt.GlobalColor.white, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(12, 12, -12, -12), 8, 8)
        painter.setFont(figure_font(self.font(), 1.5, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Drop to open")

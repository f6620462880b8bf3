"""The lines below the panes: the pixel under the pointer in every picture, and the metrics of the visible area."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui.common.codec_style import CodecStyle, marker_path
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import colours_of

PADDING = 10
MARKER = 8
MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Cell:
    """strong: the figures. quiet: their context, in a muted colour."""

    strong: str
    quiet: str = ""


class ReadOut(QWidget):
    """A table of one or two rows: a first column, then one per pane, headed by its codec's marker."""

    def __init__(self, styles: tuple[CodecStyle | None, ...], parent: QWidget | None = None) -> None:
        """styles: of the panes; None for the original."""
        super().__init__(parent)
        self._styles = styles
        self._rows: tuple[tuple[Cell, ...], ...] = ((),)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Pixel under the pointer, metrics of the visible area")

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        return self._rows

    def set_styles(self, styles: tuple[CodecStyle | None, ...]) -> None:
        """Show these panes."""
        self._styles = styles
        self.update()

    def set_rows(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Show these rows."""
        if rows != self._rows:
            grown = len(rows) != len(self._rows)
            self._rows = rows
            self.setAccessibleDescription("; ".join(f"{c.strong} {c.quiet}".strip() for row in rows for c in row))
            if grown:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, (self.fontMetrics().height() + 4) * len(self._rows) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.panel))
        painter.setFont(figure_font(self.font(), 0.94))
        metrics = painter.fontMetrics()
        height = self.fontMetrics().height() + 4
        first = min(190.0, self.width() / 6)
        width = (self.width() - PADDING - first) / max(1, len(self._styles))
        for index, row in enumerate(self._rows):
            top = 2 + index * height
            for column, cell in enumerate(row):
                left = PADDING if column == 0 else PADDING + first + (column - 1) * width
                room = (self.width() - PADDING if len(row) == 1 else first if column == 0 else width) - 8
                style = self._styles[column - 1] if column else None
                if style is not None and (cell.strong or cell.quiet):
                    middle = QPointF(left + MARKER / 2, top + height / 2)
                    painter.fillPath(marker_path(style.marker, middle, MARKER), QColor(style.colour))
                    left, room = left + MARKER + 5, room - MARKER - 5
                strong = metrics.elidedText(cell.strong, Qt.TextElideMode.ElideRight, int(room))
                painter.setPen(QColor(colours.text))
                painter.drawText(QRectF(left, top, room, height), MIDDLE, strong)
                used = metrics.horizontalAdvance(strong) + 8 if strong else 0
                quiet = metrics.elidedText(cell.quiet, Qt.TextElideMode.ElideRight, int(max(0, room - used)))
                painter.setPen(QColor(colours.quiet))
                painter.drawText(QRectF(left + used, top, max(0.0, room - used), height), MIDDLE, quiet)

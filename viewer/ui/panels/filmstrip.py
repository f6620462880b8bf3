"""The pictures of the folder as a strip of thumbnails; a click opens one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import SURROUND, colours_of

CELL = QSize(104, 74)
GAP = 4
PLACE_WIDTH = 84
NOTCH = 120


@dataclass(frozen=True)
class Strip:
    """paths: of the folder's pictures. current: index of the present one. thumbnails: those that are made; empty of
    files that cannot be read.
    """

    paths: tuple[Path, ...] = ()
    current: int = 0
    thumbnails: Mapping[Path, QImage] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """ "3 of 24"."""
        return f"{self.current + 1} of {len(self.paths)}"


class Filmstrip(QWidget):
    """One widget for all thumbnails: a folder may have thousands."""

    def __init__(self, chosen: Callable[[Path], object], parent: QWidget | None = None) -> None:
        """chosen: called with the picture that was clicked."""
        super().__init__(parent)
        self._chosen = chosen
        self._strip = Strip()
        self._offset = 0
        self._turned = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Pictures of the folder")
        self.hide()

    @property
    def strip(self) -> Strip:
        return self._strip

    def show_strip(self, strip: Strip | None) -> None:
        """Show these pictures, the present one in view; None hides the strip."""
        if strip is None:
            self.hide()
            return
        moved = (strip.paths, strip.current) != (self._strip.paths, self._strip.current)
        self._strip = strip
        self.setAccessibleDescription(f"{strip.paths[strip.current].name}, {strip.place}")
        self.show()
        if moved:
            self._scroll_to(strip.current * (CELL.width() + GAP) - (self._room() - CELL.width()) // 2)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, CELL.height() + 2 * GAP)

    def cell_of(self, index: int) -> QRect:
        """Where a picture's thumbnail is."""
        left = PLACE_WIDTH + index * (CELL.width() + GAP) - self._offset
        return QRect(QPoint(left, GAP), CELL)

    def _room(self) -> int:
        return self.width() - PLACE_WIDTH

    def _scroll_to(self, offset: int) -> None:
        whole = len(self._strip.paths) * (CELL.width() + GAP)
        self._offset = min(max(offset, 0), max(0, whole - self._room()))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.panel))
        painter.setFont(figure_font(self.font(), 1.0, bold=True))
        painter.setPen(QColor(colours.text))
        painter.drawText(
            QRect(10, 0, PLACE_WIDTH - 10, self.height()), Qt.AlignmentFlag.AlignVCenter, self._strip.place
        )
        painter.setClipRect(QRect(PLACE_WIDTH, 0, self._room(), self.height()))
        small = figure_font(self.font(), 0.82)
        painter.setFont(small)
        name_height = QFontMetrics(small).height()
        first = self._offset // (CELL.width() + GAP)
        last = min(len(self._strip.paths), first + self._room() // (CELL.width() + GAP) + 2)
        for index in range(first, last):
            path, cell = self._strip.paths[index], self.cell_of(index)
            is_current = index == self._strip.current
            if is_current:
                painter.fillRect(cell.adjusted(-1, -3, 1, 3), QColor(colours.hover))
            room = cell.adjusted(3, 2, -3, -name_height)
            thumbnail = self._strip.thumbnails.get(path)
            if thumbnail is None or thumbnail.isNull():
                painter.fillRect(room, SURROUND)
            else:
                size = thumbnail.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
                place = QRect(room.center() - QPoint(size.width() // 2, size.height() // 2), size)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(place, thumbnail)
            name = QFontMetrics(small).elidedText(path.name, Qt.TextElideMode.ElideMiddle, cell.width() - 4)
            painter.setPen(QColor(colours.strong if is_current else colours.quiet))
            below = QRect(cell.left(), cell.bottom() - name_height + 2, cell.width(), name_height)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
            if is_current:
                painter.setPen(QPen(QColor(colours.text), 1))
                painter.drawRect(cell.adjusted(-1, -3, 0, 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        path = self._path_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and path is not None:
            self._chosen(path)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        self._turned += -(delta.y() or delta.x()) * (CELL.width() + GAP)
        pixels = int(self._turned / NOTCH)
        self._turned -= pixels * NOTCH
        self._scroll_to(self._offset + pixels)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            path = self._path_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if path is None else str(path), self)
            return True
        return super().event(event)

    def _path_at(self, point: QPoint) -> Path | None:
        if point.x() < PLACE_WIDTH:
            return None
        index = (point.x() - PLACE_WIDTH + self._offset) // (CELL.width() + GAP)
        return self._strip.paths[index] if index < len(self._strip.paths) else None

"""The navigator: shows the visible part of a picture that does not fit."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.session.viewport import Rect
from viewer.ui.engine.image_pyramid import Picture

LONGER_SIDE = 132
LARGEST_SHARE = 0.3
"""Of a pane's longer side."""


class Navigator(QWidget):
    """A small picture with a frame around the visible area; click or drag in it to move the view."""

    wanted = Signal(float, float)
    """The user wants this point of the picture, in image pixels, in the middle."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._seen = Rect(0, 0, 1, 1)
        self._longer_side = LONGER_SIDE
        self.sees_all = True
        """Whether nothing of the picture is out of sight."""
        self.setAccessibleName("Navigator")
        self.setToolTip("Visible area; drag to move it (or use the arrow keys)")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.hide()

    @property
    def seen(self) -> Rect:
        return self._seen

    def show_view(self, picture: Picture | None, seen: Rect | None) -> None:
        """Show the visible area; hidden if all of the picture is visible, or none of it."""
        self.sees_all = picture is None or seen is None or seen == Rect(0, 0, picture.width, picture.height)
        self.setVisible(not self.sees_all)
        if picture is not None and seen is not None:
            self._picture, self._seen = picture, seen
            self.setAccessibleDescription(f"x {seen.left} to {seen.right}, y {seen.top} to {seen.bottom}")
            self.update()

    def fit_into(self, area: QSize) -> None:
        """Be small in a small pane, so that it hides little of the picture."""
        self._longer_side = min(LONGER_SIDE, round(max(area.width(), area.height()) * LARGEST_SHARE))

    def sizeHint(self) -> QSize:
        if self._picture is None:
            return QSize(self._longer_side, self._longer_side)
        scale = self._longer_side / max(self._picture.width, self._picture.height)
        return QSize(max(24, round(self._picture.width * scale)), max(24, round(self._picture.height * scale)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ratio = self.devicePixelRatioF()
        level = self._picture.level_for(self.width() * ratio / self._picture.width)
        painter.drawImage(self.rect(), level)
        x, y = self.width() / self._picture.width, self.height() / self._picture.height
        seen = self._seen
        frame = QRectF(seen.left * x, seen.top * y, (seen.right - seen.left) * x, (seen.bottom - seen.top) * y)
        veil = QColor(0, 0, 0, 110)
        for part in (
            QRectF(0, 0, self.width(), frame.top()),
            QRectF(0, frame.bottom(), self.width(), self.height() - frame.bottom()),
            QRectF(0, frame.top(), frame.left(), frame.height()),
            QRectF(frame.right(), frame.top(), self.width() - frame.right(), frame.height()),
        ):
            painter.fillRect(part, veil)
        painter.setPen(QPen(Qt.GlobalColor.white, 1))
        painter.drawRect(frame.adjusted(0, 0, -1, -1))
        painter.setPen(QPen(Qt.GlobalColor.black, 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._look_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event.position())

    def _look_at(self, point: QPointF) -> None:
        if self._picture is not None:
            x = min(max(point.x() / self.width(), 0.0), 1.0) * self._picture.width
            y = min(max(point.y() / self.height(), 0.0), 1.0) * self._picture.height
            self.wanted.emit(x, y)

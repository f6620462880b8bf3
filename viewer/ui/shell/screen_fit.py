"""Keeps the window on the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, QTimer
from PySide6.QtWidgets import QWidget

FIRST_SIZE = QSize(1440, 900)
"""Default size of the window, if the screen has room for it."""
FRAME_HEIGHT = 40
"""Room for the title that the system puts above a window: desktops' are 24 to 38 pixels high."""


def first_size(available: QSize) -> QSize:
    """The window's size at the first start on a screen that has so much room."""
    return FIRST_SIZE.boundedTo(available - QSize(0, FRAME_HEIGHT))


def fitted(frame: QRect, available: QRect) -> QRect:
    """A window's frame moved onto the screen, and made smaller where it does not fit."""
    size = frame.size().boundedTo(available.size())
    last = QPoint(available.x() + available.width() - size.width(), available.y() + available.height() - size.height())
    left = max(available.x(), min(frame.x(), last.x()))
    top = max(available.y(), min(frame.y(), last.y()))
    return QRect(QPoint(left, top), size)


class ScreenFit(QObject):
    """Corrects the window's place once the system has given it a frame, whose size nobody knows before."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowActivate:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self, self.fit)
        return False

    def fit(self) -> None:
        """Move the window onto the screen, and make it smaller if it does not fit."""
        window = self._window
        if window.isMaximized() or window.isFullScreen():
            return
        frame, inner = window.frameGeometry(), window.geometry()
        wanted = fitted(frame, window.screen().availableGeometry())
        if wanted != frame:
            window.setGeometry(
                wanted.adjusted(
                    inner.left() - frame.left(),
                    inner.top() - frame.top(),
                    inner.right() - frame.right(),
                    inner.bottom() - frame.bottom(),
                )
            )

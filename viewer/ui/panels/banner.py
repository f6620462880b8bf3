"""A message at the bottom of the panes that blocks nothing. Errors stay until they are closed or replaced; other
messages disappear by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from viewer.ui.common.theme import colours_of
from viewer.ui.engine.app_state import Message

MARGIN = 14
WIDEST = 760
INFO_MS = 5000
"""How long messages other than errors are shown."""
SAVED_MS = 8000
"""The same for those that offer to open a file."""


class Banner(QWidget):
    """Shows a message over its parent."""

    dismissed = Signal()
    """The message was closed, or was shown for long enough."""
    accepted = Signal(str)
    """The user accepts what a prompt offers; carries the command's name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self.offered = QPushButton(self)
        self.offered.clicked.connect(self._accept)
        self.offered.hide()
        self._message: Message | None = None
        close = QPushButton("Dismiss", self)
        close.clicked.connect(self.dismissed)
        self.saved_buttons: tuple[QToolButton, ...] = ()
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 10, 12, 10)
        layout.setSpacing(14)
        layout.addWidget(self._label, 1)
        layout.addWidget(self.offered, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName("Message")
        self._leave = QTimer(self, singleShot=True, interval=INFO_MS)
        self._leave.timeout.connect(self.dismissed)
        self.hide()
        parent.installEventFilter(self)

    def add_saved_buttons(self, actions: Sequence[QAction]) -> None:
        """Offer these with messages about a file that was saved."""
        for place, action in enumerate(actions, start=1):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setText(action.iconText())
            button.hide()
            self._row.insertWidget(place, button, 0, Qt.AlignmentFlag.AlignVCenter)
            self.saved_buttons = (*self.saved_buttons, button)

    @property
    def text(self) -> str:
        return self._label.text()

    def place_over(self, parent: QWidget) -> None:
        """Show messages over another widget."""
        if parent is self._over:
            return
        is_shown = not self.isHidden()
        self._over.removeEventFilter(self)
        self._over = parent
        self.setParent(parent)
        parent.installEventFilter(self)
        self._place()
        self.setVisible(is_shown)
        self.raise_()

    def show_message(self, message: Message | None, offer: str = "") -> None:
        """Show a message, or none. offer: the text of a prompt's button."""
        self._message = message
        self._leave.stop()
        if message is None:
            self.hide()
            return
        if message.kind == "info":
            self._leave.start(SAVED_MS if message.saved else INFO_MS)
        for button in self.saved_buttons:
            button.setVisible(message.saved)
        self.offered.setText(offer)
        self.offered.setVisible(bool(offer))
        self._label.setText(message.text)
        self.setAccessibleDescription(message.text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message.text))
        self._place()
        self.show()
        self.raise_()
        self.update()

    def _accept(self) -> None:
        command = "" if self._message is None else self._message.command
        self.dismissed.emit()
        self.accepted.emit(command)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(body, 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(
            QColor(colours.error if self._message is not None and self._message.kind == "error" else colours.quiet)
        )
        painter.drawRoundedRect(QRectF(6, 9, 3, self.height() - 18), 1.5, 1.5)

    def _place(self) -> None:
        width = min(WIDEST, self._over.width() - 2 * MARGIN)
        buttons = [button for button in (self.offered, *self.saved_buttons) if not button.isHidden()]
        offered = sum(button.sizeHint().width() + 14 for button in buttons)
        inner = width - 32 - 14 - 110 - offered
        height = max(46, self._label.heightForWidth(inner) + 22)
        self.setGeometry((self._over.width() - width) // 2, self._over.height() - height - MARGIN, width, height)

"""A message that blocks nothing: it lies over the foot of the panes. What went wrong stays until it is closed or
overtaken; what went well goes by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from viewer.ui.common.theme import colours_of

MARGIN = 14
WIDEST = 760
TOLD_MS = 5000
"""How long it says what went well."""


class Banner(QWidget):
    """Says a sentence over its parent."""

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
        self._act: Callable[[], object] | None = None
        close = QPushButton("Dismiss", self)
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 10, 12, 10)
        layout.setSpacing(14)
        layout.addWidget(self._label, 1)
        layout.addWidget(self.offered, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName("Message")
        self._well = False
        self._leave = QTimer(self, singleShot=True, interval=TOLD_MS)
        self._leave.timeout.connect(self.hide)
        self.hide()
        parent.installEventFilter(self)

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, text: str) -> None:
        """Say what went wrong."""
        self._leave.stop()
        self._show(text, well=False)

    def tell(self, text: str) -> None:
        """Say what went well, for a moment."""
        self._leave.start()
        self._show(text, well=True)

    def offer(self, text: str, action: str, act: Callable[[], object]) -> None:
        """Say what has happened, with a button that does something about it; it stays until it is answered."""
        self._leave.stop()
        self._show(text, well=True, action=action, act=act)

    def pass_by(self) -> None:
        """Hide a message that the user has gone on from. An offer stays."""
        if self.offered.isHidden():
            self.hide()

    def _accept(self) -> None:
        act = self._act
        self.hide()
        if act is not None:
            act()

    def _show(self, text: str, *, well: bool, action: str = "", act: Callable[[], object] | None = None) -> None:
        self._well = well
        self._act = act
        self.offered.setText(action)
        self.offered.setVisible(act is not None)
        self._label.setText(text)
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        self._place()
        self.show()
        self.raise_()
        self.update()

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
        painter.setBrush(QColor(colours.quiet if self._well else colours.error))
        painter.drawRoundedRect(QRectF(6, 9, 3, self.height() - 18), 1.5, 1.5)

    def _place(self) -> None:
        width = min(WIDEST, self._over.width() - 2 * MARGIN)
        offered = 0 if self.offered.isHidden() else self.offered.sizeHint().width() + 14
        inner = width - 32 - 14 - 110 - offered
        height = max(46, self._label.heightForWidth(inner) + 22)
        self.setGeometry((self._over.width() - width) // 2, self._over.height() - height - MARGIN, width, height)

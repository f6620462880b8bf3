"""The head of the set: its name, what is measured, and its sweep with progress."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QActionEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from viewer.ui.common.formatting import figure_font


class SetHead(QWidget):
    """Shows what it is given; its buttons are those of actions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._title.setFont(figure_font(self.font(), 1.25, bold=True))
        self._about = QLabel(self)
        self._about.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._about.setFont(figure_font(self.font()))
        self._remark = QLabel(self)
        self._remark.setFont(figure_font(self.font(), 0.94))
        self._remark.setWordWrap(True)
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(170, 8)
        self._state = QLabel(self)
        self._state.setFont(figure_font(self.font(), 0.94))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._title)
        row.addWidget(self._about)
        row.addStretch(1)
        row.addWidget(self._state)
        row.addWidget(self._progress)
        row.addLayout(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._remark)

    def add_buttons(self, actions: Sequence[QAction]) -> None:
        """Buttons for these at the right; one whose action is hidden is hidden, too."""
        for action in actions:
            button = ActionButton(action, self)
            self._buttons.addWidget(button)

    def show_set(self, title: str, about: str, remarks: Sequence[str]) -> None:
        """The set's name, what is measured, and what was left out."""
        self._title.setText(title)
        self._about.setText(about)
        more = f" And {len(remarks) - 1} more." if len(remarks) > 1 else ""
        self._remark.setText(f"{remarks[0]}{more}" if remarks else "")
        self._remark.setToolTip("\n".join(remarks))
        self._remark.setVisible(bool(remarks))

    def show_progress(self, text: str, done: int, total: int) -> None:
        """A sweep's progress; nothing where the text is empty. total: 0 while it is not known."""
        self._state.setText(text)
        self._state.setVisible(bool(text))
        self._progress.setVisible(bool(text))
        self._progress.setRange(0, total)
        self._progress.setValue(done)

    @property
    def texts(self) -> tuple[str, str, str]:
        """About the set, its remark, and its sweep."""
        return self._about.text(), self._remark.text(), self._state.text()


class ActionButton(QToolButton):
    """A button for an action, with the action's short text."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDefaultAction(action)
        self.setFont(figure_font(self.font(), 0.94))
        self.setVisible(action.isVisible())

    def actionEvent(self, event: QActionEvent) -> None:
        super().actionEvent(event)
        self.setVisible(event.action().isVisible())

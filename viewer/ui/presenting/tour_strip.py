"""The strip below the pictures in which the guided tour speaks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from viewer.ui.common.formatting import figure_font
from viewer.ui.presenting.presentation import label_share

SENTENCE = 1.5
"""Size of the sentence, in labels of a presentation."""


class TourStrip(QWidget):
    """Shows a sentence, which step of how many it belongs to, and buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = QLabel(self)
        self._place.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._sentence = QLabel(self)
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._buttons: list[QToolButton] = []
        self._last: QAction | None = None
        self._next: QAction | None = None
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._place)
        words.addWidget(self._sentence)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 12, 8)
        self._row.setSpacing(8)
        self._row.addLayout(words, 1)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Guided tour")
        self.hide()

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    @property
    def place(self) -> str:
        """Which step of how many: "2 of 6"."""
        return self._place.text()

    @property
    def next_text(self) -> str:
        """What the button that goes on says."""
        return "" if self._next is None else self._next.iconText()

    def add_buttons(self, actions: Sequence[QAction], *, going_on: QAction, only_last: QAction) -> None:
        """Add buttons for these actions, and one that is there at the last step only, before them. going_on: the one of
        them whose text is the step's.
        """
        self._last, self._next = only_last, going_on
        for action in (only_last, *actions):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setText(action.iconText())
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Space goes on
            self._buttons.append(button)
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_step(self, sentence: str, place: str, *, next_text: str, is_last: bool, screen_height: int) -> None:
        """Show a step; an empty sentence hides the strip."""
        share = label_share(screen_height)
        self._place.setFont(figure_font(self.font(), share))
        font = figure_font(self.font(), SENTENCE * share, bold=True)
        self._sentence.setFont(font)
        # Two lines always, so that the pictures stay where they are whatever it says.
        self._sentence.setFixedHeight(2 * self._sentence.fontMetrics().lineSpacing() + 2)
        self._place.setText(place)
        if self._next is not None:
            self._next.setIconText(next_text)
        for button in self._buttons:
            button.setFont(figure_font(self.font(), share))
            if button.defaultAction() is self._last:
                button.setVisible(is_last)
        if sentence != self._sentence.text():
            self._sentence.setText(sentence)
            self.setAccessibleDescription(sentence)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))
        self.setVisible(bool(sentence))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())

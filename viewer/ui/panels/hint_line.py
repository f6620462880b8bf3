"""A line for those who see the window for the first time, closed for ever by one click."""

from __future__ import annotations

from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from viewer.session.pane_layout import Layout
from viewer.ui.common.formatting import figure_font
from viewer.ui.engine.store import Store

IN_SPLIT = "Drag the line to compare."
IN_GRID = "Wheel zooms, dragging moves all pictures.   S splits two by a line."
ALWAYS = "The slider sets the bits.   Space held shows the original.   ? lists all keys."


class HintLine(QWidget):
    """The hint, with a button that closes it; Help brings it back."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self._label = QLabel(self)
        self._label.setFont(figure_font(self.font()))
        self._label.setWordWrap(True)  # on a small screen it takes two rows, rather than the window its width
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QToolButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 6, 3)
        row.addWidget(self._label, 1)
        row.addWidget(self.button)
        self.setAccessibleName("Hint")
        store.watch(lambda state: state.session.pane_layout.layout is Layout.SPLIT, self._say)
        store.watch(lambda state: state.switches.hint, self.setVisible)

    def _say(self, in_split: bool) -> None:
        text = f"{IN_SPLIT if in_split else IN_GRID}   {ALWAYS}"
        self._label.setText(text)
        self.setAccessibleDescription(text)

    def set_action(self, close: QAction) -> None:
        """What its button does."""
        self.button.setDefaultAction(close)
        self.button.setText(close.iconText())

"""A pane: a head and a picture."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.ui.canvas import Canvas
from viewer.ui.header_text import HeaderText
from viewer.ui.pane_header import PaneHeader


class Pane(QWidget):
    """One of the compared pictures, headed with its figures."""

    def __init__(self, text: HeaderText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = PaneHeader(text, self)
        self.canvas = Canvas(text.label, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.canvas, 1)

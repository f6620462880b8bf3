"""A pane: a header and a picture."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.ui.panes.canvas import Canvas
from viewer.ui.panes.header_text import HeaderText
from viewer.ui.panes.pane_header import PaneHeader


class Pane(QWidget):
    """One of the compared pictures, below a header with its figures."""

    def __init__(self, text: HeaderText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = PaneHeader(text, self)
        self.canvas = Canvas(text.label, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.canvas, 1)


class SplitPane(QWidget):
    """Two headers, and a canvas that shows two pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.left = PaneHeader(HeaderText("Left"), self)
        self.right = PaneHeader(HeaderText("Right"), self)
        self.canvas = Canvas("Split", self)
        heads = QHBoxLayout()
        heads.setSpacing(2)
        heads.addWidget(self.left)
        heads.addWidget(self.right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(heads)
        layout.addWidget(self.canvas, 1)

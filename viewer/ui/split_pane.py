"""The split view: one picture area, one codec left of a line and another right of it, each under a head of its own."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.ui.canvas import Canvas
from viewer.ui.header_text import HeaderText
from viewer.ui.pane_header import PaneHeader


class SplitPane(QWidget):
    """Two heads, and a canvas that shows two pictures."""

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

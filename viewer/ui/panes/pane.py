"""A pane: a header and a picture."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.session.pane_places import NARROWEST
from viewer.ui.panes.canvas import Canvas
from viewer.ui.panes.header_figures import HeaderText
from viewer.ui.panes.pane_header import PaneHeader
from viewer.ui.panes.presented_head import PresentedHead


class Pane(QWidget):
    """One of the compared pictures, below a header with its figures."""

    def __init__(self, text: HeaderText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = PaneHeader(text, self)
        self.presented = PresentedHead(self)
        self.canvas = Canvas(text.label, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.presented)
        layout.addWidget(self.canvas, 1)

    @property
    def head_height(self) -> int:
        """Height of the head that is shown, which may not be laid out yet."""
        return (self.header if self.presented.isHidden() else self.presented).sizeHint().height()

    @property
    def narrowest(self) -> float:
        """The least width at which the head that is shown can be read."""
        return NARROWEST if self.presented.isHidden() else self.presented.narrowest

    def present(self, on: bool) -> None:
        """Show the head of a presentation instead of the figures."""
        self.header.setVisible(not on)
        self.presented.setVisible(on)


class SplitPane(QWidget):
    """Two headers, and a canvas that shows two pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.left = PaneHeader(HeaderText("Left"), self)
        self.right = PaneHeader(HeaderText("Right"), self)
        self.canvas = Canvas("Split", self)
        self.presented = (PresentedHead(self), PresentedHead(self))
        heads = QHBoxLayout()
        heads.setSpacing(2)
        for head in (self.left, self.right, *self.presented):
            heads.addWidget(head)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(heads)
        layout.addWidget(self.canvas, 1)

    def present(self, on: bool) -> None:
        """Show the heads of a presentation instead of the figures."""
        for header in (self.left, self.right):
            header.setVisible(not on)
        for head in self.presented:
            head.setVisible(on)

"""Lays the panes out in the grid that shows the pictures largest; or a single pane, or a split view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.pane_places import pane_places
from viewer.session.state import Size
from viewer.ui.panes.pane import Pane, SplitPane

GAP = 2
SMALLEST = QSize(320, 180)
"""So small a screen may be; heads leave figures out before they cut any off."""


class PaneGrid(QWidget):
    """Lays panes out, all of the same size to the pixel, so that their pictures align."""

    def __init__(self, panes: Sequence[Pane], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all = self._panes = tuple(panes)
        self._image_size: Size = (3, 2)
        self.split = SplitPane(self)
        self._alone: QWidget | None = None
        for pane in self._panes:
            pane.setParent(self)
        self.split.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def add(self, pane: Pane) -> None:
        """Make room for one more pane; it is not shown yet."""
        pane.setParent(self)
        pane.hide()
        self._all = (*self._all, pane)

    def set_image_size(self, size: Size) -> None:
        """Arrange for pictures of this size."""
        self._image_size = size
        self._arrange()

    def arrange(self, panes: Sequence[Pane], alone: QWidget | None) -> None:
        """Keep to these panes, of those that it was made with, and show one of them or the split view over the whole
        area, or all panes (None).

        The new one is in its place before the old one goes, and both within one event: nothing flashes or moves.
        """
        self._panes = tuple(panes)
        self._alone = alone
        self._arrange()
        wanted: tuple[QWidget, ...] = self._panes if alone is None else (alone,)
        for shown in wanted:
            shown.show()
        for hidden in (*self._all, self.split):
            if hidden not in wanted:
                hidden.hide()

    def rearrange(self) -> None:
        """Lay the panes out again: their heads have another height."""
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(1100, 800)

    def minimumSizeHint(self) -> QSize:
        return SMALLEST

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        if self._alone is not None:
            self._alone.setGeometry(self.rect())
            layout = self._alone.layout()
            assert layout is not None
            layout.activate()  # a previously hidden pane would otherwise be laid out only after it is painted
            return
        first = self._panes[0]
        area = self.width(), self.height()
        places = pane_places(
            area, self._image_size, len(self._panes), first.head_height, GAP, narrowest=first.narrowest
        )
        for pane, place in zip(self._panes, places, strict=True):
            pane.setGeometry(QRect(place.left, place.top, place.width, place.height))

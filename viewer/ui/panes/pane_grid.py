"""Lays the panes out in the grid that shows the pictures largest; or a single pane, or a split view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.state import Size, fit_zoom
from viewer.ui.panes.pane import Pane, SplitPane

GAP = 2
NARROWEST = 280
"""A pane narrower than this has no room for its header's figures."""


def columns_for(area: Size, image: Size, count: int, header_height: int) -> int:
    """The number of columns that shows pictures largest, with readable headers. Ties go to fewer columns."""
    best, best_zoom = 1, 0.0
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        if columns * rows - count >= columns:
            continue
        width = (area[0] - GAP * (columns - 1)) / columns
        height = (area[1] - GAP * (rows - 1)) / rows - header_height
        if width < NARROWEST and columns > 1:
            continue
        zoom = fit_zoom(image, (max(width, 1.0), max(height, 1.0)))
        if zoom > best_zoom * 1.001:
            best, best_zoom = columns, zoom
    return best


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
        return QSize(2 * NARROWEST + GAP, 320)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        if self._alone is not None:
            self._alone.setGeometry(self.rect())
            layout = self._alone.layout()
            assert layout is not None
            layout.activate()  # a previously hidden pane would otherwise be laid out only after it is painted
            return
        header_height = self._panes[0].head_height
        columns = columns_for((self.width(), self.height()), self._image_size, len(self._panes), header_height)
        rows = -(-len(self._panes) // columns)
        width = (self.width() - GAP * (columns - 1)) // columns
        height = (self.height() - GAP * (rows - 1)) // rows
        for index, pane in enumerate(self._panes):
            row, column = divmod(index, columns)
            pane.setGeometry(QRect(column * (width + GAP), row * (height + GAP), width, height))

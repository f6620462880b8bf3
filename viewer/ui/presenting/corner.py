"""Boxes in the lower corners of the pictures: over the original in the grid, which has the least to say there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget

MARGIN = 12


def place_in_corner(box: QWidget, canvas: QWidget, wanted: QSize, *, on_left: bool = False) -> None:
    """Put a box into a lower corner of a canvas, which is below the same parent, no larger than there is room."""
    room = QSize(canvas.width() - 2 * MARGIN, canvas.height() - 2 * MARGIN)
    over = box.parentWidget()
    assert over is not None
    area = QRect(canvas.mapTo(over, QPoint()), canvas.size()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    place = QRect(QPoint(), wanted.boundedTo(room))
    if on_left:
        place.moveBottomLeft(area.bottomLeft())
    else:
        place.moveBottomRight(area.bottomRight())
    box.setGeometry(place)
    box.raise_()

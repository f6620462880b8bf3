"""Marks over a picture: the line of a split view, the frame of a region. Dark and light, seen on any picture."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from viewer.session import Placement


def paint_line(painter: QPainter, x: float, height: int, *, strong: bool) -> None:
    """The line of a split view beside the boundary x, with its handle; logical pixels. strong: it has the focus."""
    width = 2.0 if strong else 1.0
    painter.fillRect(QRectF(x - width, 0, width, height), Qt.GlobalColor.black)
    painter.fillRect(QRectF(x, 0, width, height), Qt.GlobalColor.white)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(Qt.GlobalColor.black, 1))
    painter.setBrush(Qt.GlobalColor.white)
    painter.drawRoundedRect(QRectF(x - 4, height - 40, 8, 26), 4, 4)


def paint_frame(painter: QPainter, region: QRect, placement: Placement, ratio: float) -> None:
    """A frame just outside of a region (image pixels), covering none of it. ratio: device to logical pixels."""
    left, top = (
        (start + region_start * placement.zoom) / ratio
        for start, region_start in ((placement.left, region.x()), (placement.top, region.y()))
    )
    inside = QRectF(left, top, region.width() * placement.zoom / ratio, region.height() * placement.zoom / ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, grown in ((Qt.GlobalColor.black, 2), (Qt.GlobalColor.white, 1)):
        painter.setPen(QPen(colour, 1))
        painter.drawRect(inside.toAlignedRect().adjusted(-grown, -grown, grown - 1, grown - 1))

"""The loupe: the surroundings of one pixel, magnified, in a corner of a canvas."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from viewer.ui.engine.image_pyramid import Picture

PIXELS = 19
"""Width in image pixels; odd, so that one is in the middle."""
MAGNIFICATION = 8
MARGIN = 8
LARGEST_SHARE = 0.65
"""Of the canvas's shorter side."""


def paint_loupe(painter: QPainter, picture: Picture, pixel: tuple[int, int], canvas: QRect, *, on_right: bool) -> None:
    """Paint a loupe in a lower corner of a canvas (logical pixels): one image pixel is a square of MAGNIFICATION."""
    room = int(min(canvas.width(), canvas.height()) * LARGEST_SHARE) // MAGNIFICATION
    shown = min(PIXELS, room - 1 + room % 2)
    side = shown * MAGNIFICATION
    left = canvas.width() - side - MARGIN if on_right else MARGIN
    target = QRectF(left, canvas.height() - side - MARGIN, side, side)
    source = QRectF(pixel[0] + 0.5 - shown / 2, pixel[1] + 0.5 - shown / 2, shown, shown)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.fillRect(target, Qt.GlobalColor.black)
    painter.setClipRect(target)
    # Not drawImage with a source rectangle: a part outside the picture would shift the rest.
    painter.translate(target.center())
    painter.scale(MAGNIFICATION, MAGNIFICATION)
    painter.translate(-source.center())
    _draw(painter, picture, source)
    if picture.patch is not None:
        painter.translate(picture.patch.left, picture.patch.top)
        _draw(painter, picture.patch.picture, source.translated(-picture.patch.left, -picture.patch.top))
    painter.restore()
    middle = QRectF(0, 0, MAGNIFICATION, MAGNIFICATION)
    middle.moveCenter(target.center())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, grown in ((Qt.GlobalColor.black, 1), (Qt.GlobalColor.white, 0)):
        painter.setPen(QPen(colour, 1))
        painter.drawRect(target.adjusted(-grown, -grown, grown, grown))
        painter.drawRect(middle.adjusted(-grown, -grown, grown, grown))


def _draw(painter: QPainter, picture: Picture, source: QRectF) -> None:
    """Paint the part of a picture, in image pixels, at its place."""
    scale = picture.finest_scale
    finest = QRectF(source.x() / scale, source.y() / scale, source.width() / scale, source.height() / scale)
    area = finest.toAlignedRect().intersected(picture.levels[0].rect())
    painter.save()
    painter.scale(scale, scale)
    painter.drawImage(area.topLeft(), picture.levels[0], area)
    painter.restore()

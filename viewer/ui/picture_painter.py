"""Painting a Picture where a Placement says, in device pixels."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QTransform

from viewer.session import Placement, Size
from viewer.ui.picture import Picture

LARGEST_SCALED = 4_000_000
"""Up to so many pixels the picture is kept scaled for the present zoom; a larger one is scaled while it is painted."""


class PicturePainter:
    """Paints a picture, and keeps it scaled.

    Minified pictures are averaged over area, never sampled; magnified ones are smooth or nearest, as chosen.
    """

    def __init__(self) -> None:
        self._scaled: tuple[Picture, QSize, QImage] | None = None

    def paint(
        self,
        painter: QPainter,
        picture: Picture,
        placement: Placement,
        area: Size,
        *,
        smooth: bool,
        clip: QRect | None = None,
    ) -> None:
        """Paint a picture. area: of the canvas. clip: the part of it that is painted, all if None; device pixels."""
        painter.save()
        device = painter.deviceTransform()
        canvas = QTransform.fromTranslate(round(device.dx()), round(device.dy())) * device.inverted()[0]
        painter.setWorldTransform(canvas)
        if clip is not None:
            painter.setClipRect(clip)
        painter.translate(placement.left, placement.top)
        if placement.zoom < 1.0:
            self._paint_minified(painter, picture, placement.zoom)
        else:
            self._paint_magnified(painter, picture, placement, area, smooth)
        painter.restore()

    def _paint_minified(self, painter: QPainter, picture: Picture, zoom: float) -> None:
        size = QSize(max(1, round(picture.width * zoom)), max(1, round(picture.height * zoom)))
        level = picture.level_for(zoom)
        if size.width() * size.height() > LARGEST_SCALED:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.scale(size.width() / level.width(), size.height() / level.height())
            painter.drawImage(0, 0, level)
            return
        if self._scaled is None or self._scaled[:2] != (picture, size):
            mode = Qt.TransformationMode.SmoothTransformation
            self._scaled = (picture, size, level.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode))
        painter.drawImage(0, 0, self._scaled[2])

    @staticmethod
    def _paint_magnified(painter: QPainter, picture: Picture, placement: Placement, area: Size, smooth: bool) -> None:
        image, zoom = picture.levels[0], placement.zoom
        # Only what is visible, and two pixels around for the interpolation.
        left = max(0, int(-placement.left / zoom) - 2)
        top = max(0, int(-placement.top / zoom) - 2)
        right = min(picture.width, int((area[0] - placement.left) / zoom) + 3)
        bottom = min(picture.height, int((area[1] - placement.top) / zoom) + 3)
        if right <= left or bottom <= top:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and zoom != 1.0)
        painter.scale(zoom, zoom)
        painter.drawImage(left, top, image, left, top, right - left, bottom - top)

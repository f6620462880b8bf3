"""Painting a Picture where a Placement says, in device pixels."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QTransform

from viewer.session.state import Placement, Size
from viewer.ui.engine.image_pyramid import Patch, Picture

LARGEST_SCALED = 4_000_000
"""Pictures up to this many pixels are kept scaled to the current zoom; larger ones are scaled while painting."""

CUT_GRID = 256
"""Converted parts begin and end at multiples of this, so that small movements can reuse them."""


class PicturePainter:
    """Paints a picture. Keeps the scaled picture, or the visible part in the format that Qt paints fastest.

    Minified pictures are averaged over area, never sampled; magnified ones are smooth or nearest, as chosen.
    """

    def __init__(self) -> None:
        self._scaled: tuple[Picture, QSize, QImage] | None = None
        self._converted: tuple[Picture, QRect, QImage] | None = None
        self._patch_painter: PicturePainter | None = None

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
        self._paint_in_place(painter, picture, placement, area, smooth=smooth)
        if picture.patch is not None:
            self._paint_patch(painter, picture.patch, placement, area, smooth=smooth)
        painter.restore()

    def _paint_patch(self, painter: QPainter, patch: Patch, placement: Placement, area: Size, *, smooth: bool) -> None:
        """Paint a patch, and a line around it, because its rate differs from what it covers."""
        if self._patch_painter is None:
            self._patch_painter = PicturePainter()
        zoom = placement.zoom
        left = placement.left + math.floor(patch.left * zoom + 0.5)
        top = placement.top + math.floor(patch.top * zoom + 0.5)
        at = Placement(zoom, left, top)
        self._patch_painter._paint_in_place(painter, patch.picture, at, area, smooth=smooth)
        width, height = round(patch.picture.width * zoom), round(patch.picture.height * zoom)
        for grown, colour in ((0, Qt.GlobalColor.white), (1, Qt.GlobalColor.black)):
            painter.setPen(QPen(colour, 1))
            side = 2 * grown + 1
            painter.drawRect(left - 1 - grown, top - 1 - grown, width + side, height + side)

    def _paint_in_place(
        self, painter: QPainter, picture: Picture, placement: Placement, area: Size, *, smooth: bool
    ) -> None:
        painter.save()
        painter.translate(placement.left, placement.top)
        zoom = placement.zoom
        size = QSize(max(1, round(picture.width * zoom)), max(1, round(picture.height * zoom)))
        if zoom >= 1.0:
            # Not rounded to whole pixels: image pixels are all equal.
            scale = zoom * picture.finest_scale
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and scale != 1.0)
            painter.scale(scale, scale)
            seen = QRectF(-placement.left / scale, -placement.top / scale, area[0] / scale, area[1] / scale)
            self._paint_part(painter, picture, picture.levels[0], seen)
        elif size.width() * size.height() > LARGEST_SCALED:
            level = picture.level_for(zoom)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            x, y = size.width() / level.width(), size.height() / level.height()
            painter.scale(x, y)
            seen = QRectF(-placement.left / x, -placement.top / y, area[0] / x, area[1] / y)
            self._paint_part(painter, picture, level, seen)
        else:
            self._paint_scaled(painter, picture, size)
        painter.restore()

    def _paint_scaled(self, painter: QPainter, picture: Picture, size: QSize) -> None:
        if self._scaled is None or self._scaled[0].levels is not picture.levels or self._scaled[1] != size:
            mode = Qt.TransformationMode.SmoothTransformation
            level = picture.level_for(min(size.width() / picture.width, size.height() / picture.height))
            self._scaled = (picture, size, level.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode))
        painter.drawImage(0, 0, self._scaled[2])

    def _paint_part(self, painter: QPainter, picture: Picture, level: QImage, seen: QRectF) -> None:
        """Paint the visible part of a level, plus two pixels around it for interpolation."""
        left, top = max(0, int(seen.left()) - 2), max(0, int(seen.top()) - 2)
        right, bottom = min(level.width(), int(seen.right()) + 3), min(level.height(), int(seen.bottom()) + 3)
        if right <= left or bottom <= top:
            return
        part = QRect(left, top, right - left, bottom - top)
        if level.format() == QImage.Format.Format_RGB32:
            painter.drawImage(part.topLeft(), level, part)
        else:
            where, converted = self._in_paintable_format(picture, level, part)
            painter.drawImage(part.topLeft(), converted, part.translated(-where.topLeft()))

    def _in_paintable_format(self, picture: Picture, level: QImage, part: QRect) -> tuple[QRect, QImage]:
        """A copy of a level that contains at least this part, in the format that Qt paints fastest; its position."""
        if (
            self._converted is None
            or self._converted[0].levels is not picture.levels
            or not self._converted[1].contains(part)
        ):
            left, top = part.left() // CUT_GRID * CUT_GRID, part.top() // CUT_GRID * CUT_GRID
            right = math.ceil((part.left() + part.width()) / CUT_GRID) * CUT_GRID
            bottom = math.ceil((part.top() + part.height()) / CUT_GRID) * CUT_GRID
            where = QRect(left, top, right - left, bottom - top).intersected(level.rect())
            self._converted = picture, where, level.copy(where).convertToFormat(QImage.Format.Format_RGB32)
        return self._converted[1:]

"""Pictures ready to paint, made in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from viewer.imaging.image import Pixels
from viewer.session.state import Size
from viewer.system.disk_array import is_on_disk, on_disk, release_pages
from viewer.system.memory import is_large, return_freed_memory
from viewer.ui.common.theme import SURROUND

SMALLEST_LEVEL = 256
"""Halving stops before the longer side falls below this many pixels."""


@dataclass(frozen=True, eq=False)
class Picture:
    """width, height: of the picture, in image pixels. levels: the picture, finest first, each half the size of the one
    before, each pixel the mean of those it replaces. The finest is at full size, except for drafts and for maps of
    large pictures. buffers: the memory of the levels, which Qt does not keep alive. note: a sentence to write over the
    picture. patch: another picture that covers a part of it.
    """

    width: int
    height: int
    levels: tuple[QImage, ...]
    buffers: tuple[Any, ...]
    note: str = ""
    patch: Patch | None = None

    @property
    def byte_count(self) -> int:
        """Memory that this value holds, in bytes, without what is on disk."""
        return sum(buffer.nbytes for buffer in self.buffers if not is_on_disk(buffer))

    @property
    def finest_scale(self) -> float:
        """Image pixels per side of a pixel of the finest level: 1 except for drafts and maps."""
        return self.width / self.levels[0].width()

    def level_for(self, zoom: float) -> QImage:
        """The smallest level that is at least as large as the picture at this zoom; the finest if none is."""
        finest, index = self.finest_scale, 0
        while index + 1 < len(self.levels) and zoom * finest <= 0.5 ** (index + 1):
            index += 1
        return self.levels[index]


@dataclass(frozen=True, eq=False)
class Patch:
    """A picture that covers a part of another. left, top: its position in that, in image pixels."""

    picture: Picture
    left: int
    top: int


def blank_picture(width: int, height: int) -> Picture:
    """An empty picture of a size, for a patch to cover. A little darker than the surround, to show its extent."""
    grey = np.full((1, 1, 4), SURROUND.red() - 16, np.uint8)
    return Picture(width, height, (_image_on(grey),), (grey,))


def picture_of(pixels: Pixels, size: Size | None = None, note: str = "") -> Picture:
    """Make a picture from uint8 (H, W, 3) sRGB, with OpenCV, which releases the interpreter lock.

    size: width and height of the picture in image pixels, if it is larger than the array. For a large picture, the
    finest level is the array itself and the others are on disk, so that it takes hardly any memory.
    """
    import cv2

    height, width = pixels.shape[:2]
    large = is_large(width * height)
    buffers: list[Any] = [pixels if large else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)]
    level = buffers[0]
    while max(level.shape[:2]) >= 2 * SMALLEST_LEVEL:
        half = (max(1, (level.shape[1] + 1) // 2), max(1, (level.shape[0] + 1) // 2))
        level = cv2.resize(level, half, interpolation=cv2.INTER_AREA)
        buffers.append(on_disk(cv2.cvtColor(level, cv2.COLOR_RGB2BGRA)) if large else level)
    release_pages(pixels)
    if large:
        return_freed_memory()
    full_width, full_height = (width, height) if size is None else (round(size[0]), round(size[1]))
    return Picture(full_width, full_height, tuple(_image_on(buffer) for buffer in buffers), tuple(buffers), note)


def _image_on(buffer: Any) -> QImage:
    height, width, channels = buffer.shape
    # Qt paints the former without converting; for the latter, PicturePainter converts the visible part.
    layout = QImage.Format.Format_RGB32 if channels == 4 else QImage.Format.Format_RGB888
    return QImage(buffer.data, width, height, buffer.strides[0], layout)

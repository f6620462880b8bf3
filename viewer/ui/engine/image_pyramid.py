"""A picture ready to be painted, made in a worker."""

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
    """width, height: of the picture, in image pixels. levels: the picture, finest first, each at half the size of the
    one before, each pixel the mean of those it stands for. The finest is at full size, but for a draft or a map of a
    large picture. buffers: the memory that the levels lie in; Qt does not keep it alive. note: a sentence to be written
    over it. patch: another picture that lies over a part of it.
    """

    width: int
    height: int
    levels: tuple[QImage, ...]
    buffers: tuple[Any, ...]
    note: str = ""
    patch: Patch | None = None

    @property
    def byte_count(self) -> int:
        """Memory that this value holds, in bytes: not what lies on the disk."""
        return sum(buffer.nbytes for buffer in self.buffers if not is_on_disk(buffer))

    @property
    def finest_scale(self) -> float:
        """Image pixels a side that a pixel of the finest level stands for: 1 but for drafts and maps."""
        return self.width / self.levels[0].width()

    def level_for(self, zoom: float) -> QImage:
        """The smallest level that is at least as large as the picture at this zoom; the finest if none is."""
        finest, index = self.finest_scale, 0
        while index + 1 < len(self.levels) and zoom * finest <= 0.5 ** (index + 1):
            index += 1
        return self.levels[index]


@dataclass(frozen=True, eq=False)
class Patch:
    """A picture over a part of another. left, top: where, in image pixels of that."""

    picture: Picture
    left: int
    top: int


def blank_picture(width: int, height: int) -> Picture:
    """Nothing, of a size: for a patch to lie over. A little darker than the surround, so that it shows its extent."""
    grey = np.full((1, 1, 4), SURROUND.red() - 16, np.uint8)
    return Picture(width, height, (_image_on(grey),), (grey,))


def picture_of(pixels: Pixels, size: Size | None = None, note: str = "") -> Picture:
    """Make a picture from uint8 (H, W, 3) sRGB. By OpenCV, which gives the interpreter lock back meanwhile.

    size: width and height of the picture in image pixels, where these are not all of them. Of a large picture the
    finest level is the pixels themselves, and the others lie on the disk: it takes hardly any memory.
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
    # Qt paints the former without converting; of the latter PicturePainter converts what is seen.
    layout = QImage.Format.Format_RGB32 if channels == 4 else QImage.Format.Format_RGB888
    return QImage(buffer.data, width, height, buffer.strides[0], layout)

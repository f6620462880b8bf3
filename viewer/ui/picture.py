"""A picture ready to be painted, made in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QImage

from viewer.image import Pixels

SMALLEST_LEVEL = 256
"""Halving stops before the longer side falls below this many pixels."""


@dataclass(frozen=True, eq=False)
class Picture:
    """levels[k]: the picture at 1 / 2^k of its size, each pixel the mean of those it stands for, in the format that Qt
    paints without converting. buffers: the memory that the levels lie in; Qt does not keep it alive.
    """

    levels: tuple[QImage, ...]
    buffers: tuple[Any, ...]

    @property
    def width(self) -> int:
        return self.levels[0].width()

    @property
    def height(self) -> int:
        return self.levels[0].height()

    @property
    def byte_count(self) -> int:
        """Memory that this value holds, in bytes."""
        return sum(level.sizeInBytes() for level in self.levels)

    def level_for(self, zoom: float) -> QImage:
        """The smallest level that is at least as large as the picture at this zoom."""
        index = 0
        while index + 1 < len(self.levels) and zoom <= 0.5 ** (index + 1):
            index += 1
        return self.levels[index]


def picture_of(pixels: Pixels) -> Picture:
    """Make a picture from uint8 (H, W, 3) sRGB. By OpenCV, which gives the interpreter lock back meanwhile."""
    import cv2

    buffers = [cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA)]
    while max(buffers[-1].shape[:2]) >= 2 * SMALLEST_LEVEL:
        height, width = buffers[-1].shape[:2]
        half = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
        buffers.append(cv2.resize(buffers[-1], half, interpolation=cv2.INTER_AREA))
    return Picture(tuple(_image_on(buffer) for buffer in buffers), tuple(buffers))


def _image_on(buffer: Any) -> QImage:
    height, width = buffer.shape[:2]
    return QImage(buffer.data, width, height, buffer.strides[0], QImage.Format.Format_RGB32)

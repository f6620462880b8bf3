"""Converts Pillow's pictures to arrays without a second full copy in memory."""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging.image import Pixels

_STRIP_PIXELS = 1 << 20


def pixels_of(picture: PillowImage.Image) -> Pixels:
    """The pixels of an RGB picture, uint8 (H, W, 3); ValueError for other modes.

    Strip by strip, because numpy's conversion makes two extra copies.
    """
    if picture.mode != "RGB":
        raise ValueError(f"an RGB picture is needed, not {picture.mode}")
    width, height = picture.size
    picture.load()
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = np.asarray(picture.crop((0, top, width, bottom)))
    return pixels

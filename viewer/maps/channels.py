"""One channel of a picture in grey, and where a picture is clipped: views of a picture alone, not of an error."""

from __future__ import annotations

import cv2
import numpy as np

from viewer.imaging.image import Pixels
from viewer.session.pane_layout import Show

BOTTOM, TOP = 0, 255
"""The levels at which a channel is clipped."""

LOW_COLOUR, HIGH_COLOUR, BOTH_COLOUR = (48, 128, 255), (255, 56, 56), (255, 96, 255)
"""Of pixels with a channel at BOTTOM, at TOP, or one at each."""

_RGB = {Show.RED: 0, Show.GREEN: 1, Show.BLUE: 2}
_Y_CR_CB = {Show.LUMA: 0, Show.CR: 1, Show.CB: 2}
_GROUND_SHARE = 0.4


def view_picture(show: Show, pixels: Pixels) -> Pixels:
    """One of `pane_layout.VIEWS` of a picture, uint8 (H, W, 3). ValueError if it is none of a picture alone."""
    if show is Show.CLIPPING:
        return clipping_picture(pixels)
    if show in _RGB:
        plane = pixels[..., _RGB[show]]
    elif show in _Y_CR_CB:
        plane = luma_and_chroma(pixels)[..., _Y_CR_CB[show]]
    else:
        raise ValueError(f"{show} needs a result")
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(plane), cv2.COLOR_GRAY2RGB), np.uint8)


def luma_and_chroma(pixels: Pixels) -> Pixels:
    """Y, Cr, Cb of BT.601 in the full range of JPEG files: uint8 (H, W, 3), Cr and Cb 128 for grey."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2YCrCb), np.uint8)


def clipping_picture(pixels: Pixels) -> Pixels:
    """The picture in dark grey, its clipped pixels in the colours above; uint8 (H, W, 3)."""
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    dark = cv2.convertScaleAbs(grey, alpha=_GROUND_SHARE)
    painted = np.asarray(cv2.cvtColor(dark, cv2.COLOR_GRAY2RGB), np.uint8)
    # channel by channel, because .any(axis=2) takes ten times as long
    red, green, blue = (pixels[..., channel] for channel in range(3))
    low = (red == BOTTOM) | (green == BOTTOM) | (blue == BOTTOM)
    high = (red == TOP) | (green == TOP) | (blue == TOP)
    painted[low] = LOW_COLOUR
    painted[high] = HIGH_COLOUR
    painted[low & high] = BOTH_COLOUR
    return painted

"""Colour augmentation: variants of a patch with stronger colours, or with none."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MAX_SATURATION: Final = 3.0
"""Strongest factor of a patch's colours: a published photograph's are often that far from what the camera saw."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of BT.601."""


def saturated(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Move every pixel of uint8 (H, W, 3) away from its luma (BT.601) by a factor, and clip, as photo editors do."""
    luma = pixels @ _LUMA
    stronger = luma[..., None] + np.float32(factor) * (pixels - luma[..., None])
    return np.clip(np.rint(stronger), 0, 255).astype(np.uint8)


def without_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luma (BT.601) of uint8 (H, W, 3), in all three channels."""
    luma = np.rint(pixels @ _LUMA).astype(np.uint8)
    return np.repeat(luma[..., None], 3, axis=2)

"""AVIF's 10 and 12 bits by OpenCV: Pillow reduces them to 8, too few for light that is coded as PQ or HLG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def deep_avif(data: bytes, bits: int, size: tuple[int, int]) -> NDArray[np.uint16] | None:
    """The colours, uint16 (height, width, 3) up to 65535, neither cropped nor rotated; None if OpenCV cannot decode it.

    size: width and height that Pillow found.
    """
    import cv2

    try:
        stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if stored is None or stored.dtype != np.uint16 or stored.shape[:2] != size[::-1]:
        return None
    colours = stored[..., None].repeat(3, axis=-1) if stored.ndim == 2 else stored[..., 2::-1]
    full = (1 << bits) - 1
    return ((np.minimum(colours, full).astype(np.uint32) * 65535 + full // 2) // full).astype(np.uint16)

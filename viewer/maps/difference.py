"""Pictures of differences: signed, absolute, and colour maps of error and similarity."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels


class DifferenceMode(Enum):
    """SIGNED: grey 128 means no difference. ABSOLUTE: black means none."""

    SIGNED = "signed"
    ABSOLUTE = "absolute"


def difference_picture(original: Pixels, decoded: Pixels, mode: DifferenceMode, gain: float) -> Pixels:
    """(decoded - original) * gain for each of R, G, B, clipped to 0..255; uint8 (H, W, 3)."""
    steps = np.arange(-255, 256, dtype=np.float64) * gain
    shown = np.abs(steps) if mode is DifferenceMode.ABSOLUTE else steps + 128.0
    table = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
    index = decoded.astype(np.int16)
    index -= original
    index += 255
    return np.asarray(table[index])


def error_in_levels(squared_error: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root of a squared-error map: 8-bit levels, 0..255."""
    return np.sqrt(squared_error)


def map_picture(values: NDArray[np.float32], low: float, high: float) -> Pixels:
    """A map (H, W) in perceptually uniform colours, dark at low and bright at high; uint8 (H, W, 3)."""
    span = high - low if high > low else 1.0
    index = np.clip((values - low) * (255.0 / span), 0.0, 255.0).astype(np.uint8)
    return np.asarray(_inferno()[index])


def colour_bar(height: int, width: int) -> Pixels:
    """The colours of map_picture from high (top) to low (bottom), uint8 (height, width, 3)."""
    ramp = np.linspace(255, 0, height).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(_inferno()[ramp][:, None], (height, width, 3)))


@lru_cache(maxsize=1)
def _inferno() -> Pixels:
    # matplotlib's "inferno" (van der Walt and Smith 2015), lightness linear in CAM02-UCS; loaded when first needed.
    from matplotlib import colormaps

    table: Pixels = np.rint(colormaps["inferno"](np.arange(256))[:, :3] * 255.0).astype(np.uint8)
    table.flags.writeable = False
    return table

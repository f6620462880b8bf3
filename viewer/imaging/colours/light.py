"""Converts light, where 1 is sRGB's white, to levels: sRGB's curve, and a roll-off for what is brighter than white."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels

Floats = NDArray[np.float32]

_KNEE = 0.75
"""Light up to here stays as it is."""
_STRIP_PIXELS = 1 << 18
_USUAL_MEDIAN = (0.005, 1.5)
_MIDDLE_GREY = 0.18
_MAX_STOPS = 40
_MAX_SAMPLED = 1 << 20


def from_srgb(levels: Floats) -> Floats:
    """Levels, 0 to 1, to light."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: Floats) -> Floats:
    """Light, 0 to 1, to levels."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def rolled_off(light: Floats, brightest: float = math.inf) -> Floats:
    """Light of (…, 3) that may be brighter than white, up to `brightest`, as 0 to 1.

    Down to three quarters of white it stays as it is, above that it rolls off, so that the brightest becomes white;
    hue is kept by one factor a pixel. Where the brightest is white nothing changes: the curve moves with the picture
    and never jumps.
    """
    knee = np.float32(_KNEE)
    largest = light.max(axis=-1, keepdims=True)
    over = np.maximum(largest - knee, 0.0)
    bend = 1.0 / (1.0 - _KNEE) - 1.0 / (max(brightest, 1.0) - _KNEE)
    rolled = knee + over / (1.0 + np.float32(bend) * over)
    return np.where(largest > knee, light * (rolled / np.maximum(largest, knee)), light).astype(np.float32)


def light_to_levels(light: NDArray[np.floating], matrix: NDArray[np.float64] | None = None) -> tuple[Pixels, str]:
    """Linear light of shape (height, width, 3) as 8-bit sRGB, and the note that says how.

    matrix: from its primaries to sRGB's. Pictures of an unusual brightness, as measured light has it, are brought to a
    usual one by whole stops. Negative values and NaN become black, infinite ones as bright as the brightest.
    """
    stops = _stops(light)
    factor = np.float32(2.0**stops)
    brightest = max(1.0, largest_finite(light) * float(factor))
    out = np.empty(light.shape, np.uint8)
    rows = max(1, _STRIP_PIXELS // light.shape[1])
    for top in range(0, light.shape[0], rows):
        strip = light[top : top + rows].astype(np.float32) * factor
        strip = np.nan_to_num(strip, nan=0.0, posinf=brightest, neginf=0.0)
        if matrix is not None:
            strip = strip @ matrix.T.astype(np.float32)
        strip = rolled_off(strip.clip(0.0, brightest), brightest).clip(0.0, 1.0)
        out[top : top + rows] = np.rint(255.0 * to_srgb(strip))
    parts = ["Linear light converted to sRGB"]
    if stops:
        parts.append(f"{abs(stops)} stop{'s' * (abs(stops) > 1)} {'brighter' if stops > 0 else 'darker'}")
    if brightest > 1.0:
        parts.append(f"its high dynamic range tone-mapped: {brightest:.3g} times white is shown as white")
    return out, f"{', '.join(parts)}."


def largest_finite(samples: NDArray[np.floating]) -> float:
    """The largest finite value, 0 at least."""
    flat = samples.reshape(-1)
    largest = 0.0
    for at in range(0, flat.size, 4 * _STRIP_PIXELS):
        strip = flat[at : at + 4 * _STRIP_PIXELS]
        largest = max(largest, float(strip[np.isfinite(strip)].max(initial=0)))
    return largest


def _stops(light: NDArray[np.floating]) -> int:
    """Whole stops that bring a picture's median to middle grey; 0 if it is usual."""
    step = max(1, light.shape[0] * light.shape[1] // _MAX_SAMPLED)
    sampled = light.reshape(-1, light.shape[-1])[::step].max(axis=-1).astype(np.float64)
    lit = sampled[np.isfinite(sampled) & (sampled > 0)]
    if not lit.size:
        return 0
    median = float(np.median(lit))
    if _USUAL_MEDIAN[0] <= median <= _USUAL_MEDIAN[1]:
        return 0
    return max(-_MAX_STOPS, min(_MAX_STOPS, round(math.log2(_MIDDLE_GREY / median))))

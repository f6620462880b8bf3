"""Reduces samples of any depth to 8 bits: one scale for the whole picture, rounded, with a note."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_STRIP_SAMPLES = 1 << 20


def reduced(samples: NDArray[Any], bits: int, *, inverted: bool = False) -> tuple[NDArray[np.uint8], str]:
    """Samples of any shape as uint8, and a note about the scale. inverted: 0 is white.

    Integers of up to 16 bits are scaled by their full range. Wider ones and floating point are scaled by the usual 0 to
    255 and 0 to 1, or up to the largest finite value if that is higher, so that the scale never jumps.
    """
    if samples.dtype == np.bool_:
        samples, bits = samples.astype(np.uint8), 1
    if samples.dtype.kind == "f":
        full = _largest(samples, 1.0)
        note = f"Floating point reduced to 8 bits: 0 is black, {full:.6g} is white."
    elif bits > 16:
        full = _largest(samples, 255.0)
        note = f"{bits} bits reduced to 8: 0 is black, {full:.0f} is white."
    else:
        full = float((1 << bits) - 1)
        note = f"{bits} bits reduced to 8." if bits > 8 else ""
    return _scaled(samples, full, inverted=inverted), note


def _largest(samples: NDArray[Any], at_least: float) -> float:
    largest = at_least
    for strip in _strips(samples.reshape(-1)):
        finite = strip[np.isfinite(strip)] if strip.dtype.kind == "f" else strip
        largest = max(largest, float(finite.max(initial=0)))
    return largest


def _scaled(samples: NDArray[Any], full: float, *, inverted: bool) -> NDArray[np.uint8]:
    flat = samples.reshape(-1)
    out = np.empty(flat.size, np.uint8)
    if flat.dtype.kind == "u" and flat.dtype.itemsize <= 2:
        table = _levels(np.arange(1 << 8 * flat.dtype.itemsize, dtype=np.float64), full, inverted=inverted)
        for at in range(0, flat.size, _STRIP_SAMPLES):
            out[at : at + _STRIP_SAMPLES] = table[flat[at : at + _STRIP_SAMPLES]]
        return out.reshape(samples.shape)
    for at in range(0, flat.size, _STRIP_SAMPLES):
        strip = flat[at : at + _STRIP_SAMPLES].astype(np.float64)
        out[at : at + _STRIP_SAMPLES] = _levels(np.nan_to_num(strip, nan=0.0, posinf=full), full, inverted=inverted)
    return out.reshape(samples.shape)


def _levels(samples: NDArray[np.float64], full: float, *, inverted: bool) -> NDArray[np.uint8]:
    levels = np.clip(np.rint(samples.clip(-full, full) * (255.0 / full)), 0, 255).astype(np.uint8)
    return 255 - levels if inverted else levels


def _strips(flat: NDArray[Any]) -> list[NDArray[Any]]:
    return [flat[at : at + _STRIP_SAMPLES] for at in range(0, flat.size, _STRIP_SAMPLES)]

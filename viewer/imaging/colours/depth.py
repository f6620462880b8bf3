"""Reduces samples of any depth to 8 bits: one scale for the whole picture, rounded, with a note."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.colours.light import largest_finite, rolled_off

_STRIP_SAMPLES = 1 << 20


def reduced(
    samples: NDArray[Any], bits: int, *, inverted: bool = False, full: float | None = None
) -> tuple[NDArray[np.uint8], str]:
    """Samples of any shape as uint8, and a note about the scale. inverted: 0 is white. full: the value of white, if the
    file specifies one.

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
        full = full or float((1 << bits) - 1)
        note = f"{bits} bits reduced to 8." if bits > 8 else ""
    return _scaled(samples, full, inverted=inverted), note


def reduced_colours(samples: NDArray[np.floating]) -> tuple[NDArray[np.uint8], str]:
    """Floating-point levels, (height, width, 3), as uint8, and a note about the scale.

    0 is black, 1 is white, and brighter levels are rolled off. If most of the picture is brighter, its range is another
    one, such as 0 to 255, and the largest value is white.
    """
    brightest = largest_finite(samples)
    if brightest <= 1.0 or np.count_nonzero(samples > 1.0) > samples.size // 2:
        return reduced(samples, 32)
    out = np.empty(samples.shape, np.uint8)
    rows = max(1, _STRIP_SAMPLES // samples[0].size)
    for top in range(0, len(samples), rows):
        strip = np.nan_to_num(samples[top : top + rows].astype(np.float32), nan=0.0, posinf=brightest, neginf=0.0)
        levels = rolled_off(strip.clip(0.0, brightest), brightest)
        out[top : top + rows] = np.rint(255.0 * levels.clip(0.0, 1.0))
    return out, f"Floating point reduced to 8 bits, tone-mapped: 0 is black, {brightest:.6g} is white."


def _largest(samples: NDArray[Any], at_least: float) -> float:
    if samples.dtype.kind == "f":
        return max(at_least, largest_finite(samples))
    return max(at_least, *(float(strip.max(initial=0)) for strip in _strips(samples.reshape(-1))))


def _scaled(samples: NDArray[Any], full: float, *, inverted: bool) -> NDArray[np.uint8]:
    flat = samples.reshape(-1)
    out = np.empty(flat.size, np.uint8)
    if flat.dtype.kind in "uf" and flat.dtype.itemsize <= 2:  # so few values that each is computed once
        numbers = np.arange(1 << 8 * flat.dtype.itemsize, dtype=f"u{flat.dtype.itemsize}")
        values = numbers.view(np.float16) if flat.dtype.kind == "f" else numbers
        table = _levels(np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=full), full, inverted=inverted)
        for at in range(0, flat.size, _STRIP_SAMPLES):
            strip = flat[at : at + _STRIP_SAMPLES]
            out[at : at + _STRIP_SAMPLES] = table[strip.astype(strip.dtype.newbyteorder("=")).view(numbers.dtype)]
        return out.reshape(samples.shape)
    precision = np.float32 if flat.dtype.kind == "f" and flat.dtype.itemsize <= 4 else np.float64
    for at in range(0, flat.size, _STRIP_SAMPLES):
        strip = flat[at : at + _STRIP_SAMPLES].astype(precision)
        out[at : at + _STRIP_SAMPLES] = _levels(np.nan_to_num(strip, nan=0.0, posinf=full), full, inverted=inverted)
    return out.reshape(samples.shape)


def _levels(samples: NDArray[np.floating], full: float, *, inverted: bool) -> NDArray[np.uint8]:
    levels = np.clip(np.rint(samples.clip(-full, full) * (255.0 / full)), 0, 255).astype(np.uint8)
    return 255 - levels if inverted else levels


def _strips(flat: NDArray[Any]) -> list[NDArray[Any]]:
    return [flat[at : at + _STRIP_SAMPLES] for at in range(0, flat.size, _STRIP_SAMPLES)]

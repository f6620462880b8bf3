"""Piecewise cubic interpolation that keeps the shape of a curve, as scipy's PchipInterpolator, and its integral.

Written out, because importing scipy takes a third of a second and 60 MB, more than all else that a window holds of a
picture. Source: Fritsch and Butland, "A method for constructing local monotone piecewise cubic interpolants" (1984);
the slopes at the ends are those of Moler, "Numerical Computing with MATLAB", 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def pchip_integral(x: Sequence[float], y: Sequence[float], low: float, high: float) -> float:
    """The integral from low to high, both within x, of the interpolation. x: strictly ascending, three or more."""
    slopes = _slopes(x, y)
    whole = 0.0
    for index, (left, right) in enumerate(pairwise(x)):
        start, end = max(low, left), min(high, right)
        if start >= end:
            continue
        width = right - left
        rise = y[index + 1] - y[index]
        first, last = slopes[index] * width, slopes[index + 1] * width
        # y(t) = y0 + first t + square t^2 + cube t^3 for t from 0 to 1 between the two points.
        square, cube = 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise
        coefficients = (y[index], first / 2.0, square / 3.0, cube / 4.0)
        whole += width * (_value(coefficients, (end - left) / width) - _value(coefficients, (start - left) / width))
    return whole


def _value(coefficients: Sequence[float], t: float) -> float:
    """A polynomial without a constant: coefficients of t, t^2, and so on."""
    value = 0.0
    for coefficient in reversed(coefficients):
        value = (value + coefficient) * t
    return value


def _slopes(x: Sequence[float], y: Sequence[float]) -> list[float]:
    """The interpolation's slope at each point."""
    widths = [right - left for left, right in pairwise(x)]
    secants = [(after - before) / width for (before, after), width in zip(pairwise(y), widths, strict=True)]
    inner = [_inner(*pair) for pair in zip(pairwise(widths), pairwise(secants), strict=True)]
    first = _end(widths[0], widths[1], secants[0], secants[1])
    return [first, *inner, _end(widths[-1], widths[-2], secants[-1], secants[-2])]


def _inner(widths: tuple[float, float], secants: tuple[float, float]) -> float:
    """The weighted harmonic mean of the secants beside a point; level where they differ in sign."""
    if secants[0] * secants[1] <= 0.0:
        return 0.0
    before, after = widths[0] + 2.0 * widths[1], 2.0 * widths[0] + widths[1]
    return (before + after) / (after / secants[1] + before / secants[0])


def _end(width: float, next_width: float, secant: float, next_secant: float) -> float:
    """The slope at an end: of the parabola through three points, limited so that it keeps the shape."""
    slope = ((2.0 * width + next_width) * secant - width * next_secant) / (width + next_width)
    if slope * secant <= 0.0:
        return 0.0
    if secant * next_secant <= 0.0 and abs(slope) > 3.0 * abs(secant):
        return math.copysign(3.0 * abs(secant), secant)
    return slope

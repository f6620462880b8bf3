"""A set of pictures with what a sweep has measured on them, and each picture's curves."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from viewer.imaging.folder import natural_key
from viewer.metrics.base import Metric
from viewer.sweep.rows import Row
from viewer.sweep.summary import best_rows
from viewer.sweep.target import Target

_NEAR = 0.015
"""A rate this share beyond the end of a curve still counts as on it: targets are met within 1 %."""
_BETWEEN = 8
"""Into how many pieces the interpolation divides the way from one measured point to the next."""

Point = tuple[float, float]
"""A rate in bits per pixel, and a value."""


@dataclass(frozen=True)
class Curve:
    """A value against the rate on one picture. points: as measured, rates strictly ascending. line: the piecewise cubic
    through them over the logarithm of the rate, in so short pieces that straight lines between them will do.
    """

    points: tuple[Point, ...]
    line: tuple[Point, ...]

    def at(self, bpp: float) -> float | None:
        """The value at a rate; None beyond the ends of what was measured."""
        low, high = self.line[0][0], self.line[-1][0]
        if not low * (1 - _NEAR) <= bpp <= high * (1 + _NEAR):
            return None
        bpp = min(max(bpp, low), high)
        place = min(bisect_right(self.line, bpp, key=lambda point: point[0]), len(self.line) - 1)
        return _between(self.line[max(place - 1, 0)], self.line[place], bpp)

    def rate_of(self, value: float, *, rising: bool = True) -> float | None:
        """The lowest rate from which on the curve is at this value or better; None if it ends below.

        rising: whether higher values are better.
        """
        sign = 1.0 if rising else -1.0
        if sign * (self.line[-1][1] - value) < 0:
            return None
        reached = self.line[-1]
        for point in reversed(self.line[:-1]):
            if sign * (point[1] - value) < 0:
                share = (value - point[1]) / (reached[1] - point[1])
                return math.exp(math.log(point[0]) + share * math.log(reached[0] / point[0]))
            reached = point
        return reached[0]


def _between(before: Point, after: Point, bpp: float) -> float:
    if after[0] <= before[0]:
        return after[1]
    share = math.log(bpp / before[0]) / math.log(after[0] / before[0])
    return before[1] + share * (after[1] - before[1])


def curve_through(points: Iterable[Point]) -> Curve | None:
    """The curve through measured points; None without any. Infinite values (of lossless pictures) are left out."""
    ascending: list[Point] = []
    for bpp, value in sorted(points):
        if math.isfinite(value) and bpp > 0 and (not ascending or bpp > ascending[-1][0]):
            ascending.append((bpp, value))
    if not ascending:
        return None
    return Curve(tuple(ascending), tuple(_interpolated(ascending)))


def _interpolated(points: Sequence[Point]) -> list[Point]:
    if len(points) < 3:
        return list(points)
    import numpy as np
    from scipy.interpolate import PchipInterpolator

    rates = np.log([bpp for bpp, _ in points])
    steps = np.arange(_BETWEEN) / _BETWEEN
    pieces = [low + steps * (high - low) for low, high in pairwise(rates)]
    fine = np.concatenate([*pieces, rates[-1:]])
    values = PchipInterpolator(rates, [value for _, value in points])(fine)
    line = [(float(bpp), float(value)) for bpp, value in zip(np.exp(fine), values, strict=True)]
    line[::_BETWEEN] = points  # as measured, without the rounding of the logarithm
    return line


@dataclass(frozen=True, eq=False)
class MeasuredSet:
    """The rows of a set. pictures, in natural order, codecs and targets: that have any rows; targets ascending."""

    rows: tuple[Row, ...]

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        return tuple(sorted({row.image for row in self.rows}, key=natural_key))

    @cached_property
    def codecs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.codec for row in self.rows))

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        return tuple(sorted({row.target for row in self.rows}))

    def without(self, pictures: Iterable[str]) -> MeasuredSet:
        """The set without some of its pictures."""
        left_out = frozenset(pictures)
        return MeasuredSet(tuple(row for row in self.rows if row.image not in left_out)) if left_out else self

    def best(self, metric: Metric) -> list[Row]:
        """One row of each picture, codec and target: of several variants the best in a metric."""
        return best_rows(self.rows, metric)


Curves = Mapping[tuple[str, str], Curve]
"""By picture and codec; pairs without points are missing."""


def curves_in(measured: MeasuredSet, metric: Metric) -> Curves:
    """Every picture's curves in a metric, on its axis."""
    return _curves(measured.best(metric), lambda row: row.value(metric))


def time_curves(measured: MeasuredSet, metric: Metric) -> tuple[Curves, Curves]:
    """Times against the rate, in ms per megapixel: of encoding, with what was prepared for it, and of decoding.

    Of the same variants as `curves_in`.
    """
    best = measured.best(metric)
    return _curves(best, lambda row: _per_megapixel(row, row.encode_ms + (row.prepare_ms or 0.0))), _curves(
        best, lambda row: _per_megapixel(row, row.decode_ms)
    )


def _per_megapixel(row: Row, time_ms: float) -> float | None:
    pixels = 8 * row.bytes / row.bpp if row.bpp > 0 else 0
    return 1e6 * time_ms / pixels if pixels else None


def _curves(rows: Sequence[Row], value_of: Callable[[Row], float | None]) -> dict[tuple[str, str], Curve]:
    points: dict[tuple[str, str], list[Point]] = {}
    for row in rows:
        value = value_of(row)
        if value is not None:
            points.setdefault((row.image, row.codec), []).append((row.bpp, value))
    found = ((names, curve_through(listed)) for names, listed in points.items())
    return {names: curve for names, curve in found if curve is not None}

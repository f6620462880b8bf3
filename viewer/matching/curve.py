"""Rate-distortion curves: measured points, and the order in which to measure more."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.matching.comparison import Result
    from viewer.metrics.measurement import Metrics

POINT_COUNT = 17
"""Targets per curve: 5.9 octaves in steps of about 0.37 octave."""
POINT_COUNT_LARGE = 5
"""For a large picture, on which a point takes a minute."""


@dataclass(frozen=True)
class RatePoint:
    """One measured point of a codec: a real stream's rate and quality.

    target_bpp: the rate asked for. detail: the encoder's ("4:2:0"), may be empty.
    """

    codec: str
    bpp: float
    byte_count: int
    metrics: Metrics
    target_bpp: float
    detail: str
    encode_ms: float
    decode_ms: float


def point_of(result: Result) -> RatePoint:
    """The point of a result."""
    return RatePoint(
        result.request.codec,
        result.bpp,
        len(result.stream),
        result.measurement.metrics,
        result.request.target_bpp,
        result.detail,
        result.encode_ms,
        result.decode_ms,
    )


def curve_targets(low_bpp: float, high_bpp: float, count: int = POINT_COUNT) -> tuple[float, ...]:
    """Targets spaced evenly on a logarithmic axis, both ends first, then always halfway, to show the curve's shape
    soon.
    """
    log_low, log_high = math.log(low_bpp), math.log(high_bpp)
    rates = [math.exp(log_low + (log_high - log_low) * i / (count - 1)) for i in range(count)]
    rates[0], rates[-1] = low_bpp, high_bpp
    return tuple(rates[i] for i in coarse_to_fine(count))


def coarse_to_fine(count: int) -> tuple[int, ...]:
    """The indices 0..count-1: both ends, then the middle of every gap, breadth first.

    >>> coarse_to_fine(5)
    (0, 4, 2, 1, 3)
    """
    order = [0, count - 1] if count > 1 else [0]
    gaps = [(0, count - 1)]
    while gaps:
        low, high = gaps.pop(0)
        middle = (low + high) // 2
        if middle not in (low, high):
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return tuple(order)


def with_point(points: Sequence[RatePoint], point: RatePoint) -> tuple[RatePoint, ...]:
    """The points in order of rate with one more; a point of the same size takes the old one's place."""
    others: Iterable[RatePoint] = (p for p in points if p.byte_count != point.byte_count)
    return tuple(sorted((*others, point), key=lambda p: p.byte_count))

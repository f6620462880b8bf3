"""Time against quality at a rate, and which codecs no other one beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from viewer.metrics.base import Metric
from viewer.sets.measured import Curves


@dataclass(frozen=True)
class TimePoint:
    """A codec at a rate: means over the pictures that every codec brings there. value: on the metric's axis.

    encode_ms, decode_ms: per megapixel, encoding with what is prepared for the picture. encode_front, decode_front:
    whether no other codec is both better and faster.
    """

    codec: str
    value: float
    encode_ms: float
    decode_ms: float
    encode_front: bool = False
    decode_front: bool = False


@dataclass(frozen=True)
class TimesAtRate:
    """points: a point a codec. pictures: that the means are over."""

    bpp: float
    points: tuple[TimePoint, ...]
    pictures: tuple[str, ...]


def times_at(
    bpp: float,
    *,
    pictures: Sequence[str],
    codecs: Sequence[str],
    metric: Metric,
    values: Curves,
    encode: Curves,
    decode: Curves,
) -> TimesAtRate:
    """Quality and times of the codecs at a rate, over the pictures on which all of them go there.

    A codec that goes there on no picture is left out, rather than that it empties the whole.
    """
    able = [codec for codec in codecs if any(_at(values, picture, codec, bpp) is not None for picture in pictures)]
    common = [picture for picture in pictures if all(_at(values, picture, codec, bpp) is not None for codec in able)]
    if not common or not able:
        return TimesAtRate(bpp, (), ())

    def mean(curves: Curves, codec: str) -> float:
        return fmean(_at(curves, picture, codec, bpp) or 0.0 for picture in common)

    sign = 1.0 if metric.direction == "higher" else -1.0
    found = [TimePoint(codec, mean(values, codec), mean(encode, codec), mean(decode, codec)) for codec in able]
    encode_front = front([(one.encode_ms, sign * one.value) for one in found])
    decode_front = front([(one.decode_ms, sign * one.value) for one in found])
    points = tuple(
        replace(one, encode_front=first, decode_front=second)
        for one, first, second in zip(found, encode_front, decode_front, strict=True)
    )
    return TimesAtRate(bpp, points, tuple(common))


def front(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Which of (cost, quality) are on the Pareto front: none else has at most the cost and at least the quality, and
    one of both better.
    """
    return [
        not any(other != point and other[0] <= point[0] and other[1] >= point[1] for other in points)
        for point in points
    ]


def _at(curves: Curves, picture: str, codec: str, bpp: float) -> float | None:
    curve = curves.get((picture, codec))
    return None if curve is None else curve.at(bpp)

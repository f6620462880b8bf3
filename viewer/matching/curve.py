"""Rate-distortion curves: the points that have been measured, and in which order to measure the rest."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.matching.quality_target import format_quality

if TYPE_CHECKING:
    from viewer.matching.comparison import Result
    from viewer.matching.quality_target import QualityMeasure
    from viewer.metrics.measurement import Metrics

POINT_COUNT = 17
"""Targets a curve: 5.9 octaves in steps of about 0.37 octave."""
POINT_COUNT_LARGE = 5
"""Of a large picture, on which a point takes a minute."""

WORSE_DB = 0.1
"""So much has to be lost for more bits to count as worse: twice what a quality may be off its target."""
FEWER = 0.99
"""A point has fewer bits than another where its rate is below this share of the other's."""


@dataclass(frozen=True)
class RatePoint:
    """One measured point of a codec: a real stream's rate and what it is worth.

    target_bpp: the rate that was asked for. variant: of the codec's encoders, of which one may be the best in one
    metric and another in the next ("4:2:0"). detail: of the stream ("4:2:0, progressive"). Both may be empty.
    prepare_ms: what was done once for all rates of the picture until then. encode_ms: coding this one stream. others:
    the points of the codec's other variants at the same target.
    """

    codec: str
    bpp: float
    byte_count: int
    metrics: Metrics
    target_bpp: float
    detail: str
    encode_ms: float
    decode_ms: float
    variant: str = ""
    prepare_ms: float = 0.0
    others: tuple[RatePoint, ...] = ()


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
        result.variant,
        result.prepare_ms,
        result.others,
    )


def every_point(points: Iterable[RatePoint]) -> tuple[RatePoint, ...]:
    """The points and those of their codec's other variants, each once, rate ascending."""
    known = {(one.codec, one.bpp, one.variant): one for point in points for one in (*point.others, point)}
    return tuple(sorted(known.values(), key=lambda point: point.bpp))


def best_points(points: Iterable[RatePoint], measure: QualityMeasure) -> tuple[RatePoint, ...]:
    """A codec's curve in a metric, rate ascending: the points of its variants that are not below another variant's
    curve at their rate.

    In one line through all variants, or through those that are best in another metric, quality falls wherever the line
    goes from one to another.
    """
    every = every_point(points)
    curves: dict[str, list[tuple[float, float]]] = {}
    for point in every:
        curves.setdefault(point.variant, []).append((math.log(point.bpp), measure.of(point.metrics)))
    return tuple(
        point
        for point in every
        if all(
            measure.of(point.metrics) >= _value_at(curve, math.log(point.bpp))
            for variant, curve in curves.items()
            if variant != point.variant
        )
    )


def rated_qualities(points: Iterable[RatePoint], measure: QualityMeasure) -> list[tuple[float, float]]:
    """A codec's curve in a metric as rates, bpp, and values in dB: what plots and BD-rates are made of."""
    return [(point.bpp, measure.of(point.metrics)) for point in best_points(points, measure)]


def _value_at(curve: Sequence[tuple[float, float]], log_rate: float) -> float:
    """What a variant reaches with so many bits: on the lines between its points; after the last, what that one has."""
    index = bisect_right(curve, log_rate, key=lambda place: place[0])
    if index == 0:
        return -math.inf
    (low, below), (high, above) = curve[index - 1], curve[min(index, len(curve) - 1)]
    if high == low or not math.isfinite(below + above):
        return below
    return below + (above - below) * (log_rate - low) / (high - low)


def _rank(point: RatePoint, measure: QualityMeasure) -> tuple[float, int]:
    return measure.of(point.metrics), -point.byte_count


def better_with_fewer(
    points: Iterable[RatePoint], point: RatePoint, measures: Iterable[QualityMeasure]
) -> dict[QualityMeasure, RatePoint]:
    """The measured points at which a codec has fewer bits than at `point` and is yet better, in the metrics where it
    is: of each the best one. Codecs of which nobody has seen it may do this, on flat areas above all.
    """
    found: dict[QualityMeasure, RatePoint] = {}
    fewer = [one for one in every_point(points) if one.codec == point.codec and one.bpp < FEWER * point.bpp]
    for measure in measures:
        worst_db = measure.of(point.metrics) + WORSE_DB
        better = [one for one in fewer if measure.of(one.metrics) > worst_db]
        if better:
            found[measure] = max(better, key=lambda one: _rank(one, measure))
    return found


def worse_sentence(label: str, better: Mapping[QualityMeasure, RatePoint]) -> str:
    """What `better_with_fewer` found, as a sentence; empty where it found nothing. label: of the codec."""
    if not better:
        return ""
    places = []
    for measure, point in better.items():
        value = format_quality(measure.metric, measure.of(point.metrics), in_db=True)
        places.append(f"{measure.title()} {value} at {point.bpp:.4f} bpp")
    return f"{label} is better with fewer bits on this picture: {', '.join(places)}."


def curve_targets(low_bpp: float, high_bpp: float, count: int = POINT_COUNT) -> tuple[float, ...]:
    """Targets spaced evenly on a logarithmic axis, ends first, then always halfway: a curve is whole early."""
    log_low, log_high = math.log(low_bpp), math.log(high_bpp)
    rates = [math.exp(log_low + (log_high - log_low) * i / (count - 1)) for i in range(count)]
    rates[0], rates[-1] = low_bpp, high_bpp
    return tuple(rates[i] for i in coarse_to_fine(count))


def coarse_to_fine(count: int) -> tuple[int, ...]:
    """The indices 0..count-1: both ends, then the middles of ever shorter gaps, breadth first.

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

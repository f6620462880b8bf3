"""Rate-distortion curves: measured points, and the order in which to measure more."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from viewer.matching.targets.quality import MEASURES, format_quality
from viewer.metrics.base import Metric, axis_value
from viewer.metrics.fast import FastMetric
from viewer.metrics.scoring import Score, score_in

if TYPE_CHECKING:
    from viewer.matching.result import Result
    from viewer.matching.targets.quality import QualityMeasure
    from viewer.metrics.measurement import Metrics

POINT_COUNT = 17
"""Targets per curve: 5.9 octaves in steps of about 0.37 octave."""
POINT_COUNT_LARGE = 5
"""For a large picture, on which a point takes a minute."""

WORSE_DB = 0.1
"""More bits count as worse if they lose this much: twice the tolerance of a quality target."""
FEWER = 0.99
"""A point has fewer bits than another if its rate is below this share of the other's."""

_CURVES_KEPT = 64
"""A dozen codecs in four metrics."""


@dataclass(frozen=True)
class RatePoint:
    """One measured point of a codec: a real stream's rate and quality.

    target_bpp: the rate that was asked for. variant: of the codec's encoders, of which one may be the best in one
    metric and another in the next ("4:2:0"). detail: of the stream ("4:2:0, progressive"). Both may be empty.
    prepare_ms: what was done once for all rates of the picture until then. encode_ms: coding this one stream. others:
    the points of the codec's other variants at the same target. scores: as a Result's; of other variants there are
    none.
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
    scores: Mapping[str, Score] = field(default_factory=dict, hash=False)


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
        result.scores,
    )


def every_point(points: Iterable[RatePoint]) -> tuple[RatePoint, ...]:
    """The points and those of their codec's other variants, each once, rate ascending."""
    known = {(one.codec, one.bpp, one.variant): one for point in points for one in (*point.others, point)}
    return tuple(sorted(known.values(), key=lambda point: point.bpp))


class _Same:
    """Points that are the same only if they are one object: to compare them all takes longer than to ask anew."""

    def __init__(self, points: tuple[RatePoint, ...]) -> None:
        self.points = points

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.points is other.points

    def __hash__(self) -> int:
        return id(self.points)


def best_points(points: Iterable[RatePoint], measure: QualityMeasure) -> tuple[RatePoint, ...]:
    """A codec's curve in a metric, rate ascending: the points of its variants that are not below another variant's
    curve at their rate.

    In one line through all variants, or through those that are best in another metric, quality falls wherever the line
    goes from one to another. Heads, plots and sentences ask for the same again and again: it is kept.
    """
    return _best_points(_Same(points if isinstance(points, tuple) else tuple(points)), measure)


@lru_cache(maxsize=_CURVES_KEPT)
def _best_points(same: _Same, measure: QualityMeasure) -> tuple[RatePoint, ...]:
    every = every_point(same.points)
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


def axis_points(points: Iterable[RatePoint], metric: Metric) -> list[tuple[float, float]]:
    """A codec's curve in any metric: rates in bpp, and values on the metric's axis, of the points that have a score."""
    if isinstance(metric, FastMetric):
        return rated_qualities(points, next(one for one in MEASURES if one.title() == metric.label))
    scores = ((point.bpp, score_in(metric, point.metrics, point.scores)) for point in points)
    return [(bpp, axis_value(metric, score)) for bpp, score in scores if score is not None]


def _value_at(curve: Sequence[tuple[float, float]], log_rate: float) -> float:
    """A variant's value at a rate: linear between its points, constant after the last one."""
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
    """The measured points at which a codec is better than at `point` with fewer bits: the best one for each metric in
    which there are any. Any codec may do this, mostly on flat areas.
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
    """The points of `better_with_fewer` as a sentence; empty if there are none. label: of the codec."""
    if not better:
        return ""
    places = []
    for measure, point in better.items():
        value = format_quality(measure.metric, measure.of(point.metrics), in_db=True)
        places.append(f"{measure.title()} {value} at {point.bpp:.4f} bpp")
    return f"{label} is better with fewer bits on this picture: {', '.join(places)}."


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
    """The points in order of rate with one more; a point of the same size takes the old one's place, and keeps what is
    known of the codec's other variants.
    """
    same = next((p for p in points if p.byte_count == point.byte_count), None)
    if same is not None and len(same.others) > len(point.others) and same.variant == point.variant:
        point = replace(point, others=same.others)
    others: Iterable[RatePoint] = (p for p in points if p.byte_count != point.byte_count)
    return tuple(sorted((*others, point), key=lambda p: p.byte_count))

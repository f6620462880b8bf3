"""How a chosen metric is read: its titles, a reconstruction's value in it, and a codec's curve."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from viewer.matching.curve import RatePoint, axis_points, best_points
from viewer.matching.targets.quality import METRIC_NAMES, QualityMeasure, QualityMetric, ms_ssim_raw
from viewer.matching.targets.score import EqualTarget, target_value
from viewer.metrics.base import HasMap, Metric, axis_title, axis_value
from viewer.metrics.registry import METRICS, metric_named, slow
from viewer.metrics.scoring import Score, score_in
from viewer.session.state import MetricScale

if TYPE_CHECKING:
    from viewer.metrics.measurement import Metrics

CHOOSABLE: tuple[str, ...] = (*METRIC_NAMES, *(metric.name for metric in slow(METRICS)))
"""The metrics that a MetricChoice may name, in the order in which they are shown."""


MAPPED: tuple[str, ...] = tuple(metric.name for metric in METRICS if isinstance(metric, HasMap) and metric.map_high)
"""The metrics that have maps of their own."""


def family(name: str) -> QualityMetric | None:
    """The metric's name if it is one that is read on the MetricScale."""
    return next((metric for metric in METRIC_NAMES if metric == name), None)


def label_of(name: str) -> str:
    """What menus call it: "PSNR", "SSIMULACRA2"."""
    fast = family(name)
    return METRIC_NAMES[fast] if fast else metric_named(name).label


def metric_read(name: str, scale: MetricScale) -> Metric:
    """The metric of the registry that is meant: PSNR and MS-SSIM are there once for each channel."""
    return metric_named(f"{name}_{scale.channel}" if family(name) else name)


def plot_title(name: str, scale: MetricScale) -> str:
    """What stands above its plot: "PSNR RGB, dB"."""
    if name == "ms_ssim" and not scale.ms_ssim_db:
        return metric_read(name, scale).label
    return axis_title(metric_read(name, scale))


def plotted_value(name: str, scale: MetricScale, metrics: Metrics, scores: Mapping[str, Score]) -> float | None:
    """Where a reconstruction is on the metric's axis; None where it has no score, or none yet."""
    if family(name):
        return scale.psnr_db(metrics) if name == "psnr" else scale.ms_ssim(metrics)
    metric = metric_named(name)
    score = score_in(metric, metrics, scores)
    return None if score is None else axis_value(metric, score)


def plotted_level(name: str, scale: MetricScale, quality: EqualTarget | None) -> float | None:
    """Where what is equal for all codecs is on the metric's axis; None if that is another metric, or the rate."""
    if quality is None or quality.metric != name:
        return None
    raw = name == "ms_ssim" and not scale.ms_ssim_db
    return ms_ssim_raw(target_value(quality)) if raw else target_value(quality)


def plotted_points(name: str, scale: MetricScale, points: Iterable[RatePoint]) -> tuple[RatePoint, ...]:
    """The points of a codec's curve in the metric, rate ascending: of those that have a value."""
    fast = family(name)
    if fast:
        return best_points(points, QualityMeasure(fast, scale.channel))
    return tuple(point for point in points if plotted_value(name, scale, point.metrics, point.scores) is not None)


def plotted_curve(name: str, scale: MetricScale, points: Iterable[RatePoint]) -> tuple[tuple[float, float], ...]:
    """A codec's curve as rates, bpp, and values on the metric's axis."""
    if not family(name):
        return tuple(axis_points(points, metric_named(name)))
    read = scale.psnr_db if name == "psnr" else scale.ms_ssim
    return tuple((point.bpp, read(point.metrics)) for point in plotted_points(name, scale, points))


def value_on(curve: Sequence[tuple[float, float]], bpp: float) -> float | None:
    """Where a drawn curve, rates ascending, is at a rate; None beside its ends."""
    after = bisect_left(curve, bpp, key=lambda place: place[0])
    if after == len(curve) or (after == 0 and curve[0][0] != bpp):
        return None
    (low, below), (high, above) = curve[max(after - 1, 0)], curve[after]
    share = math.log(bpp / low) / math.log(high / low) if high > low else 0.0
    return below + share * (above - below)

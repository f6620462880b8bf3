"""Mean curves of a set, with the quartiles of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from viewer.metrics.base import Metric, axis_value
from viewer.sets.measured import MeasuredSet
from viewer.sweep.rows import Row
from viewer.sweep.summary import most_common
from viewer.sweep.target import Target


@dataclass(frozen=True)
class MeanPoint:
    """One codec at one target: the mean rate, in bpp, and of the values on the metric's axis the mean and quartiles.

    published: the mean as published figures have it: of the scores, before it is put on the axis (MS-SSIM into dB).
    """

    target: Target
    bpp: float
    mean: float
    low: float
    high: float
    published: float


@dataclass(frozen=True)
class MeanCurves:
    """Mean curves over the same pictures at every rate. by_codec: points, rates ascending. pictures: that they are of.
    left_out: targets that too few of the pictures reach.
    """

    metric: Metric
    by_codec: dict[str, tuple[MeanPoint, ...]]
    pictures: tuple[str, ...]
    left_out: tuple[Target, ...] = ()


def mean_curves(measured: MeasuredSet, metric: Metric) -> MeanCurves:
    """Curves of means, over the pictures that every codec brings to every rate that is not left out.

    MS-SSIM is averaged in dB, as everywhere but beside published figures.
    """
    rows = measured.best(metric)
    reached: dict[Target, set[str]] = {target: set() for target in measured.targets}
    pairs: dict[tuple[str, Target], set[str]] = {}
    for row in rows:
        if row.reachable:
            pairs.setdefault((row.image, row.target), set()).add(row.codec)
    codecs = {row.codec for row in rows}
    for (image, target), some in pairs.items():
        if some == codecs:
            reached[target].add(image)
    targets, pictures = most_common(reached, len({row.image for row in rows}))
    by_codec = {}
    for codec in measured.codecs:
        own = [row for row in rows if row.codec == codec and row.image in pictures]
        points = [_point(target, [row for row in own if row.target == target], metric) for target in targets]
        known = [point for point in points if point is not None]
        if known:
            by_codec[codec] = tuple(sorted(known, key=lambda point: point.bpp))
    left_out = tuple(target for target in measured.targets if target not in targets)
    ordered = tuple(picture for picture in measured.pictures if picture in pictures)
    return MeanCurves(metric, by_codec, ordered, left_out)


def _point(target: Target, rows: Sequence[Row], metric: Metric) -> MeanPoint | None:
    """None where a picture has no score."""
    import numpy as np

    values = [value for row in rows if (value := row.value(metric)) is not None]
    if not rows or len(values) < len(rows):
        return None
    low, high = (float(edge) for edge in np.percentile(values, (25, 75)))
    scores = [score for row in rows if (score := row.score(metric)) is not None]
    published = axis_value(metric, fmean(scores))
    return MeanPoint(target, fmean(row.bpp for row in rows), fmean(values), low, high, published)

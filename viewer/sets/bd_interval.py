"""BD-rates between two codecs over a set, with an interval that says how much they depend on its choice of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from viewer.metrics.base import Metric
from viewer.metrics.bd_rate import bd_rate_in
from viewer.sets.measured import Curves

RESAMPLES = 10_000
"""How often the pictures are drawn again for an interval; fewer for sets of thousands."""
CONFIDENCE = 0.95
MIN_PICTURES = 5
"""An interval over fewer pictures would say too little."""
_SEED = 20011101
_DRAWS_AT_ONCE = 2_000_000
_MOST_DRAWS = 50_000_000


@dataclass(frozen=True)
class SetBdRate:
    """Bits that `codec` needs beside `anchor` at equal quality, in percent; negative means fewer.

    by_picture: of every picture on which the two curves have enough in common. percent: their mean; None without any.
    low, high: the ends of the bootstrap interval of the mean (percentiles, over pictures); None for too few.
    low_value, high_value: the mean ends of what is compared, on the metric's axis.
    """

    codec: str
    anchor: str
    metric: Metric
    by_picture: Mapping[str, float]
    percent: float | None = None
    low: float | None = None
    high: float | None = None
    low_value: float = 0.0
    high_value: float = 0.0


def set_bd_rate(curves: Curves, pictures: Sequence[str], metric: Metric, codec: str, anchor: str) -> SetBdRate:
    """The BD-rate of a codec against another on each picture, and over all of them."""
    by_picture: dict[str, float] = {}
    ends: list[tuple[float, float]] = []
    for picture in pictures:
        ours, theirs = curves.get((picture, codec)), curves.get((picture, anchor))
        found = None if ours is None or theirs is None else bd_rate_in(metric, theirs.points, ours.points)
        if found is not None:
            by_picture[picture] = found.percent
            ends.append((found.low_db, found.high_db))
    if not by_picture:
        return SetBdRate(codec, anchor, metric, by_picture)
    values = list(by_picture.values())
    low_value, high_value = (fmean(end) for end in zip(*ends, strict=True))
    return SetBdRate(codec, anchor, metric, by_picture, fmean(values), *interval(values), low_value, high_value)


def reversed_bd_rate(found: SetBdRate) -> SetBdRate:
    """The same two codecs the other way round, without interpolating again: on each picture the rates' ratio is the
    inverse. The mean is over the inverted figures.
    """
    by_picture = {picture: 100 * (1 / (1 + percent / 100) - 1) for picture, percent in found.by_picture.items()}
    turned = SetBdRate(found.anchor, found.codec, found.metric, by_picture)
    if not by_picture:
        return turned
    values = list(by_picture.values())
    low, high = interval(values)
    return SetBdRate(
        found.anchor,
        found.codec,
        found.metric,
        by_picture,
        fmean(values),
        low,
        high,
        found.low_value,
        found.high_value,
    )


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float | None, float | None]:
    """The bootstrap interval of a mean: percentiles of the means of as many values drawn again with replacement (Efron
    1979). The draws are the same in every run. None, None for fewer than MIN_PICTURES values.
    """
    if len(values) < MIN_PICTURES:
        return None, None
    import numpy as np

    generator = np.random.default_rng(_SEED)
    known = np.asarray(values, dtype=np.float64)
    wanted = min(RESAMPLES, max(200, _MOST_DRAWS // len(known)))
    at_once = max(1, _DRAWS_AT_ONCE // len(known))
    means = [
        known[generator.integers(0, len(known), (min(at_once, wanted - begun), len(known)))].mean(axis=1)
        for begun in range(0, wanted, at_once)
    ]
    tail = 50 * (1 - confidence)
    low, high = np.percentile(np.concatenate(means), (tail, 100 - tail))
    return float(low), float(high)

"""The lowest rate at which most pictures of a set are good enough."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.imaging.folder import natural_key
from viewer.metrics.base import Metric
from viewer.sets.measured import Curves


@dataclass(frozen=True)
class SetRatePoint:
    """What a codec needs so that a share of the pictures has a quality.

    bpp: the rate, for all pictures the same; None if too few of them have the quality at any rate that was measured.
    at_most: whether the lowest rate that was measured is enough, so that the real one may be lower. missing: pictures
    that do not have the quality at that rate, those that need the most bits first; without a rate, those that have it
    at none. pictures: with points of this codec.
    """

    codec: str
    bpp: float | None
    at_most: bool
    missing: tuple[str, ...]
    pictures: int


def rate_points(
    curves: Curves, *, pictures: Sequence[str], codecs: Sequence[str], metric: Metric, value: float, share: float
) -> list[SetRatePoint]:
    """For each codec the lowest rate at which a share (0 to 1) of the pictures has at least this value.

    value: on the metric's axis; where lower values are better, at most this value.
    """
    rising = metric.direction == "higher"
    found = []
    for codec in codecs:
        own = {picture: curve for picture in pictures if (curve := curves.get((picture, codec))) is not None}
        needs = {picture: curve.rate_of(value, rising=rising) for picture, curve in own.items()}
        lowest = {picture: curve.line[0][0] for picture, curve in own.items()}
        found.append(_rate_point(codec, needs, lowest, share))
    return found


def _rate_point(
    codec: str, needs: Mapping[str, float | None], lowest: Mapping[str, float], share: float
) -> SetRatePoint:
    """needs, lowest: the rate that each picture needs, and the lowest that was measured."""
    if not needs:
        return SetRatePoint(codec, None, at_most=False, missing=(), pictures=0)
    ranked = sorted((math.inf if bpp is None else bpp, picture) for picture, bpp in needs.items())
    wanted = max(1, math.ceil(share * len(ranked) - 1e-9))
    bpp, decides = ranked[wanted - 1]
    worst = sorted(ranked, key=lambda pair: (-pair[0], natural_key(pair[1])))
    missing = tuple(picture for need, picture in worst if need > bpp or math.isinf(need))
    return SetRatePoint(codec, None if math.isinf(bpp) else bpp, bpp <= lowest[decides], missing, len(ranked))

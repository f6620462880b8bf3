"""How many bytes a codec needs for a value of a metric, interpolated on its measured curve."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from viewer.matching.curve import best_points

if TYPE_CHECKING:
    from viewer.matching.curve import RatePoint
    from viewer.matching.quality_target import QualityMeasure


def bytes_for(points: Iterable[RatePoint], measure: QualityMeasure, value_db: float) -> float | None:
    """The bytes at which the curve first reaches a value; None if no two measured points enclose it.

    Linear in dB against the logarithm of the size, between neighbouring points of `best_points`.
    """
    places = [(math.log(point.byte_count), measure.of(point.metrics)) for point in best_points(points, measure)]
    for (low, below), (high, above) in pairwise(places):
        if below <= value_db <= above and math.isfinite(below + above):
            share = (value_db - below) / (above - below) if above > below else 0.0
            return math.exp(low + share * (high - low))
    return None

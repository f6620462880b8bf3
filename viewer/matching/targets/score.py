"""Target scores in any metric, as people write them, and what every target quality has in common."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from models.errors import TargetError
from viewer.matching.targets.numbers import Comma, read_number
from viewer.matching.targets.quality import TOLERANCE_DB, QualityTarget, format_quality
from viewer.metrics.base import Metric
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import format_score, score_digits

_TOLERANCE = 0.002
"""Relative to the target, or to a quarter of the scale, whichever is larger."""


@dataclass(frozen=True)
class ScoreTarget:
    """A target score in a metric, by name."""

    metric: str
    value: float

    def title(self) -> str:
        """The metric: "SSIMULACRA2"."""
        return metric_named(self.metric).label


EqualTarget = QualityTarget | ScoreTarget
"""What all codecs have in common where it is not the rate."""


def target_value(target: EqualTarget) -> float:
    """The value to reach: dB of PSNR and MS-SSIM, the score of other metrics."""
    return target.value if isinstance(target, ScoreTarget) else target.value_db


def value_text(target: EqualTarget, *, in_db: bool) -> str:
    """The value to reach, for people: "33.10 dB", "70.00". in_db: see format_quality."""
    if isinstance(target, ScoreTarget):
        return format_score(metric_named(target.metric), target.value)
    return format_quality(target.metric, target.value_db, in_db=in_db)


def within_text(target: EqualTarget) -> str:
    """How near to it is near enough, for people: "0.05 dB", "0.14"."""
    if isinstance(target, ScoreTarget):
        return format_tolerance(metric_named(target.metric), target.value)
    return f"{TOLERANCE_DB} dB"


def at_value(target: EqualTarget, value: float) -> EqualTarget:
    """The same target at another value."""
    return replace(target, value=value) if isinstance(target, ScoreTarget) else replace(target, value_db=value)


def tolerance(metric: Metric, target: float) -> float:
    """The largest distance at which a score counts as reaching a target."""
    extent = max((abs(end) for end in metric.range if math.isfinite(end)), default=0.0)
    return _TOLERANCE * max(abs(target), extent / 4)


def format_tolerance(metric: Metric, target: float) -> str:
    """The tolerance for people: "0.14"."""
    return f"{tolerance(metric, target):.{score_digits(metric)}f}"


def parse_score(text: str, metric: Metric) -> ScoreTarget:
    """Parse a target score: "70", or "38 dB" with the metric's unit. Raises TargetError if it is not a number, or
    outside the metric's range.
    """
    number = text.strip()
    if metric.unit and number.lower().endswith(metric.unit.lower()):
        number = number[: -len(metric.unit)].rstrip()
    value = read_number(number, Comma.DECIMAL) if number else math.nan
    if not (math.isfinite(value) and metric.range[0] <= value <= metric.range[1]):
        raise TargetError(f"“{text.strip()}” is not a {metric.label} score: give a number{_ends(metric)}.")
    return ScoreTarget(metric.name, value)


def score_text(metric: Metric, value: float) -> str:
    """The metric and a score: "SSIMULACRA2 70.00"."""
    return f"{metric.label} {format_score(metric, value)}"


def _ends(metric: Metric) -> str:
    low, high = metric.range
    from_low = f" from {low:g}" if math.isfinite(low) else ""
    to_high = f" {'to' if from_low else 'up to'} {high:g}" if math.isfinite(high) else ""
    return from_low + to_high

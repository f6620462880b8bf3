"""Equal quality in any metric: targets as people write them, and the streams that meet them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.errors import MetricError, TargetError
from viewer.matching.comparison import Comparison, Result, with_scores
from viewer.matching.quality_search import Goal, Probe, StreamSearch
from viewer.metrics.base import Metric
from viewer.metrics.scoring import Score, Scorer, format_score, score_digits

_TOLERANCE = 0.002
"""Relative to the target, or to a quarter of the scale, whichever is larger."""


@dataclass(frozen=True)
class ScoreTarget:
    """A target score in a metric, by name."""

    metric: str
    value: float


@dataclass(frozen=True, eq=False)
class ScoreMatch:
    """The result of a score target. result: of the real stream, with its score.

    reached: the score is within the tolerance of the target. If not, floor or ceiling says what stopped it (the worst
    or best score that the codec has on this picture; both None where its steps merely have a gap there).
    """

    metric: Metric
    target: ScoreTarget
    result: Result
    reached: bool
    floor: float | None
    ceiling: float | None

    @property
    def value(self) -> float:
        """The score."""
        score = self.result.scores[self.metric.name].value
        assert score is not None
        return score


class EqualScore:
    """Brings the codecs of a Comparison to equal scores in one of the scorer's metrics.

    Works like EqualQuality, with what is decoded from real streams. The metric has to rise or fall with quality.
    """

    def __init__(self, comparison: Comparison, metric: Metric, scorer: Scorer) -> None:
        self._comparison = comparison
        self._metric = metric
        self._scorer = scorer
        self._search: StreamSearch[float] = StreamSearch(comparison, self._score)

    def match(self, codec: str, target: ScoreTarget) -> ScoreMatch:
        """The codec's stream that meets the target with the fewest bytes, or comes closest. Raises CodecError;
        MetricError if a stream has no score; MemoryLimitError.
        """
        sign = 1.0 if self._metric.direction == "higher" else -1.0
        goal: Goal[float] = Goal(sign * target.value, tolerance(self._metric, target.value), lambda score: sign * score)
        with self._comparison.memory_granted(codec, None, self._scorer.required_bytes(self._metric.name)) as step:
            result, found = self._search.best(codec, goal, step)
        score = sign * found.value
        scored = with_scores(result, {self._metric.name: Score(score)})
        return ScoreMatch(
            self._metric,
            target,
            scored,
            found.reached,
            score if found.below_floor else None,
            score if found.above_ceiling else None,
        )

    def _score(self, probe: Probe) -> float:
        score = self._scorer.score(self._metric.name, probe.reconstruction, granted=True)
        if score.value is None:
            raise MetricError(score.problem)
        return score.value


def tolerance(metric: Metric, target: float) -> float:
    """The largest distance at which a score counts as reaching a target."""
    extent = max((abs(end) for end in metric.range if math.isfinite(end)), default=0.0)
    return _TOLERANCE * max(abs(target), extent / 4)


def parse_score(text: str, metric: Metric) -> ScoreTarget:
    """Parse a target score: "70". Raises TargetError if it is not a number, or outside the metric's range."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and metric.range[0] <= value <= metric.range[1]):
        raise TargetError(f"“{text.strip()}” is not a {metric.label} score: give a number{_ends(metric)}.")
    return ScoreTarget(metric.name, value)


def _ends(metric: Metric) -> str:
    low, high = metric.range
    from_low = f" from {low:g}" if math.isfinite(low) else ""
    to_high = f" {'to' if from_low else 'up to'} {high:g}" if math.isfinite(high) else ""
    return from_low + to_high


def miss_sentence(label: str, match: ScoreMatch) -> str:
    """Why a codec is not at the target: its floor, its ceiling, or the nearest score that it can have."""
    metric = match.metric
    value, asked = format_score(metric, match.value), format_score(metric, match.target.value)
    if match.floor is not None:
        return f"{label} cannot do worse than {metric.label} {value} on this picture; the target is {asked}."
    if match.ceiling is not None:
        return f"{label} cannot do better than {metric.label} {value} on this picture; the target is {asked}."
    return f"{label} cannot come closer than {metric.label} {value} on this picture; the target is {asked}."


def format_tolerance(metric: Metric, target: float) -> str:
    """The tolerance for people: "0.14"."""
    return f"{tolerance(metric, target):.{score_digits(metric)}f}"

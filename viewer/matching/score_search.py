"""Equal quality in any metric: the streams whose decoded pictures meet a target score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from models.errors import MetricError
from viewer.imaging.image import Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.quality_search import EqualQuality, Goal, Probe, QualityMatch, StreamSearch
from viewer.matching.result import Result, with_scores
from viewer.matching.targets.score import EqualTarget, ScoreTarget, tolerance
from viewer.metrics.base import Metric
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Score
from viewer.system.lru_cache import BoundedCache

_CACHE_BYTES = 40 * 2**20


class Scoring(Protocol):
    """Who scores the reconstructions of one picture: a Scorer, or one in another process."""

    def score(self, name: str, pixels: Pixels, *, granted: bool = False) -> Score:
        """As of a Scorer."""

    def required_bytes(self, name: str) -> int:
        """As of a Scorer."""


@dataclass(frozen=True, eq=False)
class ScoreMatch:
    """The result of a score target. result: of the real stream, with its score.

    reached: the score is within the tolerance of the target. If not, floor or ceiling says what stopped it (the worst
    or best score that the codec has on this picture; both None where its steps merely have a gap there).
    falls_from_bpp: as of a QualityMatch.
    """

    metric: Metric
    target: ScoreTarget
    result: Result
    reached: bool
    floor: float | None
    ceiling: float | None
    falls_from_bpp: float | None = None

    @property
    def value(self) -> float:
        """The score."""
        score = self.result.scores[self.metric.name].value
        assert score is not None
        return score

    @property
    def title(self) -> str:
        """What was to be equal: "SSIMULACRA2"."""
        return self.metric.label


class EqualScore:
    """Brings the codecs of a Comparison to equal scores in one metric. Safe to use from several threads.

    Works like EqualQuality, with what is decoded from real streams. The metric has to rise or fall with quality.
    """

    def __init__(self, comparison: Comparison, metric: Metric, scoring: Scoring) -> None:
        self._comparison = comparison
        self._metric = metric
        self._scoring = scoring
        self._search: StreamSearch[float] = StreamSearch(comparison, self._score)
        self._cache: BoundedCache[tuple[str, ScoreTarget], ScoreMatch] = BoundedCache(
            _CACHE_BYTES, lambda match: match.result.byte_count
        )

    def match(
        self,
        codec: str,
        target: ScoreTarget,
        pause: Callable[[], None] | None = None,
        tried: Callable[[int], None] | None = None,
    ) -> ScoreMatch:
        """The codec's stream that meets the target with the fewest bytes, or comes closest. Raises CodecError;
        MetricError if a stream has no score; MemoryLimitError.

        pause, tried: as of EqualQuality; what was measured before it raised is remembered.
        """
        known = self._cache.get((codec, target))
        if known is not None:
            return known
        sign = 1.0 if self._metric.direction == "higher" else -1.0
        goal: Goal[float] = Goal(sign * target.value, tolerance(self._metric, target.value), lambda score: sign * score)
        with self._comparison.memory_granted(codec, pause, self._scoring.required_bytes(self._metric.name)) as step:
            result, found = self._search.best(codec, goal, step, tried)
        score = sign * found.value
        match = ScoreMatch(
            self._metric,
            target,
            with_scores(result, {self._metric.name: Score(score)}),
            found.reached,
            score if found.below_floor else None,
            score if found.above_ceiling else None,
            None if found.falls_from is None else self._comparison.image.bpp(found.falls_from),
        )
        self._cache.put((codec, target), match)
        return match

    def _score(self, probe: Probe) -> float:
        score = self._scoring.score(self._metric.name, probe.reconstruction, granted=True)
        if score.value is None:
            raise MetricError(score.problem)
        return score.value


class Equaliser:
    """Brings the codecs of a Comparison to equal quality in whichever metric a target names: PSNR, MS-SSIM, or another
    one of the registry. Safe to use from several threads.
    """

    def __init__(self, comparison: Comparison, scoring: Scoring) -> None:
        self._comparison = comparison
        self._scoring = scoring
        self._quality = EqualQuality(comparison)
        self._scores: dict[str, EqualScore] = {}

    def match(
        self,
        codec: str,
        target: EqualTarget,
        pause: Callable[[], None] | None = None,
        tried: Callable[[int], None] | None = None,
    ) -> QualityMatch | ScoreMatch:
        """As of EqualQuality or EqualScore."""
        if not isinstance(target, ScoreTarget):
            return self._quality.match(codec, target, pause, tried)
        equal = self._scores.get(target.metric)
        if equal is None:  # setdefault, as another thread may have come first
            made = EqualScore(self._comparison, metric_named(target.metric), self._scoring)
            equal = self._scores.setdefault(target.metric, made)
        return equal.match(codec, target, pause, tried)

"""Scores of one picture's reconstructions in any metric; failures of a metric become sentences."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import MetricError, RateLensError
from viewer.imaging.image import Pixels
from viewer.metrics.base import HasErrorMap, Metric, NeedsMemory, PreparedMetric
from viewer.metrics.fast import FastMetric
from viewer.system.memory import process_budget

if TYPE_CHECKING:  # it brings the numerical libraries in
    from viewer.metrics.measurement import Metrics

_FIXED_BYTES = 50_000_000
_SLACK = 1e-6
"""Relative tolerance for scores outside their range because of rounding."""


@dataclass(frozen=True)
class Score:
    """A metric's score of a reconstruction. value: None if it has none. problem: then why, a sentence."""

    value: float | None
    problem: str = ""


class Scorer:
    """The metrics of one original, each prepared once, on its first use. Safe to use from several threads."""

    def __init__(self, original: Pixels, metrics: Sequence[Metric]) -> None:
        self._original = original
        self._metrics = {metric.name: metric for metric in metrics}
        self._locks = {metric.name: threading.Lock() for metric in metrics}
        self._prepared: dict[str, PreparedMetric | MetricError] = {}

    def score(self, name: str, pixels: Pixels, *, granted: bool = False) -> Score:
        """The score of a reconstruction, uint8 (H, W, 3) of the original's size, in one of the metrics.

        granted: the caller has been granted the memory for it.
        """
        metric = self._metrics[name]
        budget = process_budget()
        try:
            with nullcontext() if granted else budget.granted(self.required_bytes(name), metric.label):
                return Score(_checked(metric, self._ready(metric).score(pixels)))
        except RateLensError as error:
            return Score(None, str(error))
        except ImportError as error:
            what = f"{metric.label} cannot be computed here ({error})"
            return Score(None, f"{what}: run “ratelens doctor” to see what is missing.")

    def error_map(self, name: str, pixels: Pixels) -> NDArray[np.float32]:
        """Where a reconstruction is off by a metric, (H, W), 0 for not; memory is granted. Raises MetricError."""
        metric = self._metrics[name]
        prepared = self._ready(metric)
        if not isinstance(prepared, HasErrorMap):
            raise MetricError(f"{metric.label} has no map.")
        try:
            errors = prepared.error_map(pixels)
        except ImportError as error:
            what = f"{metric.label} cannot be computed here ({error})"
            raise MetricError(f"{what}: run “ratelens doctor” to see what is missing.") from error
        if np.isnan(errors).any():
            raise MetricError(f"The map of {metric.label} holds what is no number (NaN).")
        return errors

    def scores(
        self, pixels: Pixels, pause: Callable[[], None] | None = None, known: Container[str] = ()
    ) -> dict[str, Score]:
        """All scores, by the metrics' names. pause: called before each; it may wait, or raise to end the work. known:
        metrics to leave out.
        """
        found = {}
        for name in self._metrics:
            if name in known:
                continue
            if pause is not None:
                pause()
            found[name] = self.score(name, pixels)
        return found

    def required_bytes(self, name: str) -> int:
        """Memory that a score takes."""
        metric = self._metrics[name]
        height, width = self._original.shape[:2]
        return round(metric.bytes_per_pixel * height * width) + _FIXED_BYTES if isinstance(metric, NeedsMemory) else 0

    def _ready(self, metric: Metric) -> PreparedMetric:
        """Prepare a metric once. Raises MetricError, the same one again if preparing has failed before."""
        with self._locks[metric.name]:
            if metric.name not in self._prepared:
                try:
                    self._prepared[metric.name] = metric.prepare(self._original)
                except MetricError as error:
                    self._prepared[metric.name] = error
            prepared = self._prepared[metric.name]
        if isinstance(prepared, MetricError):
            raise prepared
        return prepared


def _checked(metric: Metric, score: float) -> float:
    """Raises MetricError for an invalid score."""
    low, high = metric.range
    if math.isnan(score):
        raise MetricError(f"{metric.label} returned no number (NaN) for this picture.")
    slack = _SLACK * max((abs(end) for end in (low, high) if math.isfinite(end)), default=0.0)
    if not low - slack <= score <= high + slack:
        raise MetricError(f"{metric.label} returned {score:g}, which is outside its own range, {low:g} to {high:g}.")
    return min(max(score, low), high)


def score_in(metric: Metric, metrics: Metrics, scores: Mapping[str, Score]) -> float | None:
    """The score in a metric of a reconstruction that was measured and scored; None where it has none."""
    if isinstance(metric, FastMetric):
        return metric.of(metrics)
    return scores[metric.name].value if metric.name in scores else None


def problems(scored: Iterable[Mapping[str, Score]]) -> list[str]:
    """Why scores are missing, each sentence once."""
    return list(dict.fromkeys(score.problem for scores in scored for score in scores.values() if score.problem))


def format_score(metric: Metric, value: float | None, *, unit: bool = True) -> str:
    """A score for people: "35.12 dB", "0.9312", "71.46"; a dash if there is none, "∞" if it is lossless."""
    if value is None:
        return "–"
    after = f" {metric.unit}" if unit and metric.unit else ""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{score_digits(metric)}f}{after}"


def score_digits(metric: Metric) -> int:
    """Decimals to display: four on a scale that ends at 1, two on others."""
    low, high = metric.range
    return 4 if max(abs(end) for end in (low, high)) <= 1.0 else 2

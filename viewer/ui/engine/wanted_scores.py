"""Which scores of slow metrics are wanted, and which one comes next: those of pictures before those of curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from viewer.matching.curve import POINT_COUNT, POINT_COUNT_LARGE, RatePoint, curve_targets, point_of
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.metrics.scoring import Score
from viewer.system.memory import is_large

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Reconstruction
    from viewer.matching.result import Result
    from viewer.metrics.measurement import Metrics
    from viewer.ui.engine.app_state import AppState
    from viewer.ui.engine.workers.jobs import DisplayedResult, Opened


@dataclass(frozen=True)
class Scored:
    """Tells the reconstructions of one picture apart: by codec, size and what was measured."""

    codec: str
    byte_count: int
    metrics: Metrics


Scores = Mapping[Scored, Mapping[str, Score]]
"""Scores by reconstruction, and by the metrics' names."""


@dataclass(frozen=True)
class ScoreRequest:
    """A score that is wanted. point: the reconstruction's; result: where it is at hand, else it is made once more. Of a
    picture that was decoded elsewhere there is no point, but always the result.
    """

    opened: Opened
    metric: str
    point: RatePoint | None = field(compare=False)
    scored: Scored
    result: Result | Reconstruction | None = field(default=None, compare=False)


def scored_of(point: RatePoint) -> Scored:
    """What a point's scores stand under."""
    return Scored(point.codec, point.byte_count, point.metrics)


def scored_file(decoded: Reconstruction) -> Scored:
    """What the scores of a picture that was decoded elsewhere stand under; its path is no codec's name."""
    return Scored(f"file {decoded.path}", decoded.byte_count or 0, decoded.measurement.metrics)


def scores_of(scores: Scores, result: Result) -> Mapping[str, Score]:
    """A result's scores."""
    return scores.get(Scored(result.request.codec, len(result.stream), result.measurement.metrics), {})


def with_file_scores(scores: Scores, decoded: Reconstruction) -> Reconstruction:
    """A picture that was decoded elsewhere, with its scores."""
    return replace(decoded, scores=scores.get(scored_file(decoded), {}))


def next_score(state: AppState) -> ScoreRequest | None:
    """The score that is wanted most, None if there is none."""
    return next(_missing(state), None)


def score_progress(state: AppState) -> tuple[int, int]:
    """How many of the scores that the plots want are there, of how many."""
    done = total = 0
    for request in _of_plots(state):
        total += 1
        done += request.metric in state.scores.get(request.scored, {})
    return done, total


def reference_result(state: AppState) -> DisplayedResult | None:
    """The picture from whose score equal quality begins: the reference's, or another codec's where that has failed."""
    return next((shown for codec in state.compared if (shown := state.results.get(codec)) is not None), None)


def _missing(state: AppState) -> Iterator[ScoreRequest]:
    if state.opened is None or not (state.session.slow_metrics or state.entering):
        return
    for requests in (_of_entering(state), _of_panes(state), _of_plots(state)):
        for request in requests:
            if request.metric not in state.scores.get(request.scored, {}):
                yield request


def _of_entering(state: AppState) -> Iterator[ScoreRequest]:
    """Of the picture from whose score equal quality begins."""
    shown = reference_result(state) if state.entering else None
    if shown is not None and state.opened is not None:
        point = point_of(shown.result)
        yield ScoreRequest(state.opened, state.entering, point, scored_of(point), shown.result)


def _of_panes(state: AppState) -> Iterator[ScoreRequest]:
    """Of the pictures that the panes show, once they are at the target; a metric after the other."""
    assert state.opened is not None
    for metric in state.session.slow_metrics:
        for pane in state.panes:
            shown = state.results.get(pane)
            if shown is not None and pane not in state.awaited:
                point = point_of(shown.result)
                yield ScoreRequest(state.opened, metric, point, scored_of(point), shown.result)
        for pane, file in state.files.items():
            if pane in state.panes:
                yield ScoreRequest(state.opened, metric, None, scored_file(file.result), file.result)


def _of_plots(state: AppState) -> Iterator[ScoreRequest]:
    """Of pins, and of the curves' own targets: not of all rates that a drag has passed."""
    plots = state.session.metric_choice.slow_plots
    if state.opened is None or not plots:
        return
    count = POINT_COUNT_LARGE if is_large(state.opened.image.pixel_count) else POINT_COUNT
    targets = curve_targets(MIN_BPP, MAX_BPP, count)
    points = list(state.pin_points.values())
    by_target = {(point.codec, point.target_bpp): point for curve in state.curves.values() for point in curve}
    points += [
        point
        for target_bpp in targets
        for codec in state.compared
        if (point := by_target.get((codec, target_bpp))) is not None
    ]
    for metric in plots:
        for point in points:
            yield ScoreRequest(state.opened, metric, point, scored_of(point))

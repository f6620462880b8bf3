"""Saves a report of what the panes show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.codecs.registry import codec_named
from viewer.matching.curve import POINT_COUNT, POINT_COUNT_LARGE
from viewer.metrics.registry import metric_named
from viewer.system.memory import is_large
from viewer.ui.common.actions import Command
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.wanted_scores import scores_of

if TYPE_CHECKING:
    from viewer.matching.curve import RatePoint
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.reconstruction import Reconstruction
    from viewer.matching.result import Result
    from viewer.matching.score_search import ScoreMatch
    from viewer.metrics.scoring import Score
    from viewer.ui.engine.workers.jobs import DisplayedResult


@dataclass(frozen=True)
class Measured:
    """The window's data for a report. made: date and time, with time zone. metrics: the slow ones, by name. files: the
    pictures decoded elsewhere.
    """

    results: tuple[Result, ...]
    curves: tuple[tuple[str, tuple[RatePoint, ...]], ...]
    matches: tuple[QualityMatch | ScoreMatch, ...]
    made: datetime
    metrics: tuple[str, ...] = ()
    files: tuple[Reconstruction, ...] = ()


class Reporting:
    """Saves a report at the current rate, with the curves as far as they are measured."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer

    def commands(self) -> tuple[Command, ...]:
        """The command that saves a report."""
        return (Command("report", "&File", "Save repor&t (HTML)…", self.report, ("Ctrl+R",), section=2),)

    def report(self) -> None:
        """Ask where to save the report, and save it."""
        state = self._store.state
        able = [codec for codec in state.compared if not state.failures.get(codec) and codec not in state.locked]
        shown = [one for codec in able if (one := state.results.get(codec)) is not None]
        image = state.session.image
        if image is None or not shown:
            self._error("There is nothing to report yet: open a picture, or wait for the codecs.")
            return
        # Panes can be behind without any work running: while pins are compared, the codecs pause.
        if any(codec in state.awaited for codec in able) or not all(map(self._is_at_target, shown)):
            what = "rate" if state.session.quality is None else "quality"
            self._error(f"Some codecs have not reached the {what} yet: try again when they have.")
            return
        codecs = [one.result.request.codec for one in shown]
        curves = tuple((codec, state.curves.get(codec, ())) for codec in codecs)
        matches = tuple(one.match for one in shown if one.match is not None)
        metrics = state.session.slow_metrics
        results = tuple(replace(one.result, scores=scores_of(state.scores, one.result)) for one in shown)
        files = tuple(state.scored_files.values())
        if any(name not in scores for scores in _scores(results, files) for name in metrics):
            self._error("Some scores are not there yet: try again when they are.")
            return
        measured = Measured(results, curves, matches, datetime.now().astimezone(), metrics, files)
        path = folder_of(image) / f"{Path(image.name).stem}-report.html"
        self._writer.ask_file("Save report", path, lambda _path: report_of(measured))

    def _is_at_target(self, shown: DisplayedResult) -> bool:
        session = self._store.state.session
        if session.quality is not None:
            return shown.match is not None and shown.match.target == session.quality
        return shown.match is None and shown.result.request.target_bpp == session.target_bpp

    def _error(self, text: str) -> None:
        self._store.update(show_error(text))


def _scores(results: Iterable[Result], files: Iterable[Reconstruction]) -> list[Mapping[str, Score]]:
    return [*(one.scores for one in results), *(one.scores for one in files)]


def report_of(measured: Measured) -> bytes:
    """The HTML file. Runs in a worker, which loads the libraries it needs."""
    from viewer.report.data import ReportData
    from viewer.report.page import page

    results = measured.results
    codecs = tuple(codec_named(result.request.codec) for result in results)
    image = results[0].request.image
    points = POINT_COUNT_LARGE if is_large(image.pixel_count) else POINT_COUNT
    metrics = tuple(map(metric_named, measured.metrics))
    data = ReportData(
        image, codecs, (results,), dict(measured.curves), points, measured.matches, metrics, measured.files
    )
    return page(data, measured.made).encode(errors="backslashreplace")  # file names need not be valid text

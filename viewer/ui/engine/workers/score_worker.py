"""The low-priority worker that has pictures scored in slow metrics, one after the other, while nobody is busy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.matching.curve import point_of
from viewer.matching.targets.quality import PSNR_LUMA, PSNR_RGB
from viewer.metrics.scoring import Score
from viewer.metrics.scoring_process import ScoringProcess
from viewer.ui.engine.wanted_scores import ScoreRequest, scored_of
from viewer.ui.engine.workers.background import Background
from viewer.ui.engine.workers.latest_worker import Outcome, attempt
from viewer.ui.engine.workers.scheduling import Activity, Overtaken

if TYPE_CHECKING:
    from viewer.matching.curve import RatePoint
    from viewer.matching.result import Result


NICENESS = 5
"""Whatever else is computed comes first."""


class ScoreWorker(QObject):
    """Holds only the newest request. It begins when `activity` is idle, and nobody waits for it; the metrics compute in
    a process of their own.

    `delivered` carries an Outcome of a Score; as with LatestOnly, connect it to methods of QObjects only.
    """

    delivered = Signal(object)

    def __init__(self, activity: Activity, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("scores", activity, self._run)
        self._process = ScoringProcess(niceness=NICENESS)
        self._wanted: ScoreRequest | None = None
        self._answered: ScoreRequest | None = None

    def want(self, request: ScoreRequest | None) -> None:
        """Ask for a score in the place of the one before; returns at once."""
        with self._background.changed:
            if self._background.closed:
                return
            self._wanted = request
            if request is None:
                self._answered = None  # with it goes the picture before
            else:
                self._background.begin()
        self._background.wake()

    def close(self) -> None:
        """Deliver nothing more, and end the process."""
        with self._background.changed:
            self._wanted = None
        self._background.close()
        self._process.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`; whether it has."""
        return self._background.join(timeout_s)

    def _run(self) -> None:
        background = self._background
        while True:
            with background.changed:
                background.changed.wait_for(lambda: background.closed or self._wanted not in (None, self._answered))
                request = self._wanted
            if background.closed or request is None:
                return
            outcome = attempt(self._score, request)
            if not isinstance(outcome.error, Overtaken):
                self._deliver(outcome)
            del request, outcome

    def _score(self, request: ScoreRequest) -> Score:
        self._background.wait_until_idle(lambda: self._is_overtaken(request))
        try:
            result = request.result
            if result is None and request.point is not None:
                result = self._made_again(request, request.point)
        except RateLensError as error:
            return Score(None, str(error))
        if result is None:
            return Score(None)
        return self._process.score(request.metric, request.opened.image, result.reconstruction)

    def _made_again(self, request: ScoreRequest, point: RatePoint) -> Result | None:
        """The result of a curve's point: of one that is remembered it takes no time. None if it is another by now."""

        def pause() -> None:
            self._background.wait_until_idle(lambda: self._is_overtaken(request), holds_memory=True)

        for best_in in (PSNR_RGB, PSNR_LUMA):
            result = request.opened.comparison.result(point.codec, point.target_bpp, pause, best_in)
            if scored_of(point_of(result)) == request.scored:
                return result
        return None

    def _is_overtaken(self, request: ScoreRequest) -> bool:
        return self._background.closed or self._wanted != request

    def _deliver(self, outcome: Outcome) -> None:
        with self._background.changed:  # as in LatestOnly: close() cannot come in between
            if not self._background.closed:
                self._answered = outcome.job if self._wanted is not None else None
                self.delivered.emit(outcome)

"""The low-priority worker that has pictures scored in slow metrics, one after the other, while nobody is busy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.matching.curve import point_of
from viewer.matching.quality_target import PSNR_LUMA, PSNR_RGB
from viewer.metrics.scoring import Score
from viewer.metrics.scoring_process import ScoringProcess
from viewer.system.memory import process_budget
from viewer.ui.engine.wanted_scores import ScoreRequest, scored_of
from viewer.ui.engine.workers.latest_worker import Outcome, attempt
from viewer.ui.engine.workers.scheduling import Activity, Overtaken

if TYPE_CHECKING:
    from viewer.matching.comparison import Result
    from viewer.matching.curve import RatePoint


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
        self._activity = activity
        self._process = ScoringProcess(niceness=NICENESS)
        self._changed = threading.Condition()
        self._wanted: ScoreRequest | None = None
        self._answered: ScoreRequest | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        process_budget().add_shortage_listener(activity.wake)

    def want(self, request: ScoreRequest | None) -> None:
        """Ask for a score in the place of the one before; returns at once."""
        with self._changed:
            if self._closed:
                return
            self._wanted = request
            if request is None:
                self._answered = None  # with it goes the picture before
            self._changed.notify()
            if self._thread is None and request is not None:
                self._thread = threading.Thread(target=self._run, name="ratelens-scores", daemon=True)
                self._thread.start()
        self._activity.wake()

    def close(self) -> None:
        """Deliver nothing more, and end the process."""
        with self._changed:
            if not self._closed:
                process_budget().remove_shortage_listener(self._activity.wake)
            self._closed = True
            self._wanted = None
            self._changed.notify()
        self._activity.wake()
        self._process.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`; whether it has."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted not in (None, self._answered))
                request = self._wanted
            if self._closed or request is None:
                return
            outcome = attempt(self._score, request)
            if not isinstance(outcome.error, Overtaken):
                self._deliver(outcome)
            del request, outcome

    def _score(self, request: ScoreRequest) -> Score:
        self._wait(lambda: self._is_overtaken(request))
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
            # As the curves' worker: whoever it gives way to may wait for the memory that this search holds.
            self._wait(lambda: self._is_overtaken(request) or process_budget().is_short)

        for best_in in (PSNR_RGB, PSNR_LUMA):
            result = request.opened.comparison.result(point.codec, point.target_bpp, pause, best_in)
            if scored_of(point_of(result)) == request.scored:
                return result
        return None

    def _wait(self, given_up: Callable[[], bool]) -> None:
        """Until nobody is busy. Raises Overtaken where another score is wanted."""
        self._activity.wait_until_idle(given_up)
        if self._closed or (given_up() and not process_budget().is_short):
            raise Overtaken

    def _is_overtaken(self, request: ScoreRequest) -> bool:
        return self._closed or self._wanted != request

    def _deliver(self, outcome: Outcome) -> None:
        with self._changed:  # as in LatestOnly: close() cannot come in between
            if not self._closed:
                self._answered = outcome.job if self._wanted is not None else None
                self.delivered.emit(outcome)

"""A worker thread that holds only the newest request."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.ui.engine.workers.scheduling import SHORTEST_HASTE_S, Activity, Overtaken, Pace

log = logging.getLogger("ratelens.worker")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a job: a value, or the error that ended it."""

    job: Any
    value: Any = None
    error: Exception | None = None


class LatestOnly(QObject):
    """Runs one job at a time in a thread of its own. A job posted while another waits takes its place.

    A running job is never aborted: during a drag every finished one is shown, and if they were aborted none would be.
    `delivered` calls QObject slots in their own thread. (Connect it to methods of QObjects only: a plain function would
    be called in the worker.) After `close` nothing is delivered, even if a job still runs; its thread is a daemon.
    """

    delivered = Signal(object)

    def __init__(
        self,
        name: str,
        work: Callable[[Any], Any],
        activity: Activity,
        parent: QObject | None = None,
        *,
        finishes: bool = False,
        in_haste: Callable[[Any], Any] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """finishes: jobs posted before `close` are still done, because they are for the user rather than the window.

        in_haste: a shorter work, done first of a job that came while another one was done; if it returns a value, that
        is delivered, and the job itself is done only if no newer one waits. pace: of all that may be in haste together.
        """
        super().__init__(parent)
        self.finishes = finishes
        self._name = name
        self._work = work
        self._activity = activity
        self._changed = threading.Condition()
        self._in_haste = in_haste
        self._pace = Pace() if pace is None else pace
        self._waiting: Any = None
        self._posted_s = 0.0
        self._is_working = False
        self._is_hurried = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def post(self, job: Any) -> None:
        """Post a job. Returns immediately."""
        with self._changed:
            if self._closed:
                return
            self._activity.begin(self._name)
            self._waiting = job
            self._posted_s = time.monotonic()
            self._is_hurried = self._is_working
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"ratelens-{self._name}", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Deliver nothing more and take no more jobs. Returns immediately."""
        with self._changed:
            self._closed = True
            if not self.finishes:
                self._waiting = None
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`, without a limit for jobs that must finish; whether it has ended."""
        if self._thread is None:
            return True
        self._thread.join(None if self.finishes else timeout_s)
        return not self._thread.is_alive()

    def report(self, job: Any, value: Any) -> None:
        """Deliver something before a job is done; called by the job. Raises Overtaken after `close`."""
        self._deliver(Outcome(job, value))
        if self._closed:
            raise Overtaken

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_working = False
                if self._waiting is None:
                    self._pace.leave(self._name)
                    self._activity.end(self._name)
                self._changed.wait_for(lambda: self._closed or self._waiting is not None)
                if self._waiting is None:
                    self._activity.end(self._name)
                    return
                job, self._waiting = self._waiting, None
                self._is_working = True
                is_hurried, self._is_hurried = self._is_hurried, False
            if not (is_hurried and self._is_overtaken_after_haste(job)):
                self._deliver(attempt(self._work, job))
            del job  # otherwise an idle worker would keep the previous picture and everything cached for it

    def _is_overtaken_after_haste(self, job: Any) -> bool:
        """Do the shorter work of a job, if there is one; whether a newer job waits by then."""
        if self._in_haste is None:
            return False
        begun = time.monotonic()
        outcome = attempt(self._in_haste, job)
        if outcome.value is None:  # what went wrong will go wrong again, and is told then
            return isinstance(outcome.error, Overtaken)
        self._deliver(outcome)
        self._pace.note(self._name, time.monotonic() - begun)
        with self._changed:
            if self._waiting is None:
                return False
            self._wait_for_turn(begun)
        return True

    def _wait_for_turn(self, begun_s: float) -> None:
        """Wait until others in haste have had their share of the processors, or the hand rests."""
        last_s = begun_s + self._pace.interval_s()
        while not self._closed:
            rests_s = max(begun_s, self._posted_s) + SHORTEST_HASTE_S
            left_s = min(last_s, rests_s) - time.monotonic()
            if left_s <= 0:
                return
            self._changed.wait(left_s)

    def _deliver(self, outcome: Outcome) -> None:
        with self._changed:  # close() cannot run between the check and the emit, so the signal's sender is alive
            if not self._closed:
                self.delivered.emit(outcome)


def attempt(work: Callable[[Any], Any], job: Any) -> Outcome:
    """Run a job; an error becomes part of the outcome, for the GUI thread to show or raise."""
    try:
        return Outcome(job, value=work(job))
    except Exception as error:
        note(error)
        return Outcome(job, error=error)


def note(error: Exception) -> None:
    """Log the error that ended a job: a sentence if a user caused it, else the traceback; nothing if overtaken."""
    if isinstance(error, Overtaken):
        return
    if isinstance(error, RateLensError):
        log.info("%s: %s", type(error).__name__, error)
    else:
        log.error("a job failed", exc_info=error)

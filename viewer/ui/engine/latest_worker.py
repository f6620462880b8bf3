"""A worker thread that holds only the newest request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.ui.engine.scheduling import Activity, Overtaken

log = logging.getLogger("ratelens.worker")


@dataclass(frozen=True)
class Outcome:
    """What came of a job: a value, or the error that ended it."""

    job: Any
    value: Any = None
    error: Exception | None = None


class LatestOnly(QObject):
    """Runs one job at a time in a thread of its own. A job posted while another waits takes its place.

    The job that runs is never aborted: during a drag every finished one is shown, and with aborting none would finish.
    `delivered` reaches QObject slots in their own thread. (Connect it to methods of QObjects only: a function would
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
    ) -> None:
        """finishes: what was asked for before `close` is still done, for it is for the user and not for the window."""
        super().__init__(parent)
        self.finishes = finishes
        self._name = name
        self._work = work
        self._activity = activity
        self._changed = threading.Condition()
        self._waiting: Any = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def post(self, job: Any) -> None:
        """Ask for a job; returns at once."""
        with self._changed:
            if self._closed:
                return
            self._activity.begin(self._name)
            self._waiting = job
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"ratelens-{self._name}", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Deliver nothing more and take no more jobs; returns at once."""
        with self._changed:
            self._closed = True
            if not self.finishes:
                self._waiting = None
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`, for what it has to finish without a limit; whether it has."""
        if self._thread is None:
            return True
        self._thread.join(None if self.finishes else timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._waiting is None:
                    self._activity.end(self._name)
                self._changed.wait_for(lambda: self._closed or self._waiting is not None)
                if self._waiting is None:
                    self._activity.end(self._name)
                    return
                job, self._waiting = self._waiting, None
            self._deliver(attempt(self._work, job))
            del job  # an idle worker would keep the picture before, and all that is remembered of it

    def _deliver(self, outcome: Outcome) -> None:
        with self._changed:  # close() cannot come between the look and the emit, so the signal's source is alive
            if not self._closed:
                self.delivered.emit(outcome)


def attempt(work: Callable[[Any], Any], job: Any) -> Outcome:
    """Run a job; an error becomes part of the outcome, for the GUI thread to say or to raise."""
    try:
        return Outcome(job, value=work(job))
    except Exception as error:
        note(error)
        return Outcome(job, error=error)


def note(error: Exception) -> None:
    """Log what ended a job: a sentence if a user caused it, else the traceback; nothing of one that was overtaken."""
    if isinstance(error, Overtaken):
        return
    if isinstance(error, RateLensError):
        log.info("%s: %s", type(error).__name__, error)
    else:
        log.error("a job failed", exc_info=error)

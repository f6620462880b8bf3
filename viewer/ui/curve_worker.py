"""The low-priority worker that fills the curves in while nothing else is to be done."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from viewer.curve import RatePoint, curve_targets, point_of
from viewer.target import MAX_BPP, MIN_BPP
from viewer.ui.activity import Activity
from viewer.ui.jobs import Opened
from viewer.ui.mailbox import note


@dataclass(frozen=True)
class CurveStep:
    """One more point of a picture's curves (None: the rate lies outside what the codec reaches, or it failed)."""

    opened: Opened
    codec: str
    point: RatePoint | None
    error: Exception | None
    done: int
    total: int


class _Overtaken(Exception):  # noqa: N818 (no error: another picture, or the end)
    """What ends the work on a picture that is no longer to be measured."""


class CurveWorker(QObject):
    """Measures every codec over the whole rate range, coarse to fine, while `activity` is idle: it gives way between
    the probes of a search, too, because one search can take seconds where a codec leaves gaps between its rates.

    Its priority is low because it waits, not by a nice value: a niced thread that another program keeps from running
    may hold the interpreter lock meanwhile, and the GUI thread with it.

    `delivered` carries a CurveStep; as with LatestOnly, connect it to methods of QObjects only.
    """

    delivered = Signal(object)

    def __init__(self, codecs: tuple[str, ...], activity: Activity, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._codecs = codecs
        self._activity = activity
        self._changed = threading.Condition()
        self._opened: Opened | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self, opened: Opened) -> None:
        """Measure this picture from now on, and the one before it no longer."""
        with self._changed:
            self._opened = opened
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ratelens-curves", daemon=True)
                self._thread.start()
        self._activity.wake()

    def close(self) -> None:
        """Deliver nothing more; returns at once."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._activity.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`; whether it has."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        finished: Opened | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=finished: self._closed or self._opened is not seen)  # type: ignore[misc]
                opened = self._opened
            if self._closed or opened is None:
                return
            self._measure(opened)
            finished = opened

    def _measure(self, opened: Opened) -> None:
        targets = curve_targets(MIN_BPP, MAX_BPP)
        lowest = dict.fromkeys(self._codecs, 0.0)
        highest = dict.fromkeys(self._codecs, float("inf"))
        failed: set[str] = set()
        steps = [(target_bpp, codec) for target_bpp in targets for codec in self._codecs]

        def pause() -> None:
            self._activity.wait_until_idle(lambda: self._overtaken(opened))
            if self._overtaken(opened):
                raise _Overtaken

        for done, (target_bpp, codec) in enumerate(steps, start=1):
            point, error = None, None
            try:
                pause()
                if lowest[codec] <= target_bpp <= highest[codec] and codec not in failed:
                    result = opened.comparison.result(codec, target_bpp, pause)
                    point = point_of(result)
                    lowest[codec] = max(lowest[codec], result.floor_bpp or 0.0)
                    highest[codec] = min(highest[codec], result.ceiling_bpp or float("inf"))
            except _Overtaken:
                return
            except Exception as raised:
                note(raised)
                error = raised
                failed.add(codec)
            self._deliver(CurveStep(opened, codec, point, error, done, len(steps)))

    def _overtaken(self, opened: Opened) -> bool:
        return self._closed or self._opened is not opened

    def _deliver(self, step: CurveStep) -> None:
        with self._changed:  # as in LatestOnly: close() cannot come in between
            if not self._overtaken(step.opened):
                self.delivered.emit(step)

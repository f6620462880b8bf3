"""The low-priority worker that fills the curves in while nothing else is to be done."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from viewer.matching.curve import POINT_COUNT, POINT_COUNT_LARGE, RatePoint, curve_targets, point_of
from viewer.matching.rate_target import MAX_BPP, MIN_BPP
from viewer.system.memory import is_large, process_budget
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import note
from viewer.ui.engine.scheduling import Activity


@dataclass(frozen=True)
class CurveStep:
    """One more point of a picture's curves (None: the rate lies outside what the codec reaches, or it failed)."""

    opened: Opened
    codecs: tuple[str, ...]
    codec: str
    point: RatePoint | None
    error: Exception | None
    done: int
    total: int


class _Overtaken(Exception):  # noqa: N818 (no error: another picture, or the end)
    """What ends the work on a picture that is no longer to be measured."""


@dataclass(frozen=True, eq=False)
class _Work:
    """What is to be measured: the curves of these codecs on a picture."""

    opened: Opened
    codecs: tuple[str, ...]
    again: bool
    """Whether codecs that have failed are tried once more."""


@dataclass(eq=False)
class _Known:
    """What is known of a picture's curves: measured targets, and each codec's limits. Of the worker's thread alone."""

    opened: Opened
    measured: set[tuple[float, str]] = field(default_factory=set)
    lowest: dict[str, float] = field(default_factory=dict)
    highest: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def is_worthwhile(self, target_bpp: float, codec: str) -> bool:
        """Whether there is anything to be learnt from a codec at a target."""
        reached = self.lowest.get(codec, 0.0) <= target_bpp <= self.highest.get(codec, math.inf)
        return reached and codec not in self.failed and (target_bpp, codec) not in self.measured


class CurveWorker(QObject):
    """Measures every codec over the whole rate range, coarse to fine, while `activity` is idle: it gives way between
    the probes of a search, too, because one search can take seconds where a codec leaves gaps between its rates.

    Its priority is low because it waits, not by a nice value: a niced thread that another program keeps from running
    may hold the interpreter lock meanwhile, and the GUI thread with it.

    `delivered` carries a CurveStep; as with LatestOnly, connect it to methods of QObjects only.
    """

    delivered = Signal(object)

    def __init__(self, activity: Activity, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._activity = activity
        self._changed = threading.Condition()
        self._work: _Work | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        process_budget().add_shortage_listener(activity.wake)

    def start(self, opened: Opened, codecs: tuple[str, ...], *, again: bool = False) -> None:
        """Measure these codecs on this picture from now on, and nothing else; what was measured on it stays known.

        again: what has failed is tried once more.
        """
        with self._changed:
            self._work = _Work(opened, codecs, again)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ratelens-curves", daemon=True)
                self._thread.start()
        self._activity.wake()

    def close(self) -> None:
        """Deliver nothing more; returns at once."""
        with self._changed:
            if not self._closed:
                process_budget().remove_shortage_listener(self._activity.wake)
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
        work: _Work | None = None
        known: _Known | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=work: self._closed or self._work is not seen)  # type: ignore[misc]
                work = self._work  # nothing else keeps the work before: with it goes the picture before
            if self._closed or work is None:
                return
            if known is None or known.opened is not work.opened:
                known = _Known(work.opened)
            elif work.again:
                known.failed.clear()
            self._measure(work, known)

    def _measure(self, work: _Work, known: _Known) -> None:
        opened = work.opened
        count = POINT_COUNT_LARGE if is_large(opened.image.pixel_count) else POINT_COUNT
        targets = curve_targets(MIN_BPP, MAX_BPP, count)
        steps = [(target_bpp, codec) for target_bpp in targets for codec in work.codecs]

        def begin() -> None:
            self._activity.wait_until_idle(lambda: self._overtaken(work))
            if self._overtaken(work):
                raise _Overtaken

        def pause() -> None:
            # Whom it gives way to may wait for the very memory that this search holds: that is free when it is done.
            self._activity.wait_until_idle(lambda: self._overtaken(work) or process_budget().is_short)
            if self._overtaken(work):
                raise _Overtaken

        for done, (target_bpp, codec) in enumerate(steps, start=1):
            point, error = None, None
            try:
                if known.is_worthwhile(target_bpp, codec):
                    begin()
                    result = opened.comparison.result(codec, target_bpp, pause)
                    point = point_of(result)
                    known.lowest[codec] = max(known.lowest.get(codec, 0.0), result.floor_bpp or 0.0)
                    known.highest[codec] = min(known.highest.get(codec, math.inf), result.ceiling_bpp or math.inf)
            except _Overtaken:
                return
            except Exception as raised:
                note(raised)
                error = raised
                known.failed.add(codec)
            step = CurveStep(opened, work.codecs, codec, point, error, done, len(steps))
            if self._deliver(work, step) and point is not None:
                known.measured.add((target_bpp, codec))

    def _overtaken(self, work: _Work) -> bool:
        return self._closed or self._work is not work

    def _deliver(self, work: _Work, step: CurveStep) -> bool:
        """Whether it was still wanted."""
        with self._changed:  # as in LatestOnly: close() cannot come in between
            wanted = not self._overtaken(work)
            if wanted:
                self.delivered.emit(step)
            return wanted

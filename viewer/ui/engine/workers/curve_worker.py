"""The low-priority worker that measures the curves while nothing else is running."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from viewer.matching.curve import POINT_COUNT, POINT_COUNT_LARGE, RatePoint, curve_targets, point_of
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.system.memory import is_large
from viewer.ui.engine.workers.background import Background
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.engine.workers.latest_worker import note
from viewer.ui.engine.workers.scheduling import Activity, Overtaken


@dataclass(frozen=True)
class CurveStep:
    """One more point of a picture's curves; None if the codec cannot reach the rate, or failed."""

    opened: Opened
    codecs: tuple[str, ...]
    codec: str
    point: RatePoint | None
    error: Exception | None
    done: int
    total: int


@dataclass(frozen=True, eq=False)
class _Work:
    """What to measure: the curves of these codecs on a picture."""

    opened: Opened
    codecs: tuple[str, ...]
    again: bool
    """Whether to retry codecs that have failed."""


@dataclass(eq=False)
class _Known:
    """What is known of a picture's curves: measured targets, each codec's limits, and how long it has worked. For the
    worker's thread only.
    """

    opened: Opened
    measured: set[tuple[float, str]] = field(default_factory=set)
    lowest: dict[str, float] = field(default_factory=dict)
    highest: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)

    def is_worthwhile(self, target_bpp: float, codec: str) -> bool:
        """Whether measuring a codec at a target can give a new point."""
        reached = self.lowest.get(codec, 0.0) <= target_bpp <= self.highest.get(codec, math.inf)
        return reached and codec not in self.failed and (target_bpp, codec) not in self.measured


def _in_order(
    targets: Sequence[float], codecs: Sequence[str], seconds: Mapping[str, float]
) -> Iterator[tuple[float, str]]:
    """Targets and codecs: the ends of every curve first, then one whole curve after another, the quickest codec's
    first, so that a slow one does not hold up the others. seconds: how long each has worked by then.
    """
    ends = 2
    yield from ((target_bpp, codec) for target_bpp in targets[:ends] for codec in codecs)
    for codec in sorted(codecs, key=lambda codec: seconds.get(codec, 0.0)):
        yield from ((target_bpp, codec) for target_bpp in targets[ends:])


class CurveWorker(QObject):
    """Measures every codec over the whole rate range, coarse to fine, while `activity` is idle. It also pauses between
    the probes of a search, because one search can take seconds if a codec has gaps between its rates.

    `delivered` carries a CurveStep; as with LatestOnly, connect it to methods of QObjects only.
    """

    delivered = Signal(object)

    def __init__(self, activity: Activity, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("curves", activity, self._run)
        self._work: _Work | None = None

    def start(self, opened: Opened, codecs: tuple[str, ...], *, again: bool = False) -> None:
        """From now on measure only these codecs on this picture; points measured on it before are kept.

        again: retry what has failed.
        """
        with self._background.changed:
            self._work = _Work(opened, codecs, again)
            self._background.begin()
        self._background.wake()

    def close(self) -> None:
        """Deliver nothing more. Returns immediately."""
        self._background.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`, and return whether it has."""
        return self._background.join(timeout_s)

    def _run(self) -> None:
        background = self._background
        work: _Work | None = None
        known: _Known | None = None
        while True:
            with background.changed:
                background.changed.wait_for(lambda seen=work: background.closed or self._work is not seen)  # type: ignore[misc]
                work = self._work  # drops the last reference to the previous work, and so to the previous picture
            if background.closed or work is None:
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
        total = len(targets) * len(work.codecs)

        def is_overtaken() -> bool:
            return self._overtaken(work)

        def pause() -> None:
            self._background.wait_until_idle(is_overtaken, holds_memory=True)

        for done, (target_bpp, codec) in enumerate(_in_order(targets, work.codecs, known.seconds), start=1):
            point, error = None, None
            try:
                if known.is_worthwhile(target_bpp, codec):
                    self._background.wait_until_idle(is_overtaken)
                    begun_s = time.monotonic()
                    result = opened.comparison.result(codec, target_bpp, pause)
                    point = point_of(result)
                    known.seconds[codec] = known.seconds.get(codec, 0.0) + time.monotonic() - begun_s
                    known.lowest[codec] = max(known.lowest.get(codec, 0.0), result.floor_bpp or 0.0)
                    known.highest[codec] = min(known.highest.get(codec, math.inf), result.ceiling_bpp or math.inf)
            except Overtaken:
                return
            except Exception as raised:
                note(raised)
                error = raised
                known.failed.add(codec)
            step = CurveStep(opened, work.codecs, codec, point, error, done, total)
            if self._deliver(work, step) and point is not None:
                known.measured.add((target_bpp, codec))

    def _overtaken(self, work: _Work) -> bool:
        return self._background.closed or self._work is not work

    def _deliver(self, work: _Work, step: CurveStep) -> bool:
        """Deliver the step, and return whether it was still wanted."""
        with self._background.changed:  # as in LatestOnly: close() cannot run in between
            wanted = not self._overtaken(work)
            if wanted:
                self.delivered.emit(step)
            return wanted

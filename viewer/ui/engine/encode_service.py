"""Turns what the state lacks into requests for workers, and their results into updates of the state."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject

from models.errors import RateLensError
from viewer.codecs.base import Preloadable
from viewer.codecs.registry import known_codecs
from viewer.matching.targets.score import ScoreTarget
from viewer.metrics.scoring_process import ScoringProcess
from viewer.system.memory import is_large
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.folder.prefetch import Prefetched
from viewer.ui.engine.previews import Previews
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import (
    curve_step_done,
    encoded,
    encoding_failed,
    opening_failed,
    picture_opened,
    search_went_on,
    shown_provisionally,
)
from viewer.ui.engine.workers.curve_worker import CurveStep, CurveWorker
from viewer.ui.engine.workers.jobs import (
    DisplayedProvisional,
    DisplayedResult,
    EncodeRequest,
    Opened,
    OpenRequest,
    SearchProgress,
    compress,
    compress_in_haste,
    open_picture,
)
from viewer.ui.engine.workers.latest_worker import LatestOnly, Outcome
from viewer.ui.engine.workers.scheduling import Activity, Overtaken, Pace, VisibleFirst


class Background(Protocol):
    """A worker that is closed with the others."""

    @property
    def delivered(self) -> Any:
        """The signal that carries what it has done."""

    def close(self) -> None:
        """Deliver nothing more."""

    def join(self, timeout_s: float) -> bool:
        """Wait for it to end after `close`; whether it has."""


_HELD = "held back"
"""Who is busy while a codec waits for the others to be loaded."""

_FIRST = 2
"""So many codecs show their first pictures before another is loaded."""

B = TypeVar("B", bound=Background)


class EncodeService(QObject):
    """Opens files, and encodes what each pane should show. Owns the workers; knows no widgets.

    In a drag each codec shows provisional pictures, and the result once the hand rests. Where there are none, as for
    maps and at equal quality, a request that is merely overtaken still finishes and is shown, because otherwise a drag
    would show nothing. Large pictures are encoded in two goes: the visible part first, then the whole, which stops
    between steps if overtaken; so does a search for a score in a slow metric.
    """

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._workers: list[Background] = []
        self._activity = Activity()
        self._pace = Pace()
        self._visible_first = VisibleFirst()
        self._posted: dict[str, EncodeRequest] = {}
        self._curve_attempt = 0
        self._has_loaded = False
        # Not the ScoreService's, which is nice to others: for what a search finds the user waits.
        self._scoring = ScoringProcess()
        self.prefetched = Prefetched()
        """Pictures that were read before they are asked for."""
        self._opener = self.add_worker("open", self._open_or_take, self._on_opened)
        self._encoders = {pane: self._add_encoder(pane) for pane in store.state.sources}
        self._previews = Previews(store, self._visible_first, self.add_worker, self)
        self._curve_worker = self.add_background(CurveWorker, self._on_curve_step)
        store.watch(lambda state: state.opening, self._open)
        store.watch(_needs, self._ask)
        store.watch(lambda state: (state.opened, state.compared, state.curve_attempt), self._measure_curves)

    def add_worker(
        self,
        name: str,
        work: Callable[[Any], Any],
        deliver: Callable[[Outcome], None],
        *,
        finishes: bool = False,
        in_haste: Callable[[Any], Any] | None = None,
    ) -> LatestOnly:
        """Add a worker, which the curves wait for too, and which is closed with the others.

        deliver: a method of a QObject, called in its thread. in_haste: as LatestOnly.
        """
        worker = LatestOnly(name, work, self._activity, self, finishes=finishes, in_haste=in_haste, pace=self._pace)
        worker.delivered.connect(deliver)
        self._workers.append(worker)
        return worker

    def add_background(self, make: Callable[[Activity, QObject], B], deliver: Callable[[Any], None]) -> B:
        """One more worker that waits until no mailbox is busy; it is closed with the others. deliver: as add_worker."""
        worker = make(self._activity, self)
        worker.delivered.connect(deliver)
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """Deliver nothing more. Returns immediately; running jobs finish in the background."""
        self._visible_first.close()
        for worker in self._workers:
            worker.close()
        self._scoring.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the workers to end after `close`, without a limit for files being saved; whether all have ended."""
        deadline_s = time.monotonic() + timeout_s
        first = sorted(self._workers, key=lambda worker: not (isinstance(worker, LatestOnly) and worker.finishes))
        return all(worker.join(max(0.0, deadline_s - time.monotonic())) for worker in first)

    def read(self, request: OpenRequest) -> Opened:
        """Read a picture. Runs in a worker. Raises ImageError."""
        return open_picture(request, self._scoring)

    def _open_or_take(self, request: OpenRequest) -> Opened:
        """Runs in a worker."""
        return self.prefetched.take(request) or self.read(request)

    def _open(self, request: OpenRequest | None) -> None:
        if request is not None:
            self._opener.post(request)

    def _ask(self, _needs: object) -> None:
        """Post what is awaited and not yet requested; visible parts before whole pictures."""
        state = self._store.state
        held = () if self._has_loaded else loading_later(state)
        # Curves would load what is held back, as soon as nothing else is at work.
        (self._activity.begin if held else self._activity.end)(_HELD)
        new = {
            pane: request
            for pane, request in state.awaited.items()
            if request != self._posted.get(pane) and pane not in held
        }
        for pane in state.sources:
            if pane not in state.awaited:
                self._posted.pop(pane, None)
                self._visible_first.ask(pane, None)
        for pane, request in new.items():
            self._visible_first.ask(pane, request)
        self._previews.follow(state)
        for pane, request in new.items():
            self._posted[pane] = request
            if pane not in self._encoders:  # of a codec that was added since
                self._encoders[pane] = self._add_encoder(pane)
            self._encoders[pane].post(request)

    def _add_encoder(self, pane: str) -> LatestOnly:
        return self.add_worker(pane, self._compress, self._on_encoded, in_haste=self._compress_in_haste)

    def _compress(self, request: EncodeRequest) -> DisplayedResult:
        """Runs in a worker."""
        # A search for a score may take half a minute: an overtaken one ends, and the next goes on from what it found.
        slow = isinstance(request.quality, ScoreTarget)
        given_up = slow or request.in_haste or is_large(request.opened.image.pixel_count)
        return compress(
            request,
            lambda: self._visible_first.wait(request.pane, request) if given_up else None,
            partial(self._encoders[request.pane].report, request),
        )

    def _compress_in_haste(self, request: EncodeRequest) -> DisplayedProvisional | None:
        """Runs in a worker. An overtaken one is finished: in a drag they all are."""
        return compress_in_haste(request, lambda: None)

    def _measure_curves(self, needs: tuple[Opened | None, tuple[str, ...], int]) -> None:
        opened, codecs, attempt = needs
        again, self._curve_attempt = attempt != self._curve_attempt, attempt
        if opened is not None:
            self._curve_worker.start(opened, codecs, again=again)

    def _on_opened(self, outcome: Outcome) -> None:
        if outcome.error is None:
            for codec in known_codecs():  # one may have been added while the picture was read
                outcome.value.comparison.add_codec(codec)
            self._store.update(picture_opened(outcome.job, outcome.value))
            return
        self._store.update(opening_failed(outcome.job, _sentence(outcome.error)))
        _raise_defect(outcome.error)

    def _on_encoded(self, outcome: Outcome) -> None:
        request: EncodeRequest = outcome.job
        self._has_loaded |= isinstance(request.opened.comparison.codecs[request.codec], Preloadable)
        if isinstance(outcome.value, DisplayedProvisional):
            self._store.update(shown_provisionally(outcome.job, outcome.value))
        elif isinstance(outcome.value, SearchProgress):
            self._store.update(search_went_on(outcome.value))
        elif outcome.error is None:
            self._store.update(encoded(outcome.job, outcome.value))
        elif not isinstance(outcome.error, Overtaken):
            self._store.update(encoding_failed(outcome.job, outcome.error, _sentence(outcome.error)))
            _raise_defect(outcome.error)

    def _on_curve_step(self, step: CurveStep) -> None:
        self._store.update(curve_step_done(step))
        if step.error is not None:  # the codec's pane already shows the expected ones
            _raise_defect(step.error)


def loading_later(state: AppState) -> tuple[str, ...]:
    """The panes whose codec has yet to load something large, while others have not shown anything yet: loading holds
    the interpreter's lock for a second, in which nothing else would be seen. Two others are enough: slow ones need the
    lock least.
    """
    if state.opened is None or is_large(state.opened.image.pixel_count):
        return ()
    codecs = state.opened.comparison.codecs
    loading = {pane for pane, request in state.awaited.items() if isinstance(codecs[request.codec], Preloadable)}
    shown = (state.results.keys() | state.provisional.keys()) & set(state.panes)
    empty = state.awaited.keys() - loading - shown
    return tuple(loading) if empty and len(shown) < _FIRST else ()


def _needs(state: AppState) -> tuple[Mapping[str, EncodeRequest], object]:
    """What requests depend on; for a large picture also the visible part."""
    large = state.opened is not None and is_large(state.opened.image.pixel_count)
    return state.awaited, (state.session.view, state.area, state.failures, state.panes) if large else state.opened


def _raise_defect(error: Exception) -> None:
    """Pass an error on to the excepthook, unless a user caused it."""
    if not isinstance(error, RateLensError):
        raise error


def _sentence(error: Exception) -> str:
    if isinstance(error, RateLensError):
        return str(error)
    return f"Unexpected error: {type(error).__name__}: {error}"

"""Has a worker refine what a pane shows, and what a session kept of that shown again."""

from __future__ import annotations

from PySide6.QtCore import QObject

from models.errors import RateLensError
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.updates.refinement import drop_refinement, kept_request, refinement_stepped
from viewer.ui.engine.workers.latest_worker import Outcome
from viewer.ui.engine.workers.refining import RefineRequest, RefineStep, Stage, refine
from viewer.ui.engine.workers.scheduling import Overtaken


class RefineService(QObject):
    """Refines one picture at a time. A move of the slider, or another picture, ends it at once."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._worker = service.add_worker("refine", self._refine, self._on_step)
        store.watch(_running, self._ask)
        store.watch(kept_request, self._ask)

    def _ask(self, request: RefineRequest | None) -> None:
        if request is not None:
            self._worker.post(request)

    def _refine(self, request: RefineRequest) -> RefineStep:
        """Runs in the worker, which may read the state: whichever it gets, it is a frozen value."""
        return refine(request, lambda: self._stage(request), lambda step: self._worker.report(request, step))

    def _stage(self, request: RefineRequest) -> Stage:
        refinement = self._store.state.refinements.get(request.pane)
        return refinement.stage if refinement is not None and refinement.request is request else Stage.ENDED

    def _on_step(self, outcome: Outcome) -> None:
        if isinstance(outcome.error, Overtaken):
            return
        if outcome.error is None:
            self._store.update(refinement_stepped(outcome.job, outcome.value))
            return
        self._store.update(drop_refinement(outcome.job))
        if not isinstance(outcome.error, RateLensError):
            raise outcome.error
        self._store.update(show_error(str(outcome.error)))


def _running(state: AppState) -> RefineRequest | None:
    """The refinement that is wanted; there is one at most."""
    return next((one.request for one in state.refinements.values() if one.stage is Stage.RUNNING), None)

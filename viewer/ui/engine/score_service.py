"""Has the pictures and curves scored in the slow metrics that the user has chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from viewer.metrics.scoring import Score
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import scored
from viewer.ui.engine.wanted_scores import next_score
from viewer.ui.engine.workers.latest_worker import Outcome
from viewer.ui.engine.workers.score_worker import ScoreWorker


class ScoreService(QObject):
    """Asks for one score after the other, always for the one that is wanted most by then."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        worker = service.add_background(ScoreWorker, self._on_score)
        store.watch(next_score, worker.want)

    def _on_score(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self._store.update(scored(outcome.job, outcome.value))
            return
        # What has no answer would be asked for again and again.
        self._store.update(scored(outcome.job, Score(None, f"This should not have happened: {outcome.error}")))
        raise outcome.error  # no user can cause one: for the excepthook

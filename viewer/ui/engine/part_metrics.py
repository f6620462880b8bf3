"""The metrics of the visible area, computed in a worker while they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.session.viewport import PartMetrics, Rect, part_metrics, visible_rect
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import part_measured
from viewer.ui.engine.workers.latest_worker import Outcome

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Reconstruction
    from viewer.matching.result import Result


@dataclass(frozen=True)
class PartMetricsRequest:
    """Results to be measured in a part of the picture, by pane; those that are not there yet are missing."""

    results: tuple[tuple[str, Result | Reconstruction], ...]
    rect: Rect
    whole: Rect


@dataclass(frozen=True, eq=False)
class MeasuredPart:
    """By pane, the metrics of the visible area and of the whole picture."""

    rect: Rect
    metrics: Mapping[str, tuple[PartMetrics, PartMetrics]]


def measure_part(request: PartMetricsRequest) -> MeasuredPart:
    """Measure the visible area. Runs in a worker, because it takes milliseconds for a large one."""
    metrics = {
        pane: (part_metrics(result.measurement, request.rect), part_metrics(result.measurement, request.whole))
        for pane, result in request.results
    }
    return MeasuredPart(request.rect, metrics)


class PartMetricsService(QObject):
    """Requests the metrics of the visible area while they are shown."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._worker = service.add_worker("visible part", measure_part, self._on_measured)
        store.watch(wanted_part, self._ask)

    def _ask(self, request: PartMetricsRequest | None) -> None:
        if request is not None:
            self._worker.post(request)

    def _on_measured(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if wanted_part(self._store.state) is not None:
            self._store.update(part_measured(outcome.value))


def wanted_part(state: AppState) -> PartMetricsRequest | None:
    """What to measure, if anything."""
    image = state.session.image
    if not state.switches.part_metrics or image is None:
        return None
    size = (image.width, image.height)
    rect = visible_rect(state.session.view, size, state.area)
    results = tuple((pane, one.result) for pane in state.panes if (one := state.displayed(pane)) is not None)
    return None if rect is None or not results else PartMetricsRequest(results, rect, Rect(0, 0, *size))

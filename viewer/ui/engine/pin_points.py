"""The points of pins on the current picture, measured in a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject

from models.errors import RateLensError
from viewer.matching.curve import RatePoint, point_of
from viewer.session.pins import Pin, Place
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import pins_measured
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.engine.workers.latest_worker import Outcome
from viewer.ui.engine.workers.scheduling import Overtaken


@dataclass(frozen=True)
class PinRequest:
    """Points to measure on a picture while it is the one compared."""

    opened: Opened
    pins: tuple[Pin, ...]
    is_wanted: Callable[[], bool] = field(compare=False)


def measure_pins(request: PinRequest) -> dict[Place, RatePoint]:
    """Measure the points. Runs in a worker. If a codec fails, its pane says so, and its pins have no point."""

    def pause() -> None:
        if not request.is_wanted():
            raise Overtaken

    points: dict[Place, RatePoint] = {}
    comparison = request.opened.comparison
    for pin in request.pins:
        try:
            result = comparison.result(pin.codec, pin.target_bpp, pause)
            kept = pin.stream_for(comparison.image.digest)
            if kept is not None:
                from viewer.matching.refinement import kept_result

                result = kept_result(comparison, result, kept.stream, kept.seconds)
            points[pin.place] = point_of(result)
        except Overtaken:
            break
        except RateLensError:
            continue
    return points


class PinService(QObject):
    """Measures pins that have no point yet."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._worker = service.add_worker("pins", measure_pins, self._on_points)
        store.watch(_unmeasured, self._ask)

    def _ask(self, unmeasured: tuple[Opened | None, tuple[Pin, ...]]) -> None:
        opened, pins = unmeasured
        if opened is not None and pins:
            self._worker.post(PinRequest(opened, pins, lambda: self._store.state.opened is opened))

    def _on_points(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error  # no user can cause one, so for the excepthook
        self._store.update(pins_measured(outcome.job.opened, outcome.value))


def _unmeasured(state: AppState) -> tuple[Opened | None, tuple[Pin, ...]]:
    pins = {pin.place: pin for pin in state.session.pins.pins if pin.codec in state.installed}
    return state.opened, tuple(pin for place, pin in pins.items() if place not in state.pin_points)

"""The BD-rate between two codecs of the choice, over what has been measured so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject

from viewer.matching.curve import RatePoint, axis_points
from viewer.matching.targets.quality import Channel
from viewer.metrics.bd_rate import MIN_POINTS, BdRate, bd_rate_in
from viewer.session.metric_reading import metric_read
from viewer.session.state import MetricScale
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import bd_rates_measured
from viewer.ui.engine.workers.latest_worker import Outcome


@dataclass(frozen=True)
class BdRequest:
    """Two curves on one picture, to be compared in metrics, which are named as in a MetricChoice. complete: no point of
    the curves is still to be measured.
    """

    codec: str
    anchor: str
    channel: Channel
    metrics: tuple[str, ...]
    points: tuple[RatePoint, ...]
    anchor_points: tuple[RatePoint, ...]
    complete: bool = False

    @property
    def names(self) -> tuple[str, str, Channel]:
        """What figures stand under."""
        return self.codec, self.anchor, self.channel


@dataclass(frozen=True)
class BdFigures:
    """By the metrics' names; None where the two curves have too little in common, or no points yet. complete: both
    curves were. request: what they answer.
    """

    by_metric: Mapping[str, BdRate | None] = field(default_factory=dict)
    complete: bool = False
    request: BdRequest | None = None


def compare_curves(request: BdRequest) -> BdFigures:
    """Run in a worker."""
    return BdFigures({name: _figure(request, name) for name in request.metrics}, request.complete, request)


def _figure(request: BdRequest, name: str) -> BdRate | None:
    metric = metric_read(name, MetricScale(request.channel))
    return bd_rate_in(metric, axis_points(request.anchor_points, metric), axis_points(request.points, metric))


class BdService(QObject):
    """Keeps the BD-rates of the chosen pair up to date."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._asked: BdRequest | None = None
        self._worker = service.add_worker("BD-rate", compare_curves, self._on_figures)
        store.watch(wanted_bd, self._ask)

    def _ask(self, request: BdRequest | None) -> None:
        before, self._asked = self._asked, request
        # Those of another pair would stand under this one's names.
        same = before is not None and request is not None and before.names == request.names
        if not same:
            self._store.update(bd_rates_measured(None))
        if request is not None:
            self._worker.post(request)

    def _on_figures(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if outcome.job == self._asked:
            self._store.update(bd_rates_measured(outcome.value))


def wanted_bd(state: AppState) -> BdRequest | None:
    """What the chosen pair's BD-rates are of; None where there are too few points yet."""
    codec, anchor = state.bd_pair
    series = state.series
    points, anchor_points = (series.get(name) or state.curves.get(name, ()) for name in (codec, anchor))
    too_few = min(len(points), len(anchor_points)) < MIN_POINTS and not state.curves_complete
    if codec == anchor or too_few:
        return None
    session = state.session
    channel, metrics = session.scale.channel, session.metric_choice.plots
    return BdRequest(codec, anchor, channel, metrics, points, anchor_points, state.curves_complete)

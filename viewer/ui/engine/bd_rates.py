"""The BD-rate between two codecs of the choice, over what has been measured so far."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from viewer.matching.curve import RatePoint, rated_qualities
from viewer.matching.quality_target import Channel, QualityMeasure, QualityMetric
from viewer.metrics.bd_rate import MIN_POINTS, BdRate, bd_rate
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.latest_worker import Outcome


@dataclass(frozen=True)
class BdJob:
    """Two curves on one picture, to be compared in a channel."""

    codec: str
    anchor: str
    channel: Channel
    points: tuple[RatePoint, ...]
    anchor_points: tuple[RatePoint, ...]


@dataclass(frozen=True)
class BdFigures:
    """None where the two curves have too little in common, or no points yet."""

    psnr: BdRate | None = None
    ms_ssim: BdRate | None = None


def compare_curves(job: BdJob) -> BdFigures:
    """Run in a worker: the interpolation's libraries are loaded here."""
    return BdFigures(_figure(job, "psnr"), _figure(job, "ms_ssim"))


def _figure(job: BdJob, metric: QualityMetric) -> BdRate | None:
    measure = QualityMeasure(metric, job.channel)
    return bd_rate(rated_qualities(job.anchor_points, measure), rated_qualities(job.points, measure))


class BdFlow(QObject):
    """Follows the curves and the chosen pair."""

    changed = Signal(object)
    """BdFigures of the present pair."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._pair = ("", "")
        self._asked: BdJob | None = None
        self._worker = controller.add_worker("BD-rate", compare_curves)
        self._worker.delivered.connect(self._take)
        controller.curve_changed.connect(self._follow)
        controller.scale_changed.connect(self._ask)
        controller.codecs_changed.connect(self._ask)

    def choose(self, codec: str, anchor: str) -> None:
        """Compare these two."""
        self._pair = (codec, anchor)
        self._ask()

    def _follow(self, codec: str) -> None:
        if codec in self._pair:
            self._ask()

    def _ask(self, _changed: object = None) -> None:
        codec, anchor = self._pair
        known = set(self._controller.compared)
        if codec == anchor or not {codec, anchor} <= known:
            self._asked = None
            self.changed.emit(BdFigures())
            return
        points, anchor_points = self._controller.curve(codec), self._controller.curve(anchor)
        job = BdJob(codec, anchor, self._controller.session.scale.channel, points, anchor_points)
        if job == self._asked:
            return
        before, self._asked = self._asked, job
        if before is None or (before.codec, before.anchor, before.channel) != (codec, anchor, job.channel):
            self.changed.emit(BdFigures())  # those of another pair would stand under this one's names
        if min(len(points), len(anchor_points)) < MIN_POINTS:
            self.changed.emit(BdFigures())
        else:
            self._worker.post(job)

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if outcome.job == self._asked:
            self.changed.emit(outcome.value)

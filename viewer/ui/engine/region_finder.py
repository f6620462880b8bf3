"""Finds the worst regions of what the panes show, in a worker, once every codec is at the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import Outcome

if TYPE_CHECKING:
    from viewer.maps.regions import Region
    from viewer.matching.comparison import Result

COUNT = 12
THUMBNAIL = 72
DIFFER = ""
"""The group of regions where the codecs differ most, among the codecs' names."""


@dataclass(frozen=True)
class RegionJob:
    """The results to look for regions in."""

    opened: Opened
    results: tuple[tuple[str, Result], ...]


@dataclass(frozen=True, eq=False)
class Found:
    """A region, and what its codec makes of it, THUMBNAIL pixels square."""

    region: Region
    thumbnail: QImage


@dataclass(frozen=True, eq=False)
class FoundRegions:
    """Regions by group: a codec's name, or DIFFER; worst first.

    target_bpp: None where the panes have no rate in common, as at equal quality or in two pins.
    """

    target_bpp: float | None
    groups: Mapping[str, tuple[Found, ...]]


def find_and_cut(job: RegionJob) -> FoundRegions:
    """Find regions and cut thumbnails. Run in a worker: what it needs is loaded here."""
    from viewer.maps.regions import find_regions

    results, image = dict(job.results), job.opened.image
    maps = {codec: result.measurement.ssim for codec, result in results.items()}
    map_scale = job.results[0][1].measurement.map_scale
    different, worst = find_regions(maps, map_scale, image.height, image.width, COUNT)
    groups = {
        group: tuple(Found(region, _thumbnail(results[region.codec], region)) for region in found)
        for group, found in ({DIFFER: different} | worst).items()
    }
    targets = {result.request.target_bpp for result in results.values()}
    return FoundRegions(targets.pop() if len(targets) == 1 else None, groups)


def _thumbnail(result: Result, region: Region) -> QImage:
    bottom, right = region.top + region.side, region.left + region.side
    crop = result.reconstruction[region.top : bottom, region.left : right].copy()
    image = QImage(crop.data, region.side, region.side, 3 * region.side, QImage.Format.Format_RGB888)
    scaling = Qt.TransformationMode.SmoothTransformation
    scaled = image.scaled(THUMBNAIL, THUMBNAIL, Qt.AspectRatioMode.IgnoreAspectRatio, scaling)
    return scaled.convertToFormat(QImage.Format.Format_RGB32)  # at equal size scaled() would still lie on the crop


class RegionFinder(QObject):
    """Looks for regions while it is wanted."""

    found = Signal(object)
    """FoundRegions, or None for a picture of which nothing is known yet."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._wanted = False
        self._asked: RegionJob | None = None
        self._worker = controller.add_worker("regions", find_and_cut)
        self._worker.delivered.connect(self._take)
        controller.opened.connect(self._forget)
        controller.codec_changed.connect(self._ask)
        controller.codecs_changed.connect(self._start_anew)

    def set_wanted(self, wanted: bool) -> None:
        """Whether anybody wants to know."""
        self._wanted = wanted
        self._ask()

    def _forget(self) -> None:
        self._asked = None
        self.found.emit(None)

    def _start_anew(self, _codecs: object) -> None:
        self._forget()
        self._ask()

    def _ask(self, _codec: str = "") -> None:
        controller = self._controller
        opened = controller.opened_picture
        if not self._wanted or opened is None or any(map(controller.is_working, controller.codecs)):
            return
        shown = [(codec, controller.shown(codec)) for codec in controller.codecs]
        job = RegionJob(opened, tuple((codec, one.result) for codec, one in shown if one is not None))
        if job.results and job != self._asked:
            self._asked = job
            self._worker.post(job)

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if outcome.job == self._asked:
            self.found.emit(outcome.value)

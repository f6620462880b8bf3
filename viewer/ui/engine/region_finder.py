"""Finds the worst regions of the panes' pictures in a worker, once every codec is at the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage, QPainter

from viewer.imaging.image import Pixels
from viewer.session.pane_layout import ORIGINAL
from viewer.session.tour import TourStep
from viewer.ui.common.theme import SURROUND
from viewer.ui.engine.app_state import DIFFER, AppState
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import regions_found
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.engine.workers.latest_worker import Outcome

if TYPE_CHECKING:
    from viewer.maps.regions import Region
    from viewer.matching.reconstruction import Reconstruction
    from viewer.matching.result import Result

COUNT = 12
THUMBNAIL = 64
STRIP_GAP = 3
PANEL = "regions"
"""The side panel that lists them."""


@dataclass(frozen=True)
class RegionRequest:
    """The results to search for regions."""

    opened: Opened
    results: tuple[tuple[str, Result | Reconstruction], ...]


@dataclass(frozen=True, eq=False)
class Found:
    """A region. panes: the original, another codec that is best there, if there is one, and the region's own. strip:
    what each of them shows there, side by side, each THUMBNAIL pixels square. ssim: mean local SSIM of those decoded.
    """

    region: Region
    panes: tuple[str, ...]
    strip: QImage
    ssim: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class FoundRegions:
    """Regions by group: a codec's name, or DIFFER; worst first.

    target_bpp: None if the panes have different rates, as at equal quality or for two pins.
    """

    target_bpp: float | None
    groups: Mapping[str, tuple[Found, ...]]
    request: RegionRequest


def find_and_cut(request: RegionRequest) -> FoundRegions:
    """Find regions and cut out thumbnails. Runs in a worker, which loads the libraries it needs."""
    from viewer.maps.regions import detail_of, find_regions
    from viewer.matching.result import Result

    results, image = dict(request.results), request.opened.image
    maps = {codec: result.measurement.ssim for codec, result in results.items()}
    map_scale = request.results[0][1].measurement.map_scale
    detail = detail_of(image.pixels, map_scale)
    different, worst = find_regions(maps, map_scale, image.height, image.width, COUNT, detail=detail)
    groups = {
        group: tuple(_found(region, image.pixels, results) for region in found)
        for group, found in ({DIFFER: different} | worst).items()
    }
    targets = {result.request.target_bpp for result in results.values() if isinstance(result, Result)}
    return FoundRegions(targets.pop() if len(targets) == 1 else None, groups, request)


def _found(region: Region, original: Pixels, results: Mapping[str, Result | Reconstruction]) -> Found:
    means = {}
    for pane, result in results.items():
        scale = result.measurement.map_scale
        rows = slice(region.top // scale, max(region.top // scale + 1, (region.top + region.side) // scale))
        columns = slice(region.left // scale, max(region.left // scale + 1, (region.left + region.side) // scale))
        means[pane] = float(result.measurement.ssim[rows, columns].mean(dtype="float64"))
    others = sorted((pane for pane in means if pane != region.codec), key=lambda pane: means[pane], reverse=True)
    panes = (ORIGINAL, *others[:1], region.codec)
    pictures = [original if pane == ORIGINAL else results[pane].reconstruction for pane in panes]
    strip = QImage(len(panes) * (THUMBNAIL + STRIP_GAP) - STRIP_GAP, THUMBNAIL, QImage.Format.Format_RGB32)
    strip.fill(SURROUND)
    painter = QPainter(strip)
    for index, pixels in enumerate(pictures):
        painter.drawImage(index * (THUMBNAIL + STRIP_GAP), 0, _thumbnail(pixels, region))
    painter.end()
    return Found(region, panes, strip, {pane: means[pane] for pane in panes if pane != ORIGINAL})


def _thumbnail(pixels: Pixels, region: Region) -> QImage:
    bottom, right = region.top + region.side, region.left + region.side
    crop = pixels[region.top : bottom, region.left : right].copy()
    image = QImage(crop.data, region.side, region.side, 3 * region.side, QImage.Format.Format_RGB888)
    scaling = Qt.TransformationMode.SmoothTransformation
    scaled = image.scaled(THUMBNAIL, THUMBNAIL, Qt.AspectRatioMode.IgnoreAspectRatio, scaling)
    return scaled.convertToFormat(QImage.Format.Format_RGB32)  # at equal size scaled() would share the crop's memory


class RegionService(QObject):
    """Searches for regions while their list is shown, or the tour or a first view goes there, once every pane is at the
    target.
    """

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._asked: RegionRequest | None = None
        self._worker = service.add_worker("regions", find_and_cut, self._on_found)
        store.watch(wanted_regions, self._ask)

    def _ask(self, request: RegionRequest | None) -> None:
        if request is not None and request != self._asked:
            self._asked = request
            self._worker.post(request)

    def _on_found(self, outcome: Outcome) -> None:
        self._asked = None
        if outcome.error is not None:
            raise outcome.error
        if outcome.job == wanted_regions(self._store.state):
            self._store.update(regions_found(outcome.value))


def wanted_regions(state: AppState) -> RegionRequest | None:
    """The request for the regions to list; None if they are listed already, or not shown."""
    touring = state.tour is not None and state.tour.step is TourStep.REGION
    is_wanted = state.panel == PANEL or touring or state.seeking_place
    if not is_wanted or state.opened is None or state.awaited:
        return None
    shown = [(pane, result) for pane in state.panes if (result := state.displayed(pane)) is not None]
    request = RegionRequest(state.opened, tuple((pane, result.result) for pane, result in shown))
    listed = state.regions is not None and state.regions.request == request
    return None if listed or not shown else request

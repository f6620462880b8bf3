"""Differences and maps of what the panes show, made in workers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.session.pane_layout import Show
from viewer.system.disk_array import on_disk, release_pages
from viewer.system.lru_cache import BoundedCache
from viewer.system.memory import is_large, map_bytes, process_budget
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.engine.jobs import Opened, Shown
from viewer.ui.engine.latest_worker import Outcome

CACHE_BYTES = 200 * 2**20


@dataclass(frozen=True)
class MapJob:
    """What is to be made of what a pane shows: hashable, and the key of the cache."""

    opened: Opened
    codec: str
    shown: Shown
    show: Show
    gain: int


@dataclass(frozen=True, eq=False)
class MadeMap:
    """A map ready to be painted, and the colours of its legend from the bottom up, #rrggbb."""

    picture: Picture
    colours: tuple[str, ...]


def make_map(job: MapJob) -> MadeMap:
    """Make a difference or a map. Run in a worker: what it needs is loaded here."""
    from viewer.maps.difference import colour_bar
    from viewer.maps.error_maps import legend_of, shown_pixels, unavailable_reason

    required_bytes = map_bytes(job.opened.image.pixel_count)
    with process_budget().granted(required_bytes, "This map"):
        pixels = shown_pixels(job.show, job.gain, job.opened.image.pixels, job.shown.result)
    legend = legend_of(job.show, job.gain)
    colours: tuple[str, ...] = ("#000000", "#ffffff")
    if legend is not None and legend.coloured:
        colours = tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colour_bar(33, 1)[::-1, 0].tolist())
    image, result = job.opened.image, job.shown.result
    if is_large(image.pixel_count):
        pixels = on_disk(pixels)
        release_pages(result.reconstruction, result.measurement.squared_error, result.measurement.ssim)
    note = unavailable_reason(job.show, result.request.codec)
    return MadeMap(picture_of(pixels, (image.width, image.height), note), colours)


class MapFlow(QObject):
    """Follows what the panes show and how it is looked at; makes each map once."""

    changed = Signal(str)
    """A codec's map is there."""
    refused = Signal(str)
    """A sentence that says why there is none."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._asked: dict[str, MapJob | None] = dict.fromkeys(controller.sources)
        self._workers = {codec: controller.add_worker(f"map {codec}", make_map) for codec in controller.sources}
        self._made: BoundedCache[MapJob, MadeMap] = BoundedCache(
            CACHE_BYTES, lambda made: made.picture.byte_count, at_least=len(self._workers)
        )
        for worker in self._workers.values():
            worker.delivered.connect(self._take)
        controller.opened.connect(self._forget)
        controller.codec_changed.connect(self._ask)
        controller.looking_changed.connect(self._follow)
        controller.codecs_changed.connect(self._follow)

    def made(self, codec: str) -> MadeMap | None:
        """The map that belongs in a codec's pane now, if it is there."""
        job = self._job(codec)
        return None if job is None else self._made.get(job)

    def _job(self, codec: str) -> MapJob | None:
        opened, shown = self._controller.opened_picture, self._controller.shown(codec)
        looking = self._controller.session.looking
        if opened is None or shown is None or looking.show is Show.PICTURE:
            return None
        return MapJob(opened, codec, shown, looking.show, looking.gain)

    def _follow(self, _changed: object) -> None:
        for codec in self._controller.codecs:
            self._ask(codec)

    def _ask(self, codec: str) -> None:
        job = self._job(codec)
        if job is None or job == self._asked[codec]:
            return
        if self._made.get(job) is None:
            self._asked[codec] = job
            self._workers[codec].post(job)

    def _forget(self) -> None:
        self._made.clear()

    def _take(self, outcome: Outcome) -> None:
        job: MapJob = outcome.job
        if self._asked[job.codec] == job:
            self._asked[job.codec] = None
        if isinstance(outcome.error, RateLensError):
            self.refused.emit(str(outcome.error))
            return
        if outcome.error is not None:
            raise outcome.error  # a defect: for the excepthook
        if job.opened is not self._controller.opened_picture:
            return
        self._made.put(job, outcome.value)
        self.changed.emit(job.codec)

"""Difference pictures and maps of what the panes show, made in workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject

from models.errors import RateLensError
from viewer.session.pane_layout import DIFFERENCES, ORIGINAL, VIEWS, PaneLayout, Show
from viewer.system.disk_array import on_disk, release_pages
from viewer.system.lru_cache import BoundedCache
from viewer.system.memory import is_large, map_bytes, process_budget
from viewer.ui.engine.app_state import AppState, difference_to
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import map_made
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.workers.jobs import DisplayedFile, DisplayedResult, Opened
from viewer.ui.engine.workers.latest_worker import Outcome

CACHE_BYTES = 200 * 2**20


@dataclass(frozen=True)
class MapRequest:
    """The map to make for a pane; hashable, the key of the cache. result: None for the original. against: what a
    difference is taken to; None for the original.
    """

    opened: Opened
    pane: str
    result: DisplayedResult | DisplayedFile | None
    show: Show
    gain: int
    against: DisplayedResult | DisplayedFile | None = None
    mapped: str = ""

    def is_of(
        self,
        result: DisplayedResult | DisplayedFile | None,
        layout: PaneLayout,
        against: DisplayedResult | DisplayedFile | None = None,
    ) -> bool:
        """Whether it asks for just that."""
        wanted = result, layout.show, layout.gain, against, layout.mapped
        return (self.result, self.show, self.gain, self.against, self.mapped) == wanted


@dataclass(frozen=True, eq=False)
class MadeMap:
    """A map ready to paint, and the bars of its scale: see `map_legend.scale_bars`."""

    request: MapRequest
    picture: Picture
    bars: tuple[tuple[str, ...], ...]


def make_map(request: MapRequest) -> MadeMap:
    """Make a difference picture or a map. Runs in a worker, which loads the libraries it needs."""
    from viewer.maps.error_maps import codec_of, metric_pixels, shown_pixels, unavailable_reason
    from viewer.maps.map_legend import scale_bars

    if request.result is None:
        return _view_of_original(request)
    required_bytes = map_bytes(request.opened.image.pixel_count)
    scoring = request.opened.scoring if request.show is Show.METRIC else None
    required_bytes += 0 if scoring is None else scoring.required_bytes(request.mapped)
    with process_budget().granted(required_bytes, "This map"):
        if scoring is not None:
            errors = scoring.error_map(request.mapped, request.result.result.reconstruction)
            pixels = metric_pixels(errors, request.mapped, request.gain)
        else:
            against = request.against
            reference = request.opened.image.pixels if against is None else against.result.reconstruction
            pixels = shown_pixels(request.show, request.gain, reference, request.result.result)
    image, result = request.opened.image, request.result.result
    if is_large(image.pixel_count):
        pixels = on_disk(pixels)
        release_pages(result.reconstruction, result.measurement.squared_error, result.measurement.ssim)
    note = unavailable_reason(request.show, codec_of(result))
    if request.against is request.result:
        note = "The others’ differences are to this one."
    return MadeMap(request, picture_of(pixels, (image.width, image.height), note), scale_bars(request.show))


def _view_of_original(request: MapRequest) -> MadeMap:
    from viewer.maps.channels import view_picture

    image = request.opened.image
    with process_budget().granted(map_bytes(image.pixel_count), "This view"):
        pixels = view_picture(request.show, image.pixels)
    if is_large(image.pixel_count):
        pixels = on_disk(pixels)
    return MadeMap(request, picture_of(pixels, (image.width, image.height)), ())


class MapService(QObject):
    """Requests the maps that the panes should show instead of pictures, each once."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._service = service
        self._asked: dict[str, MapRequest] = {}
        self._workers = {
            pane: service.add_worker(f"map {pane}", make_map, self._on_made) for pane in store.state.sources
        }
        self._made: BoundedCache[MapRequest, MadeMap] = BoundedCache(
            CACHE_BYTES, lambda made: made.picture.byte_count, at_least=len(self._workers)
        )
        store.watch(lambda state: state.opened, self._forget)
        store.watch(missing_maps, self._ask)

    def _ask(self, missing: Mapping[str, MapRequest]) -> None:
        for pane, request in missing.items():
            made = self._made.get(request)
            if made is not None:
                self._store.update(map_made(made))
            elif request != self._asked.get(pane):
                self._asked[pane] = request
                if pane not in self._workers:  # of a codec that was added since
                    self._workers[pane] = self._service.add_worker(f"map {pane}", make_map, self._on_made)
                self._workers[pane].post(request)

    def _forget(self, _opened: object) -> None:
        self._made.clear()
        self._asked.clear()

    def _on_made(self, outcome: Outcome) -> None:
        request: MapRequest = outcome.job
        if self._asked.get(request.pane) == request:
            del self._asked[request.pane]
        if isinstance(outcome.error, RateLensError):
            self._store.update(show_error(str(outcome.error)))
        elif outcome.error is not None:
            raise outcome.error  # a bug, so for the excepthook
        elif request.opened is self._store.state.opened:
            self._made.put(request, outcome.value)
            self._store.update(map_made(outcome.value))


def missing_maps(state: AppState) -> dict[str, MapRequest]:
    """The maps that the panes should show and that are not made yet, by pane."""
    layout, missing = state.session.pane_layout, {}
    if state.opened is None or layout.show is Show.PICTURE:
        return {}
    differing, against = layout.show in DIFFERENCES, difference_to(state)
    for pane in state.panes:
        result, made = state.displayed(pane), current_map(state, pane)
        if result is not None and made is None and (against is not None or layout.against == ORIGINAL or not differing):
            missing[pane] = MapRequest(state.opened, pane, result, layout.show, layout.gain, against, layout.mapped)
    if layout.show in VIEWS and current_map(state, ORIGINAL) is None:
        missing[ORIGINAL] = MapRequest(state.opened, ORIGINAL, None, layout.show, layout.gain)
    return missing


def seen_map(state: AppState, pane: str) -> MadeMap | None:
    """The map that a pane shows, if it shows one: the present one, or the one before until that is made."""
    made, content = state.maps.get(pane), state.contents.get(pane)
    if pane == ORIGINAL:
        return made if state.session.pane_layout.show in VIEWS else None
    peeking = state.session.pane_layout.peeking
    seen = made is not None and content is not None and content.picture is made.picture and not peeking
    return made if seen else None


def current_map(state: AppState, pane: str) -> MadeMap | None:
    """The map that belongs in a pane now, if it is there."""
    layout, result, made = state.session.pane_layout, state.displayed(pane), state.maps.get(pane)
    if made is None or (result is None and pane != ORIGINAL):
        return None
    return made if made.request.is_of(result, layout, difference_to(state)) else None

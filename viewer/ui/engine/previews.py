"""The visible part of a large picture at the new rate or quality, while the whole is being encoded.

A part is compressed as a picture of its own: its bytes are real, its rate or quality is the target, and its metrics are
its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject

from models.errors import RateLensError
from viewer.imaging.image import Image
from viewer.matching.targets.quality import QualityMeasure, QualityTarget
from viewer.matching.targets.score import ScoreTarget
from viewer.session.viewport import Rect, preview_rect, still_covers, visible_rect
from viewer.system.memory import is_large
from viewer.ui.engine.app_state import AppState, best_in, target_of
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.deliveries import part_made
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.engine.workers.latest_worker import LatestOnly, Outcome
from viewer.ui.engine.workers.scheduling import VisibleFirst

if TYPE_CHECKING:
    from viewer.matching.comparison import Comparison
    from viewer.matching.quality_search import EqualQuality, QualityMatch
    from viewer.matching.result import Result


@dataclass(frozen=True, eq=False)
class Cut:
    """A part of an opened picture, and its Comparison. rect: its position."""

    opened: Opened
    rect: Rect
    comparison: Comparison
    equal: EqualQuality


@dataclass(frozen=True)
class PartRequest:
    """One codec on a part of a picture, at a rate or, if there is one, at a quality."""

    cut: Cut
    codec: str
    target_bpp: float
    quality: QualityTarget | None
    best_in: QualityMeasure


@dataclass(frozen=True, eq=False)
class Part:
    """The result, ready to paint. rect: its position. match: for a quality target."""

    result: Result
    picture: Picture
    rect: Rect
    match: QualityMatch | None


def compress_part(request: PartRequest) -> Part:
    """Run one codec on a part. Raises CodecError."""
    cut = request.cut
    if request.quality is not None:
        match = cut.equal.match(request.codec, request.quality)
        return Part(match.result, picture_of(match.result.reconstruction), cut.rect, match)
    result = cut.comparison.result(request.codec, request.target_bpp, None, request.best_in, every_variant=False)
    return Part(result, picture_of(result.reconstruction), cut.rect, None)


AddWorker = Callable[[str, Callable[[Any], Any], Callable[[Outcome], None]], LatestOnly]


class Previews(QObject):
    """Requests the visible part before the whole, as long as the whole is awaited or has failed."""

    def __init__(
        self, store: Store, visible_first: VisibleFirst, add_worker: AddWorker, parent: QObject | None = None
    ) -> None:
        """visible_first: makes the whole wait. add_worker: takes a name, the work, and the receiver of its outcome."""
        super().__init__(parent)
        self._store = store
        self._visible_first = visible_first
        self._cut: Cut | None = None
        self._asked: dict[str, PartRequest] = {}
        self._add_worker = add_worker
        self._workers: dict[str, LatestOnly] = {}

    def follow(self, state: AppState) -> None:
        """Request visible parts that are not there yet, at the target; to be called before the whole is requested."""
        opened = state.opened
        if self._cut is not None and self._cut.opened is not opened:
            self._cut = None
            self._asked.clear()
        large = opened is not None and is_large(opened.image.pixel_count)
        for codec in state.installed:
            wanted = codec in state.panes and (codec in state.awaited or bool(state.failures.get(codec)))
            wanted = wanted and not isinstance(state.session.quality, ScoreTarget)  # it would take as long as the whole
            if opened is not None and large and wanted:
                self._ask(codec, opened, state)
            else:
                self._asked.pop(codec, None)
                self._visible_first.end_part(codec)

    def _ask(self, codec: str, opened: Opened, state: AppState) -> None:
        size = (opened.image.width, opened.image.height)
        visible = visible_rect(state.session.view, size, state.area)
        if visible is None:
            return
        # The codecs share a cut, and it serves every rate while nobody looks elsewhere.
        known = self._cut is not None and codec in self._cut.comparison.codecs
        if self._cut is None or not known or not still_covers(self._cut.rect, visible):
            self._cut = _cut(opened, preview_rect(visible, size))
        target_bpp, quality = target_of(state, codec)
        assert not isinstance(quality, ScoreTarget)
        request = PartRequest(self._cut, codec, target_bpp, quality, best_in(state, codec))
        asked = self._asked.get(codec)
        if asked is not None and still_covers(asked.cut.rect, visible) and replace(asked, cut=self._cut) == request:
            return
        self._asked[codec] = request
        self._visible_first.begin_part(codec)
        if codec not in self._workers:
            self._workers[codec] = self._add_worker(f"part {codec}", compress_part, self._on_part)
        self._workers[codec].post(request)

    def _on_part(self, outcome: Outcome) -> None:
        request: PartRequest = outcome.job
        if request is not self._asked.get(request.codec):
            return
        self._visible_first.end_part(request.codec)
        if outcome.error is None:
            self._store.update(part_made(request.cut.opened, request.codec, outcome.value))
        elif not isinstance(outcome.error, RateLensError):  # the whole picture reports what the codec cannot do
            raise outcome.error


def _cut(opened: Opened, rect: Rect) -> Cut:
    from viewer.matching.comparison import Comparison  # loaded by a worker already, as a picture is open
    from viewer.matching.quality_search import EqualQuality

    pixels = opened.image.pixels[rect.top : rect.bottom, rect.left : rect.right]
    part = Image(np.ascontiguousarray(pixels), f"part of {opened.image.name}")
    comparison = Comparison(part, first=True)
    return Cut(opened, rect, comparison, EqualQuality(comparison))

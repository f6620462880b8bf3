"""What is visible of a large picture, at the new rate or quality, while the whole is on its way.

A part is compressed as a picture of its own: its bytes are real, its rate or quality is the target, and its metrics are
its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.imaging.image import Image
from viewer.matching.quality_target import PSNR_RGB, QualityMeasure, QualityTarget
from viewer.session.state import Size
from viewer.session.viewport import Rect, preview_rect, still_covers, visible_rect
from viewer.system.memory import is_large
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import Outcome

if TYPE_CHECKING:
    from viewer.matching.comparison import Comparison, Result
    from viewer.matching.quality_search import EqualQuality, QualityMatch


@dataclass(frozen=True, eq=False)
class Cut:
    """A part of an opened picture, and what compares codecs on it. rect: where it lies."""

    opened: Opened
    rect: Rect
    comparison: Comparison
    equal: EqualQuality


@dataclass(frozen=True)
class PartJob:
    """One codec at one rate on a part of a picture or, where there is a quality, at that quality instead."""

    cut: Cut
    codec: str
    target_bpp: float
    quality: QualityTarget | None
    best_in: QualityMeasure = PSNR_RGB


@dataclass(frozen=True, eq=False)
class Part:
    """What came of it, ready to be painted. rect: where it lies. match: of a quality target."""

    result: Result
    picture: Picture
    rect: Rect
    match: QualityMatch | None


def compress_part(job: PartJob) -> Part:
    """Run one codec on a part. Raises CodecError."""
    cut = job.cut
    match = None if job.quality is None else cut.equal.match(job.codec, job.quality)
    result = cut.comparison.result(job.codec, job.target_bpp, None, job.best_in) if match is None else match.result
    return Part(result, picture_of(result.reconstruction), cut.rect, match)


class PreviewFlow(QObject):
    """Has the visible part made before the whole, for as long as the whole is awaited."""

    changed = Signal(str)
    """A codec's part came or went."""

    def __init__(self, controller: Controller, area: Callable[[], Size]) -> None:
        """area: of a canvas that is seen, in device pixels."""
        super().__init__(controller)
        self._controller = controller
        self._area = area
        self._cut: Cut | None = None
        self._asked: dict[str, PartJob | None] = dict.fromkeys(controller.sources)
        self._parts: dict[str, Part | None] = dict.fromkeys(controller.sources)
        self._workers = {codec: controller.add_worker(f"part {codec}", compress_part) for codec in controller.sources}
        for worker in self._workers.values():
            worker.delivered.connect(self._take)
        controller.requesting.connect(self._ask_first)
        controller.view_changed.connect(self._follow)
        controller.codec_changed.connect(self._drop)
        controller.codecs_changed.connect(self._forget_others)

    def part(self, codec: str) -> Part | None:
        """What lies over a codec's picture, which is of another rate or not there yet."""
        return self._parts[codec]

    def _ask_first(self, codecs: Iterable[str]) -> None:
        opened = self._controller.opened_picture
        if self._cut is not None and self._cut.opened is not opened:
            self._cut = None
            for codec in self._controller.sources:
                self._forget(codec)
        for codec in codecs:
            self._ask(codec)

    def _follow(self, _view: object) -> None:
        """The user looks elsewhere: what was made is of no use where it is not seen."""
        for codec in self._controller.codecs:
            if self._controller.is_working(codec) or self._controller.failure(codec):
                self._ask(codec)

    def _ask(self, codec: str) -> None:
        opened, session = self._controller.opened_picture, self._controller.session
        small = opened is None or not is_large(opened.image.pixel_count)
        if opened is None or small or self._controller.pinned(codec) is not None:
            self._forget(codec)
            return
        size = (opened.image.width, opened.image.height)
        visible = visible_rect(session.view, size, self._area())
        if visible is None:
            return
        asked = self._asked[codec]
        # The codecs share a cut, and it serves every rate while nobody looks elsewhere.
        if self._cut is None or self._cut.opened is not opened or not still_covers(self._cut.rect, visible):
            self._cut = _cut(opened, preview_rect(visible, size))
        target = session.target_bpp, session.quality
        best_in = session.scale.best_in
        same = asked is not None and (asked.target_bpp, asked.quality, asked.best_in) == (*target, best_in)
        if asked is not None and same and still_covers(asked.cut.rect, visible):
            return
        job = PartJob(self._cut, codec, *target, best_in)
        self._asked[codec] = job
        self._controller.turns.begin_part(codec)
        self._workers[codec].post(job)

    def _take(self, outcome: Outcome) -> None:
        job: PartJob = outcome.job
        codec = job.codec
        if job is not self._asked[codec]:
            return
        self._controller.turns.end_part(codec)
        if outcome.error is None:
            self._parts[codec] = outcome.value
            self.changed.emit(codec)
        elif not isinstance(outcome.error, RateLensError):  # what a codec cannot do, it says of the whole
            raise outcome.error

    def _drop(self, codec: str) -> None:
        """The whole is there, which says more; where it failed, the part stays."""
        if not self._controller.is_working(codec) and not self._controller.failure(codec):
            self._forget(codec)

    def _forget_others(self, codecs: Iterable[str]) -> None:
        for codec in set(self._controller.sources) - set(codecs):
            self._forget(codec)

    def _forget(self, codec: str) -> None:
        self._asked[codec] = None
        self._controller.turns.end_part(codec)
        if self._parts[codec] is not None:
            self._parts[codec] = None
            self.changed.emit(codec)


def _cut(opened: Opened, rect: Rect) -> Cut:
    from viewer.matching.comparison import Comparison  # a worker has loaded them: a picture is open
    from viewer.matching.quality_search import EqualQuality

    pixels = opened.image.pixels[rect.top : rect.bottom, rect.left : rect.right]
    part = Image(np.ascontiguousarray(pixels), f"part of {opened.image.name}")
    comparison = Comparison(part, first=True)
    return Cut(opened, rect, comparison, EqualQuality(comparison))

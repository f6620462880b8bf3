"""The flow: a Session changes, every codec's mailbox gets a job, what comes back is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from models.errors import MemoryLimitError, RateLensError
from viewer.matching.curve import RatePoint, point_of, with_point
from viewer.matching.quality_target import QualityTarget
from viewer.session.pane_layout import ORIGINAL, PIN_PANES, Looking
from viewer.session.pins import Pin, Pins
from viewer.session.state import FIT, MetricScale, Session, View
from viewer.system.memory import is_large
from viewer.ui.engine.curve_worker import CurveStep, CurveWorker
from viewer.ui.engine.jobs import Opened, OpenFile, OpenJob, OpenPasted, RateJob, Shown, compress, open_picture
from viewer.ui.engine.latest_worker import LatestOnly, Outcome
from viewer.ui.engine.scheduling import Activity, Overtaken, Turns


class Controller(QObject):
    """Owns the session, the workers and what they have delivered; knows no widget."""

    opened = Signal(object)
    """Opened: another picture."""
    open_failed = Signal(str)
    opening = Signal(object)
    """Path of a file that is about to be opened."""
    target_changed = Signal(float)
    """Every codec has been asked for this rate."""
    quality_changed = Signal(object)
    """QualityTarget that every codec has been asked for; None: rates are equal again."""
    view_changed = Signal(object)
    scale_changed = Signal(object)
    pins_changed = Signal(object)
    """Pins: another set of them, or another is chosen."""
    codecs_changed = Signal(object)
    """The names of the panes that are compared now, in order: codecs, or two pins."""
    looking_changed = Signal(object)
    """Looking: another arrangement of the panes."""
    requesting = Signal(object)
    """The names of codecs that are about to be asked for something else."""
    codec_changed = Signal(str)
    """A job of a codec came back: its picture or its failure changed."""
    curve_changed = Signal(str)
    curve_progressed = Signal(int, int)
    settled = Signal()
    """Every codec shows the target (or failed), and the curves are complete."""

    def __init__(
        self,
        installed: tuple[str, ...],
        target_bpp: float,
        parent: QObject | None = None,
        *,
        codecs: tuple[str, ...] | None = None,
    ) -> None:
        """installed: every codec that could be compared. codecs: those that are, all of them if None.

        `compared` are these; `codecs` is what the panes show: them, or two pins; `sources` all that panes may show.
        """
        super().__init__(parent)
        self.installed = installed
        self.sources = sources = (*installed, *PIN_PANES)
        self.compared = self.codecs = codecs = installed if codecs is None else codecs
        self._pinned: dict[str, Pin] = {}
        self._looked_before = Looking(pane=codecs[0], right=codecs[0])
        self.session = Session(target_bpp, looking=Looking(pane=codecs[0], right=codecs[0]))
        self._opened: Opened | None = None
        self._shown: dict[str, Shown | None] = dict.fromkeys(sources)
        self._failures: dict[str, str] = dict.fromkeys(sources, "")
        self._awaited: dict[str, RateJob | None] = dict.fromkeys(sources)
        self._doubtful: list[RateJob] = []
        """What was awaited when the user last changed what a failure may be due to."""
        self._curves: dict[str, tuple[RatePoint, ...]] = dict.fromkeys(installed, ())
        self._curves_complete = False
        self._opening: OpenJob | None = None
        self._expected: tuple[int, int] | None = None
        self.turns = Turns()
        self._activity = activity = Activity()
        self._loader = LatestOnly("open", open_picture, activity, self)
        self._loader.delivered.connect(self._take_opened)
        self._mailboxes = {codec: LatestOnly(codec, compress, activity, self) for codec in sources}
        for mailbox in self._mailboxes.values():
            mailbox.delivered.connect(self._take_shown)
        self._curve_worker = CurveWorker(activity, self)
        self._curve_worker.delivered.connect(self._take_curve_step)
        self._workers: list[LatestOnly | CurveWorker] = [self._loader, *self._mailboxes.values(), self._curve_worker]

    @property
    def opened_picture(self) -> Opened | None:
        """The picture that is compared."""
        return self._opened

    def shown(self, codec: str) -> Shown | None:
        """What a codec's pane shows, which may be behind the target."""
        return self._shown[codec]

    def failure(self, codec: str) -> str:
        """Why a codec could not do what was asked, or an empty string."""
        return self._failures[codec]

    def is_working(self, codec: str) -> bool:
        """Whether a codec is behind the target."""
        return self._awaited[codec] is not None

    def curve(self, codec: str) -> tuple[RatePoint, ...]:
        """The points measured so far, rate ascending."""
        return self._curves[codec]

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do."""
        busy = self.is_opening or any(job is not None for job in self._awaited.values())
        return not busy and (self._curves_complete or self._opened is None)

    @property
    def is_opening(self) -> bool:
        """Whether the picture that was asked for last is still to come."""
        return self._opening is not None

    def open_file(self, path: Path) -> None:
        """Open a picture file, in a worker; `opened` or `open_failed` follows."""
        self._expected = None
        self.opening.emit(path)
        self._open(OpenFile(path))

    def expect(self, width: int, height: int) -> None:
        """The picture that is being opened has this size, and is looked at already: the view is for it."""
        image = self.session.image
        if image is None or (image.width, image.height) != (width, height):
            self.set_view(FIT)
        self._expected = width, height

    def open_pasted(self, picture: QImage) -> None:
        """Open a picture that is no file."""
        self._open(OpenPasted(picture))

    def pinned(self, pane: str) -> Pin | None:
        """The pin that a pane shows now, None for a codec's."""
        return self._pinned.get(pane)

    def set_target(self, bpp: float) -> None:
        """Ask every codec for another rate; qualities are no longer equal then, and pins no longer compared."""
        self.compare_pins(None)
        if bpp != self.session.target_bpp or self.session.quality is not None:
            left_quality = self.session.quality is not None
            self.session = replace(self.session, target_bpp=bpp, quality=None)
            self._request(self.codecs)
            if left_quality:
                self.quality_changed.emit(None)
            self.target_changed.emit(bpp)

    def set_quality(self, quality: QualityTarget) -> None:
        """Ask every codec for the same quality, at whatever rate."""
        self.compare_pins(None)
        if quality != self.session.quality:
            self.session = replace(self.session, quality=quality)
            self._request(self.codecs)
            self.quality_changed.emit(quality)

    def try_again(self) -> None:
        """Ask the codecs that have failed once more; those that are at work when they fail for want of memory."""
        self._doubtful = [job for job in self._awaited.values() if job is not None]
        self._ask_again([codec for codec in self.codecs if self._failures[codec]])

    def _ask_again(self, codecs: Sequence[str]) -> None:
        self._request(codecs)
        if codecs and self._opened is not None:
            self._curves_complete = False
            self._curve_worker.start(self._opened, self.compared, again=True)

    def set_view(self, view: View) -> None:
        """Look elsewhere, in all panes."""
        if view != self.session.view:
            self.session = replace(self.session, view=view)
            self.view_changed.emit(view)

    def set_scale(self, scale: MetricScale) -> None:
        """Read the metrics in another way."""
        if scale != self.session.scale:
            another = scale.best_in != self.session.scale.best_in
            self.session = replace(self.session, scale=scale)
            self.scale_changed.emit(scale)
            if another and self.session.quality is None:  # in which another variant may be the best
                self._request([codec for codec in self.codecs if self._tries_variants(codec)])

    def set_looking(self, looking: Looking) -> None:
        """Arrange the panes in another way."""
        if looking != self.session.looking:
            self.session = replace(self.session, looking=looking)
            self.looking_changed.emit(looking)

    def _tries_variants(self, pane: str) -> bool:
        pin, opened = self._pinned.get(pane), self._opened
        codec = pane if pin is None else pin.codec
        return opened is not None and opened.comparison.codecs[codec].tries_every_encoder

    def set_pins(self, pins: Pins) -> None:
        """Other pins, or another one chosen."""
        if pins != self.session.pins:
            self.session = replace(self.session, pins=pins)
            self.pins_changed.emit(pins)

    def set_codecs(self, names: Collection[str]) -> None:
        """Compare these codecs, of those installed, from now on. At least one."""
        codecs = tuple(name for name in self.installed if name in names)
        if codecs:
            self.compare_pins(None)
        if not codecs or codecs == self.compared:
            return
        self.compared = codecs
        self._show_panes(codecs)
        if self._opened is not None:
            self._curves_complete = False
            self._curve_worker.start(self._opened, codecs)

    def compare_pins(self, pair: tuple[Pin, Pin] | None) -> None:
        """Show two pins in the panes, in the place of the codecs; None: the codecs again, as they were."""
        pinned = {} if pair is None else dict(zip(PIN_PANES, pair, strict=True))
        if pinned == self._pinned:
            return
        for pane in PIN_PANES:
            self._shown[pane], self._failures[pane], self._awaited[pane] = None, "", None
        if pinned and not self._pinned:
            self._looked_before = self.session.looking
        self._pinned = pinned
        self.codecs = ()
        self._show_panes(PIN_PANES if pinned else self.compared)
        first, second = PIN_PANES
        sides = Looking(pane=second, before=first, left=first, right=second)
        if not pinned:
            sides = self._looked_before.among((ORIGINAL, *self.compared))
        looking = self.session.looking
        self.set_looking(replace(looking, pane=sides.pane, before=sides.before, left=sides.left, right=sides.right))

    def _show_panes(self, codecs: tuple[str, ...]) -> None:
        """Show other panes, and ask for what they lack."""
        added = [name for name in codecs if name not in self.codecs]
        for name in self.sources:
            if name not in codecs:
                self._awaited[name] = None
                self.turns.ask(name, None)
        self.codecs = codecs
        looking = self.session.looking.among((ORIGINAL, *codecs))
        changed = looking != self.session.looking
        self.session = replace(self.session, looking=looking)
        self._request(added)
        self.codecs_changed.emit(codecs)
        if changed:
            self.looking_changed.emit(looking)

    def add_worker(self, name: str, work: Callable[[Any], Any], *, finishes: bool = False) -> LatestOnly:
        """One more worker, which curves wait for too, and which is closed with the others."""
        worker = LatestOnly(name, work, self._activity, self, finishes=finishes)
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """Deliver nothing more. Returns at once; running jobs end in their own time."""
        self.turns.close()
        for worker in self._workers:
            worker.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the workers to end after `close`, for what is being saved without limit; whether all have."""
        deadline_s = time.monotonic() + timeout_s
        first = sorted(self._workers, key=lambda worker: not (isinstance(worker, LatestOnly) and worker.finishes))
        return all(worker.join(max(0.0, deadline_s - time.monotonic())) for worker in first)

    def _open(self, job: OpenJob) -> None:
        self._opening = job
        self._loader.post(job)

    def _take_opened(self, outcome: Outcome) -> None:
        if outcome.job is self._opening:
            self._opening = None
        if outcome.error is not None:
            self.open_failed.emit(_sentence(outcome.error))
            self._tell_if_settled()
            if not isinstance(outcome.error, RateLensError):
                raise outcome.error
            return
        opened: Opened = outcome.value
        self._opened = opened
        session = self.session.with_image(opened.image)
        if self._expected == (opened.image.width, opened.image.height):
            session = replace(session, view=self.session.view)
        self.session = session
        self._shown = dict.fromkeys(self.sources)
        self._failures = dict.fromkeys(self.sources, "")
        self._doubtful = []
        self._curves = dict.fromkeys(self.installed, ())
        self._curves_complete = False
        self._request(self.codecs)
        self.opened.emit(opened)
        for codec in self.compared:
            self.curve_changed.emit(codec)
        self._curve_worker.start(opened, self.compared)

    def _request(self, codecs: Iterable[str]) -> None:
        if self._opened is None:
            return
        self.requesting.emit(tuple(codecs))
        turns = self.turns if is_large(self._opened.image.pixel_count) else None
        for codec in codecs:
            pin, session = self._pinned.get(codec), self.session
            best_in = session.scale.best_in
            if pin is None:
                job = RateJob(self._opened, codec, session.target_bpp, session.quality, turns, best_in=best_in)
            else:
                job = RateJob(self._opened, pin.codec, pin.target_bpp, None, turns, codec, best_in)
            self._awaited[codec] = job
            self.turns.ask(codec, job)
            self._mailboxes[codec].post(job)

    def _take_shown(self, outcome: Outcome) -> None:
        job: RateJob = outcome.job
        codec = job.pane or job.codec
        if job.opened is not self._opened or codec not in self.codecs or isinstance(outcome.error, Overtaken):
            return  # of the picture before, switched off meanwhile, or of a rate before
        pin = self._pinned.get(codec)
        if pin is not None and (pin.codec, pin.target_bpp) != (job.codec, job.target_bpp):
            return  # of another pin that was in this pane
        if job is self._awaited[codec]:
            self._awaited[codec] = None
            if isinstance(outcome.error, MemoryLimitError) and any(job is doubtful for doubtful in self._doubtful):
                self._ask_again([codec])  # refused by a limit that is another by now
                return
        if outcome.error is None:
            shown: Shown = outcome.value
            self._shown[codec] = shown
            self._failures[codec] = ""
            if shown.match is None:  # at equal quality a codec may choose another encoder, which is of another curve
                self._add_point(point_of(shown.result))
        else:
            self._failures[codec] = _sentence(outcome.error)
        self.codec_changed.emit(codec)
        self._tell_if_settled()
        if outcome.error is not None and not isinstance(outcome.error, RateLensError):
            raise outcome.error  # a defect: for the excepthook

    def _take_curve_step(self, step: CurveStep) -> None:
        if step.opened is not self._opened or step.codecs != self.compared:
            return
        if step.point is not None:
            self._add_point(step.point)
        self.curve_progressed.emit(step.done, step.total)
        if step.done == step.total:
            self._curves_complete = True
        self._tell_if_settled()
        # An expected error stands in the codec's pane already; anything else is a defect.
        if step.error is not None and not isinstance(step.error, RateLensError):
            raise step.error

    def _add_point(self, point: RatePoint) -> None:
        before = self._curves[point.codec]
        if all(known.byte_count != point.byte_count for known in before):
            self._curves[point.codec] = with_point(before, point)
            self.curve_changed.emit(point.codec)

    def _tell_if_settled(self) -> None:
        if self.is_settled:
            self.settled.emit()


def _sentence(error: Exception) -> str:
    if isinstance(error, RateLensError):
        return str(error)
    return f"This should not have happened: {type(error).__name__}: {error}"

"""Runs a blind test from start to finish: set-up, preparation in a worker, trials, result.

What a test needs is imported when one is asked for: few sessions have one, and the window starts sooner.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from models.errors import CodecError, RateLensError
from viewer.session.pane_layout import ORIGINAL
from viewer.ui.common.actions import Command
from viewer.ui.common.formatting import format_bpp
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.file_writer import Writer
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error, show_info
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.engine.workers.latest_worker import Outcome

if TYPE_CHECKING:
    from viewer.matching.result import Result
    from viewer.matching.targets.score import EqualTarget
    from viewer.session.blind_test import Answer, BlindTest
    from viewer.ui.blind.result import BlindResult
    from viewer.ui.blind.screen import BlindScreen
    from viewer.ui.blind.setup import BlindChoice, BlindSetup


@dataclass(frozen=True)
class BlindJob:
    """What is prepared before the first trial: both codecs at the quality, or at the rate if the quality is None.

    labels: of the codecs, for messages. alone: a single trial, of the tour, whose answer goes there.
    """

    opened: Opened
    wish: BlindChoice
    labels: tuple[str, str]
    target_bpp: float
    quality: EqualTarget | None
    alone: Callable[[str, str], object] | None = None


def prepare(job: BlindJob) -> tuple[Result, Result]:
    """Both codecs at the rate or quality. Runs in a worker. Raises CodecError, also if one of them cannot meet it."""
    import scipy.stats  # noqa: F401  imported in the worker, so that showing the result does not block the window

    first, second = (
        _at_rate(job, codec, label) if job.quality is None else _at_quality(job, codec, label, job.quality)
        for codec, label in zip(job.wish.codecs, job.labels, strict=True)
    )
    return first, second


def _at_rate(job: BlindJob, codec: str, label: str) -> Result:
    from viewer.matching.limits import rate_limit_sentence

    result = job.opened.comparison.result(codec, job.target_bpp)
    if not result.reachable:
        raise CodecError(f"{rate_limit_sentence(label, result)} Choose a rate that both codecs reach.")
    return result


def _at_quality(job: BlindJob, codec: str, label: str, quality: EqualTarget) -> Result:
    from viewer.matching.limits import quality_limit_sentence

    match = job.opened.equal.match(codec, quality)
    if not match.reached:
        raise CodecError(f"{quality_limit_sentence(label, match, in_db=True)} Choose a quality that both codecs reach.")
    return match.result


class BlindTesting(QObject):
    """Takes the user through a blind test."""

    def __init__(
        self, store: Store, service: EncodeService, labels: Mapping[str, str], writer: Writer, window: QWidget
    ) -> None:
        """labels: of all codecs, by name."""
        super().__init__(window)
        self._store = store
        self._labels = labels
        self._writer = writer
        self._window = window
        self._asked: BlindJob | None = None
        self.setup: BlindSetup | None = None
        self.screen: BlindScreen | None = None
        self.result: BlindResult | None = None
        self._worker = service.add_worker("blind test", prepare, self._on_prepared)

    def commands(self) -> tuple[Command, ...]:
        """The command that starts a test."""
        return (Command("blind_test", "Prese&nt", "&Blind test of two codecs…", self.ask, ("F8",), section=2),)

    def ask(self) -> None:
        """Ask what to test."""
        from viewer.session.blind_test import MAX_SEED, quality_text
        from viewer.ui.blind.setup import BlindSetup

        state = self._store.state
        if state.opened is None:
            self._error("Open a picture first: a blind test needs one.")
            return
        if len(state.compared) < 2:
            self._error("A blind test needs two codecs: switch another one on in the menu Codecs.")
            return
        self._drop(self.setup)
        labels = {codec: self._labels[codec] for codec in state.compared}
        session = state.session
        target = f"{format_bpp(session.target_bpp)} bpp" if session.quality is None else quality_text(session.quality)
        self.setup = BlindSetup(labels, target, random.SystemRandom().randint(0, MAX_SEED), self._window)
        self.setup.wanted.connect(self._prepare)
        self.setup.finished.connect(self._give_up)
        self.setup.show()

    def one_trial(self, codecs: tuple[str, str], target_bpp: float, answered: Callable[[str, str], object]) -> None:
        """Ask once, without set-up and result. answered: called with the chosen codec, "neither" for one who could not
        tell, empty if the trial was stopped; and with why there was none.
        """
        from viewer.session.blind_test import MAX_SEED
        from viewer.ui.blind.setup import BlindChoice

        opened = self._store.state.opened
        assert opened is not None
        labels = (self._labels[codecs[0]], self._labels[codecs[1]])
        from viewer.ui.blind.screen import filling_magnification

        screen, image = self._window.screen(), opened.image
        scaling, size = screen.devicePixelRatio(), screen.size()
        fills = filling_magnification(
            (image.width, image.height), round(size.width() * scaling), round(size.height() * scaling), scaling
        )
        wish = BlindChoice(codecs, 1, random.SystemRandom().randint(0, MAX_SEED), fills)
        self._asked = BlindJob(opened, wish, labels, target_bpp, None, answered)
        self._worker.post(self._asked)

    def give_up_trial(self) -> None:
        """The tour has gone on: a trial that is being prepared is not shown."""
        if self._asked is not None and self._asked.alone is not None:
            self._asked = None

    def _prepare(self, wish: BlindChoice) -> None:
        opened = self._store.state.opened
        assert opened is not None
        labels = (self._labels[wish.codecs[0]], self._labels[wish.codecs[1]])
        session = self._store.state.session
        self._asked = BlindJob(opened, wish, labels, session.target_bpp, session.quality)
        self._worker.post(self._asked)

    def _give_up(self, _result: int) -> None:
        self._asked = None

    def _on_prepared(self, outcome: Outcome) -> None:
        job = self._asked
        if job is None or outcome.job is not job or (self.setup is None and job.alone is None):
            return  # cancelled in the meantime
        if outcome.error is None:
            self._start(job, outcome.value)
            return
        if job.alone is not None:
            job.alone("", str(outcome.error))
        elif self.setup is not None:
            self.setup.show_error(str(outcome.error))
        if not isinstance(outcome.error, RateLensError):
            raise outcome.error

    def _start(self, job: BlindJob, results: tuple[Result, Result]) -> None:
        from viewer.session.blind_test import BlindTest, plan_trials, region_size
        from viewer.ui.blind.screen import BlindScreen, room_for_regions

        self._drop(self.setup)
        self.setup = None
        image, wish = job.opened.image, job.wish
        screen = self._window.screen()
        scaling, size = screen.devicePixelRatio(), screen.size()
        room = room_for_regions(
            round(size.width() * scaling), round(size.height() * scaling), scaling, wish.magnification
        )
        picture = (image.width, image.height)
        trials = plan_trials(wish.seed, wish.codecs, wish.trials, picture, region_size(picture, room))
        bpp = (results[0].bpp, results[1].bpp)
        test = BlindTest(
            seed=wish.seed,
            image_name=image.name,
            image_digest=image.digest,
            target_bpp=job.target_bpp,
            codecs=wish.codecs,
            bpp=bpp,
            trials=trials,
            quality=job.quality,
        )
        pictures = {ORIGINAL: image.pixels} | {
            codec: result.reconstruction for codec, result in zip(wish.codecs, results, strict=True)
        }
        self.screen = BlindScreen(test, pictures, wish.magnification, self._window)
        self.screen.finished_answering.connect(lambda answers: self._finish(job, test, answers))
        self.screen.setGeometry(screen.geometry())  # without a window manager nothing else would
        self.screen.showFullScreen()

    def _finish(self, job: BlindJob, test: BlindTest, answers: tuple[Answer, ...]) -> None:
        from viewer.ui.blind.result import BlindResult, sentences

        self._drop(self.screen)
        self.screen = None
        if job.alone is not None:
            self._asked = None
            self._window.activateWindow()
            job.alone((answers[0].codec or "neither") if answers else "", "")
            return
        if not answers:
            self._info("The blind test was stopped before the first answer, so there is no result.")
            return
        self._drop(self.result)
        self.result = BlindResult(sentences(test, answers, self._labels), self._window)
        self.result.save_wanted.connect(lambda: self._save(test, answers))
        self.result.show()
        self.result.activateWindow()  # closing the full-screen window may leave no widget with the focus

    def _save(self, test: BlindTest, answers: tuple[Answer, ...]) -> None:
        from viewer.session.blind_test import as_csv

        opened = self._store.state.opened
        path = None if opened is None else opened.image.path
        folder = Path.home() if path is None else path.parent
        name = f"{Path(test.image_name).stem}-blind-{'-'.join(test.codecs)}-{test.seed}.csv"
        self._writer.ask_file("Save answers", folder / name, lambda _path: as_csv(test, answers))

    def _error(self, text: str) -> None:
        self._store.update(show_error(text))

    def _info(self, text: str) -> None:
        self._store.update(show_info(text))

    @staticmethod
    def _drop(dialog: QDialog | None) -> None:
        if dialog is not None:
            dialog.hide()
            dialog.deleteLater()

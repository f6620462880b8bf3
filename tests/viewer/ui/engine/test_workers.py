"""Threads: the newest request wins, nothing overtaken is lost or shown late, closing does not wait."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.errors import CodecError
from tests.photographs import flat
from tests.viewer.ui.comparable import equaliser
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, is_at_target, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.codecs.learned import LearnedViewerCodec
from viewer.imaging.image import Image, Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.curve import coarse_to_fine, curve_targets
from viewer.matching.result import Result
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.session.pane_layout import PIN_PANES, Show
from viewer.session.pins import Pin
from viewer.session.state import Session
from viewer.system.memory import Budget
from viewer.ui.engine.app_state import AppState, derived
from viewer.ui.engine.encode_service import loading_later
from viewer.ui.engine.image_pyramid import picture_of
from viewer.ui.engine.updates.deliveries import encoded, encoding_failed
from viewer.ui.engine.workers import scheduling
from viewer.ui.engine.workers.curve_worker import CurveWorker, _in_order
from viewer.ui.engine.workers.jobs import DisplayedResult, Opened
from viewer.ui.engine.workers.latest_worker import LatestOnly, Outcome
from viewer.ui.engine.workers.scheduling import LONGEST_HASTE_S, SHORTEST_HASTE_S, Activity, Pace
from viewer.ui.shell.main_window import MainWindow


class Sink(QObject):
    """Keeps what is delivered, and in which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[Outcome] = []
        self.threads: set[str] = set()

    def take(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.threads.add(threading.current_thread().name)


def test_a_job_that_runs_finishes_and_only_the_newest_waits(qtbot: QtBot) -> None:
    started, release = threading.Event(), threading.Event()

    def work(job: int) -> int:
        started.set()
        assert release.wait(60)
        return job * 10

    mailbox, sink = LatestOnly("test", work, Activity()), Sink()
    mailbox.delivered.connect(sink.take)
    mailbox.post(1)
    assert started.wait(60)
    mailbox.post(2)
    mailbox.post(3)
    release.set()
    qtbot.waitUntil(lambda: len(sink.outcomes) == 2, timeout=TIMEOUT_MS)
    assert [(outcome.job, outcome.value) for outcome in sink.outcomes] == [(1, 10), (3, 30)]
    assert sink.threads == {threading.current_thread().name}
    mailbox.close()
    assert mailbox.join(60)


def test_an_error_comes_back_and_the_worker_goes_on(qtbot: QtBot) -> None:
    mailbox, sink = LatestOnly("test", lambda job: 1 / job, Activity()), Sink()
    mailbox.delivered.connect(sink.take)
    mailbox.post(0)
    qtbot.waitUntil(lambda: len(sink.outcomes) == 1, timeout=TIMEOUT_MS)
    assert isinstance(sink.outcomes[0].error, ZeroDivisionError)
    mailbox.post(2)
    qtbot.waitUntil(lambda: len(sink.outcomes) == 2, timeout=TIMEOUT_MS)
    assert sink.outcomes[1].value == 0.5
    mailbox.close()
    assert mailbox.join(60)


def test_nothing_is_delivered_after_closing(qtbot: QtBot) -> None:
    started, release = threading.Event(), threading.Event()

    def work(job: int) -> int:
        started.set()
        assert release.wait(60)
        return job

    mailbox = LatestOnly("test", work, Activity())
    mailbox.post(1)
    assert started.wait(60)
    mailbox.close()  # returns although the job runs
    with qtbot.assertNotEmitted(mailbox.delivered):
        release.set()
        assert mailbox.join(60)


def test_a_hurried_job_is_done_in_haste_first_and_in_full_once_no_newer_one_waits(qtbot: QtBot) -> None:
    started, gates = threading.Semaphore(0), threading.Semaphore(0)

    def work(job: int) -> str:
        started.release()
        assert gates.acquire(timeout=60)
        return f"{job} in full"

    def in_haste(job: int) -> str | None:
        started.release()
        assert gates.acquire(timeout=60)
        if job == 5:
            raise CodecError("not in haste")
        return None if job == 4 else f"{job} in haste"

    mailbox, sink = LatestOnly("test", work, Activity(), in_haste=in_haste), Sink()
    mailbox.delivered.connect(sink.take)

    def go_on(*jobs: int) -> None:
        """Let what runs end, with other jobs there by then."""
        for job in jobs:
            mailbox.post(job)
        gates.release()

    mailbox.post(1)
    for jobs in ((2,), (3,), (), (4,), (), (5,), (), ()):
        assert started.acquire(timeout=60)
        go_on(*jobs)
    qtbot.waitUntil(lambda: len(sink.outcomes) == 6, timeout=TIMEOUT_MS)
    assert [(one.job, one.value) for one in sink.outcomes] == [
        (1, "1 in full"),  # nothing hurried it
        (2, "2 in haste"),  # and 3 came, so that was all
        (3, "3 in haste"),
        (3, "3 in full"),
        (4, "4 in full"),  # there was nothing to be had in haste
        (5, "5 in full"),  # what goes wrong in haste is left to the full work
    ]
    mailbox.close()
    assert mailbox.join(60)


def test_in_haste_a_fast_codec_shows_at_most_two_pictures_for_each_of_the_slowest() -> None:
    pace = Pace()
    pace.note("jpeg", 0.02)
    assert pace.interval_s() == SHORTEST_HASTE_S
    pace.note("learned", 0.3)
    assert pace.interval_s() == 0.15
    pace.note("by command", 20.0)
    assert pace.interval_s() == LONGEST_HASTE_S, "it is waited for, but not for ever"
    pace.note("by command", 0.2)
    assert pace.interval_s() == 0.15
    pace.leave("learned")
    assert pace.interval_s() == 0.1
    pace.leave("by command")
    assert pace.interval_s() == SHORTEST_HASTE_S


def test_a_worker_in_haste_does_not_wait_for_others_once_the_hand_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "LONGEST_HASTE_S", 3600.0)
    pace, started, gates = Pace(), threading.Semaphore(0), threading.Semaphore(0)
    pace.note("slow", 3600.0)

    def work(job: int) -> str:
        started.release()
        assert gates.acquire(timeout=60)
        return f"{job}"

    mailbox = LatestOnly("test", work, Activity(), in_haste=work, pace=pace)
    for job in (1, 2, 3):
        mailbox.post(job)
        if job > 1:
            gates.release()  # what ran before is done, and this one waits
        assert started.acquire(timeout=60), "with the slow one's hour it would wait for its turn"
    mailbox.close()
    gates.release(2)  # in haste, and in full
    assert mailbox.join(60)


class _Value:
    """Something that a weak reference can watch."""


def test_an_idle_worker_keeps_neither_its_job_nor_what_came_of_it(qtbot: QtBot) -> None:
    made: list[weakref.ref[_Value]] = []

    def work(_job: _Value) -> _Value:
        value = _Value()
        made.append(weakref.ref(value))
        return value

    activity = Activity()
    mailbox, sink = LatestOnly("test", work, activity), Sink()
    mailbox.delivered.connect(sink.take)
    job = _Value()
    made.append(weakref.ref(job))
    mailbox.post(job)
    del job
    qtbot.waitUntil(lambda: len(sink.outcomes) == 1, timeout=TIMEOUT_MS)
    activity.wait_until_idle(lambda: False)
    sink.outcomes.clear()
    assert [reference() for reference in made] == [None, None]
    mailbox.close()
    assert mailbox.join(60)


def test_curves_of_another_picture_let_go_of_the_one_before(qtbot: QtBot) -> None:  # noqa: ARG001 (signals need Qt)
    activity = Activity()
    worker = CurveWorker(activity)
    held: list[weakref.ref[Opened]] = []
    for _ in range(2):
        codec = _Interrupted(activity)
        comparison = Comparison(flat(16, 16), [codec])
        opened = Opened(
            flat(16, 16),
            comparison,
            equaliser(comparison),
            picture_of(flat(16, 16).pixels),
        )
        held.append(weakref.ref(opened))
        worker.start(opened, ("interrupted",))
        assert codec.asked.acquire(timeout=60)  # the worker measures this one, and stands still in it
        if len(held) == 1:
            del opened, comparison, codec
            activity.end("user")
    gc.collect()
    assert held[0]() is None
    assert held[1]() is not None
    worker.close()
    assert worker.join(60)


def test_the_picture_before_and_its_caches_are_freed(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    controller = driver(opened)
    qtbot.waitUntil(lambda: controller.is_settled, timeout=TIMEOUT_MS)
    controller.set_pane_layout(replace(controller.session.pane_layout, show=Show.ERROR))
    qtbot.waitUntil(lambda: all(controller.made(codec) is not None for codec in controller.codecs), timeout=TIMEOUT_MS)
    before = controller.opened_picture
    shown, made = controller.shown("learned"), controller.made("learned")
    assert before is not None
    assert shown is not None
    assert made is not None
    everything = before, before.image, before.comparison, before.equal, shown, shown.picture, made, made.picture
    kept = [weakref.ref(one) for one in everything]
    del before, shown, made, everything
    other = photograph.with_name("other.png")
    PillowImage.fromarray(flat(64, 64).pixels).save(other)
    # Only one codec has work on the next picture: the workers of the others stay idle.
    controller.set_pane_layout(replace(controller.session.pane_layout, show=Show.PICTURE))
    controller.set_codecs(["jpeg"])
    with qtbot.waitSignal(controller.opened, timeout=TIMEOUT_MS):
        controller.open_file(other)
    wait_until_at_target(opened, qtbot)

    def is_freed() -> bool:
        gc.collect()
        return all(reference() is None for reference in kept)

    qtbot.waitUntil(is_freed, timeout=TIMEOUT_MS)


def test_background_work_waits_for_the_mailboxes() -> None:
    activity = Activity()
    activity.begin("a")
    activity.begin("b")
    passed = threading.Event()

    def wait() -> None:
        activity.wait_until_idle(lambda: False)
        passed.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    activity.end("a")
    assert not passed.wait(0.05)
    activity.end("b")
    assert passed.wait(60)
    thread.join(60)


@dataclass(frozen=True)
class _Interrupted:
    """A codec that never meets a target; at its first stream the user begins to work."""

    activity: Activity
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    name: str = "interrupted"
    label: str = "Interrupted"
    suffix: str = ".none"
    tries_every_encoder: bool = False
    detail: str = ""
    qualities: range = range(1000)

    def encoders(self, image: Image) -> Sequence[_Interrupted]:  # noqa: ARG002 (the same for every picture)
        return (self,)

    def guess(self, target_bytes: int) -> int:  # noqa: ARG002 (it cannot tell)
        return 500

    def encode(self, quality: int) -> bytes:
        if quality == 500:
            self.activity.begin("user")
        self.asked.release()
        return bytes(10**6 + quality)

    def recognises(self, stream: bytes) -> bool:
        return len(stream) > 10**6

    def decode(self, stream: bytes) -> Pixels:
        return np.zeros((16, 16, 3), np.uint8) + np.uint8(len(stream) % 256)


def test_curves_give_way_in_the_middle_of_a_search(qtbot: QtBot) -> None:  # noqa: ARG001 (signals need Qt)
    activity = Activity()
    codec = _Interrupted(activity)
    image = flat(16, 16)
    worker = CurveWorker(activity)
    comparison = Comparison(image, [codec])
    opened = Opened(image, comparison, equaliser(comparison), picture_of(image.pixels))
    worker.start(opened, ("interrupted",))
    assert codec.asked.acquire(timeout=60)
    assert not codec.asked.acquire(timeout=0.1)
    activity.end("user")
    assert codec.asked.acquire(timeout=60)
    worker.close()
    assert worker.join(60)


def test_curves_do_not_wait_for_whom_they_keep_from_memory(
    qtbot: QtBot,  # noqa: ARG001 (signals need Qt)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The user’s job waits for memory that a curve’s search holds, which would wait until the user’s job is done."""
    held = 0
    budget = Budget(2_000_000_000, lambda: held)
    for place in ("viewer.matching.comparison", "viewer.ui.engine.workers.background"):
        monkeypatch.setattr(f"{place}.process_budget", lambda: budget)
    activity = Activity()
    codec = _Interrupted(activity)
    comparison = Comparison(flat(16, 16), [codec])
    opened = Opened(
        flat(16, 16),
        comparison,
        equaliser(comparison),
        picture_of(flat(16, 16).pixels),
    )
    worker = CurveWorker(activity)
    worker.start(opened, ("interrupted",))
    assert codec.asked.acquire(timeout=60)
    held = 1_500_000_000  # by the search, which stands still now
    let_in = threading.Event()

    def work() -> None:
        budget.acquire(1_000_000_000, "The user’s job")
        let_in.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert codec.asked.acquire(timeout=60)  # it goes on
    held = 0  # first: what waits for the search is let in, or refused, as soon as that ends
    worker.close()
    assert worker.join(60)
    assert let_in.wait(60)
    thread.join(60)


def test_pictures_of_the_picture_before_are_not_shown(
    opened: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(photograph.read_bytes())
    strays: list[str] = []

    def check(codec: str) -> None:
        shown = driver(opened).shown(codec)
        if shown is not None and shown.result.request.image.name != opened.windowTitle().split(" – ")[0]:
            strays.append(codec)

    driver(opened).codec_changed.connect(check)
    driver(opened).set_target(1.7)
    driver(opened).open_file(other)
    qtbot.waitUntil(lambda: opened.windowTitle().startswith("other.png"), timeout=TIMEOUT_MS)
    wait_until_at_target(opened, qtbot)
    assert not strays


def test_a_pane_that_is_behind_keeps_its_picture_under_its_own_rate(opened: MainWindow, qtbot: QtBot) -> None:
    header, canvas = opened.panes["learned"].header, opened.panes["learned"].canvas
    figures, picture = header.text.figures, canvas.picture
    driver(opened).set_target(1.9)
    assert header.text.working
    assert header.text.status == "encoding…"
    *own, deviation = header.text.figures
    assert [(f.caption, f.value) for f in own] == [(f.caption, f.value) for f in figures[:-1]]
    assert deviation.value == ""  # from a target that is not its own
    assert canvas.picture is picture
    wait_until_at_target(opened, qtbot)
    assert not header.text.working
    assert canvas.picture is not picture


def test_overtaken_rates_end_at_the_last(opened: MainWindow, qtbot: QtBot) -> None:
    for bpp in (0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.3):
        driver(opened).set_target(bpp)
    wait_until_at_target(opened, qtbot)
    for codec in driver(opened).codecs:
        shown = driver(opened).shown(codec)
        assert shown is not None
        assert shown.result.request.target_bpp == 1.3
        assert not driver(opened).is_working(codec)


def test_curves_are_ordered_from_coarse_to_fine() -> None:
    assert coarse_to_fine(5) == (0, 4, 2, 1, 3)
    targets = curve_targets(MIN_BPP, MAX_BPP)
    assert targets[:2] == (MIN_BPP, MAX_BPP)
    assert len(set(targets)) == len(targets)


def test_the_ends_of_all_curves_come_first_and_then_the_quickest_codecs_curve() -> None:
    targets, codecs = curve_targets(0.05, 3.0, 5), ("learned", "jpeg", "jpeg2000")
    seconds: dict[str, float] = {}
    order = []
    for target_bpp, codec in _in_order(targets, codecs, seconds):
        order.append((target_bpp, codec))
        seconds[codec] = {"learned": 9.0, "jpeg": 1.0, "jpeg2000": 2.0}[codec]
    assert order[:6] == [(end, codec) for end in (0.05, 3.0) for codec in codecs]
    assert [codec for _target, codec in order[6:]] == ["jpeg"] * 3 + ["jpeg2000"] * 3 + ["learned"] * 3
    assert sorted(order) == sorted((target, codec) for target in targets for codec in codecs)


def test_curves_fill_in_over_the_whole_range(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: driver(opened).is_settled, timeout=TIMEOUT_MS)
    for codec in driver(opened).codecs:
        curve = driver(opened).curve(codec)
        rates = [point.bpp for point in curve]
        assert rates == sorted(rates)
        assert len(rates) >= 8
        assert rates[0] < 0.6
        assert rates[-1] > 1.5
        psnr = [point.metrics.psnr_rgb_db for point in curve]
        assert psnr[-1] > psnr[0]


def test_closing_while_all_work_leaves_nothing_behind(make_window: MakeWindow, photograph: Path, qtbot: QtBot) -> None:
    window = make_window()
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(photograph)
    assert not is_at_target(window)
    with qtbot.assertNotEmitted(driver(window).codec_changed):
        window.close()
        assert not window.isVisible()
        assert driver(window).join(TIMEOUT_MS / 1000)


def test_importing_the_window_loads_no_heavy_library() -> None:
    code = (
        "import sys, viewer.ui.shell.app; print(sorted({'torch', 'cv2', 'glymur', 'constriction'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_window_loads_nothing_that_only_some_sessions_need() -> None:
    late = (
        "viewer.imaging.formats viewer.imaging.reader viewer.codecs.command.codec viewer.metrics.command.metric "
        "viewer.matching.comparison viewer.ui.shell.dialogs viewer.ui.shell.screenshot viewer.ui.blind.setup "
        "viewer.ui.panels.codec_dialog viewer.cli.compare viewer.cli.doctor models.weights_header scipy tomllib"
    )
    code = (
        "import sys, viewer.cli.main, viewer.ui.shell.app; "
        "print([name for name in sys.argv[1:] if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *late.split()], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_codec_cannot_do_stands_in_its_pane_and_the_others_go_on(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Comparison.result

    def refuse_jpeg(self: Comparison, codec: str, *arguments: Any, **options: Any) -> Result:
        if codec == "jpeg":
            raise CodecError("JPEG is out of order: choose another codec.")
        return real(self, codec, *arguments, **options)

    monkeypatch.setattr(Comparison, "result", refuse_jpeg)
    picture = opened.panes["jpeg"].canvas.picture
    driver(opened).set_target(1.1)
    qtbot.waitUntil(lambda: not any(map(driver(opened).is_working, driver(opened).codecs)), timeout=TIMEOUT_MS)
    assert opened.panes["jpeg"].header.text.level == "error"
    assert opened.panes["jpeg"].header.text.status == "JPEG is out of order: choose another codec."
    assert opened.panes["jpeg"].canvas.picture is picture
    learned = driver(opened).shown("learned")
    assert learned is not None
    assert learned.result.request.target_bpp == 1.1


def test_what_has_to_be_loaded_lets_the_others_show_their_first_pictures(
    window: MainWindow, photograph: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[set[str]] = []
    load = LearnedViewerCodec.load

    def noted(codec: LearnedViewerCodec) -> None:
        shown.append(set(driver(window).state.results))
        load(codec)

    monkeypatch.setattr(LearnedViewerCodec, "load", noted)
    driver(window).open_file(photograph)
    wait_until_at_target(window, qtbot)
    assert shown[0] == {"jpeg", "jpeg2000"}


def test_only_panes_that_are_still_empty_are_waited_for_and_no_more_than_two() -> None:
    image = flat(32, 32)
    comparison = Comparison(image)
    opened = Opened(image, comparison, equaliser(comparison), picture_of(image.pixels))

    def comparing(*names: str) -> AppState:
        return derived(AppState(session=Session(0.5), installed=names, compared=names, opened=opened))

    def with_result(state: AppState, pane: str) -> AppState:
        request = state.awaited[pane]
        result = comparison.result(request.codec, request.target_bpp)
        return derived(encoded(request, DisplayedResult(result, picture_of(result.reconstruction)))(state))

    three = comparing("learned", "jpeg", "jpeg2000")
    assert loading_later(three) == ("learned",)
    with_jpeg = with_result(three, "jpeg")
    assert loading_later(with_jpeg) == ("learned",)
    assert loading_later(with_result(with_jpeg, "jpeg2000")) == ()
    failed = derived(encoding_failed(with_jpeg.awaited["jpeg2000"], CodecError("no"), "no")(with_jpeg))
    assert loading_later(failed) == ()
    four = with_result(with_result(comparing("learned", "jpeg", "jpeg2000", "webp"), "jpeg"), "jpeg2000")
    assert "webp" in four.awaited
    assert loading_later(four) == ()
    assert loading_later(comparing("learned")) == ()
    pinned = derived(replace(with_jpeg, pinned=(Pin("learned", 0.3, "low"), Pin("jpeg", 0.9, "high"))))
    assert loading_later(pinned) == (PIN_PANES[0],)
    assert loading_later(with_result(pinned, PIN_PANES[1])) == ()

"""The updates of the set of pictures, without a window: from one frozen state to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.viewer.sets.made import two_codecs
from viewer.matching.targets.quality import QualityTarget
from viewer.metrics.fast import MS_SSIM_RGB
from viewer.session.state import Session
from viewer.sets.figures import figures_of
from viewer.sets.measured import MeasuredSet
from viewer.sets.source import PictureSet
from viewer.ui.engine.app_state import AppState, derived
from viewer.ui.engine.sets.service import wanted_sweep
from viewer.ui.engine.sets.state import THUMBNAILS_AT_ONCE, SetRequest, SweepRequest
from viewer.ui.engine.sets.updates import (
    cancel_sweep,
    choose,
    choose_in_pair,
    choose_quality,
    figures_made,
    open_of_set,
    open_set,
    pause_sweep,
    resume_sweep,
    rows_read,
    set_opened,
    set_refused,
    show_set,
    start_sweep,
    sweep_reported,
    thumbnails_made,
)
from viewer.ui.engine.store import Update
from viewer.ui.engine.workers.jobs import OpenFile
from viewer.ui.engine.workers.sweep_process import SweepEvent

RESULTS = Path("results.csv")
ROWS = tuple(two_codecs({"a.png": 1.0, "b.png": -1.0}))
SWEEP = SweepRequest(Path("pictures"), RESULTS, ("jpeg",), (0.5,))


def initial() -> AppState:
    return AppState(session=Session(0.5), installed=("learned", "jpeg"), compared=("learned", "jpeg"))


def after(state: AppState, *updates: Update) -> AppState:
    for update in updates:
        state = derived(update(state))
    return state


def picture_set(**changes: object) -> PictureSet:
    files = {"a.png": Path("pictures/a.png"), "b.png": Path("pictures/b.png")}
    return replace(PictureSet("results", RESULTS, Path("pictures"), files, ROWS), **changes)  # type: ignore[arg-type]


def opened(*updates: Update, **changes: object) -> AppState:
    """The state with a set, and its figures."""
    state = after(initial(), open_set(RESULTS))
    state = after(state, set_opened(SetRequest(RESULTS), picture_set(**changes)))
    request = state.sets.wanted_figures
    if request is not None:
        figures = figures_of(MeasuredSet(request.opened.rows), MS_SSIM_RGB)
        state = after(state, figures_made(request, figures))
    return after(state, *updates)


def test_a_set_takes_the_place_of_the_panes_once_it_has_been_read() -> None:
    state = after(initial(), open_set(RESULTS))
    assert not state.switches.set_view
    assert not state.is_settled
    state = opened()
    assert state.switches.set_view
    assert state.sets.opening is None
    assert state.sets.pair == ("old", "new")


def test_what_is_no_set_is_said_and_what_was_open_stays() -> None:
    state = opened(open_set(Path("prices.csv")), set_refused(SetRequest(Path("prices.csv")), "No sweep."))
    assert state.message is not None
    assert state.message.text == "No sweep."
    assert state.open_problem == "No sweep."
    assert state.sets.opened is not None
    assert state.sets.opening is None


def test_a_set_that_was_overtaken_by_another_is_not_shown() -> None:
    state = after(initial(), open_set(RESULTS), open_set(Path("other.csv")))
    state = after(state, set_opened(SetRequest(RESULTS), picture_set()))
    assert state.sets.opened is None


def test_figures_are_wanted_of_the_present_rows_and_metric_only() -> None:
    state = opened()
    assert state.sets.wanted_figures is None
    state = after(state, choose(metric="psnr_rgb"))
    request = state.sets.wanted_figures
    assert request is not None
    assert request.metric == "psnr_rgb"
    newer = picture_set(rows=ROWS[:10])
    state = after(state, rows_read(newer))
    wanted = state.sets.wanted_figures
    assert wanted is not None
    assert wanted.opened is newer
    assert state.sets.figures is not None  # the older ones stay until the newer are there


def test_thumbnails_are_made_a_few_at_a_time_and_once() -> None:
    files = {f"{n}.png": Path(f"{n}.png") for n in range(THUMBNAILS_AT_ONCE + 1)}
    state = opened(files=files)
    job = state.sets.wanted_thumbnails
    assert job is not None
    assert len(job[1]) == THUMBNAILS_AT_ONCE
    state = after(state, thumbnails_made(RESULTS, dict.fromkeys(name for name, _ in job[1])))
    job = state.sets.wanted_thumbnails
    assert job is not None
    assert [name for name, _ in job[1]] == [f"{THUMBNAILS_AT_ONCE}.png"]
    assert after(state, thumbnails_made(Path("other.csv"), {"x": None})).sets.thumbnails == state.sets.thumbnails


def test_a_picture_of_the_set_opens_in_the_panes_at_the_same_rate() -> None:
    state = opened(open_of_set("b.png"))
    assert isinstance(state.opening, OpenFile)
    assert state.opening.path == Path("pictures/b.png")
    assert not state.switches.set_view
    assert state.session.target_bpp == 0.5


def test_a_picture_that_was_not_found_is_said() -> None:
    state = opened(open_of_set("c.png"))
    assert state.opening is None
    assert state.message is not None
    assert "“c.png” was not found" in state.message.text


def test_a_set_is_looked_at_by_rate_and_only_where_there_is_one() -> None:
    assert not after(initial(), show_set(True)).switches.set_view
    state = opened(show_set(False))
    quality = replace(state.session, quality=QualityTarget("psnr", "rgb", 35.0))
    state = after(replace(state, session=quality), show_set(True))
    assert state.session.quality is None


def test_two_codecs_are_never_compared_with_themselves() -> None:
    assert opened(choose_in_pair(0, "new")).sets.pair == ("new", "old")
    assert opened(choose_in_pair(1, "old")).sets.pair == ("new", "old")


def test_each_metric_keeps_its_own_quality() -> None:
    state = opened(choose_quality(12.0), choose(metric="psnr_rgb"), choose_quality(36.0), choose(metric="ms_ssim_rgb"))
    assert state.sets.choice.quality == 12.0


def test_a_sweep_reports_and_ends() -> None:
    state = opened(start_sweep(SWEEP))
    assert wanted_sweep(state) == (1, SWEEP)
    assert not state.is_settled
    state = after(state, sweep_reported(SweepEvent(1, total=4)), sweep_reported(SweepEvent(1, done=1, elapsed_s=10.0)))
    assert (state.sets.sweep.done, state.sets.sweep.total, state.sets.sweep.left_s) == (1, 4, 30.0)
    state = after(state, sweep_reported(SweepEvent(1, refused="“c.png” is broken.")))
    state = after(
        state, sweep_reported(SweepEvent(1, done=4, elapsed_s=40.0)), sweep_reported(SweepEvent(1, ended=True))
    )
    assert wanted_sweep(state) is None
    assert state.message is not None
    assert "“c.png” is broken." in state.message.text
    assert state.sets.sweep.refused == ("“c.png” is broken.",)


def test_a_paused_sweep_goes_on_where_it_was() -> None:
    state = opened(start_sweep(SWEEP), sweep_reported(SweepEvent(1, total=4)), sweep_reported(SweepEvent(1, done=3)))
    state = after(state, pause_sweep())
    assert wanted_sweep(state) is None
    state = after(state, sweep_reported(SweepEvent(1, done=4)))  # came late
    assert (state.sets.sweep.phase, state.sets.sweep.done) == ("paused", 3)
    state = after(state, resume_sweep())
    assert wanted_sweep(state) == (2, SWEEP)
    state = after(state, sweep_reported(SweepEvent(2, total=1)))
    assert (state.sets.sweep.done, state.sets.sweep.total) == (3, 4)
    state = after(state, sweep_reported(SweepEvent(2, done=1)))
    assert state.sets.sweep.done == 4


def test_a_cancelled_sweep_says_what_is_kept() -> None:
    state = opened(start_sweep(SWEEP), sweep_reported(SweepEvent(1, total=4)), sweep_reported(SweepEvent(1, done=3)))
    state = after(state, cancel_sweep())
    assert wanted_sweep(state) is None
    assert state.message is not None
    assert state.message.text == "The sweep was stopped after 3 of 4 pictures. They are kept in “results.csv”."
    assert after(state, start_sweep(SWEEP)).sets.sweep.run == 2


def test_another_set_ends_the_sweep_of_the_one_before() -> None:
    state = opened(start_sweep(SWEEP), open_set(Path("other.csv")))
    other = picture_set(results=Path("other.csv"))
    state = after(state, set_opened(SetRequest(Path("other.csv")), other))
    assert wanted_sweep(state) is None
    assert state.sets.figures is None


def test_why_a_sweep_failed_is_said() -> None:
    state = opened(start_sweep(SWEEP), sweep_reported(SweepEvent(1, ended=True, problem="The disk is full.")))
    assert state.message is not None
    assert (state.message.kind, state.message.text) == ("error", "The disk is full.")


def test_panes_do_not_work_while_the_set_is_in_their_place() -> None:
    state = opened()
    assert state.awaited == {}
    assert after(state, show_set(False)).switches.set_view is False

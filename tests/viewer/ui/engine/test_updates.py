"""The updates, without a window: from one frozen state to the next."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from models.errors import CodecError, MemoryLimitError
from tests.photographs import flat
from tests.viewer.ui.comparable import equaliser
from viewer.matching.comparison import Comparison
from viewer.matching.provisional import provisional
from viewer.matching.targets.quality import PSNR_RGB, QualityTarget
from viewer.session.pane_layout import ORIGINAL, PIN_PANES, Layout, PaneLayout, Show
from viewer.session.pins import Pin, Pins
from viewer.session.session_file import FoundSession, StoredSession
from viewer.session.session_parts import WindowState
from viewer.session.state import MetricScale, Session, View
from viewer.ui.engine.app_state import AppState, derived
from viewer.ui.engine.image_pyramid import picture_of
from viewer.ui.engine.store import Store, Update
from viewer.ui.engine.updates.compared import compare_pins, set_codecs, set_pins
from viewer.ui.engine.updates.deliveries import (
    encoded,
    encoding_failed,
    picture_opened,
    search_went_on,
    shown_provisionally,
    without_provisional,
)
from viewer.ui.engine.updates.files import open_picture, restore_session
from viewer.ui.engine.updates.messages import show_error, show_prompt
from viewer.ui.engine.updates.target import set_memory_limit, set_quality, set_scale, set_target
from viewer.ui.engine.updates.view import set_pane_layout, set_view
from viewer.ui.engine.workers import jobs
from viewer.ui.engine.workers.jobs import DisplayedProvisional, DisplayedResult, Opened, OpenFile, SearchProgress

CODECS = ("learned", "jpeg", "jpeg2000", "webp")
LOW, HIGH = Pin("jpeg", 0.25, "low"), Pin("jpeg", 0.9, "high")


def initial() -> AppState:
    return AppState(session=Session(0.5), installed=CODECS, compared=CODECS[:3])


def opened_on(state: AppState, name: str = "flat.png") -> AppState:
    """The state with a picture."""
    image = replace(flat(32, 32), name=name, path=Path(name))
    comparison = Comparison(image)
    request = OpenFile(Path(name))
    opened = Opened(image, comparison, equaliser(comparison), picture_of(image.pixels))
    return after(state, open_picture(request), picture_opened(request, opened))


def after(state: AppState, *updates: Update) -> AppState:
    for update in updates:
        state = derived(update(state))
    return state


def delivered(state: AppState, pane: str) -> AppState:
    """What is awaited in a pane has come."""
    request = state.awaited[pane]
    result = request.opened.comparison.result(request.codec, request.target_bpp)
    return after(state, encoded(request, DisplayedResult(result, picture_of(result.reconstruction))))


def test_the_state_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        initial().panel = "pins"  # type: ignore[misc]


def test_what_is_awaited_follows_from_what_is_wanted_and_not_there() -> None:
    state = opened_on(initial())
    assert {pane: request.target_bpp for pane, request in state.awaited.items()} == dict.fromkeys(CODECS[:3], 0.5)
    state = delivered(state, "jpeg")
    assert set(state.awaited) == {"learned", "jpeg2000"}
    assert state.curves["jpeg"]
    state = after(state, set_target(1.5))
    assert {request.target_bpp for request in state.awaited.values()} == {1.5}
    assert after(state, set_codecs(["jpeg"])).awaited.keys() == {"jpeg"}
    assert "jpeg" not in after(state, set_target(0.5)).awaited  # it is there


def test_an_overtaken_result_is_shown_and_one_that_nobody_waits_for_is_not() -> None:
    state = opened_on(initial())
    old = state.awaited["jpeg"]
    result = old.opened.comparison.result("jpeg", 0.5)
    shown = DisplayedResult(result, picture_of(result.reconstruction))
    during_a_drag = after(state, set_target(0.7), encoded(old, shown))
    assert during_a_drag.results["jpeg"] is shown
    assert during_a_drag.awaited["jpeg"].target_bpp == 0.7
    assert "jpeg" not in after(state, set_codecs(["learned"]), encoded(old, shown)).results
    another = opened_on(state, "other.png")
    assert "jpeg" not in after(another, encoded(old, shown)).results
    at_target = after(delivered(after(state, set_target(0.7)), "jpeg"), encoded(old, shown))
    assert at_target.results["jpeg"] is not shown


def test_what_is_shown_provisionally_is_no_result_and_goes_with_what_it_stands_in_for() -> None:
    state = delivered(opened_on(initial()), "jpeg")
    before = state.results["jpeg"]
    at_rest = state
    state = after(state, set_target(0.7))
    request = state.awaited["jpeg"]
    assert request.in_haste
    made = provisional(request.opened.comparison, "jpeg", 0.7, PSNR_RGB, None)
    shown = DisplayedProvisional(made, picture_of(made.pixels))
    dragged = after(state, shown_provisionally(request, shown))
    assert dragged.provisional == {"jpeg": shown}
    assert (dragged.results, dragged.contents["jpeg"].result) == ({"jpeg": before}, before)
    assert (dragged.curves, dragged.awaited["jpeg"]) == (state.curves, request)
    assert after(dragged, set_target(0.9)).provisional == {"jpeg": shown}  # it stays until the next one
    assert not delivered(dragged, "jpeg").provisional
    assert not after(dragged, set_target(0.5)).provisional  # whose result is there
    assert not after(dragged, without_provisional()).provisional
    assert not after(dragged, set_codecs(["learned"])).provisional
    assert not opened_on(dragged, "other.png").provisional
    assert after(at_rest, shown_provisionally(request, shown)) == at_rest  # the result is there


def test_only_pictures_at_a_rate_are_shown_provisionally() -> None:
    state = opened_on(initial())
    assert state.awaited["jpeg"].in_haste
    shows = replace(state.session.pane_layout, show=Show.SIGNED)
    for other in (
        opened_on(after(initial(), set_pane_layout(shows))),
        after(state, set_quality(QualityTarget("psnr", "rgb", 31.0))),
        after(state, compare_pins((LOW, HIGH))),
    ):
        assert not any(request.in_haste for request in other.awaited.values())


def test_a_long_search_for_a_quality_says_how_far_it_is_as_long_as_it_is_awaited() -> None:
    state = after(opened_on(initial()), set_quality(QualityTarget("psnr", "rgb", 31.0)))
    request = state.awaited["jpeg"]
    searching = after(state, search_went_on(SearchProgress(request, 2)), search_went_on(SearchProgress(request, 3)))
    assert {pane: one.tried for pane, one in searching.searching.items()} == {"jpeg": 3}
    assert not after(searching, set_quality(QualityTarget("psnr", "rgb", 33.0))).searching
    assert not after(searching, encoding_failed(request, CodecError("no"), "no")).searching
    assert not opened_on(searching, "other.png").searching
    match = request.opened.equal.match("jpeg", QualityTarget("psnr", "rgb", 31.0))
    shown = DisplayedResult(match.result, picture_of(match.result.reconstruction), match)
    found = after(searching, encoded(request, shown))
    assert found.results["jpeg"] is shown
    assert not found.searching


def test_a_search_that_takes_long_reports_each_stream_and_a_short_one_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state = after(opened_on(initial()), set_quality(QualityTarget("psnr", "rgb", 31.0)))
    reports: list[SearchProgress] = []
    request = state.awaited["jpeg"]
    monkeypatch.setattr(jobs, "REPORT_EVERY_S", 3600.0)
    found = jobs.compress(state.awaited["jpeg2000"], lambda: None, reports.append)
    assert found.match is not None
    assert not reports
    monkeypatch.setattr(jobs, "REPORT_EVERY_S", 0.0)
    jobs.compress(request, lambda: None, reports.append)
    assert [one.tried for one in reports] == list(range(1, len(reports) + 1))
    assert len(reports) > 1
    assert {one.request for one in reports} == {request}


def test_leaving_pins_by_another_rate_asks_each_codec_once() -> None:
    state = opened_on(after(initial(), set_pins(Pins((LOW, HIGH)))))
    for codec in CODECS[:3]:
        state = delivered(state, codec)
    store = Store(state)
    asked: list[set[tuple[str, float]]] = []
    store.watch(
        lambda state: state.awaited,
        lambda awaited: asked.append({(pane, request.target_bpp) for pane, request in awaited.items()}),
        at_once=False,
    )
    store.update(compare_pins((LOW, HIGH)))
    assert asked == [{(PIN_PANES[0], 0.25), (PIN_PANES[1], 0.9)}]
    asked.clear()
    store.update(set_target(0.8))
    assert asked == [{(codec, 0.8) for codec in CODECS[:3]}]  # not first for 0.5, which is left at once
    assert store.state.panes == CODECS[:3]


def test_leaving_pins_at_the_same_rate_asks_for_nothing() -> None:
    state = opened_on(initial())
    for codec in CODECS[:3]:
        state = delivered(state, codec)
    state = after(state, compare_pins((LOW, HIGH)))
    assert set(state.awaited) == set(PIN_PANES)
    assert not after(state, compare_pins(None)).awaited


def test_panes_are_as_they_were_when_pins_are_left() -> None:
    layout = PaneLayout(Layout.SPLIT, "jpeg", "learned", left="jpeg", right=ORIGINAL)
    state = replace(initial(), session=Session(0.5, pane_layout=layout))
    among_pins = after(state, compare_pins((LOW, HIGH)))
    assert (among_pins.session.pane_layout.left, among_pins.session.pane_layout.right) == PIN_PANES
    assert after(among_pins, compare_pins((HIGH, LOW)), compare_pins(None)).session.pane_layout == layout


def test_a_refused_request_is_asked_again_only_after_another_limit() -> None:
    state = opened_on(initial())
    request, refused = state.awaited["jpeg"], MemoryLimitError("too much")
    failed = after(state, encoding_failed(request, refused, "too much"))
    assert failed.failures == {"jpeg": "too much"}
    assert "jpeg" not in failed.awaited
    again = after(failed, set_memory_limit(16))
    assert again.awaited["jpeg"].attempt == request.attempt + 1
    assert again.failures  # until there is something better to say
    at_work = after(state, set_memory_limit(16), encoding_failed(request, refused, "too much"))
    assert at_work.awaited["jpeg"].attempt == request.attempt + 1
    assert not at_work.failures


def test_another_channel_goes_on_with_equal_quality_in_it() -> None:
    state = after(initial(), set_quality(QualityTarget("psnr", "rgb", 33.0)), set_scale(MetricScale("luma")))
    assert isinstance(state.session.quality, QualityTarget)
    assert state.session.quality.channel == "luma"


def test_going_on_takes_a_message_away_but_no_prompt() -> None:
    assert after(initial(), show_error("No."), set_target(0.6)).message is None
    assert after(initial(), show_error("No."), set_target(0.5)).message is not None  # nothing has moved
    assert after(initial(), show_prompt("It has changed.", "reload"), set_target(0.6)).message is not None


def test_a_session_is_restored_by_the_update_that_brings_its_picture() -> None:
    session = Session(
        0.8,
        view=View(2.0, (900.0, 10.0)),
        scale=MetricScale("luma", ms_ssim_db=False),
        pane_layout=PaneLayout(Layout.SPLIT, show=Show.SIGNED, left="jpeg", right="gone"),
        quality=QualityTarget("psnr", "rgb", 34.0),
    )
    pins = Pins((LOW, Pin("gone", 0.3, "of a codec that is not here")))
    window = WindowState(smooth=True, logarithmic=False, loupe=True, panel="pins")
    image = replace(flat(32, 32), name="flat.png", path=Path("flat.png"))
    kept = StoredSession(Path("flat.png"), "", image.digest, session, ("jpeg", "webp", "gone"), pins, window)
    request = OpenFile(Path("flat.png"), FoundSession(Path("a.ratelens"), kept, Path("flat.png")))
    comparison = Comparison(image)
    opened = Opened(image, comparison, equaliser(comparison), picture_of(image.pixels))
    store = Store(after(initial(), compare_pins((LOW, HIGH)), open_picture(request)))
    states: list[AppState] = []
    asked: list[object] = []
    store.watch(lambda state: state, states.append, at_once=False)
    store.watch(lambda state: state.awaited, asked.append, at_once=False)
    store.update(picture_opened(request, opened))
    assert len(states) == 1
    assert len(asked) == 1
    state = store.state
    assert state.opened is opened
    assert state.panes == ("jpeg", "webp")
    assert state.session.target_bpp == 0.8
    assert state.session.quality == QualityTarget("psnr", "rgb", 34.0)
    assert state.session.scale == MetricScale("rgb", ms_ssim_db=False)  # as the quality is measured
    assert state.session.view == View(2.0, (32.0, 10.0))
    layout_now = state.session.pane_layout
    assert (layout_now.left, layout_now.right) == ("jpeg", ORIGINAL)  # the present one for one that is not here
    assert state.session.pins == Pins((LOW,))
    assert (state.switches.smooth, state.switches.logarithmic, state.switches.loupe) == (True, False, True)
    assert state.panel == "pins"
    assert state.message is not None
    assert state.message.text == "Opened the session “a.ratelens”. Left out, as not installed here: gone."


def test_a_session_of_another_picture_waits_for_an_answer() -> None:
    kept = StoredSession(Path("flat.png"), "", "0" * 64, Session(0.8))
    found = FoundSession(Path("a.ratelens"), kept, Path("flat.png"))
    request = OpenFile(Path("flat.png"), found)
    image = replace(flat(32, 32), name="flat.png", path=Path("flat.png"))
    comparison = Comparison(image)
    opened = Opened(image, comparison, equaliser(comparison), picture_of(image.pixels))
    state = after(initial(), open_picture(request), picture_opened(request, opened))
    assert state.doubted is found
    assert state.session.target_bpp == 0.5
    answered = after(state, restore_session(found))
    assert answered.doubted is None
    assert answered.session.target_bpp == 0.8


def test_looking_elsewhere_asks_for_nothing() -> None:
    state = opened_on(initial())
    assert after(state, set_view(View(2.0, (3.0, 4.0)))).awaited is state.awaited

"""Refining what the learned pane shows, with real keys and real streams."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import codec_named
from viewer.matching.result import Result
from viewer.session.pins import KeptStream, Pin
from viewer.session.session_file import find_session, read_session, stored, written
from viewer.session.state import FIT
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.updates.files import open_picture
from viewer.ui.engine.updates.target import set_target, toggle_equal
from viewer.ui.engine.updates.view import set_view
from viewer.ui.engine.workers.jobs import OpenFile
from viewer.ui.engine.workers.refining import Refinement, Stage
from viewer.ui.files.session_saving import refined_streams
from viewer.ui.shell.main_window import MainWindow


def state_of(window: MainWindow) -> AppState:
    return window.store.state


def refinement(window: MainWindow) -> Refinement:
    return state_of(window).refinements["learned"]


def learned(window: MainWindow) -> Result:
    return state_of(window).results["learned"].result


def has_ended(window: MainWindow) -> bool:
    return all(one.stage is Stage.ENDED for one in state_of(window).refinements.values())


def refine(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_O)
    assert not has_ended(window)
    qtbot.waitUntil(lambda: has_ended(window), timeout=TIMEOUT_MS)


def test_o_makes_the_learned_picture_better_at_the_same_size(opened: MainWindow, qtbot: QtBot) -> None:
    before = learned(opened)
    curve = state_of(opened).curves["learned"]
    QTest.keyClick(opened, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: "refining" in opened.panes["learned"].header.text.status, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: has_ended(opened), timeout=TIMEOUT_MS)
    after = learned(opened)
    assert len(after.stream) == pytest.approx(len(before.stream), rel=0.02)
    assert abs(after.deviation) <= 0.01
    assert after.measurement.metrics.psnr_rgb_db > before.measurement.metrics.psnr_rgb_db
    assert (codec_named("learned").decode(after.stream) == after.reconstruction).all()
    head = opened.panes["learned"].header.text
    assert head.detail.startswith("refined, ")
    assert not head.working
    known = [point.byte_count for point in state_of(opened).curves["learned"]]
    assert len(after.stream) not in set(known) - {point.byte_count for point in curve}  # the curve is the codec's own


def test_the_unrefined_point_and_picture_stay_beside_it(opened: MainWindow, qtbot: QtBot) -> None:
    before = learned(opened)
    refine(opened, qtbot)
    for plot in (opened.plots.upper_plot, opened.plots.lower_plot):
        qtbot.waitUntil(lambda: [pin.name for pin in plot.pins] == ["unrefined"], timeout=TIMEOUT_MS)  # noqa: B023
        assert plot.pins[0].bpp == before.bpp
    after = learned(opened)
    QTest.keyClick(opened, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert learned(opened) is before
    assert opened.panes["learned"].header.text.status == "unrefined"
    QTest.keyClick(opened, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert learned(opened) is after


def test_a_move_of_the_slider_ends_it(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_O)
    opened.store.update(set_target(0.3))
    assert has_ended(opened)
    wait_until_at_target(opened, qtbot)
    assert not state_of(opened).refinements
    assert learned(opened).request.target_bpp == 0.3
    assert "refin" not in opened.panes["learned"].header.text.detail + opened.panes["learned"].header.text.status


def test_o_again_stops_and_keeps_what_is_at_the_size(opened: MainWindow, qtbot: QtBot) -> None:
    before = learned(opened)
    QTest.keyClick(opened, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: refinement(opened).share > 0.02, timeout=TIMEOUT_MS)
    QTest.keyClick(opened, Qt.Key.Key_O)
    assert refinement(opened).stage is Stage.STOPPING
    qtbot.waitUntil(lambda: has_ended(opened), timeout=TIMEOUT_MS)
    assert abs(len(learned(opened).stream) / len(before.stream) - 1.0) < 0.02


def test_at_equal_quality_there_is_a_sentence(opened: MainWindow) -> None:
    opened.store.update(toggle_equal("psnr"))
    QTest.keyClick(opened, Qt.Key.Key_O)
    message = state_of(opened).message
    assert message is not None
    assert "match by size first" in message.text
    assert not state_of(opened).refinements


def test_without_a_picture_there_is_nothing_to_refine(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_O)
    message = state_of(window).message
    assert message is not None
    assert "open a picture" in message.text


def test_a_session_keeps_the_refined_stream(
    make_window: MakeWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(photograph)
    wait_until_at_target(window, qtbot)
    refine(window, qtbot)
    refined, file = learned(window), tmp_path / "kept.ratelens"
    state = state_of(window)
    file.write_bytes(written(stored(state.session, file, state.compared, refined=refined_streams(state))))
    window.close()
    again = make_window()
    again.store.update(open_picture(OpenFile(photograph, session=find_session(file))))
    qtbot.waitUntil(lambda: bool(state_of(again).refinements), timeout=TIMEOUT_MS)
    assert learned(again).stream == refined.stream
    assert learned(again).measurement.metrics == refined.measurement.metrics
    assert again.panes["learned"].header.text.detail == window.panes["learned"].header.text.detail
    assert not state_of(again).kept_streams


def test_a_damaged_stream_in_a_session_is_a_sentence(
    make_window: MakeWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = make_window()
    file = tmp_path / "kept.ratelens"
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(photograph)
    state = state_of(window)
    bad = KeptStream("learned", state.session.target_bpp, b"no stream", 3.0)
    file.write_bytes(written(stored(state.session, file, state.compared, refined=(bad,))))
    assert read_session(file).refined == (bad,)
    with qtbot.waitSignal(driver(window).refused, timeout=TIMEOUT_MS):
        window.store.update(open_picture(OpenFile(photograph, session=find_session(file))))
    assert not state_of(window).refinements
    assert not state_of(window).kept_streams


def test_a_region_is_drawn_with_ctrl_and_gets_more_of_the_bits(opened: MainWindow, qtbot: QtBot) -> None:
    opened.store.update(set_view(FIT))
    canvas = opened.panes["jpeg"].canvas
    place, ratio = canvas.placement, canvas.devicePixelRatioF()
    assert place is not None

    def point(x: float, y: float) -> QPoint:
        return QPoint(round((place.left + x * place.zoom) / ratio), round((place.top + y * place.zoom) / ratio))

    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, ctrl, point(40, 30))
    QTest.mouseMove(canvas, point(80, 70))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, ctrl, point(120, 110))
    region = state_of(opened).refine_region
    assert region is not None
    left, top, width, height = region
    assert region == pytest.approx((40, 30, 80, 80), abs=4)
    assert state_of(opened).session.view == FIT  # it was not panned
    before = learned(opened)
    refine(opened, qtbot)
    after, original = learned(opened), state_of(opened).session.image
    assert original is not None
    inside = (slice(top, top + height), slice(left, left + width))

    def error(result: Result) -> float:
        shown = result.reconstruction[inside].astype(float) - original.pixels[inside]
        return float((shown**2).mean())

    assert error(after) < 0.9 * error(before)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, ctrl, point(10, 10))
    assert state_of(opened).refine_region is None


def test_a_refined_picture_can_be_pinned_and_compared_with_the_unrefined_one(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_2)
    before = learned(opened)
    QTest.keyClick(opened, Qt.Key.Key_A)
    refine(opened, qtbot)
    after = learned(opened)
    QTest.keyClick(opened, Qt.Key.Key_A)
    pins = state_of(opened).session.pins.pins
    assert [pin.name for pin in pins] == ["Learned 0.500", "Learned 0.500 refined"]
    assert [Pin.from_dict(pin.as_dict()).refined is None for pin in pins] == [True, False]
    points = state_of(opened).pin_points
    assert [points[pin.place].byte_count for pin in pins] == [len(before.stream), len(after.stream)]
    QTest.keyClick(opened, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not state_of(opened).awaited, timeout=TIMEOUT_MS)
    shown = [state_of(opened).results[pane].result.stream for pane in state_of(opened).panes]
    assert shown == [before.stream, after.stream]


def test_a_refined_pin_shows_its_picture_again(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_2)
    refine(opened, qtbot)
    refined = learned(opened)
    QTest.keyClick(opened, Qt.Key.Key_A)
    opened.store.update(set_target(0.3))
    wait_until_at_target(opened, qtbot)
    QTest.keyClick(opened, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: learned(opened).stream == refined.stream, timeout=TIMEOUT_MS)

"""The guided tour: every sentence is that of the results shown, Space goes on, and the end puts everything back."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.imaging.image_info import format_bytes
from viewer.matching.targets.quality import QualityMeasure
from viewer.session.pane_layout import Layout, Show
from viewer.session.tour import Tour, TourStep, sweep_rates
from viewer.ui.common.slider_scale import rounded_bpp
from viewer.ui.engine.updates.tour import sweep_on
from viewer.ui.presenting.size_bars import size_bars
from viewer.ui.shell.main_window import MainWindow

MS_SSIM = QualityMeasure("ms_ssim", "rgb")


def tour_of(window: MainWindow) -> Tour:
    tour = window.store.state.tour
    assert tour is not None
    return tour


def say(window: MainWindow) -> str:
    return window.tour_strip.sentence


def arrived(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.store.state.awaited, timeout=TIMEOUT_MS)


def bytes_of(window: MainWindow, codec: str) -> int:
    shown = driver(window).shown(codec)
    assert shown is not None
    return len(shown.result.stream)


@pytest.fixture
def touring(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    QTest.keyClick(opened, Qt.Key.Key_F6)
    arrived(opened, qtbot)
    return opened


def go_to(window: MainWindow, step: TourStep, qtbot: QtBot) -> None:
    while tour_of(window).step is not step:
        QTest.keyClick(window, Qt.Key.Key_Space)
    arrived(window, qtbot)


def test_it_begins_with_files_of_the_same_size(touring: MainWindow, qtbot: QtBot) -> None:
    tour = tour_of(touring)
    qtbot.waitUntil(lambda: say(touring).startswith("All 3 files are the same size: "), timeout=TIMEOUT_MS)
    assert touring.store.state.switches.presenting
    assert touring.tour_strip.isVisible()
    assert touring.tour_strip.place == "1 of 6: same size"
    assert format_bytes(bytes_of(touring, "learned")) in say(touring)
    for codec in touring.store.state.compared:
        shown = driver(touring).shown(codec)
        assert shown is not None
        assert shown.result.reachable
        assert shown.result.request.target_bpp == tour_of(touring).bpp >= tour.bpp
    assert not touring.store.state.session.pane_layout.peeking


def test_then_it_splits_the_place_where_the_codecs_differ_most(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.REGION, qtbot)
    qtbot.waitUntil(lambda: say(touring).startswith("Where the codecs differ most"), timeout=TIMEOUT_MS)
    state = touring.store.state
    assert state.regions is not None
    region = state.regions.groups[""][0].region
    layout = state.session.pane_layout
    assert layout.layout is Layout.SPLIT
    assert layout.line == region.left + region.side // 2
    assert {layout.left, layout.right} >= {region.codec}
    assert not touring.side.isVisible()


def test_the_sweep_passes_every_rate_by_itself_and_compares_what_both_reach(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.SWEEP, qtbot)
    tour = tour_of(touring)
    swept = tour.swept
    qtbot.waitUntil(lambda: tour_of(touring).swept > swept, timeout=TIMEOUT_MS)  # nobody has moved the slider
    rates = sweep_rates(tour.bpp)
    assert touring.showing.plot.box is not None
    while tour_of(touring).swept + 1 < len(rates) - 2:  # the rest without waiting for the clock
        touring.store.update(sweep_on(tour_of(touring).swept))
    qtbot.waitUntil(lambda: tour_of(touring).swept + 1 == len(rates), timeout=TIMEOUT_MS)
    arrived(touring, qtbot)
    assert touring.store.state.session.target_bpp == rounded_bpp(tour.bpp)
    values = []
    for codec in (tour.codec, tour.anchor):
        shown = driver(touring).shown(codec)
        assert shown is not None
        values.append(MS_SSIM.of(shown.result.measurement.metrics))
    word = "better" if values[0] > values[1] else "worse"
    size = format_bytes(bytes_of(touring, tour.codec))
    expected = f"At {size} Learned is {abs(values[0] - values[1]):.1f} dB {word} than JPEG in MS-SSIM."
    qtbot.waitUntil(lambda: say(touring) == expected, timeout=TIMEOUT_MS)


def test_at_equal_quality_the_ratio_is_that_of_the_files(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.QUALITY, qtbot)
    qtbot.waitUntil(lambda: say(touring).startswith("For the same MS-SSIM, "), timeout=TIMEOUT_MS)
    ours, theirs = bytes_of(touring, "learned"), bytes_of(touring, "jpeg")
    found = re.search(r"needs ([\d.]+) × the bytes of", say(touring))
    assert found is not None
    assert float(found[1]) == pytest.approx(max(ours, theirs) / min(ours, theirs), rel=0.02)
    assert format_bytes(ours) in say(touring)
    assert format_bytes(theirs) in say(touring)
    assert touring.showing.size_bars.box.isVisible()
    assert [bar.byte_count for bar in touring.showing.size_bars.box.bars[:2]] == [ours, theirs]


def test_equal_quality_is_that_of_the_button(touring: MainWindow, qtbot: QtBot) -> None:
    bpp = tour_of(touring).bpp
    go_to(touring, TourStep.QUALITY, qtbot)
    qtbot.waitUntil(lambda: say(touring).startswith("For the same MS-SSIM, "), timeout=TIMEOUT_MS)
    told, size = touring.store.state.session.quality, bytes_of(touring, "learned")
    QTest.keyClick(touring, Qt.Key.Key_Escape)
    driver(touring).set_target(bpp)
    arrived(touring, qtbot)
    touring.strip.buttons["equal_ms_ssim"].click()
    arrived(touring, qtbot)
    assert touring.store.state.session.quality == told
    assert bytes_of(touring, "learned") == size


def test_the_blind_trial_says_what_was_chosen(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.BLIND, qtbot)
    QTest.keyClick(touring, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: touring.blind.screen is not None, timeout=TIMEOUT_MS)
    screen = touring.blind.screen
    assert screen is not None
    qtbot.waitUntil(lambda: screen.is_asking, timeout=TIMEOUT_MS)
    chosen = screen.trial.on_right
    QTest.keyClick(screen, Qt.Key.Key_Right)
    assert tour_of(touring).chosen == chosen
    names = ("Learned", "JPEG") if chosen == "learned" else ("JPEG", "Learned")
    assert say(touring) == f"Without knowing it, you chose {names[0]} over {names[1]}."
    assert touring.blind.result is None  # the strip says it


def test_the_blind_trial_is_introduced_with_its_keys_and_begins_by_space(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.BLIND, qtbot)
    for key in ("←", "→", "Esc skips", "Space begins"):
        assert key in say(touring)
    assert touring.tour_strip.next_text == "Begin (Space)"
    assert touring.blind._asked is None  # nothing is prepared that would come over the sentence
    label = touring.tour_strip._sentence
    room = 1280 - (touring.tour_strip.width() - label.width())  # on a screen that is no wider than that
    assert label.heightForWidth(room) <= label.height()
    QTest.keyClick(touring, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: touring.blind.screen is not None, timeout=TIMEOUT_MS)
    assert touring.blind.screen is not None
    QTest.keyClick(touring.blind.screen, Qt.Key.Key_Escape)
    assert touring.tour_strip.next_text == "Next (Space)"
    qtbot.waitUntil(touring.isActiveWindow)
    QTest.keyClick(touring, Qt.Key.Key_Space)
    assert tour_of(touring).step is TourStep.REPORT


def test_a_trial_that_is_stopped_is_skipped(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.BLIND, qtbot)
    QTest.keyClick(touring, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: touring.blind.screen is not None, timeout=TIMEOUT_MS)
    assert touring.blind.screen is not None
    QTest.keyClick(touring.blind.screen, Qt.Key.Key_Escape)
    assert say(touring) == "The blind trial was skipped."


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F6])
def test_at_the_end_everything_is_as_it_was(opened: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    QTest.keyClick(opened, Qt.Key.Key_3)
    QTest.keyClick(opened, Qt.Key.Key_E)
    QTest.keyClick(opened, Qt.Key.Key_W)
    before, geometry = opened.store.state, opened.geometry()
    QTest.keyClick(opened, Qt.Key.Key_F6)
    assert opened.store.state.session.pane_layout.show is Show.PICTURE
    assert not opened.side.isVisible()
    go_to(opened, TourStep.QUALITY, qtbot)
    QTest.keyClick(opened, key)
    after = opened.store.state
    assert after.tour is None
    assert (after.session, after.switches, after.panel) == (before.session, before.switches, before.panel)
    assert not opened.tour_strip.isVisible()
    qtbot.waitUntil(lambda: opened.geometry() == geometry)


def test_space_after_the_last_step_ends_it_and_backspace_goes_back(touring: MainWindow, qtbot: QtBot) -> None:
    go_to(touring, TourStep.REPORT, qtbot)
    assert touring.tour_strip.next_text == "Finish (Space)"
    QTest.keyClick(touring, Qt.Key.Key_Backspace)
    assert touring.tour_strip.next_text != "Finish (Space)"
    assert tour_of(touring).step is TourStep.BLIND
    QTest.keyClick(touring, Qt.Key.Key_Space)
    QTest.keyClick(touring, Qt.Key.Key_Space)  # while the trial is prepared: it is passed over
    assert touring.tour_strip.place == "6 of 6: report"
    QTest.keyClick(touring, Qt.Key.Key_Space)
    assert touring.store.state.tour is None
    QTest.keyPress(touring, Qt.Key.Key_Space)  # it shows the original again
    assert touring.store.state.session.pane_layout.peeking
    QTest.keyRelease(touring, Qt.Key.Key_Space)


def test_with_one_codec_it_says_what_is_missing(opened: MainWindow) -> None:
    driver(opened).set_codecs(["jpeg"])
    QTest.keyClick(opened, Qt.Key.Key_F6)
    assert "switch another one on" in opened.banner.text
    assert opened.store.state.tour is None


def test_it_needs_a_picture(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert window.banner.text == "Open a picture first: the tour needs one."


def test_bars_are_there_on_wish_while_codecs_are_matched_by_quality(opened: MainWindow, qtbot: QtBot) -> None:
    assert not opened.actions_by_name["size_bars"].isEnabled()
    QTest.keyClick(opened, Qt.Key.Key_C)
    QTest.keyClick(opened, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(opened.showing.size_bars.box.isVisible, timeout=TIMEOUT_MS)
    bars = size_bars(opened.store.state, opened._styles)
    assert [bar.byte_count for bar in bars] == [bytes_of(opened, codec) for codec in opened.store.state.compared]
    assert min(bar.ratio for bar in bars) == 1.0
    QTest.keyClick(opened, Qt.Key.Key_C)
    assert not opened.showing.size_bars.box.isVisible()

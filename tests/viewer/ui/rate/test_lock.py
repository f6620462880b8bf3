"""A codec whose rate is locked stays where it is, and nothing is said that would need equal bits."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_saving import answer_dialog
from viewer.session.pane_layout import ORIGINAL
from viewer.ui.presenters.equal_mode import needs
from viewer.ui.shell.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def arrived(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.store.state.awaited, timeout=TIMEOUT_MS)


def bpp_of(window: MainWindow, codec: str) -> float:
    shown = driver(window).shown(codec)
    assert shown is not None
    return shown.result.bpp


@pytest.fixture
def locked(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    """JPEG is locked at 0.5 bpp, and the others go on to 0.25."""
    opened.panes["jpeg"].canvas.setFocus()
    QTest.keyClick(opened, Qt.Key.Key_L, CONTROL)
    driver(opened).set_target(0.25)
    arrived(opened, qtbot)
    return opened


def test_the_others_follow_the_slider_and_the_locked_one_stays(locked: MainWindow) -> None:
    assert bpp_of(locked, "jpeg") == pytest.approx(0.5, rel=0.01)
    assert bpp_of(locked, "learned") == pytest.approx(0.25, rel=0.01)
    assert locked.panes["jpeg"].header.text.status == "rate locked"
    assert locked.panes["learned"].header.text.status == ""


def test_nobody_is_called_best_and_the_sizes_are_said_to_differ(locked: MainWindow) -> None:
    for pane in locked.panes.values():
        assert not any(figure.best for figure in pane.header.text.figures)
    assert locked.result_line.sentence.text.startswith("Different sizes")


def test_a_mark_on_the_slider_shows_where_the_locked_one_is(locked: MainWindow) -> None:
    marks = locked.rate_bar.slider._marks
    assert [mark.value for mark in marks] == [pytest.approx(0.5, rel=0.01)]


def test_unlocked_it_comes_to_the_common_rate(locked: MainWindow, qtbot: QtBot) -> None:
    locked.panes["jpeg"].canvas.setFocus()
    QTest.keyClick(locked, Qt.Key.Key_L, CONTROL)
    arrived(locked, qtbot)
    assert bpp_of(locked, "jpeg") == pytest.approx(0.25, rel=0.01)
    assert locked.panes["jpeg"].header.text.status == ""


def test_all_are_unlocked_at_once(locked: MainWindow, qtbot: QtBot) -> None:
    assert locked.actions_by_name["unlock_rates"].isEnabled()
    locked.actions_by_name["unlock_rates"].trigger()
    arrived(locked, qtbot)
    assert bpp_of(locked, "jpeg") == pytest.approx(0.25, rel=0.01)
    assert not locked.actions_by_name["unlock_rates"].isEnabled()


def test_at_equal_quality_the_locked_one_is_left_out(locked: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(locked, Qt.Key.Key_C)
    arrived(locked, qtbot)
    shown = driver(locked).shown("jpeg")
    assert shown is not None
    assert shown.match is None
    assert shown.result.bpp == pytest.approx(0.5, rel=0.01)
    other = driver(locked).shown("jpeg2000")
    assert other is not None
    assert other.match is not None
    said = needs(locked.store.state, locked._styles)
    assert "searching…" not in said
    assert not any("JPEG " in sentence.replace("JPEG 2000", "") for sentence in said)


def test_the_original_has_no_rate_to_lock(opened: MainWindow) -> None:
    opened.panes[ORIGINAL].canvas.setFocus()
    QTest.keyClick(opened, Qt.Key.Key_L, CONTROL)
    assert opened.banner.text == "Select a codec’s pane first: its rate is locked."
    assert not opened.store.state.locked


def test_the_tour_compares_at_one_rate_and_puts_the_lock_back(locked: MainWindow) -> None:
    before = locked.store.state.locked
    QTest.keyClick(locked, Qt.Key.Key_F6)
    assert not locked.store.state.locked
    QTest.keyClick(locked, Qt.Key.Key_Escape)
    assert locked.store.state.locked == before


def test_a_saved_session_brings_the_lock_back_with_its_picture(
    locked: MainWindow, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver(locked).set_target(0.3)
    answer_dialog(monkeypatch, tmp_path / "kept")
    with qtbot.waitSignal(driver(locked).told, timeout=TIMEOUT_MS):
        QTest.keyClick(locked, Qt.Key.Key_K, CONTROL)
    locked.close()
    window = make_window()
    seen: list[tuple[float, dict[str, float]]] = []
    window.store.watch(lambda state: (state.session.target_bpp, dict(state.locked)), seen.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "kept.ratelens"), ""))
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        QTest.keyClick(window, Qt.Key.Key_O, CONTROL)
    qtbot.waitUntil(lambda: "jpeg" in window.store.state.results, timeout=TIMEOUT_MS)
    arrived(window, qtbot)
    assert seen[-1] == (0.3, {"jpeg": 0.5})
    assert (0.3, {}) not in seen  # rate and lock come in the same update
    assert bpp_of(window, "jpeg") == pytest.approx(0.5, rel=0.01)
    assert window.panes["jpeg"].header.text.status == "rate locked"
    window.actions_by_name["unlock_rates"].trigger()
    arrived(window, qtbot)
    assert bpp_of(window, "jpeg") == pytest.approx(0.3, rel=0.01)

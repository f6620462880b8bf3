"""Two pins compared in the panes as if they were codecs, in every way of looking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_saving import answer_dialog
from tests.viewer.ui.presenters.test_layout_actions import visible
from tests.viewer.ui.presenters.test_maps import pixels_in, wait_for_maps
from tests.viewer.ui.presenters.test_region_tour import wait_for_regions
from viewer.maps.difference import DifferenceMode, difference_picture
from viewer.session.pane_layout import ORIGINAL, PIN_PANES
from viewer.session.pins import Pin, Pins
from viewer.ui.shell.main_window import MainWindow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LOW, HIGH = Pin("learned", 0.25, "low", "#c0529a"), Pin("learned", 0.5, "high", "#0f8b9d")


@pytest.fixture
def comparing(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    """Learned at 0.25 against learned at 0.5 bpp."""
    driver(opened).set_pins(Pins((LOW, HIGH)))
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    qtbot.waitUntil(lambda: all(driver(opened).shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    return opened


def test_two_pins_fill_the_window_and_space_shows_the_original(comparing: MainWindow) -> None:
    assert visible(comparing) == [*PIN_PANES]
    panes = [comparing.panes[pane] for pane in PIN_PANES]
    room = comparing.grid.rect()
    assert sum(pane.width() * pane.height() for pane in panes) > 0.98 * room.width() * room.height()
    QTest.keyPress(comparing, Qt.Key.Key_Space)
    assert panes[0].canvas.picture is comparing.panes[ORIGINAL].canvas.picture
    QTest.keyRelease(comparing, Qt.Key.Key_Space)
    for pane, pin in zip(PIN_PANES, (LOW, HIGH), strict=True):
        shown = driver(comparing).shown(pane)
        assert shown is not None
        assert (shown.result.request.codec, shown.result.request.target_bpp) == (pin.codec, pin.target_bpp)
        assert comparing.panes[pane].canvas.picture is shown.picture
        text = comparing.panes[pane].header.text
        assert (text.label, text.style.colour if text.style else "") == (pin.name, pin.colour)
        assert text.figures[1].value == f"{len(shown.result.stream):,}"
    assert comparing.actions_by_name["compare_pins"].isChecked()
    assert driver(comparing).session.target_bpp == 0.5


def test_every_way_of_looking_works_on_pins(comparing: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(comparing, Qt.Key.Key_2)
    assert visible(comparing) == [PIN_PANES[0]]
    QTest.keyClick(comparing, Qt.Key.Key_Tab)
    assert visible(comparing) == [PIN_PANES[1]]
    QTest.keyClick(comparing, Qt.Key.Key_X)
    assert visible(comparing) == [PIN_PANES[0]]
    QTest.keyClick(comparing, Qt.Key.Key_B)
    assert driver(comparing).state.switches.blinking
    QTest.keyClick(comparing, Qt.Key.Key_S)
    split = comparing.grid.split
    assert (split.left.text.label, split.right.text.label) == ("low", "high")
    QTest.keyClick(comparing, Qt.Key.Key_G)
    QTest.keyClick(comparing, Qt.Key.Key_D)
    wait_for_maps(comparing, qtbot)
    image = driver(comparing).session.image
    assert image is not None
    for pane in PIN_PANES:
        shown = driver(comparing).shown(pane)
        assert shown is not None
        exact = difference_picture(image.pixels, shown.result.reconstruction, DifferenceMode.SIGNED, 4.0)
        assert np.array_equal(pixels_in(comparing, pane), exact)
    comparing.panes[PIN_PANES[0]].canvas.hovered.emit((10, 20))
    cells = comparing.readout.rows[0]
    for cell, pane in zip(cells[2:], PIN_PANES, strict=True):
        shown = driver(comparing).shown(pane)
        assert shown is not None
        assert cell.strong == " ".join(map(str, shown.result.reconstruction[20, 10].tolist()))


def test_the_worst_regions_are_those_of_the_pins(comparing: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(comparing, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: comparing.tour.panel.list.count() > 0, timeout=TIMEOUT_MS)
    group = comparing.tour.panel.group
    assert [group.itemText(index) for index in range(group.count())][1:] == ["Worst of low", "Worst of high"]


def test_the_same_key_and_escape_go_back_to_the_codecs_as_they_were(comparing: MainWindow, qtbot: QtBot) -> None:
    codecs = driver(comparing).compared
    QTest.keyClick(comparing, Qt.Key.Key_J, CONTROL)
    assert visible(comparing) == [ORIGINAL, *codecs]
    assert not comparing.actions_by_name["compare_pins"].isChecked()
    wait_until_at_target(comparing, qtbot)
    QTest.keyClick(comparing, Qt.Key.Key_J, CONTROL)
    assert visible(comparing) == [*PIN_PANES]
    QTest.keyClick(comparing, Qt.Key.Key_Escape)
    assert visible(comparing) == [ORIGINAL, *codecs]


def test_moving_the_rate_goes_back_to_the_codecs(comparing: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(comparing, Qt.Key.Key_BracketRight)
    assert visible(comparing) == [ORIGINAL, *driver(comparing).compared]
    wait_until_at_target(comparing, qtbot)
    QTest.keyClick(comparing, Qt.Key.Key_J, CONTROL)
    QTest.keyClick(comparing, Qt.Key.Key_C)
    assert driver(comparing).session.quality is not None
    assert visible(comparing) == [ORIGINAL, *driver(comparing).compared]


def test_another_picture_shows_the_same_pins(comparing: MainWindow, qtbot: QtBot) -> None:
    image = driver(comparing).session.image
    assert image is not None
    assert image.path is not None
    with qtbot.waitSignal(driver(comparing).opened, timeout=TIMEOUT_MS):
        driver(comparing).open_file(image.path)
    qtbot.waitUntil(lambda: all(driver(comparing).shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    assert visible(comparing) == [*PIN_PANES]
    qtbot.waitUntil(lambda: len(driver(comparing).curve("jpeg")) > 1, timeout=TIMEOUT_MS)


def test_a_new_name_is_shown_and_a_deleted_pin_ends_it(comparing: MainWindow) -> None:
    driver(comparing).set_pins(driver(comparing).session.pins.changed(0, name="web", colour="#123456"))
    text = comparing.panes[PIN_PANES[0]].header.text
    assert (text.label, text.style.colour if text.style else "") == ("web", "#123456")
    driver(comparing).set_pins(driver(comparing).session.pins.removed(1))
    assert visible(comparing) == [ORIGINAL, *driver(comparing).compared]


def test_the_two_that_are_selected_are_compared(opened: MainWindow, qtbot: QtBot) -> None:
    third = Pin("jpeg", 1.0, "third")
    driver(opened).set_pins(Pins((LOW, HIGH, third)))
    QTest.keyClick(opened, Qt.Key.Key_A, SHIFT)
    panel = opened.pin_board.panel
    panel.list.setCurrentRow(0)
    place = panel.list.visualItemRect(panel.list.item(2)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, CONTROL, place)
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    assert [opened.panes[pane].header.text.label for pane in PIN_PANES] == ["low", "third"]
    assert driver(opened).pinned(PIN_PANES[1]) == third
    qtbot.waitUntil(lambda: driver(opened).shown(PIN_PANES[1]) is not None, timeout=TIMEOUT_MS)


def test_one_pin_cannot_be_compared(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_A)
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    assert "need two pins" in opened.banner.text
    assert not opened.actions_by_name["compare_pins"].isChecked()


def test_a_pane_never_shows_the_pin_that_was_in_it_before(opened: MainWindow, qtbot: QtBot) -> None:
    third, fourth = Pin("jpeg2000", 0.7, "third", "#c0529a"), Pin("jpeg2000", 0.3, "fourth", "#0f8b9d")
    seen: set[tuple[str, str, float]] = set()

    def note(pane: str) -> None:
        shown = driver(opened).shown(pane)
        if shown is not None and pane in PIN_PANES:
            seen.add((pane, shown.result.request.codec, shown.result.request.target_bpp))

    driver(opened).codec_changed.connect(note)
    driver(opened).compare_pins((LOW, HIGH))
    driver(opened).compare_pins(None)
    driver(opened).compare_pins((third, fourth))
    qtbot.waitUntil(lambda: all(driver(opened).shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    assert seen == {(PIN_PANES[0], "jpeg2000", 0.7), (PIN_PANES[1], "jpeg2000", 0.3)}
    driver(opened).codec_changed.disconnect(note)


def test_the_better_of_two_pins_at_one_rate_is_marked(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).compare_pins((Pin("jpeg", 0.5, "a", "#c0529a"), Pin("learned", 0.5, "b", "#0f8b9d")))
    qtbot.waitUntil(lambda: all(driver(opened).shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    marked = [[figure.best for figure in opened.panes[pane].header.text.figures] for pane in PIN_PANES]
    assert not any(marked[0])
    assert any(marked[1])


def test_a_report_waits_for_the_codecs_while_pins_are_compared(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer_dialog(monkeypatch, tmp_path / "report.html")
    driver(opened).set_target(1.1)
    driver(opened).compare_pins((LOW, HIGH))
    QTest.keyClick(opened, Qt.Key.Key_R, CONTROL)
    assert "Some codecs have not reached the rate" in opened.banner.text
    assert not (tmp_path / "report.html").exists()
    driver(opened).compare_pins(None)
    wait_until_at_target(opened, qtbot)
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_R, CONTROL)


def test_regions_and_files_of_two_rates_name_none(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).compare_pins((LOW, HIGH))
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    said = [label.text() for label in opened.tour.panel.findChildren(QLabel)]
    assert any("t different rates" in text for text in said)
    assert not any("bpp" in text for text in said)


def test_two_pins_of_one_codec_and_nearly_one_rate_are_saved_apart(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver(opened).set_pins(Pins((Pin("jpeg", 0.5, "a"), Pin("jpeg", 0.5 + 1e-9, "b"))))
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    qtbot.waitUntil(lambda: all(driver(opened).shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    folder = tmp_path / "all"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL | Qt.KeyboardModifier.AltModifier)
    assert len(list(folder.glob("*.jpg"))) == len(list(folder.glob("*.png"))) == 2

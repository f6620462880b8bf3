"""Two pins compared in the panes as if they were codecs, in every way of looking."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.ui.test_maps import pixels_in, wait_for_maps
from tests.ui.test_ways import visible
from viewer.difference import DifferenceMode, difference_picture
from viewer.looking import ORIGINAL, PIN_PANES
from viewer.pins import Pin, Pins
from viewer.ui.window import MainWindow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LOW, HIGH = Pin("learned", 0.25, "low", "#c0529a"), Pin("learned", 0.5, "high", "#0f8b9d")


@pytest.fixture
def comparing(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    """Learned at 0.25 against learned at 0.5 bpp."""
    opened.controller.set_pins(Pins((LOW, HIGH)))
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    qtbot.waitUntil(lambda: all(opened.controller.shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    return opened


def test_two_pins_take_the_panes(comparing: MainWindow) -> None:
    assert visible(comparing) == [ORIGINAL, *PIN_PANES]
    for pane, pin in zip(PIN_PANES, (LOW, HIGH), strict=True):
        shown = comparing.controller.shown(pane)
        assert shown is not None
        assert (shown.result.request.codec, shown.result.request.target_bpp) == (pin.codec, pin.target_bpp)
        assert comparing.panes[pane].canvas.picture is shown.picture
        text = comparing.panes[pane].header.text
        assert (text.label, text.style.colour if text.style else "") == (pin.name, pin.colour)
        assert text.figures[1].value == f"{len(shown.result.stream):,}"
    assert comparing.actions_by_name["compare_pins"].isChecked()
    assert comparing.controller.session.target_bpp == 0.5


def test_every_way_of_looking_works_on_pins(comparing: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(comparing, Qt.Key.Key_2)
    assert visible(comparing) == [PIN_PANES[0]]
    QTest.keyClick(comparing, Qt.Key.Key_Tab)
    assert visible(comparing) == [PIN_PANES[1]]
    QTest.keyClick(comparing, Qt.Key.Key_X)
    assert visible(comparing) == [PIN_PANES[0]]
    QTest.keyClick(comparing, Qt.Key.Key_B)
    assert comparing.ways.is_blinking
    QTest.keyClick(comparing, Qt.Key.Key_S)
    split = comparing.grid.split
    assert (split.left.text.label, split.right.text.label) == ("low", "high")
    QTest.keyClick(comparing, Qt.Key.Key_G)
    QTest.keyClick(comparing, Qt.Key.Key_D)
    wait_for_maps(comparing, qtbot)
    image = comparing.controller.session.image
    assert image is not None
    for pane in PIN_PANES:
        shown = comparing.controller.shown(pane)
        assert shown is not None
        exact = difference_picture(image.pixels, shown.result.reconstruction, DifferenceMode.SIGNED, 4.0)
        assert np.array_equal(pixels_in(comparing, pane), exact)
    comparing.panes[ORIGINAL].canvas.hovered.emit((10, 20))
    cells = comparing.readout.rows[0]
    for cell, pane in zip(cells[2:], PIN_PANES, strict=True):
        shown = comparing.controller.shown(pane)
        assert shown is not None
        assert cell.strong == " ".join(map(str, shown.result.reconstruction[20, 10].tolist()))


def test_the_worst_regions_are_those_of_the_pins(comparing: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(comparing, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: comparing.tour.panel.list.count() > 0, timeout=TIMEOUT_MS)
    group = comparing.tour.panel.group
    assert [group.itemText(index) for index in range(group.count())][1:] == ["Worst of low", "Worst of high"]


def test_the_same_key_and_escape_go_back_to_the_codecs_as_they_were(comparing: MainWindow, qtbot: QtBot) -> None:
    codecs = comparing.controller.compared
    QTest.keyClick(comparing, Qt.Key.Key_J, CONTROL)
    assert visible(comparing) == [ORIGINAL, *codecs]
    assert not comparing.actions_by_name["compare_pins"].isChecked()
    wait_until_at_target(comparing, qtbot)
    QTest.keyClick(comparing, Qt.Key.Key_J, CONTROL)
    assert visible(comparing) == [ORIGINAL, *PIN_PANES]
    QTest.keyClick(comparing, Qt.Key.Key_Escape)
    assert visible(comparing) == [ORIGINAL, *codecs]


def test_moving_the_rate_goes_back_to_the_codecs(comparing: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(comparing, Qt.Key.Key_BracketRight)
    assert visible(comparing) == [ORIGINAL, *comparing.controller.compared]
    wait_until_at_target(comparing, qtbot)
    QTest.keyClick(comparing, Qt.Key.Key_J, CONTROL)
    QTest.keyClick(comparing, Qt.Key.Key_C)
    assert comparing.controller.session.quality is not None
    assert visible(comparing) == [ORIGINAL, *comparing.controller.compared]


def test_another_picture_shows_the_same_pins(comparing: MainWindow, qtbot: QtBot) -> None:
    image = comparing.controller.session.image
    assert image is not None
    assert image.path is not None
    with qtbot.waitSignal(comparing.controller.opened, timeout=TIMEOUT_MS):
        comparing.controller.open_file(image.path)
    qtbot.waitUntil(lambda: all(comparing.controller.shown(pane) for pane in PIN_PANES), timeout=TIMEOUT_MS)
    assert visible(comparing) == [ORIGINAL, *PIN_PANES]
    qtbot.waitUntil(lambda: len(comparing.controller.curve("jpeg")) > 1, timeout=TIMEOUT_MS)


def test_a_new_name_is_shown_and_a_deleted_pin_ends_it(comparing: MainWindow) -> None:
    comparing.controller.set_pins(comparing.controller.session.pins.changed(0, name="web", colour="#123456"))
    text = comparing.panes[PIN_PANES[0]].header.text
    assert (text.label, text.style.colour if text.style else "") == ("web", "#123456")
    comparing.controller.set_pins(comparing.controller.session.pins.removed(1))
    assert visible(comparing) == [ORIGINAL, *comparing.controller.compared]


def test_the_two_that_are_selected_are_compared(opened: MainWindow, qtbot: QtBot) -> None:
    third = Pin("jpeg", 1.0, "third")
    opened.controller.set_pins(Pins((LOW, HIGH, third)))
    QTest.keyClick(opened, Qt.Key.Key_A, SHIFT)
    panel = opened.pin_board.panel
    panel.list.setCurrentRow(0)
    place = panel.list.visualItemRect(panel.list.item(2)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, CONTROL, place)
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    assert [opened.panes[pane].header.text.label for pane in PIN_PANES] == ["low", "third"]
    assert opened.controller.pinned(PIN_PANES[1]) == third
    qtbot.waitUntil(lambda: opened.controller.shown(PIN_PANES[1]) is not None, timeout=TIMEOUT_MS)


def test_one_pin_cannot_be_compared(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_A)
    QTest.keyClick(opened, Qt.Key.Key_J, CONTROL)
    assert "takes two pins" in opened.banner.text
    assert not opened.actions_by_name["compare_pins"].isChecked()

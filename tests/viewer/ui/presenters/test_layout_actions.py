"""Ways of looking: one pane alone, switched in place; the original held; swapping and blinking."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout
from viewer.session.state import View
from viewer.ui.panes.canvas import LINE_GRIP, Canvas
from viewer.ui.shell.main_window import MainWindow

NAMES_BELOW = 50
"""Rows of a split view from the top that the names beside the line may take."""
NAMES = (ORIGINAL, "learned", "jpeg", "jpeg2000")
DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)


def visible(window: MainWindow) -> list[str]:
    """The panes that are seen."""
    return [name for name, pane in window.panes.items() if pane.isVisible()]


def test_digits_show_one_pane_over_the_whole_area(opened: MainWindow) -> None:
    for digit, name in zip(DIGITS, NAMES, strict=True):
        QTest.keyClick(opened, digit)
        assert visible(opened) == [name]
        assert opened.panes[name].geometry() == opened.grid.rect()
    QTest.keyClick(opened, Qt.Key.Key_G)
    assert visible(opened) == list(NAMES)


@pytest.mark.parametrize("view", [View(), View(3.0, (101.3, 77.7)), View(0.61, (90.0, 80.0))])
def test_nothing_moves_by_a_pixel_between_codecs(opened: MainWindow, view: View) -> None:
    driver(opened).set_view(view)
    QTest.keyClick(opened, Qt.Key.Key_1)
    first = opened.panes[ORIGINAL].canvas
    placement, area, corner = first.placement, first.area, first.mapTo(opened, QPoint())
    surround = as_array(opened.grid.grab().toImage()) == 119
    for name in NAMES[1:]:
        QTest.keyClick(opened, Qt.Key.Key_Tab)
        canvas = opened.panes[name].canvas
        assert (canvas.placement, canvas.area, canvas.mapTo(opened, QPoint())) == (placement, area, corner)
        assert driver(opened).session.view == view
        drawn = as_array(opened.grid.grab().toImage()) == 119
        head = canvas.y()
        # The surround is the picture's outline: it is the same to the pixel.
        outline = surround[head:].all(axis=2)
        assert np.mean(drawn[head:].all(axis=2) == outline) > 0.9999


def test_tab_goes_around_and_shift_tab_back(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_4)
    QTest.keyClick(opened, Qt.Key.Key_Tab)
    assert visible(opened) == [ORIGINAL]
    QTest.keyClick(opened, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert visible(opened) == ["jpeg2000"]


def test_in_the_grid_tab_moves_the_focus(opened: MainWindow) -> None:
    opened.panes[ORIGINAL].canvas.setFocus()
    QTest.keyClick(opened.panes[ORIGINAL].canvas, Qt.Key.Key_Tab)
    assert visible(opened) == list(NAMES)
    assert QApplication.focusWidget() is opened.panes["learned"].canvas


def test_escape_closes_the_message_first_then_goes_back_to_the_grid(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_2)
    driver(opened).say("A message.")
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.banner.isVisible()
    assert visible(opened) == ["learned"]
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert visible(opened) == list(NAMES)


@pytest.mark.parametrize("alone", [False, True])
def test_space_holds_the_original_in_place(opened: MainWindow, alone: bool) -> None:
    if alone:
        QTest.keyClick(opened, Qt.Key.Key_3)
    canvas = opened.panes["jpeg"].canvas
    before, seen = canvas.picture, visible(opened)
    QTest.keyPress(opened.rate_bar.slider, Qt.Key.Key_Space)
    assert canvas.picture is opened.panes[ORIGINAL].canvas.picture
    assert visible(opened) == seen
    head = opened.panes["jpeg"].header.text
    assert (head.label, head.detail, head.style) == ("Original", "in place of JPEG", None)
    assert head.figures == opened.panes[ORIGINAL].header.text.figures
    QTest.keyRelease(opened.rate_bar.slider, Qt.Key.Key_Space)
    assert canvas.picture is before
    assert opened.panes["jpeg"].header.text.label == "JPEG"


def test_x_swaps_the_two_shown_last(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_2)
    QTest.keyClick(opened, Qt.Key.Key_4)
    for expected in ("learned", "jpeg2000", "learned"):
        QTest.keyClick(opened, Qt.Key.Key_X)
        assert visible(opened) == [expected]


def test_blinking_swaps_by_itself_until_the_window_is_hidden(opened: MainWindow, qtbot: QtBot) -> None:
    opened.actions_by_name["blink_4"].trigger()
    assert opened.layout_actions._blink.interval() == 250
    QTest.keyClick(opened, Qt.Key.Key_2)
    QTest.keyClick(opened, Qt.Key.Key_3)
    QTest.keyClick(opened, Qt.Key.Key_B)
    assert visible(opened) == ["learned"]
    for expected in ("jpeg", "learned"):
        with qtbot.waitSignal(driver(opened).pane_layout_changed, timeout=5000):
            pass
        assert visible(opened) == [expected]
    assert opened.actions_by_name["blink"].isChecked()
    opened.hide()
    assert not driver(opened).state.switches.blinking
    assert not opened.actions_by_name["blink"].isChecked()


def test_menus_tell_how_the_panes_are_looked_at(opened: MainWindow) -> None:
    assert opened.actions_by_name["grid"].isChecked()
    opened.actions_by_name["pane_3"].trigger()
    assert opened.actions_by_name["pane_3"].isChecked()
    assert not opened.actions_by_name["grid"].isChecked()
    opened.actions_by_name["pane_3"].trigger()  # again: it stays
    assert opened.actions_by_name["pane_3"].isChecked()


def test_looking_again_at_the_same_pane_keeps_the_one_before() -> None:
    pane_layout = PaneLayout(pane="a", before="b").alone("a")
    assert (pane_layout.layout, pane_layout.pane, pane_layout.before) == (Layout.SINGLE, "a", "b")
    assert pane_layout.stepped(("a", "b", "c"), -1).pane == "c"


def test_a_split_view_has_one_codec_left_and_another_right_of_the_line(opened: MainWindow) -> None:
    driver(opened).set_view(View(3.0, (120.0, 86.0)))
    QTest.keyClick(opened, Qt.Key.Key_S)
    split = opened.grid.split
    assert split.isVisible()
    assert visible(opened) == []
    assert (split.left.text.label, split.right.text.label) == ("Original", "Learned")
    QTest.keyClick(opened, Qt.Key.Key_3)
    assert (split.left.text.label, split.right.text.label) == ("Original", "JPEG")
    drawn = as_array(split.canvas.grab().toImage())
    QTest.keyClick(opened, Qt.Key.Key_S)
    placement = split.canvas.placement
    assert placement is not None
    x = placement.left + 3 * 120
    for digit, part in ((Qt.Key.Key_1, slice(0, x - 4)), (Qt.Key.Key_3, slice(x + 4, None))):
        QTest.keyClick(opened, digit)
        canvas = opened.panes[driver(opened).session.pane_layout.pane].canvas
        assert canvas.area == split.canvas.area
        alone = as_array(canvas.grab().toImage())
        between = slice(NAMES_BELOW, -50)  # the names beside the line, and its handle
        assert np.array_equal(alone[between, part], drawn[between, part])


def test_the_line_is_dragged_and_moved_by_keys_along_pixel_boundaries(opened: MainWindow) -> None:
    driver(opened).set_view(View(4.0, (120.0, 86.0)))
    QTest.keyClick(opened, Qt.Key.Key_S)
    canvas = opened.grid.split.canvas
    placement = canvas.placement
    assert placement is not None
    start = placement.left + 4 * 120
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(start, 60))
    QTest.mouseMove(canvas, QPoint(start + 41, 60))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(start + 41, 60))
    assert canvas.line == 130
    assert canvas.view == View(4.0, (120.0, 86.0))  # the line was dragged, not the picture
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(opened, Qt.Key.Key_Left, control | shift)
    assert canvas.line == 129
    QTest.keyClick(opened, Qt.Key.Key_Right, control)
    assert canvas.line > 130
    for _ in range(60):
        QTest.keyClick(opened, Qt.Key.Key_Right, control)
    assert_line_can_be_taken(canvas)


def assert_line_can_be_taken(canvas: Canvas) -> None:
    """It is in sight, as far from the canvas's borders as the mouse takes it from."""
    placement = canvas.placement
    assert placement is not None
    x = placement.left + canvas.line * placement.zoom
    assert LINE_GRIP <= x <= canvas.width() - LINE_GRIP


def test_the_line_cannot_leave_the_view(opened: MainWindow) -> None:
    driver(opened).set_view(View(8.0, (120.0, 86.0)))
    QTest.keyClick(opened, Qt.Key.Key_S)
    canvas = opened.grid.split.canvas
    for centre in ((60.0, 86.0), (200.0, 86.0)):  # the picture moves away under it
        driver(opened).set_view(View(8.0, centre))
        assert_line_can_be_taken(canvas)
    placement = canvas.placement
    assert placement is not None
    x = round(placement.left + canvas.line * placement.zoom)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, 60))
    for beyond in (-300, canvas.width() + 300):  # it is dragged out
        QTest.mouseMove(canvas, QPoint(beyond, 60))
        assert_line_can_be_taken(canvas)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, 60))


def test_sides_are_chosen_and_swapped(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)  # where the right side is: they change
    assert (driver(opened).session.pane_layout.left, driver(opened).session.pane_layout.right) == (
        "learned",
        ORIGINAL,
    )
    QTest.keyClick(opened, Qt.Key.Key_4)
    QTest.keyClick(opened, Qt.Key.Key_X)
    split = opened.grid.split
    assert (split.left.text.label, split.right.text.label) == ("JPEG 2000", "Learned")
    assert split.canvas.picture is opened.panes["jpeg2000"].canvas.picture
    assert opened.actions_by_name["left_4"].isChecked()
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert visible(opened) == list(NAMES)

"""Channels and clipping are shown of the codecs and of the original alike."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.presenters.test_maps import pixels_in, wait_for_maps
from viewer.maps.channels import view_picture
from viewer.session.pane_layout import ORIGINAL, Show
from viewer.ui.shell.main_window import MainWindow

SHIFT = Qt.KeyboardModifier.ShiftModifier


def wait_for_views(window: MainWindow, qtbot: QtBot) -> None:
    """Let the workers make the views of the codecs and of the original."""
    wait_for_maps(window, qtbot)

    def there() -> bool:
        made = driver(window).made(ORIGINAL)
        return made is not None and window.panes[ORIGINAL].canvas.picture is made.picture

    qtbot.waitUntil(there, timeout=TIMEOUT_MS)


def original(window: MainWindow) -> np.ndarray:
    image = driver(window).session.image
    assert image is not None
    return image.pixels


@pytest.mark.parametrize(
    ("key", "show", "name"),
    [
        (Qt.Key.Key_Y, Show.LUMA, "Luma (Y)"),
        (Qt.Key.Key_U, Show.CB, "Chroma Cb: mid-grey = none"),
        (Qt.Key.Key_V, Show.CR, "Chroma Cr: mid-grey = none"),
        (Qt.Key.Key_X, Show.CLIPPING, "Clipping: red = 255, blue = 0, pink = both"),
    ],
)
def test_a_key_shows_every_pane_so_and_again_its_picture(
    opened: MainWindow, qtbot: QtBot, key: Qt.Key, show: Show, name: str
) -> None:
    before = opened.panes[ORIGINAL].canvas.picture
    QTest.keyClick(opened, key, SHIFT)
    wait_for_views(opened, qtbot)
    assert np.array_equal(pixels_in(opened, ORIGINAL), view_picture(show, original(opened)))
    for codec in driver(opened).codecs:
        shown = driver(opened).shown(codec)
        assert shown is not None
        assert np.array_equal(pixels_in(opened, codec), view_picture(show, shown.result.reconstruction))
    assert {opened.panes[pane].header.text.detail for pane in (ORIGINAL, *driver(opened).codecs)} == {name}
    assert not opened.legend.isVisible()
    assert not opened.actions_by_name["gain_up"].isEnabled()
    QTest.keyClick(opened, key, SHIFT)
    assert opened.panes[ORIGINAL].canvas.picture is before
    assert opened.panes[ORIGINAL].header.text.detail != name


@pytest.mark.parametrize(("action", "channel"), [("show_red", 0), ("show_green", 1), ("show_blue", 2)])
def test_the_menu_shows_one_of_red_green_and_blue(opened: MainWindow, qtbot: QtBot, action: str, channel: int) -> None:
    opened.actions_by_name[action].trigger()
    wait_for_views(opened, qtbot)
    assert np.array_equal(pixels_in(opened, ORIGINAL)[..., 0], original(opened)[..., channel])
    assert opened.actions_by_name[action].isChecked()


def test_space_and_a_split_compare_the_same_view_of_the_original(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_Y, SHIFT)
    wait_for_views(opened, qtbot)
    luma = opened.panes[ORIGINAL].canvas.picture
    QTest.keyPress(opened, Qt.Key.Key_Space)
    assert opened.panes["jpeg"].canvas.picture is luma
    assert opened.panes["jpeg"].header.text.label == "Original"
    QTest.keyRelease(opened, Qt.Key.Key_Space)
    QTest.keyClick(opened, Qt.Key.Key_S)
    QTest.keyClick(opened, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert opened.grid.split.canvas.picture is luma


def test_differences_leave_the_original_as_it_is(opened: MainWindow, qtbot: QtBot) -> None:
    before = opened.panes[ORIGINAL].canvas.picture
    QTest.keyClick(opened, Qt.Key.Key_Y, SHIFT)
    wait_for_views(opened, qtbot)
    QTest.keyClick(opened, Qt.Key.Key_D)
    wait_for_maps(opened, qtbot)
    assert opened.panes[ORIGINAL].canvas.picture is before
    assert opened.legend.isVisible()

"""Differences to another codec instead of the original."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.imaging.image import Pixels
from viewer.maps.difference import DifferenceMode, difference_picture
from viewer.session.pane_layout import ORIGINAL, PaneLayout, Show
from viewer.ui.presenters.view_export import pixels_of
from viewer.ui.shell.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def decoded(window: MainWindow, codec: str) -> Pixels:
    shown = driver(window).shown(codec)
    assert shown is not None
    return shown.result.reconstruction


def made(window: MainWindow, pane: str) -> Pixels:
    found = driver(window).made(pane)
    assert found is not None
    return as_array(found.picture.levels[0])


def wait_for_maps(window: MainWindow, qtbot: QtBot) -> None:
    state = window.store
    qtbot.waitUntil(lambda: all(driver(window).made(pane) for pane in state.state.compared), timeout=TIMEOUT_MS)


@pytest.fixture
def to_jpeg(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    opened.actions_by_name["against_3"].trigger()
    wait_for_maps(opened, qtbot)
    return opened


def test_a_difference_is_taken_to_the_chosen_codecs_picture(to_jpeg: MainWindow) -> None:
    layout = driver(to_jpeg).session.pane_layout
    assert (layout.show, layout.against) == (Show.SIGNED, "jpeg")
    expected = difference_picture(
        decoded(to_jpeg, "jpeg"), decoded(to_jpeg, "learned"), DifferenceMode.SIGNED, float(layout.gain)
    )
    assert np.array_equal(made(to_jpeg, "learned"), expected)
    assert (made(to_jpeg, "jpeg") == 128).all()  # to itself
    assert to_jpeg.actions_by_name["against_3"].isChecked()


def test_head_legend_and_exported_view_say_to_which(to_jpeg: MainWindow) -> None:
    assert to_jpeg.panes["learned"].header.text.detail == "Difference to JPEG: grey = none"
    legend = to_jpeg.legend.legend
    assert legend is not None
    assert legend.title == "Decoded − JPEG"
    seen = to_jpeg.view_export._see()
    assert seen is not None
    assert seen.against == "JPEG"
    assert pixels_of(seen).shape[2] == 3


def test_it_follows_the_rate_of_both(to_jpeg: MainWindow, qtbot: QtBot) -> None:
    driver(to_jpeg).set_target(0.8)
    wait_until_at_target(to_jpeg, qtbot)
    wait_for_maps(to_jpeg, qtbot)
    gain = float(driver(to_jpeg).session.pane_layout.gain)
    expected = difference_picture(decoded(to_jpeg, "jpeg"), decoded(to_jpeg, "jpeg2000"), DifferenceMode.SIGNED, gain)
    assert np.array_equal(made(to_jpeg, "jpeg2000"), expected)


def test_the_next_one_and_the_original_again(opened: MainWindow, qtbot: QtBot) -> None:
    seen = []
    for _ in range(5):
        QTest.keyClick(opened, Qt.Key.Key_D, CONTROL)
        seen.append(driver(opened).session.pane_layout.against)
    assert seen == [ORIGINAL, "learned", "jpeg", "jpeg2000", ORIGINAL]
    wait_for_maps(opened, qtbot)
    image = driver(opened).session.image
    assert image is not None
    gain = float(driver(opened).session.pane_layout.gain)
    expected = difference_picture(image.pixels, decoded(opened, "jpeg"), DifferenceMode.SIGNED, gain)
    assert np.array_equal(made(opened, "jpeg"), expected)


def test_other_maps_are_to_the_original_whatever_was_chosen(to_jpeg: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(to_jpeg, Qt.Key.Key_E)
    wait_for_maps(to_jpeg, qtbot)
    made_map = driver(to_jpeg).made("learned")
    assert made_map is not None
    assert made_map.request.against is None
    assert to_jpeg.panes["learned"].header.text.detail == "Error map: bright = worse"


def test_a_codec_that_is_switched_off_is_no_longer_what_differences_are_to(to_jpeg: MainWindow, qtbot: QtBot) -> None:
    driver(to_jpeg).set_codecs(["learned", "jpeg2000"])
    assert driver(to_jpeg).session.pane_layout.against == ORIGINAL
    wait_for_maps(to_jpeg, qtbot)


def test_an_absolute_difference_stays_absolute() -> None:
    assert PaneLayout(show=Show.ABSOLUTE).to_difference("jpeg").show is Show.ABSOLUTE
    assert PaneLayout(show=Show.SSIM).to_difference("jpeg").show is Show.SIGNED

"""One person's whole session with a real window, by real events; test_program.py runs it on a virtual screen.

Not collected by itself: it wants a platform where windows become active and pictures are really painted.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, is_at_target, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.presenters.test_maps import wait_for_maps
from tests.viewer.ui.rate.test_rate import turn_wheel
from viewer.matching.targets.quality import QualityTarget
from viewer.session.pane_layout import Layout, Show
from viewer.session.state import FIT
from viewer.ui.shell.main_window import MainWindow

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHOWS = (
    (Qt.Key.Key_D, NONE, Show.SIGNED),
    (Qt.Key.Key_D, SHIFT, Show.ABSOLUTE),
    (Qt.Key.Key_E, NONE, Show.ERROR),
    (Qt.Key.Key_Q, NONE, Show.SSIM),
    (Qt.Key.Key_K, NONE, Show.BLOCKING),
    (Qt.Key.Key_I, NONE, Show.RINGING),
    (Qt.Key.Key_U, NONE, Show.BLUR),
    (Qt.Key.Key_B, SHIFT, Show.BITS),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photographs to go through."""
    for name, sample in (("a.png", "heron"), ("b.png", "rooftops")):
        PillowImage.fromarray(sample_crop(192, 256, sample).pixels).save(tmp_path / name)
    return tmp_path


@pytest.mark.timeout(600)
def test_a_whole_session(make_window: MakeWindow, folder: Path, qtbot: QtBot) -> None:
    window = make_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=TIMEOUT_MS)
    assert QApplication.platformName() != "offscreen"
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(folder / "a.png")
    wait_until_at_target(window, qtbot)
    set_a_rate(window, qtbot)
    look_closely(window)
    go_through_the_ways_of_looking(window, qtbot)
    find_the_worst_region(window, qtbot)
    ask_for_equal_quality(window, qtbot)
    read_the_table(window, qtbot)
    copy_what_is_seen(window)
    switch_a_codec_on_and_off(window, qtbot)
    go_to_the_next_picture(window, folder, qtbot)
    leave_while_it_works(window)


def set_a_rate(window: MainWindow, qtbot: QtBot) -> None:
    """A slow drag: the panes follow, and end within 1 %, or say what stopped them."""
    slider = window.rate_bar.slider
    y = slider.height() // 2
    start, end = (round(slider.x_of(bpp)) for bpp in (driver(window).session.target_bpp, 1.0))
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(start, y))
    for x in range(start, end + 1, max(1, (end - start) // 25)):
        QTest.mouseMove(slider, QPoint(x, y))
        QApplication.processEvents()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(end, y))
    wait_until_at_target(window, qtbot)
    for codec in driver(window).codecs:
        shown = driver(window).shown(codec)
        assert shown is not None
        result = shown.result
        assert abs(result.deviation) <= 0.01 or result.floor_bpp is not None or result.ceiling_bpp is not None


def look_closely(window: MainWindow) -> None:
    """Zoom at the pointer, drag, exact pixels, fit."""
    canvas = window.panes["learned"].canvas
    middle = QPointF(canvas.width() / 2, canvas.height() / 2)
    turn_wheel(canvas, middle, 3, NONE)
    before = driver(window).session.view
    assert before.zoom is not None
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    QTest.mouseMove(canvas, middle.toPoint() + QPoint(20, 10))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle.toPoint() + QPoint(20, 10))
    assert driver(window).session.view.centre != before.centre
    QTest.keyClick(window, Qt.Key.Key_0, CONTROL)
    assert driver(window).session.view.zoom == 1.0
    QTest.keyClick(window, Qt.Key.Key_F)
    assert driver(window).session.view == FIT


def go_through_the_ways_of_looking(window: MainWindow, qtbot: QtBot) -> None:
    """Every arrangement and everything that can be shown; zoom and rate stay."""

    def layout() -> Layout:
        return driver(window).session.pane_layout.layout

    QTest.keyClick(window, Qt.Key.Key_0, CONTROL)
    view, target = driver(window).session.view, driver(window).session.target_bpp
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_Tab, Qt.Key.Key_X):
        QTest.keyClick(window, key)
        assert layout() is Layout.SINGLE
    QTest.keyClick(window, Qt.Key.Key_S)
    assert layout() is Layout.SPLIT
    QTest.keyClick(window, Qt.Key.Key_Right, CONTROL)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert layout() is Layout.GRID
    for key, modifier, show in SHOWS:
        QTest.keyClick(window, key, modifier)
        assert driver(window).session.pane_layout.show is show
        wait_for_maps(window, qtbot)
        window.grab()
    QTest.keyClick(window, Qt.Key.Key_P)
    QTest.keyClick(window, Qt.Key.Key_L)
    window.grab()
    QTest.keyClick(window, Qt.Key.Key_L)
    assert (driver(window).session.view, driver(window).session.target_bpp) == (view, target)


def find_the_worst_region(window: MainWindow, qtbot: QtBot) -> None:
    """The list, and a key that goes there."""
    QTest.keyClick(window, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: window.tour.panel.list.count() > 0, timeout=TIMEOUT_MS)
    before = driver(window).session.view
    QTest.keyClick(window, Qt.Key.Key_Period)
    assert driver(window).session.view != before
    QTest.keyClick(window, Qt.Key.Key_W)


def ask_for_equal_quality(window: MainWindow, qtbot: QtBot) -> None:
    """Every codec at one PSNR, and back to one rate."""
    controller = driver(window)
    QTest.keyClick(window, Qt.Key.Key_C)
    quality = controller.session.quality
    assert isinstance(quality, QualityTarget)

    def matched() -> bool:
        shown = [controller.shown(codec) for codec in controller.codecs]
        return all(one is not None and one.match is not None and one.match.target == quality for one in shown)

    qtbot.waitUntil(matched, timeout=TIMEOUT_MS)
    for codec in controller.codecs:
        shown = controller.shown(codec)
        assert shown is not None
        assert shown.match is not None
        if shown.match.reached:
            assert math.isclose(shown.result.measurement.metrics.psnr_rgb_db, quality.value_db, abs_tol=0.051)
    QTest.keyClick(window, Qt.Key.Key_R, SHIFT)
    wait_until_at_target(window, qtbot)


def read_the_table(window: MainWindow, qtbot: QtBot) -> None:
    """The measured points are listed."""
    QTest.keyClick(window, Qt.Key.Key_T)
    shown = window.actions_by_name["points"]
    qtbot.waitUntil(shown.isChecked, timeout=TIMEOUT_MS)
    QTest.keyClick(window, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: not shown.isChecked(), timeout=TIMEOUT_MS)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=TIMEOUT_MS)


def copy_what_is_seen(window: MainWindow) -> None:
    """A pane's picture, pixel for pixel."""
    QTest.keyClick(window, Qt.Key.Key_3)
    QTest.keyClick(window, Qt.Key.Key_C, CONTROL)
    image = driver(window).session.image
    copied = QApplication.clipboard().image()
    assert image is not None
    assert (copied.width(), copied.height()) == (image.width, image.height)
    QTest.keyClick(window, Qt.Key.Key_G)


def switch_a_codec_on_and_off(window: MainWindow, qtbot: QtBot) -> None:
    """WebP joins with the same picture, view and rate, and leaves again."""
    session, codecs = driver(window).session, driver(window).codecs
    window.actions_by_name["codec_webp"].trigger()
    qtbot.waitUntil(lambda: "webp" in driver(window).codecs, timeout=TIMEOUT_MS)
    wait_until_at_target(window, qtbot)
    window.actions_by_name["codec_webp"].trigger()
    qtbot.waitUntil(lambda: driver(window).codecs == codecs, timeout=TIMEOUT_MS)
    after = driver(window).session
    assert replace(after, pane_layout=session.pane_layout) == session


def go_to_the_next_picture(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    """Page Down: the same rate and, as the size is the same, the same view."""
    view, target = driver(window).session.view, driver(window).session.target_bpp
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        QTest.keyClick(window, Qt.Key.Key_PageDown)
    assert (folder / "b.png").name in window.windowTitle()
    assert (driver(window).session.view, driver(window).session.target_bpp) == (view, target)
    wait_until_at_target(window, qtbot)


def leave_while_it_works(window: MainWindow) -> None:
    """A step of the rate, and at once out."""
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    assert not is_at_target(window)
    QTest.keyClick(window, Qt.Key.Key_Q, CONTROL)
    assert not window.isVisible()

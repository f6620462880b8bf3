"""Stepping through a folder: which picture of how many, thumbnails, and neighbours that are ready."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.ui.engine.app_state import best_in
from viewer.ui.engine.folder.prefetch import Prefetched
from viewer.ui.engine.folder.service import ThumbnailJob, make_thumbnail, place_in_folder
from viewer.ui.shell.main_window import MainWindow

NAMES = ("a.png", "b.png", "c.png", "d.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four small pictures that differ."""
    place = tmp_path / "pictures"
    place.mkdir()
    for number, name in enumerate(NAMES):
        PillowImage.fromarray(sample_crop(96 + number, 128).pixels).save(place / name)
    return place


@pytest.fixture
def second(window: MainWindow, folder: Path, qtbot: QtBot) -> MainWindow:
    """A window with the second picture, all codecs at the rate."""
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(folder / "b.png")
    wait_until_at_target(window, qtbot)
    qtbot.waitUntil(lambda: place_in_folder(window.store.state) is not None, timeout=TIMEOUT_MS)
    return window


def ready(window: MainWindow) -> Prefetched:
    return window.service.prefetched


def test_the_title_says_which_picture_of_how_many(second: MainWindow, qtbot: QtBot) -> None:
    assert second.windowTitle() == "b.png – 2 of 4 – RateLens"
    QTest.keyClick(second, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: second.windowTitle() == "c.png – 3 of 4 – RateLens", timeout=TIMEOUT_MS)


def test_a_picture_that_is_alone_has_no_place(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(opened.store.state.folder), timeout=TIMEOUT_MS)
    assert opened.windowTitle() == "photograph.png – RateLens"
    QTest.keyClick(opened, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert not opened.folder_strip.strip.isVisible()


def test_neighbours_are_read_ahead_and_not_read_again(second: MainWindow, folder: Path, qtbot: QtBot) -> None:
    neighbours = {folder / "a.png", folder / "c.png"}
    qtbot.waitUntil(lambda: ready(second).paths == neighbours, timeout=TIMEOUT_MS)
    made = ready(second).get(folder / "c.png")
    assert made is not None
    QTest.keyClick(second, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: second.store.state.opened is made, timeout=TIMEOUT_MS)
    wait_until_at_target(second, qtbot)
    qtbot.waitUntil(lambda: ready(second).paths == {folder / "b.png", folder / "d.png"}, timeout=TIMEOUT_MS)


def test_once_the_user_steps_the_codecs_pictures_are_ready_too(second: MainWindow, folder: Path, qtbot: QtBot) -> None:
    QTest.keyClick(second, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: second.store.state.step_direction == 1, timeout=TIMEOUT_MS)
    wait_until_at_target(second, qtbot)

    def is_encoded() -> bool:
        following = ready(second).get(folder / "d.png")
        state = second.store.state
        return following is not None and all(
            following.comparison.known(codec, state.session.target_bpp, best_in(state, codec)) is not None
            for codec in driver(second).codecs
        )

    qtbot.waitUntil(is_encoded, timeout=TIMEOUT_MS)
    QTest.keyClick(second, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: second.store.state.step_direction == -1, timeout=TIMEOUT_MS)


def test_a_file_that_has_changed_is_read_again(second: MainWindow, folder: Path, qtbot: QtBot) -> None:
    path = folder / "c.png"
    qtbot.waitUntil(lambda: ready(second).get(path) is not None, timeout=TIMEOUT_MS)
    PillowImage.fromarray(255 - sample_crop(98, 128).pixels).save(path)
    os.utime(path, ns=(1, 1))
    assert ready(second).get(path) is None
    QTest.keyClick(second, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: driver(second).session.image is not None, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: second.windowTitle().startswith("c.png"), timeout=TIMEOUT_MS)
    image = driver(second).session.image
    assert image is not None
    assert (image.pixels == 255 - sample_crop(98, 128).pixels).all()


def test_a_neighbour_that_is_damaged_is_said_when_it_is_opened_and_not_before(
    window: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    (folder / "c.png").write_bytes(b"no picture")
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(folder / "b.png")
    qtbot.waitUntil(lambda: ready(window).paths == {folder / "a.png"}, timeout=TIMEOUT_MS)
    assert not window.banner.isVisible()
    with qtbot.waitSignal(driver(window).open_failed, timeout=TIMEOUT_MS):
        QTest.keyClick(window, Qt.Key.Key_PageDown)


def test_the_filmstrip_shows_the_folder_and_opens_what_is_clicked(second: MainWindow, qtbot: QtBot) -> None:
    strip = second.folder_strip.strip
    assert not strip.isVisible()
    assert not second.store.state.thumbnails
    QTest.keyClick(second, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert strip.isVisible()
    assert strip.strip.place == "2 of 4"
    qtbot.waitUntil(lambda: len(second.store.state.thumbnails) == 4, timeout=TIMEOUT_MS)
    assert all(not made.isNull() for made in second.store.state.thumbnails.values())
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cell_of(3).center())
    qtbot.waitUntil(lambda: strip.strip.place == "4 of 4", timeout=TIMEOUT_MS)
    assert second.windowTitle().startswith("d.png")
    QTest.keyClick(second, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert not strip.isVisible()


def test_the_wheel_scrolls_a_strip_that_is_longer_than_the_window(second: MainWindow, qtbot: QtBot) -> None:
    second.resize(700, 700)
    QTest.keyClick(second, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    strip = second.folder_strip.strip
    strip.setFixedWidth(300)
    qtbot.waitUntil(lambda: strip.width() == 300)
    before = strip.cell_of(0).left()
    at = QPointF(150, 30)
    event = QWheelEvent(
        at,
        QPointF(strip.mapToGlobal(QPoint(150, 30))),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip, event)
    assert strip.cell_of(0).left() < before


def test_what_cannot_be_read_has_an_empty_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG and no more")
    assert make_thumbnail(ThumbnailJob(path)).isNull()

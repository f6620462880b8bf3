"""The opened file changes, is replaced, or disappears, while it is shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.ui.engine.workers.jobs import OpenFile
from viewer.ui.files.file_watch import Look, content_of
from viewer.ui.shell.main_window import MainWindow

OTHER = sample_crop(90, 110, "spices").pixels


def test_a_change_is_offered_to_be_read_again(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    before = driver(opened).session.image
    PillowImage.fromarray(OTHER).save(photograph)
    qtbot.waitUntil(opened.banner.isVisible, timeout=TIMEOUT_MS)
    assert "photograph.png" in opened.banner.text
    assert "has changed on disk" in opened.banner.text
    assert driver(opened).session.image is before
    driver(opened).set_target(0.7)  # going on does not take the offer away
    assert opened.banner.isVisible()
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        QTest.mouseClick(opened.banner.offered, Qt.MouseButton.LeftButton)
    assert not opened.banner.isVisible()
    image = driver(opened).session.image
    assert image is not None
    assert np.array_equal(image.pixels, OTHER)
    wait_until_at_target(opened, qtbot)
    assert driver(opened).session.target_bpp == 0.7


def test_a_file_that_was_replaced_is_seen_again_and_again(
    opened: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    for shade in (50, 150):
        beside = tmp_path / "beside.png"
        PillowImage.new("RGB", (40, 30), (shade, 0, 0)).save(beside)
        os.replace(beside, photograph)  # noqa: PTH105 (what editors do)
        qtbot.waitUntil(opened.banner.isVisible, timeout=TIMEOUT_MS)
        QTest.keyClick(opened, Qt.Key.Key_Escape)
        assert not opened.banner.isVisible()


def test_a_file_that_is_only_touched_is_none_that_changed(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.file_watch._worker.delivered, timeout=TIMEOUT_MS):
        photograph.write_bytes(photograph.read_bytes())
    assert not opened.banner.isVisible()


def test_a_file_that_disappears_leaves_its_picture(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    content = photograph.read_bytes()
    photograph.unlink()
    qtbot.waitUntil(opened.banner.isVisible, timeout=TIMEOUT_MS)
    assert "was deleted or is no longer readable" in opened.banner.text
    assert opened.banner.offered.isHidden()
    driver(opened).set_target(0.9)
    wait_until_at_target(opened, qtbot)
    with qtbot.waitSignal(driver(opened).open_failed, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert "There is no file" in opened.banner.text
    PillowImage.fromarray(OTHER).save(photograph)  # and comes back as another
    qtbot.waitUntil(lambda: "has changed" in opened.banner.text, timeout=TIMEOUT_MS)
    photograph.write_bytes(content)  # and then as it was
    qtbot.waitUntil(lambda: "matches what is shown again" in opened.banner.text, timeout=TIMEOUT_MS)
    assert opened.banner.offered.isHidden()


def test_a_pasted_picture_cannot_be_read_again(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert "was not opened from a file" in window.banner.text


@pytest.mark.parametrize("gone", [False, True])
def test_a_file_that_changes_before_it_is_watched_is_told_of(
    window: MainWindow, photograph: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    apart = photograph.parent / "apart"
    apart.mkdir()
    photograph = photograph.rename(apart / photograph.name)  # beside it settings are written, which is seen, too
    loader = window.service._opener
    read = loader._work

    def read_and_change(job: OpenFile) -> object:
        opened = read(job)
        photograph.unlink()
        if not gone:
            PillowImage.fromarray(OTHER).save(photograph)
        return opened

    monkeypatch.setattr(loader, "_work", read_and_change)
    driver(window).open_file(photograph)
    qtbot.waitUntil(window.banner.isVisible, timeout=TIMEOUT_MS)
    assert ("was deleted or is no longer readable" if gone else "has changed on disk") in window.banner.text


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes of this kind")
def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(opened: MainWindow, photograph: Path) -> None:
    picture = driver(opened).opened_picture
    assert picture is not None
    photograph.unlink()
    os.mkfifo(photograph)
    assert content_of(Look(photograph, picture)) is None


def test_a_file_that_nobody_touched_is_not_read_twice(opened: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = driver(opened).opened_picture
    assert picture is not None
    path, source = picture.image.path, picture.image.source
    assert path is not None
    assert source is not None
    monkeypatch.setattr(Path, "open", lambda *_arguments: pytest.fail("it was read"))
    assert content_of(Look(path, picture, first=True)) == source.digest

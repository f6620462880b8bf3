"""What is shown to others: the view as one picture, and the report."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_saving import answer_dialog
from tests.viewer.ui.panes.test_view import as_array
from viewer.imaging.image import Image, Pixels
from viewer.matching.comparison import Comparison
from viewer.ui.files.reporting import Measured, report_of
from viewer.ui.panes.canvas import Canvas
from viewer.ui.shell.main_window import MainWindow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def holds(picture: Pixels, part: Pixels) -> bool:
    """Whether a picture contains another one, pixel by pixel."""
    height, width = part.shape[:2]
    _least, _most, (x, y), _place = cv2.minMaxLoc(cv2.matchTemplate(picture, part, cv2.TM_SQDIFF))
    return np.array_equal(picture[y : y + height, x : x + width], part)


def export(window: MainWindow, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch) -> Pixels:
    """Press the key, and read what was written."""
    answer_dialog(monkeypatch, path)
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        QTest.keyClick(window, Qt.Key.Key_E, CONTROL | SHIFT)
    with PillowImage.open(path) as saved:
        return np.asarray(saved.convert("RGB"))


def painted(canvas: Canvas) -> Pixels:
    return as_array(canvas.grab().toImage())


def test_the_grid_is_exported_as_the_screen_shows_it(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_0, CONTROL)
    picture = export(opened, qtbot, tmp_path / "grid.png", monkeypatch)
    shown_panes = [pane for pane in opened.panes.values() if pane.isVisible()]
    assert len(shown_panes) == 1 + len(driver(opened).codecs)
    for pane in shown_panes:
        assert holds(picture, painted(pane.canvas))
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    assert holds(picture, shown.result.reconstruction)  # at 1:1 the decoded pixels themselves
    assert "grid.png" in opened.banner.text


def test_a_split_view_and_a_map_are_exported_with_their_scale(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_S)
    canvas = opened.grid.split.canvas
    canvas.setFocus()  # the line of a view that has it is stronger
    before = export(opened, qtbot, tmp_path / "split.png", monkeypatch)
    assert holds(before, painted(canvas))
    QTest.keyClick(opened, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: driver(opened).made("learned") is not None, timeout=TIMEOUT_MS)
    after = export(opened, qtbot, tmp_path / "map.png", monkeypatch)
    assert holds(after, painted(canvas))
    assert after.shape[0] > before.shape[0]  # by the scale of the map


def test_the_view_is_copied(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_3)
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_C, CONTROL | SHIFT)
    copied = as_array(QGuiApplication.clipboard().image())
    assert holds(copied, painted(opened.panes["jpeg"].canvas))
    assert "Copied" in opened.banner.text


def test_a_report_is_saved_from_the_window(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_dialog(monkeypatch, tmp_path / "report")
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_R, CONTROL)
    page = (tmp_path / "report.html").read_text("utf-8")
    for codec in driver(opened).codecs:
        shown = driver(opened).shown(codec)
        assert shown is not None
        assert hashlib.sha256(shown.result.stream).hexdigest() in page
    assert "photograph.png" in page


def test_there_is_nothing_to_show_without_a_picture(window: MainWindow) -> None:
    for key, modifiers in ((Qt.Key.Key_E, CONTROL | SHIFT), (Qt.Key.Key_C, CONTROL | SHIFT), (Qt.Key.Key_R, CONTROL)):
        window.banner.hide()
        QTest.keyClick(window, key, modifiers)
        assert window.banner.isVisible()
        assert "open" in window.banner.text


def test_a_report_of_a_picture_whose_name_is_no_text_can_be_written() -> None:
    image = Image(sample_crop(64, 80).pixels, "odd\udcff.png")
    result = Comparison(image).result("jpeg", 1.0)
    measured = Measured((result,), (("jpeg", ()),), (), datetime(2026, 1, 2, 12, 0, tzinfo=UTC))
    assert "odd\\udcff.png" in report_of(measured).decode()

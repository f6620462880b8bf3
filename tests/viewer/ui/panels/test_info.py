"""The information panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.memory import Memory
from tests.photographs import sample_crop
from tests.profiles import DISPLAY_P3, rgb_profile, srgb_curve
from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.session.pane_layout import ORIGINAL
from viewer.ui.panels.value_text import ValueText
from viewer.ui.shell.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def texts_of(window: MainWindow) -> dict[str, ValueText]:
    """What stands in the panel, by the names of the rows."""
    names = {name for name, _ in window.information.rows}
    texts = window.information.findChildren(ValueText)
    return {text.accessibleName(): text for text in texts if text.accessibleName() in names}


def test_a_key_shows_and_hides_it(window: MainWindow) -> None:
    assert not window.information.isVisible()
    QTest.keyClick(window, Qt.Key.Key_I, CONTROL)
    assert window.information.isVisible()
    assert window.information.rows == (("", "No picture is open."),)
    QTest.keyClick(window, Qt.Key.Key_I, CONTROL)
    assert not window.information.isVisible()


def test_it_says_what_the_file_held_and_what_was_converted(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "odd.png"
    pixels = np.dstack([sample_crop(40, 60).pixels, np.full((40, 60), 90, np.uint8)])
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    profile = rgb_profile("Display P3", DISPLAY_P3, srgb_curve())
    PillowImage.fromarray(pixels).save(path, exif=exif, icc_profile=profile)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(path)
    window.actions_by_name["information"].trigger()
    rows = dict(window.information.rows)
    assert rows["File"] == "odd.png"
    assert rows["Folder"] == str(tmp_path)
    assert rows["On disk"].endswith("PNG")
    assert rows["Stored as"] == "60 × 40, 8-bit RGB with transparency"
    assert rows["Profile"] == "Display P3"
    assert rows["Orientation"] == "rotated right (EXIF 6)"
    assert rows["Compared"].startswith("40 × 60, 8-bit sRGB")
    assert rows["Background"].startswith("white")
    for note in ("Rotated as its", "Display P3 to sRGB", "Transparency placed on white"):
        assert note in rows["Converted"]
    assert {name: text.toPlainText() for name, text in texts_of(window).items()} == rows


def test_what_is_copied_is_what_is_shown(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / f"a_long-name.of {'many' * 20}.png"
    PillowImage.fromarray(sample_crop(40, 60).pixels).save(path)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(path)
    window.actions_by_name["information"].trigger()
    texts = texts_of(window)
    for name, value in window.information.rows:
        texts[name].setFocus()
        QTest.keyClick(texts[name], Qt.Key.Key_A, CONTROL)
        QTest.keyClick(texts[name], Qt.Key.Key_C, CONTROL)
        assert QGuiApplication.clipboard().text() == value


def test_a_long_name_is_seen_to_its_end(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / f"{'long' * 50}.png"
    PillowImage.fromarray(sample_crop(40, 60).pixels).save(path)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(path)
    window.actions_by_name["information"].trigger()
    texts = texts_of(window)

    def is_whole() -> bool:
        needed = texts["File"].document().size()
        return needed.width() <= texts["File"].width() and 0 <= texts["File"].height() - needed.height() <= 2

    qtbot.waitUntil(is_whole)
    line = texts["File"].fontMetrics().lineSpacing()
    assert texts["File"].height() > 4 * line
    assert texts["Pixels"].height() < 2 * line
    assert not texts["File"].verticalScrollBar().maximum()


def test_to_be_measured_costs_no_memory(qtbot: QtBot) -> None:
    text = ValueText("/a/folder/with/a/longer/name" * 5, None)
    qtbot.addWidget(text)
    memory = Memory()
    assert text.heightForWidth(100) > text.heightForWidth(1000)
    memory.mark()
    for width in range(50, 1050):
        text.heightForWidth(width)
    assert memory.growth() < 2**21  # 2 KiB each; what Qt makes to measure takes 20


def test_a_plain_file_needed_nothing(opened: MainWindow) -> None:
    rows = dict(opened.information.rows)
    assert rows["Converted"].startswith("nothing")
    assert rows["Profile"] == "none, read as sRGB"
    assert "Orientation" not in rows


def test_a_pasted_picture_has_no_file(window: MainWindow, qtbot: QtBot) -> None:
    picture = QImage(30, 20, QImage.Format.Format_RGB32)
    picture.fill(QColor(1, 2, 3))
    QGuiApplication.clipboard().setImage(picture)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.actions_by_name["paste"].trigger()
    assert [name for name, _ in window.information.rows] == ["Name", "Compared", "Converted", "Pixels"]


def test_the_original_shown_is_what_the_codecs_were_given(opened: MainWindow) -> None:
    shown = opened.panes[ORIGINAL].canvas.picture
    picture = driver(opened).opened_picture
    assert shown is not None
    assert picture is not None
    assert np.array_equal(as_array(shown.levels[0]), picture.comparison.image.pixels)
    assert picture.comparison.image is picture.image

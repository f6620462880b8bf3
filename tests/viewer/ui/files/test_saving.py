"""What goes out: clipboard and files; and the next picture of the folder."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

import viewer.system.memory
from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_opening import urls
from tests.viewer.ui.panes.test_view import as_array
from viewer.codecs.registry import CODECS
from viewer.matching.comparison import Comparison
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import View
from viewer.session.viewport import visible_rect
from viewer.system import versions
from viewer.ui.common.formatting import format_bpp
from viewer.ui.files.saving import names_of, stream_name
from viewer.ui.panels.banner import SAVED_MS
from viewer.ui.shell.main_window import MainWindow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def answer_dialog(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """The user gives this name."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def test_the_focused_pane_is_copied_in_full(opened: MainWindow) -> None:
    opened.panes["jpeg"].canvas.setFocus()
    QTest.keyClick(opened.panes["jpeg"].canvas, Qt.Key.Key_C, CONTROL)
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    assert np.array_equal(as_array(QGuiApplication.clipboard().image()), shown.result.reconstruction)


def test_a_selected_message_is_copied_and_not_the_picture(opened: MainWindow) -> None:
    driver(opened).say("“a.png” cannot be read.")
    label = next(label for label in opened.banner.findChildren(QLabel) if label.text() == opened.banner.text)
    start, end = label.rect().topLeft() + QPoint(1, 8), label.rect().bottomRight()
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(label, end)
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=end)
    assert label.selectedText()
    QTest.keyClick(label, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == label.selectedText()


def test_of_a_large_picture_what_is_visible_is_copied(
    opened: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 20_000)  # of 173 x 240 pixels
    QGuiApplication.clipboard().clear()
    QTest.keyClick(opened, Qt.Key.Key_3)
    QTest.keyClick(opened, Qt.Key.Key_C, CONTROL)
    assert "too large for the clipboard: zoom in" in opened.banner.text
    assert QGuiApplication.clipboard().image().isNull()
    driver(opened).set_view(View(16.0, (100.0, 60.0)))
    qtbot.waitUntil(lambda: opened.panes["jpeg"].canvas.placement is not None)
    QTest.keyClick(opened, Qt.Key.Key_C, CONTROL)
    rect = visible_rect(driver(opened).session.view, (240, 173), opened.panes["jpeg"].canvas.area)
    shown = driver(opened).shown("jpeg")
    assert rect is not None
    assert shown is not None
    assert "{} × {} pixels".format(*rect.size) in opened.banner.text
    part = shown.result.reconstruction[rect.top : rect.bottom, rect.left : rect.right]
    assert 100 < part.size < 3 * 20_000
    assert np.array_equal(as_array(QGuiApplication.clipboard().image()), part)


def test_the_stream_and_the_reconstruction_are_saved(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_3)
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    answer_dialog(monkeypatch, tmp_path / "stream.jpg")
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert (tmp_path / "stream.jpg").read_bytes() == shown.result.stream
    answer_dialog(monkeypatch, tmp_path / "picture")  # without a suffix
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL | SHIFT)
    with PillowImage.open(tmp_path / "picture.png") as saved:
        assert np.array_equal(np.asarray(saved), shown.result.reconstruction)


def test_a_suffix_that_is_added_is_asked_about(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_3)
    (tmp_path / "old.jpg").write_bytes(b"old")
    answer_dialog(monkeypatch, tmp_path / "old")
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert (tmp_path / "old.jpg").read_bytes() == b"old"


def test_what_cannot_be_saved_is_said(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_1)
    QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert "select a codec" in opened.banner.text
    QTest.keyClick(opened, Qt.Key.Key_2)
    (tmp_path / "folder.gdn").mkdir()
    answer_dialog(monkeypatch, tmp_path / "folder.gdn")
    with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert "folder.gdn" in opened.banner.text


def test_the_original_is_saved_too_and_it_is_said(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_1)
    answer_dialog(monkeypatch, tmp_path / "kept.png")
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL | SHIFT)
    picture = driver(opened).opened_picture
    assert picture is not None
    with PillowImage.open(tmp_path / "kept.png") as saved:
        assert np.array_equal(np.asarray(saved), picture.image.pixels)
    assert "kept.png" in opened.banner.text
    assert opened.banner.isVisible()
    qtbot.waitUntil(lambda: not opened.banner.isVisible(), timeout=2 * SAVED_MS)


def test_everything_is_saved_at_once_and_nothing_unasked_over_it(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL | ALT)
    for codec in CODECS:
        if codec.name not in driver(opened).codecs:
            continue
        shown = driver(opened).shown(codec.name)
        assert shown is not None
        name = f"photograph-{codec.name}-{format_bpp(shown.result.bpp)}bpp"
        assert (folder / f"{name}{codec.suffix}").read_bytes() == shown.result.stream
        with PillowImage.open(folder / f"{name}.png") as saved:
            assert np.array_equal(np.asarray(saved), shown.result.reconstruction)
    assert len(list(folder.iterdir())) == 2 * len(driver(opened).codecs)
    assert f"{2 * len(driver(opened).codecs)} files" in opened.banner.text
    for file in folder.iterdir():
        file.write_bytes(b"mine")
    asked: list[str] = []

    def no(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", no)
    QTest.keyClick(opened, Qt.Key.Key_S, CONTROL | ALT)
    assert "exist already" in asked[0]
    assert all(file.read_bytes() == b"mine" for file in folder.iterdir())


def test_results_of_nearly_one_rate_get_names_of_their_own() -> None:
    result = Comparison(sample_crop(240, 320)).result("jpeg", 0.3)
    low, near, nearer = (replace(result, stream=bytes(size)) for size in (491, 494, 493))  # of 76,800 pixels
    names = names_of([low, near], {"jpeg": ".jpg"})
    assert [stream for stream, _ in names] == ["heron 320x240-jpeg-0.0511bpp.jpg", "heron 320x240-jpeg-0.0515bpp.jpg"]
    three = names_of([nearer, nearer, nearer], {"jpeg": ".jpg"})
    assert [stream.removeprefix("heron 320x240-jpeg-0.0514bpp") for stream, _ in three] == [".jpg", "-2.jpg", "-3.jpg"]
    assert [Path(stream).stem for stream, _ in three] == [Path(picture).stem for _, picture in three]
    ((stream, picture),) = names_of([near], {"jpeg": ".png"})  # a plug-in's streams may be PNG files
    assert (stream, picture) == ("heron 320x240-jpeg-0.0515bpp.png", "heron 320x240-jpeg-0.0515bpp-decoded.png")


def test_a_name_that_would_be_too_long_keeps_its_end() -> None:
    result = Comparison(replace(sample_crop(48, 64), name=f"{'ä' * 125}.png")).result("jpeg", 1.0)
    name = stream_name(result, ".jpg")
    assert len(os.fsencode(name)) in {254, 255}
    assert name.endswith(f"ä-jpeg-{result.bpp:.3f}bpp.jpg")


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("kodim07-jpeg-0.250bpp", "kodim07-jpeg-0.250bpp.jpg"),
        ("version 1.2", "version 1.2.jpg"),
        ("a.jpeg", "a.jpeg"),
        ("a.j2k", "a.j2k"),
        ("a.", "a..jpg"),
        ("v1.0 with spaces. And more", "v1.0 with spaces. And more.jpg"),
    ],
)
def test_what_follows_a_dot_is_only_a_suffix_if_it_looks_like_one(
    typed: str, saved: str, opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_dialog(monkeypatch, tmp_path / typed)
    QTest.keyClick(opened, Qt.Key.Key_3)
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS) as written:
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert written.args == [f"Saved “{saved}” in {tmp_path}."]
    assert (tmp_path / saved).is_file()


def test_pictures_that_need_more_memory_than_there_is_are_refused(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: driver(opened).is_settled, timeout=TIMEOUT_MS)
    monkeypatch.setattr(viewer.system.memory, "_ALWAYS_GRANTED_BYTES", 0)
    monkeypatch.setattr(viewer.system.memory.process_budget(), "limit_bytes", 1)
    answer_dialog(monkeypatch, tmp_path / "out.png")
    QTest.keyClick(opened, Qt.Key.Key_3)
    for command, what in (("save_reconstruction", "Writing the picture"), ("export_view", "A picture of the view")):
        with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
            opened.actions_by_name[command].trigger()
        assert opened.banner.text.startswith(f"{what} needs about 0.1 GB of memory")
    with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
        opened.actions_by_name["copy_view"].trigger()
    assert not (tmp_path / "out.png").exists()


def test_without_a_picture_there_is_nothing_to_save(window: MainWindow) -> None:
    for key, modifiers in ((Qt.Key.Key_S, CONTROL | ALT), (Qt.Key.Key_S, CONTROL | SHIFT), (Qt.Key.Key_C, CONTROL)):
        window.banner.hide()
        QTest.keyClick(window, key, modifiers)
        assert "open" in window.banner.text
        assert window.banner.isVisible()


def test_page_keys_go_through_the_folder(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    photograph.with_name("zebra.png").write_bytes(photograph.read_bytes())
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_PageDown)
    assert opened.windowTitle().startswith("zebra.png")
    with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_PageDown)
    assert "last picture" in opened.banner.text
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_PageUp)
    assert opened.windowTitle().startswith("photograph.png")


def test_the_folder_is_not_read_in_the_thread_of_the_window(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def listed(path: Path) -> Iterator[Path]:
        threads.append(threading.current_thread())
        return iter([path / "photograph.png"])

    monkeypatch.setattr(Path, "iterdir", listed)
    with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_PageDown)
    assert threads
    assert threading.main_thread() not in threads


def test_a_drag_over_the_window_shows_where_it_may_drop(window: MainWindow, photograph: Path) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data = urls(photograph)  # the event does not keep it alive
    enter = QDragEnterEvent(QPoint(100, 100), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(window, enter)
    assert window.drop_frame.isVisible()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.drop_frame.isVisible()


def test_a_checkout_names_its_version(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(versions, "version", missing)
    window.actions_by_name["about"].trigger()
    assert window.sheet is not None
    assert any(label.text().endswith("(development checkout)") for label in window.sheet.findChildren(QLabel))
    assert window.present_pane() != ORIGINAL


def test_page_keys_pass_what_cannot_be_opened_and_add_up(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    photograph.with_name("q-damaged.png").write_bytes(b"not a picture")
    for name in ("r.png", "s.png", "t.png"):
        photograph.with_name(name).write_bytes(photograph.read_bytes())
    with qtbot.waitSignal(driver(opened).open_failed, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_PageDown)
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_PageDown)
    assert opened.windowTitle().startswith("r.png")
    QTest.keyClick(opened, Qt.Key.Key_PageDown)
    QTest.keyClick(opened, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: opened.windowTitle().startswith("t.png"), timeout=TIMEOUT_MS)

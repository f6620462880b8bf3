"""Every way in which a picture comes in, and what is said when it cannot."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QColorSpace, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

import viewer.imaging.reader
import viewer.system.memory
from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.imaging.colours.profile import to_srgb
from viewer.session.pane_layout import FILE_PANES, ORIGINAL
from viewer.session.state import View
from viewer.ui.files.reconstruction_dialog import ReconstructionDialog
from viewer.ui.shell.main_window import MainWindow


def drop(window: MainWindow, data: QMimeData) -> bool:
    """Drop data on the window as a file manager does; whether it was taken."""
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(100, 100), action, data, left, none)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(100, 100), action, data, left, none)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def urls(*paths: Path) -> QMimeData:
    """What a file manager's drag carries."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def recent_menu(window: MainWindow) -> QMenu:
    """The menu of recent files, filled."""
    action = next(a for a in window.actions_by_name.menus["&File"].actions() if a.text() == "Open &recent")
    menu = action.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return menu


def test_an_opened_file_is_shown_by_every_codec(opened: MainWindow) -> None:
    assert opened.windowTitle().startswith("photograph.png")
    for name in (ORIGINAL, *driver(opened).codecs):
        pane = opened.panes[name]
        assert pane.canvas.picture is not None
        assert (pane.canvas.picture.width, pane.canvas.picture.height) == (240, 173)
    for codec in driver(opened).codecs:
        values = [figure.value for figure in opened.panes[codec].header.text.figures]
        assert all(values)
        assert "–" not in values


def test_a_dropped_file_opens(window: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        assert drop(window, urls(photograph))
    image = driver(window).session.image
    assert image is not None
    assert image.path == photograph


def choice(window: MainWindow) -> ReconstructionDialog:
    """The dialog that asks which of several files is the original."""
    dialog = window.findChild(ReconstructionDialog)
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


def test_of_several_files_the_original_is_asked_for_and_the_others_become_panes(
    window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    decoded = tmp_path / "decoded.png"
    PillowImage.open(photograph).quantize(32).convert("RGB").save(decoded)
    stream = tmp_path / "decoded.bin"
    stream.write_bytes(bytes(2600))
    assert drop(window, urls(decoded, photograph))
    dialog = choice(window)
    assert dialog.names == ["decoded.png", "photograph.png"]
    dialog.choose(1)
    size, series = dialog.editors(0)
    assert not any(editor.isVisible() for editor in dialog.editors(1))  # the original has no stream
    size.setText(str(stream))
    series.setText("Palette")
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        dialog.accept()
    assert window.windowTitle().startswith("photograph.png")
    head = window.panes[FILE_PANES[0]].header.text
    assert (head.label, head.detail) == ("Palette: decoded.png", "file")
    assert {figure.caption: figure.value for figure in head.figures}["bytes"] == "2,600"
    assert not window.banner.isVisible()
    wait_until_at_target(window, qtbot)


def test_reconstructions_are_added_changed_and_taken_away(
    opened: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    for colours in (8, 32):
        PillowImage.open(photograph).quantize(colours).convert("RGB").save(tmp_path / f"{colours}.png")

    def ask() -> ReconstructionDialog:
        opened.actions_by_name["reconstructions"].trigger()
        return choice(opened)

    def shown() -> list[str]:
        return [file.result.title for file in driver(opened).state.files.values()]

    dialog = ask()
    assert dialog.names == []
    dialog.add([tmp_path / "8.png", tmp_path / "32.png", tmp_path / "8.png", photograph])
    assert dialog.names == ["8.png", "32.png"]
    dialog.editors(0)[0].setText("much")
    dialog.editors(1)[0].setText("2.6 kB")
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        dialog.accept()
    assert shown() == ["8.png", "32.png"]
    assert opened.banner.text.startswith("“much”, the size of “8.png”, is neither an existing file nor a size")
    assert driver(opened).state.files[FILE_PANES[1]].result.byte_count == 2600
    qtbot.waitUntil(lambda: opened.findChild(ReconstructionDialog) is None, timeout=TIMEOUT_MS)
    dialog = ask()
    assert dialog.editors(1)[0].text() == "2.6 kB"
    dialog.choose(0, shown=False)
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        dialog.accept()
    assert shown() == ["32.png"]
    wait_until_at_target(opened, qtbot)


def test_of_several_files_none_is_opened_where_the_user_cancels(
    opened: MainWindow, photograph: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    PillowImage.new("RGB", (40, 30)).save(other)
    before = driver(opened).opened_picture
    assert drop(opened, urls(other, photograph))
    choice(opened).reject()
    assert driver(opened).state.opening is None
    assert driver(opened).opened_picture is before


def test_a_dropped_file_of_another_size_is_refused_beside_the_original(
    window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "other.png"
    PillowImage.new("RGB", (40, 30)).save(other)
    assert drop(window, urls(photograph, other))
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        choice(window).accept()
    assert window.banner.text.startswith("“other.png” is 40 x 30 pixels, and “photograph.png” 240 x 173")
    assert FILE_PANES[0] not in window.panes
    wait_until_at_target(window, qtbot)


def test_of_several_files_where_nobody_can_answer_the_first_is_opened_and_that_is_said(
    window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "other.png"
    PillowImage.new("RGB", (40, 30)).save(other)
    window.opening.may_ask = False
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        assert drop(window, urls(photograph, other))
    assert window.banner.isVisible()
    assert window.banner.text == "Only the first of 2 files was opened, “photograph.png”: drop one at a time."
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        assert drop(window, urls(other))
    assert not window.banner.isVisible()


def test_text_is_not_taken_as_a_drop(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("not a picture")
    assert not drop(window, data)


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_bad_drop_is_said_and_the_old_picture_stays(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot, content: bytes
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(content)
    before = {name: pane.canvas.picture for name, pane in opened.panes.items()}
    with qtbot.waitSignal(driver(opened).open_failed, timeout=TIMEOUT_MS):
        drop(opened, urls(bad))
    assert opened.banner.isVisible()
    assert "bad.png" in opened.banner.text
    assert {name: pane.canvas.picture for name, pane in opened.panes.items()} == before
    assert opened.windowTitle().startswith("photograph.png")
    driver(opened).set_target(0.9)  # and it goes on
    wait_until_at_target(opened, qtbot)


def test_a_folder_is_said_to_be_one(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(driver(window).open_failed, timeout=TIMEOUT_MS):
        drop(window, urls(tmp_path))
    assert "folder" in window.banner.text


def test_a_link_that_is_no_file_is_said(window: MainWindow) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/picture.png")])
    drop(window, data)
    assert "https://example.org/picture.png" in window.banner.text


def test_opening_well_takes_the_message_away(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    driver(opened).say("An old message.")
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        driver(opened).open_file(photograph)
    assert not opened.banner.isVisible()


def test_a_copied_picture_is_pasted_pixel_for_pixel(window: MainWindow, qtbot: QtBot) -> None:
    picture = QImage(31, 17, QImage.Format.Format_RGB32)
    picture.fill(QColor(10, 200, 30))
    picture.setPixelColor(30, 16, QColor(255, 1, 2))
    QGuiApplication.clipboard().setImage(picture)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.actions_by_name["paste"].trigger()
    image = driver(window).session.image
    assert image is not None
    assert image.pixels.shape == (17, 31, 3)
    assert tuple(image.pixels[0, 0]) == (10, 200, 30)
    assert tuple(image.pixels[16, 30]) == (255, 1, 2)


def test_transparency_is_pasted_on_white_and_said(window: MainWindow, qtbot: QtBot) -> None:
    picture = QImage(20, 20, QImage.Format.Format_ARGB32)
    picture.fill(QColor(0, 0, 0, 0))
    QGuiApplication.clipboard().setImage(picture)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.actions_by_name["paste"].trigger()
    image = driver(window).session.image
    assert image is not None
    assert tuple(image.pixels[3, 3]) == (255, 255, 255)
    assert "white" in window.panes[ORIGINAL].header.toolTip()


def test_a_pasted_picture_is_converted_to_srgb_and_that_is_said(window: MainWindow, qtbot: QtBot) -> None:
    colour, space = (120, 160, 100), QColorSpace(QColorSpace.NamedColorSpace.DisplayP3)
    picture = QImage(20, 20, QImage.Format.Format_RGB32)
    picture.fill(QColor(*colour))
    picture.setColorSpace(space)
    QGuiApplication.clipboard().setImage(picture)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.actions_by_name["paste"].trigger()
    image = driver(window).session.image
    assert image is not None
    as_of_a_file = to_srgb(PillowImage.new("RGB", (1, 1), colour), bytes(space.iccProfile().data())).picture.getpixel(
        (0, 0)
    )
    assert isinstance(as_of_a_file, tuple)
    assert abs(as_of_a_file[0] - colour[0]) > 5
    assert np.allclose(image.pixels[3, 3], as_of_a_file, atol=1)
    assert "Colours converted from Display P3 to sRGB." in window.panes[ORIGINAL].header.toolTip()


@pytest.mark.parametrize("words", ["only words", "~5 dB better"])
def test_pasting_nothing_is_said(window: MainWindow, words: str) -> None:
    QGuiApplication.clipboard().setText(words)
    window.actions_by_name["paste"].trigger()
    assert window.banner.isVisible()
    assert "clipboard" in window.banner.text


def test_opened_files_are_recent_in_the_next_run(make_window: MakeWindow, photograph: Path, qtbot: QtBot) -> None:
    first = make_window()
    assert [a.text() for a in recent_menu(first).actions()] == ["No recent files"]
    with qtbot.waitSignal(driver(first).opened, timeout=TIMEOUT_MS):
        driver(first).open_file(photograph)
    first.close()
    second = make_window()
    entry = recent_menu(second).actions()[0]
    assert entry.text() == "photograph.png"
    with qtbot.waitSignal(driver(second).opened, timeout=TIMEOUT_MS):
        entry.trigger()


def test_samples_open_and_are_not_remembered(window: MainWindow, qtbot: QtBot) -> None:
    action = next(a for a in window.actions_by_name.menus["&File"].actions() if a.text() == "Sa&mples")
    menu = action.menu()
    assert isinstance(menu, QMenu)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        menu.actions()[0].trigger()
    assert [a.text() for a in recent_menu(window).actions()] == ["No recent files"]


def test_the_newest_of_two_openings_wins(window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(photograph.read_bytes())
    driver(window).open_file(photograph)
    driver(window).open_file(other)
    qtbot.waitUntil(lambda: window.windowTitle().startswith("other.png"), timeout=TIMEOUT_MS)
    wait_until_at_target(window, qtbot)
    assert window.windowTitle().startswith("other.png")


@pytest.fixture
def large_jpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 100_000)
    path = tmp_path / "large.jpg"
    crop = PillowImage.fromarray(sample_crop(173, 240).pixels)
    crop.resize((720, 519), PillowImage.Resampling.BICUBIC).save(path, quality=95)
    return path


def test_a_large_picture_is_seen_as_a_draft_while_it_is_read(
    window: MainWindow, large_jpeg: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted = threading.Event()
    read = viewer.imaging.reader.load_image
    monkeypatch.setattr(viewer.imaging.reader, "load_image", lambda path: read(path) if drafted.wait(60) else None)
    controller, canvas = driver(window), window.panes[ORIGINAL].canvas
    with qtbot.waitSignal(driver(window).draft_changed, timeout=TIMEOUT_MS):
        controller.open_file(large_jpeg)
    picture = canvas.picture
    assert picture is not None
    assert (picture.width, picture.height) == (720, 519)
    assert (picture.levels[0].width(), picture.levels[0].height()) == (90, 65)
    assert "draft" in window.panes[ORIGINAL].header.text.status
    assert window.panes["jpeg"].canvas.picture is None
    controller.set_view(View(2.0, (300.0, 200.0)))
    with qtbot.waitSignal(controller.opened, timeout=TIMEOUT_MS):
        drafted.set()
    assert canvas.picture is not None
    assert canvas.picture.finest_scale == 1.0
    assert controller.session.view == View(2.0, (300.0, 200.0))
    assert "draft" not in window.panes[ORIGINAL].header.text.status


def test_a_draft_whose_picture_is_damaged_gives_way_to_the_picture_before(
    opened: MainWindow, large_jpeg: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted = threading.Event()
    read = viewer.imaging.reader.load_image
    monkeypatch.setattr(viewer.imaging.reader, "load_image", lambda path: read(path) if drafted.wait(60) else None)
    before = {name: pane.canvas.picture for name, pane in opened.panes.items()}
    with qtbot.waitSignal(driver(opened).draft_changed, timeout=TIMEOUT_MS):
        driver(opened).open_file(large_jpeg)
    large_jpeg.write_bytes(b"")
    with qtbot.waitSignal(driver(opened).open_failed, timeout=TIMEOUT_MS):
        drafted.set()
    assert {name: pane.canvas.picture for name, pane in opened.panes.items()} == before
    assert "draft" not in opened.panes[ORIGINAL].header.text.status

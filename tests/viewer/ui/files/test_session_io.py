"""A session is saved and opened again, in every way in which a picture is opened."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

import viewer.imaging.reader
from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_opening import drop, urls
from tests.viewer.ui.files.test_saving import answer_dialog
from viewer.codecs.registry import forget_codec
from viewer.matching.reconstruction import Given
from viewer.matching.targets.quality import QualityTarget
from viewer.session.pane_layout import FILE_PANES, Layout, PaneLayout, Show
from viewer.session.pins import Pin, Pins
from viewer.session.state import MetricScale, View
from viewer.ui.shell.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kept(opened: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session file of a window that is looked at in an unusual way; the window is closed."""
    driver(opened).set_target(0.8)
    opened.actions_by_name["codec_jpeg2000"].trigger()
    QTest.keyClick(opened, Qt.Key.Key_S)
    QTest.keyClick(opened, Qt.Key.Key_3)
    QTest.keyClick(opened, Qt.Key.Key_2, CONTROL)
    QTest.keyClick(opened, Qt.Key.Key_D)
    QTest.keyClick(opened, Qt.Key.Key_M)
    QTest.keyClick(opened, Qt.Key.Key_L)
    driver(opened).set_pins(Pins((Pin("jpeg", 0.4, "for the web", note="smooth sky"),)))
    driver(opened).set_view(View(2.0, (30.0, 40.0)))
    wait_until_at_target(opened, qtbot)
    answer_dialog(monkeypatch, tmp_path / "kept")
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_K, CONTROL)
    assert "kept.ratelens" in opened.banner.text
    opened.close()
    return tmp_path / "kept.ratelens"


def check(window: MainWindow) -> None:
    """The window looks as it did."""
    session = driver(window).session
    assert driver(window).codecs == ("learned", "jpeg")
    assert session.target_bpp == 0.8
    assert session.pins == Pins((Pin("jpeg", 0.4, "for the web", note="smooth sky"),))
    assert session.view == View(2.0, (30.0, 40.0))
    assert session.pane_layout.layout is Layout.SPLIT
    assert (session.pane_layout.left, session.pane_layout.right, session.pane_layout.show) == (
        "learned",
        "jpeg",
        Show.SIGNED,
    )
    assert not session.scale.ms_ssim_db
    assert not window.actions_by_name["decibels"].isChecked()
    assert window.actions_by_name["loupe"].isChecked()
    assert "Opened the session" in window.banner.text


def test_it_is_opened_like_a_picture(
    kept: Path, make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    window.actions_by_name["codec_jpeg2000"].trigger()  # which the settings have kept off
    window.actions_by_name["decibels"].trigger()
    assert "jpeg2000" in driver(window).codecs
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(kept), ""))
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        QTest.keyClick(window, Qt.Key.Key_O, CONTROL)
    check(window)
    wait_until_at_target(window, qtbot)
    assert kept.resolve() in window.settings.recent


@pytest.mark.parametrize("luma", [False, True])
def test_equal_quality_comes_back_whatever_the_window_shows(
    photograph: Path, tmp_path: Path, make_window: MakeWindow, qtbot: QtBot, luma: bool
) -> None:
    quality = {"metric": "psnr", "channel": "rgb", "value_db": 33.0}
    values = {
        "ratelens_session": 1,
        "image": {"path": str(photograph)},
        "equal_quality": quality,
        "metrics": {"channel": "rgb", "ms_ssim_db": False},
    }
    file = tmp_path / "a.ratelens"
    file.write_text(json.dumps(values), encoding="utf-8")
    window = make_window()
    if luma:
        window.actions_by_name["luma"].trigger()
    window.actions_by_name["equal_ms_ssim"].trigger()
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        window.opening.open_path(file)
    assert driver(window).session.quality == QualityTarget("psnr", "rgb", 33.0)
    assert driver(window).session.scale == MetricScale("rgb", False)


def test_it_is_dropped_and_found_again_after_a_move(
    kept: Path, photograph: Path, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "moved").mkdir()
    file = kept.rename(tmp_path / "moved" / kept.name)
    photograph.rename(tmp_path / "moved" / photograph.name)
    window = make_window()
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        assert drop(window, urls(file))
    check(window)


def test_reconstructions_come_back_and_one_that_is_gone_is_said(
    window: MainWindow,
    make_window: MakeWindow,
    photograph: Path,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for colours in (8, 32):
        PillowImage.open(photograph).quantize(colours).convert("RGB").save(tmp_path / f"{colours}.png")
    given = Given(tmp_path / "8.png", "1 kB", "Palette"), Given(tmp_path / "32.png")
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(photograph, given=given)
    answer_dialog(monkeypatch, tmp_path / "kept")
    driver(window).set_pane_layout(PaneLayout(Layout.SINGLE, pane=FILE_PANES[0]))
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    window.close()
    (tmp_path / "32.png").unlink()
    again = make_window()
    with qtbot.waitSignal(driver(again).opened, timeout=TIMEOUT_MS):
        again.opening.open_path(tmp_path / "kept.ratelens")
    shown = [file.result for file in driver(again).state.files.values()]
    assert [(one.title, one.byte_count) for one in shown] == [("Palette: 8.png", 1000)]
    assert driver(again).session.pane_layout.pane == FILE_PANES[0]
    assert again.banner.text == (
        "Opened the session “kept.ratelens”. The reconstruction “32.png” was not found, so it is left out."
    )


def test_variants_come_back_and_codecs_that_are_not_installed_are_one_sentence(
    window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    values = {
        "ratelens_session": 1,
        "image": {"path": str(photograph)},
        "codecs": ["jpeg", "jpeg:444", "webp:method=9", "learned:gone", "gone-cli"],
    }
    file = tmp_path / "a.ratelens"
    file.write_text(json.dumps(values), encoding="utf-8")
    try:
        with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
            window.opening.open_path(file)
        assert driver(window).codecs == ("jpeg", "jpeg:444")
        assert window.banner.text == (
            "Opened the session “a.ratelens”. Left out, as not installed here: webp:method=9, learned:gone, gone-cli."
        )
        wait_until_at_target(window, qtbot)
        shown = driver(window).shown("jpeg:444")
        assert shown is not None
        assert shown.result.detail.startswith("4:4:4")
        assert window.panes["jpeg:444"].header.text.label == "JPEG 4:4:4"
    finally:
        forget_codec("jpeg:444")


def answer_box(text: str) -> list[str]:
    """Press the button of this text in the next question; what it asks is in the list then."""
    asked: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, press)
            return
        asked.append(box.text())
        button = next(button for button in box.buttons() if text in button.text().replace("&", ""))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(20, press)
    return asked


def test_a_missing_picture_can_be_located(
    kept: Path, photograph: Path, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = photograph.rename(tmp_path / "elsewhere.png")
    window = make_window()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(elsewhere), ""))
    asked = answer_box("Locate")
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        window.opening.open_path(kept)
    assert "was not found" in asked[0]
    check(window)


@pytest.mark.parametrize("button", ["Use this one", "Cancel"])
def test_another_picture_in_its_place_is_asked_about(
    kept: Path, photograph: Path, make_window: MakeWindow, qtbot: QtBot, button: str
) -> None:
    PillowImage.fromarray(sample_crop(173, 240, "spices").pixels).save(photograph)
    window = make_window()
    asked = answer_box(button)
    window.opening.open_path(kept)
    qtbot.waitUntil(lambda: bool(asked), timeout=TIMEOUT_MS)
    assert "its pixels differ" in asked[0]
    assert (driver(window).session.target_bpp == 0.8) == (button == "Use this one")


def test_damage_is_said(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "damaged.ratelens"
    file.write_text('{"ratelens_session": 1, "image": 7}')
    with qtbot.waitSignal(driver(window).refused, timeout=TIMEOUT_MS):
        window.opening.open_path(file)
    assert "damaged.ratelens" in window.banner.text


def test_without_a_picture_there_is_no_session(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    assert "open one first" in window.banner.text


@pytest.mark.skipif(sys.platform == "win32", reason="names that are too long do not exist there")
def test_a_picture_that_cannot_be_asked_about_is_not_there(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "away.ratelens"
    picture = tmp_path / ("n" * 300) / "photograph.png"
    file.write_text(json.dumps({"ratelens_session": 1, "image": {"path": str(picture)}}))
    window.opening.may_ask = False
    with qtbot.waitSignal(driver(window).refused, timeout=TIMEOUT_MS) as refused:
        window.opening.open_path(file)
    assert "was not found" in refused.args[0]


def test_a_picture_that_comes_before_the_sessions_takes_nothing_from_it(
    kept: Path, photograph: Path, make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    other = photograph.with_name("other.png")
    PillowImage.fromarray(sample_crop(120, 130).pixels).save(other)
    asked, read = threading.Event(), viewer.imaging.reader.load_image
    monkeypatch.setattr(
        viewer.imaging.reader, "load_image", lambda path: read(path) if path != other or asked.wait(60) else None
    )
    window.opening.open_path(other)
    driver(window).opening.connect(lambda _path: asked.set())
    with qtbot.waitSignal(driver(window).told, timeout=TIMEOUT_MS):
        window.opening.open_path(kept)
    check(window)


def test_a_session_is_forgotten_when_another_picture_is_opened_instead(
    kept: Path, photograph: Path, make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    first, other = photograph.with_name("first.png"), photograph.with_name("other.png")
    for path in (first, other):
        PillowImage.fromarray(sample_crop(120, 130).pixels).save(path)
    asked, read = threading.Event(), viewer.imaging.reader.load_image
    monkeypatch.setattr(
        viewer.imaging.reader, "load_image", lambda path: read(path) if path != first or asked.wait(60) else None
    )
    window.opening.open_path(first)
    with qtbot.waitSignal(driver(window).opening, timeout=TIMEOUT_MS):
        window.opening.open_path(kept)
    window.opening.open_path(other)  # in the place of the session's picture, which still waits
    asked.set()
    qtbot.waitUntil(lambda: window.windowTitle().startswith("other"), timeout=TIMEOUT_MS)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(photograph)
    assert driver(window).session.target_bpp == 0.5

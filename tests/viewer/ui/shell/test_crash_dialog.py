"""What nobody expected: it is logged, shown with a text to copy, and the program goes on."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer, QUrl, qInstallMessageHandler, qWarning
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.system import log
from viewer.ui.shell import qt_log
from viewer.ui.shell.crash_dialog import CrashBox
from viewer.ui.shell.main_window import MainWindow


@pytest.fixture
def crash_box(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashBox]:
    """Installed as in the program, and taken away again."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))  # so that they are put back
    box = CrashBox(qapp)
    box.install()
    yield box
    if box.box is not None:
        box.box.close()


def test_an_error_in_the_window_is_shown_with_a_text_to_copy(
    crash_box: CrashBox, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> None:
        raise RuntimeError("a defect of ours")

    with qtbot.captureExceptions():
        crash_box.install()
        QTimer.singleShot(0, break_down)
        qtbot.waitUntil(lambda: crash_box.box is not None, timeout=TIMEOUT_MS)
    assert crash_box.box is not None
    text = crash_box.box.detailedText()
    assert "RuntimeError: a defect of ours" in text
    assert "break_down" in text
    assert "PySide6-Essentials" in text
    assert str(log.log_file()) in crash_box.box.informativeText()
    copy = next(button for button in crash_box.box.buttons() if button.text() == "Copy text")
    copy.click()
    assert QGuiApplication.clipboard().text() == text
    assert crash_box.box.isVisible()
    assert "a defect of ours" in caplog.text


def test_the_same_error_again_is_only_logged(
    crash_box: CrashBox, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> None:
        raise RuntimeError("a defect of ours")

    def come_apart() -> None:
        raise RuntimeError("another")

    with qtbot.captureExceptions():
        crash_box.install()
        QTimer.singleShot(0, break_down)
        qtbot.waitUntil(lambda: crash_box.box is not None, timeout=TIMEOUT_MS)
        assert crash_box.box is not None
        crash_box.box.close()
        QTimer.singleShot(0, break_down)
        qtbot.waitUntil(lambda: caplog.text.count("unexpected error") == 2, timeout=TIMEOUT_MS)
        QTimer.singleShot(0, come_apart)
        qtbot.waitUntil(lambda: crash_box.box is not None, timeout=TIMEOUT_MS)
    assert "another" in crash_box.box.detailedText()


def test_a_worker_that_raises_is_told_logged_and_goes_on(
    opened: MainWindow,
    crash_box: CrashBox,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = Comparison.result

    def break_down(self: Comparison, codec: str, target_bpp: float, *rest: Any, **options: Any) -> Result:
        if codec == "jpeg" and target_bpp == 1.1:
            raise ZeroDivisionError("a defect in a worker")
        return real(self, codec, target_bpp, *rest, **options)

    monkeypatch.setattr(Comparison, "result", break_down)
    with qtbot.captureExceptions():
        crash_box.install()
        driver(opened).set_target(1.1)
        qtbot.waitUntil(lambda: crash_box.box is not None, timeout=TIMEOUT_MS)
    assert "a defect in a worker" in caplog.text
    assert "ZeroDivisionError" in opened.panes["jpeg"].header.text.status
    assert crash_box.box is not None
    crash_box.box.close()
    driver(opened).set_target(0.8)
    wait_until_at_target(opened, qtbot)
    assert opened.panes["jpeg"].header.text.level != "error"


def test_a_sentence_of_a_worker_is_logged_without_a_traceback(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), qtbot.waitSignal(driver(window).open_failed, timeout=TIMEOUT_MS):
        driver(window).open_file(tmp_path / "missing.png")
    assert "missing.png" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("qapp")
def test_what_qt_says_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    before = qInstallMessageHandler(None)
    try:
        qt_log.install()
        qWarning("the platform is odd")
    finally:
        qInstallMessageHandler(before)
    assert [record.levelname for record in caplog.records if "the platform is odd" in record.message] == ["WARNING"]


def test_the_help_menu_leads_to_the_log(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def open_url(url: QUrl) -> bool:
        asked.append(url.toLocalFile())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    log.folder().mkdir(parents=True, exist_ok=True)
    window.actions_by_name["open_log"].trigger()
    assert asked == [str(log.folder())]
    assert str(log.folder()) in window.banner.text
    window.actions_by_name["copy_log"].trigger()
    assert QGuiApplication.clipboard().text() == str(log.log_file())

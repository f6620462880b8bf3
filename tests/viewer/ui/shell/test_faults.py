"""Faults: slow workers, full disks, forbidden places, broken settings, and closing in the middle of anything."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_saving import answer_dialog
from tests.viewer.ui.shell.test_program import RUN
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.session.pane_layout import Layout
from viewer.ui.shell.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_slow_codec_holds_up_neither_the_others_nor_the_window(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, release = Comparison.result, threading.Event()

    def crawl(self: Comparison, codec: str, target_bpp: float, *rest: Any, **options: Any) -> Result:
        if codec == "learned":
            assert release.wait(TIMEOUT_MS / 1000)
        return real(self, codec, target_bpp, *rest, **options)

    monkeypatch.setattr(Comparison, "result", crawl)
    controller = driver(opened)
    controller.set_target(1.3)
    qtbot.waitUntil(lambda: not controller.is_working("jpeg"), timeout=TIMEOUT_MS)
    assert controller.is_working("learned")
    assert opened.panes["learned"].header.text.working
    QTest.keyClick(opened, Qt.Key.Key_2)
    assert controller.session.pane_layout.layout is Layout.SINGLE
    controller.set_target(1.4)
    qtbot.waitUntil(lambda: not controller.is_working("jpeg"), timeout=TIMEOUT_MS)
    release.set()
    wait_until_at_target(opened, qtbot)


def _press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Callable[[MainWindow], None]:
    return lambda window: QTest.keyClick(window, key, modifier)


def _save(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_3)
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)


@pytest.mark.parametrize(
    "begin",
    [
        _press(Qt.Key.Key_E),
        _press(Qt.Key.Key_K),
        _press(Qt.Key.Key_W),
        _press(Qt.Key.Key_V),
        _press(Qt.Key.Key_B),
        _press(Qt.Key.Key_BracketRight),
        _press(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier),
        _save,
    ],
    ids=["error map", "blocking map", "worst regions", "visible part", "blinking", "rate", "reading again", "saving"],
)
def test_closing_in_the_middle(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: Callable[[MainWindow], None]
) -> None:
    answer_dialog(monkeypatch, tmp_path / "out.jpg")
    begin(opened)
    opened.close()
    assert not opened.isVisible()
    assert driver(opened).join(TIMEOUT_MS / 1000)
    out = tmp_path / "out.jpg"
    assert not list(tmp_path.glob(".*.part"))
    assert not out.exists() or out.read_bytes()[-2:] == b"\xff\xd9"


def test_closing_while_a_file_is_opened(make_window: MakeWindow, photograph: Path) -> None:
    window = make_window()
    driver(window).open_file(photograph)
    window.close()
    assert driver(window).join(TIMEOUT_MS / 1000)


def test_a_full_disk_is_said_and_the_old_file_stays_whole(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    out = tmp_path / "old.jpg"
    out.write_bytes(b"old")
    answer_dialog(monkeypatch, out)
    QTest.keyClick(opened, Qt.Key.Key_3)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
            QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "old.jpg" in opened.banner.text
    assert "cannot be written (File too large): the file system does not allow files this large" in opened.banner.text
    assert out.read_bytes() == b"old"
    assert not list(tmp_path.glob(".*.part"))
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):  # and it goes on
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert len(out.read_bytes()) > 500


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc, where not even root may write")
def test_a_forbidden_place_is_said(opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/proc/stream.jpg", ""))
    QTest.keyClick(opened, Qt.Key.Key_3)
    with qtbot.waitSignal(driver(opened).refused, timeout=TIMEOUT_MS):
        QTest.keyClick(opened, Qt.Key.Key_S, CONTROL)
    assert "cannot be written" in opened.banner.text


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\xfe garbage \x80\x81" * 100,
        b"[General]\ntheme=nonsense\nms_ssim_db=@Variant(\\0\\0\\0\\x7f)\nrecent=\x01\ngeometry=@ByteArray(\\x1)\n",
        b"[General]\ngeometry=@ByteArray(" + b"\\xff" * 5000 + b")\nsplitter=7\nrecent=@Invalid()\nsmooth=[1, 2\n",
    ],
    ids=["garbage", "wrong values", "wrong bytes"],
)
def test_the_program_starts_with_broken_settings(photograph: Path, tmp_path: Path, content: bytes) -> None:
    settings = tmp_path / "config" / "RateLens" / "RateLens.ini"
    settings.parent.mkdir(parents=True)
    settings.write_bytes(content)
    out = tmp_path / "shot.png"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    command = [sys.executable, "-c", RUN, str(photograph), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert out.exists()


def test_what_is_being_saved_is_finished_though_the_window_closes(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_dialog(monkeypatch, tmp_path / "out.html")
    QTest.keyClick(opened, Qt.Key.Key_R, CONTROL)
    opened.close()
    driver(opened).join(0.0)
    assert (tmp_path / "out.html").read_text(encoding="utf-8").rstrip().endswith("</html>")

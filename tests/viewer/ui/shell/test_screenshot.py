"""How long a screenshot waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from models.errors import OutputError
from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.ui.shell.main_window import MainWindow
from viewer.ui.shell.screenshot import STALLED_S, Screenshot


def test_it_gives_up_only_where_nothing_comes_any_more(
    window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    shot = Screenshot(window, tmp_path / "shot.png")
    timer = shot.findChild(QTimer)
    assert isinstance(timer, QTimer)
    assert timer.isActive()
    timer.stop()
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(photograph)
    assert timer.isActive()  # a picture has come
    timer.stop()
    qtbot.waitUntil(timer.isActive, timeout=TIMEOUT_MS)  # and so has what a codec has made of it
    with qtbot.waitSignal(shot.finished):
        timer.timeout.emit()
    with pytest.raises(OutputError, match=f"nothing more has come for {STALLED_S} s"):
        shot.raise_problem()
    assert not (tmp_path / "shot.png").exists()


def test_it_waits_for_the_bd_rates_of_the_last_points(
    window: MainWindow, photograph: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    driver(window).set_codecs(["jpeg", "webp"])
    driver(window).open_file(photograph)
    shot = Screenshot(window, tmp_path / "shot.png")
    with qtbot.waitSignal(shot.finished, timeout=TIMEOUT_MS):
        pass
    shot.raise_problem()
    assert (tmp_path / "shot.png").is_file()
    assert window.plots.foot.is_final
    assert window.plots.foot.bd_text.startswith("On average WebP needs")

"""The benchmark's hand on the slider: it may not wait for what never comes."""

from __future__ import annotations

from pathlib import Path

from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from tests.bench.drive import Driver
from tests.photographs import flat
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.ui.shell.main_window import MainWindow


def test_a_move_ends_though_no_codec_can_follow_it(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "flat.png"
    PillowImage.fromarray(flat(64, 64).pixels).save(path)
    hand = Driver(window)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(path)
    wait_until_at_target(window, qtbot)
    qtbot.waitUntil(lambda: driver(window).is_settled, timeout=TIMEOUT_MS)
    for _ in range(3):
        assert hand.move()["all_ms"] > 0

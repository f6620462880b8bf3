"""The benchmark's hand on the slider: it may not wait for what never comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from tests.bench.__main__ import report_rows
from tests.bench.drive import Driver
from tests.bench.figures import busy_sentence, busy_share
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


def test_a_busy_machine_is_called_busy() -> None:
    assert "BUSY: 35%" in busy_sentence(0.35)
    assert "idle: 3%" in busy_sentence(0.03)
    assert 0.0 <= busy_share(0.05) <= 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process keep to some cores")
def test_a_child_keeps_to_one_core() -> None:
    code = (
        "from tests.bench.timed import keep_to_cores; keep_to_cores()\n"
        "from models.cpu import core_count; print(core_count())"
    )
    environment = os.environ | {"BENCH_CORES": "1"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "1"


def test_rows_of_one_name_are_all_kept(capsys: pytest.CaptureFixture[str]) -> None:
    times = {"wall_ms": [3.0], "cpu_ms": [2.0], "main_ms": [1.0]}
    told = report_rows("Title", [("encode", times), ("size", 13.4), ("encode", times)])
    assert told == {"encode": [times, times], "size": [13.4]}
    assert capsys.readouterr().out.count("3.0 ms") == 4

"""The memory limit can be seen and changed, is kept, and what was refused is tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

import viewer.system.memory
from models.errors import MemoryLimitError
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.system.memory import process_budget
from viewer.ui.shell.main_window import MainWindow


@pytest.fixture(autouse=True)
def _usual_limit_after() -> Iterator[None]:
    yield
    process_budget().limit_bytes = process_budget().default_bytes


def test_a_codec_that_was_refused_works_when_the_limit_is_raised(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer.system.memory, "_ALWAYS_GRANTED_BYTES", 0)
    process_budget().limit_bytes = 10**8
    controller = driver(opened)
    controller.set_target(0.7)
    qtbot.waitUntil(lambda: "needs about" in controller.failure("learned"), timeout=TIMEOUT_MS)
    assert "--memory-limit" in controller.failure("learned")
    opened.actions_by_name["memory_16"].trigger()
    wait_until_at_target(opened, qtbot)
    assert controller.failure("learned") == ""


def test_a_codec_that_is_being_refused_when_the_limit_is_raised_is_tried_again(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised, refused = threading.Event(), threading.Event()
    result = Comparison.result

    def refuse_once(comparison: Comparison, codec: str, *rest: Any, **options: Any) -> Result:
        if codec == "jpeg2000" and not refused.is_set():
            refused.set()
            assert raised.wait(TIMEOUT_MS / 1000)
            raise MemoryLimitError("JPEG 2000 needs more memory than is allowed: raise the limit.")
        return result(comparison, codec, *rest, **options)

    monkeypatch.setattr(Comparison, "result", refuse_once)
    driver(opened).set_target(0.7)
    qtbot.waitUntil(refused.is_set, timeout=TIMEOUT_MS)
    opened.actions_by_name["memory_16"].trigger()
    raised.set()
    wait_until_at_target(opened, qtbot)
    assert driver(opened).failure("jpeg2000") == ""


def test_the_limit_is_kept(make_window: MakeWindow) -> None:
    first = make_window()
    assert first.actions_by_name["memory_usual"].isChecked()
    first.actions_by_name["memory_4"].trigger()
    assert process_budget().limit_bytes == 4 * 10**9
    first.close()
    process_budget().limit_bytes = process_budget().default_bytes
    second = make_window()
    assert second.actions_by_name["memory_4"].isChecked()
    assert process_budget().limit_bytes == 4 * 10**9
    second.actions_by_name["memory_usual"].trigger()
    assert process_budget().is_default


def test_curves_of_a_codec_that_was_refused_fill_when_the_limit_is_raised(
    window: MainWindow, photograph: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MemoryLimitError("JPEG needs more memory than is allowed: raise the limit.")

    controller = driver(window)
    with monkeypatch.context() as patch:
        patch.setattr("viewer.codecs.jpeg.JpegEncoder.encode", refuse)
        with qtbot.waitSignal(controller.settled, timeout=TIMEOUT_MS):
            controller.open_file(photograph)
    assert controller.curve("jpeg") == ()
    with qtbot.waitSignal(controller.settled, timeout=TIMEOUT_MS):
        window.actions_by_name["memory_16"].trigger()
    assert len(controller.curve("jpeg")) > 4

"""Sweeps in a process of their own, as the window runs them: real codecs, ended in the middle, and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from viewer.imaging.writer import png_bytes
from viewer.sweep.rows import read_rows
from viewer.ui.engine.sets.state import SweepRequest
from viewer.ui.engine.workers.scheduling import Activity
from viewer.ui.engine.workers.sweep_process import SweepEvent, SweepProcess

TIMEOUT_MS = 120_000
"""Nothing waits so long; a machine may be busy."""


class Listener(QObject):
    """Keeps what a sweep has reported."""

    def __init__(self, process: SweepProcess) -> None:
        super().__init__()
        self.events: list[SweepEvent] = []
        process.delivered.connect(self.take)

    @Slot(object)
    def take(self, event: SweepEvent) -> None:
        self.events.append(event)

    @property
    def ended(self) -> bool:
        return any(event.ended for event in self.events)

    @property
    def done(self) -> int:
        return max((event.done or 0 for event in self.events), default=0)


@pytest.fixture
def process() -> Iterator[SweepProcess]:
    made = SweepProcess(Activity())
    yield made
    made.close()
    assert made.join(TIMEOUT_MS / 1000)


def folder_of(tmp_path: Path, count: int) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(count):
        (pictures / f"{number}.png").write_bytes(png_bytes(sample_crop(64 + 8 * number, 80).pixels))
    return pictures


def request_for(folder: Path, **changes: object) -> SweepRequest:
    values = {"results": folder.parent / "results.csv", "codecs": ("jpeg",), "rates": (0.5, 1.0), **changes}
    return SweepRequest(folder, **values)  # type: ignore[arg-type]


def test_a_sweep_measures_reports_and_ends(process: SweepProcess, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 2)
    (folder / "broken.png").write_text("no picture", encoding="utf-8")
    request = request_for(folder)
    listener = Listener(process)
    process.want((1, request))
    qtbot.waitUntil(lambda: listener.ended, timeout=TIMEOUT_MS)
    assert [event.total for event in listener.events if event.total is not None] == [3]
    assert listener.done == 3
    (refused,) = [event.refused for event in listener.events if event.refused]
    assert "broken.png" in refused
    assert listener.events[-1] == SweepEvent(1, ended=True)
    rows = read_rows(request.results)
    assert {(row.image, row.target_bpp) for row in rows} == {(f"{n}.png", bpp) for n in (0, 1) for bpp in (0.5, 1.0)}


def test_a_sweep_that_is_ended_leaves_no_process_and_goes_on(
    process: SweepProcess, qtbot: QtBot, tmp_path: Path
) -> None:
    request = request_for(folder_of(tmp_path, 8))
    listener = Listener(process)
    others = psutil.Process().children(recursive=True)  # of tests before this one: multiprocessing keeps a helper
    process.want((1, request))
    qtbot.waitUntil(lambda: listener.done >= 1, timeout=TIMEOUT_MS)
    started = [child for child in psutil.Process().children(recursive=True) if child not in others]
    assert started
    process.want(None)
    _, alive = psutil.wait_procs(started, timeout=TIMEOUT_MS / 1000)
    assert not alive
    before = {row.key: row for row in read_rows(request.results)}
    assert before
    process.want((2, request))
    qtbot.waitUntil(lambda: listener.ended, timeout=TIMEOUT_MS)
    after = {row.key: row for row in read_rows(request.results)}
    assert len({key[0] for key in after}) == 8
    assert {key: row for key, row in after.items() if key in before} == before  # nothing was measured twice
    assert all(event.run == 2 for event in listener.events if event.ended)


def test_why_a_sweep_cannot_run_is_said(process: SweepProcess, qtbot: QtBot, tmp_path: Path) -> None:
    listener = Listener(process)
    empty = tmp_path / "empty"
    empty.mkdir()
    process.want((1, request_for(empty)))
    qtbot.waitUntil(lambda: listener.ended, timeout=TIMEOUT_MS)
    assert listener.events[-1].problem.startswith("There are no pictures in")


def test_an_end_that_nobody_expected_is_a_sentence(process: SweepProcess, qtbot: QtBot, tmp_path: Path) -> None:
    listener = Listener(process)
    process.want((1, request_for(folder_of(tmp_path, 1), codecs=(object(),))))
    qtbot.waitUntil(lambda: listener.ended, timeout=TIMEOUT_MS)
    assert listener.events[-1].problem.startswith("The sweep ended unexpectedly: see the log.")

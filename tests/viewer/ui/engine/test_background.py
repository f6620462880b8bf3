"""Work that nobody waits for: it begins and goes on while no worker is busy, and ends when it is overtaken."""

from __future__ import annotations

import threading

import pytest

from viewer.ui.engine.workers.background import Background
from viewer.ui.engine.workers.scheduling import Activity, Overtaken

TIMEOUT_S = 60.0


def never() -> bool:
    return False


def test_work_waits_for_a_busy_worker_and_then_goes_on() -> None:
    activity, waits, done = Activity(), threading.Event(), threading.Event()

    def run() -> None:
        waits.set()
        background.wait_until_idle(never)
        done.set()

    background = Background("test", activity, run)
    activity.begin("jpeg")
    with background.changed:
        background.begin()
    assert waits.wait(TIMEOUT_S)
    assert not done.is_set()
    activity.end("jpeg")
    assert done.wait(TIMEOUT_S)
    background.close()
    assert background.join(TIMEOUT_S)


def test_what_is_overtaken_ends_while_it_waits() -> None:
    activity, waits, overtaken = Activity(), threading.Event(), threading.Event()
    ended: list[BaseException] = []

    def run() -> None:
        waits.set()
        try:
            background.wait_until_idle(overtaken.is_set)
        except Overtaken as raised:
            ended.append(raised)

    background = Background("test", activity, run)
    activity.begin("jpeg")
    with background.changed:
        background.begin()
    assert waits.wait(TIMEOUT_S)
    overtaken.set()
    background.wake()
    assert background.join(TIMEOUT_S)
    assert len(ended) == 1
    background.close()


def test_nothing_goes_on_after_closing() -> None:
    background = Background("test", Activity(), lambda: None)
    background.close()
    background.close()
    assert background.join(0.0)  # it has never begun
    with pytest.raises(Overtaken):
        background.wait_until_idle(never)

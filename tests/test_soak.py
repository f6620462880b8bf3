"""Long use, shortened: `python -m tests.soak` goes on for as long as one likes, and judges memory too."""

from __future__ import annotations

import re

from tests.programs import python
from tests.soak.census import Census, grown, memory_growth


def counted(done: int, memory_bytes: int, threads: int = 5) -> Census:
    return Census(done, memory_bytes, threads, 9, 1000, 14)


def test_what_grows_is_seen() -> None:
    steady = [counted(10 * i, 10**9 + i % 3) for i in range(12)]
    leaking = [counted(10 * i, 10**9 + 10 * i * 5000) for i in range(12)]
    assert memory_growth(steady) < 10
    assert abs(memory_growth(leaking) - 5000) < 1
    assert grown(steady) == []
    assert grown([counted(i, 1, threads=5 + i // 4) for i in range(12)]) == ["threads from 6 to 7"]


def test_windows_opened_and_closed_leave_nothing_and_a_hand_breaks_nothing() -> None:
    done = python("-m", "tests.soak", "--rounds", "9", "--minutes", "0.2")
    assert "COMPLAINT" not in done.stdout, done.stdout
    verdicts = re.findall(r"grown: (.*)", done.stdout)
    assert len(verdicts) == 2, done.stdout + done.stderr
    assert verdicts[0] == "nothing", done.stdout

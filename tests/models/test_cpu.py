"""How many threads work on one picture."""

from __future__ import annotations

import pytest

from models.cpu import core_count, thread_count, told_threads, use_threads


@pytest.mark.parametrize(
    ("setting", "threads"),
    [("1", 1), ("1,2", 1), (" 1 , 4", 1), ("9999", None), ("", None), ("0", None), ("many", None), ("-1", None)],
)
def test_the_environment_may_ask_for_fewer_threads_than_cores(
    setting: str, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As OpenMP reads it: the first number of a list. What is no number, or too large a one, means all cores."""
    monkeypatch.setenv("OMP_NUM_THREADS", setting)
    assert told_threads() == (threads or core_count())


def test_a_choice_of_the_program_counts_more_than_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    use_threads(3)
    try:
        assert (thread_count(), told_threads()) == (3, 1)
    finally:
        use_threads(None)
    assert thread_count() == 1

"""Work in several processes: they share the memory limit, and none is waited for that is gone."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from models.errors import ImageError, MemoryLimitError
from viewer.system.memory import process_budget, resident_bytes
from viewer.system.process_pool import run_in_parallel, worker_count

GB = 1_000_000_000


def limit(_task: int) -> tuple[int, str]:
    """What a process may take, and where its temporary files lie."""
    budget = process_budget()
    return budget.limit_bytes - budget.other_processes_bytes, tempfile.gettempdir()


def refuse(task: str) -> None:
    raise ImageError(f"“{task}” is no picture.")


def die(_task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_limit_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_budget(), "limit_bytes", 3 * GB)
    found = [value for _task, value, _error in run_in_parallel(limit, [1, 2, 3], 2) if value is not None]
    assert len(found) == 3
    for limit_bytes, folder in found:
        assert 2 * limit_bytes + resident_bytes() <= 3.05 * GB
        assert not Path(folder).exists()


def test_no_more_work_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.system.process_pool.core_count", lambda: 16)
    for limit_gb, count in ((0.1, 1), (1, 1), (100, 16)):
        monkeypatch.setattr(process_budget(), "limit_bytes", round(limit_gb * GB))
        assert worker_count(100) == count
    assert worker_count(3) == 3


def test_errors_of_users_come_with_their_task() -> None:
    found = {task: str(error) for task, _value, error in run_in_parallel(refuse, ["a", "b"], 1)}
    assert found == {"a": "“a” is no picture.", "b": "“b” is no picture."}


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_process_that_the_system_ends_is_said() -> None:
    with pytest.raises(MemoryLimitError, match="The system stopped a worker process"):
        list(run_in_parallel(die, [1, 2], 2))

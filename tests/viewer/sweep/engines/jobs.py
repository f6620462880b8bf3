"""What the tests have workers do: nothing, or what a worker does not survive."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from models.errors import ImageError, MemoryLimitError
from viewer.sweep.engines.base import Job
from viewer.system.memory import process_budget


def work(task: str) -> str:
    """What its task says."""
    if task == "die":
        os._exit(9)
    if task == "hang":
        time.sleep(3600)
    if task == "raise":
        raise ImageError("“raise” is no picture.")
    if task == "bug":
        raise ZeroDivisionError("division by zero")
    if task.startswith("once:") and not Path(task[5:]).exists():
        Path(task[5:]).touch()
        os._exit(9)
    return task.upper()


def share(_task: str) -> tuple[int, str, str]:
    """What a process may take of the memory, where its temporary files are, and its threads."""
    budget = process_budget()
    return budget.limit_bytes - budget.other_processes_bytes, tempfile.gettempdir(), os.environ["OMP_NUM_THREADS"]


def crowded(task: str) -> str:
    """Refuses while others may take memory, too."""
    if process_budget().other_processes_bytes > process_budget().limit_bytes / 4:
        raise MemoryLimitError("It takes too much.")
    return task


def fit() -> str:
    """Always fit."""
    return ""


def unfit() -> str:
    """Never fit."""
    return "it has another version."


def job(fitness: Callable[[], str] = fit, limit_s: float = 60.0) -> Job[str, str]:
    """A job of `work`."""
    return Job(uuid.uuid4().hex, work, fitness, limit_s)

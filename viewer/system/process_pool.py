"""Processes that share one memory limit, and exit with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from contextlib import suppress

import psutil

from models.cpu import core_count
from viewer.system.memory import process_budget, resident_bytes
from viewer.system.program import end_children

_BYTES_PER_WORKER = 800_000_000
"""Memory of a process that compares pictures of one or two megapixels."""


def worker_count(task_count: int) -> int:
    """How many processes to run: no more than there are tasks and processors, or than the memory limit allows."""
    fit = (process_budget().limit_bytes - resident_bytes()) // _BYTES_PER_WORKER
    return max(1, min(task_count, core_count(), fit))


def begin_worker(parent: int, limit_bytes: int, other_processes_bytes: int, folder: str) -> None:
    """Set up a process that works for another. parent: its id. folder: for temporary files, which stay behind if this
    process is killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The tasks run in parallel: threads within one would only compete with the others.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPJ_NUM_THREADS"] = "1"
    tempfile.tempdir = folder
    budget = process_budget()
    budget.limit_bytes, budget.other_processes_bytes = limit_bytes, other_processes_bytes
    threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()


def _exit_with(parent: int) -> None:
    """Wait for a process to end, and follow it."""
    with suppress(psutil.Error):  # it has ended already
        psutil.Process(parent).wait()
    end_children()
    os._exit(1)


def exit_with_parent() -> None:
    """Wait for the process that started this one to end, and follow it; for a thread of a process that was started."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        end_children()
        os._exit(1)

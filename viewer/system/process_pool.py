"""Parallel work in several processes that share one memory limit, and exit with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from models.cpu import core_count
from models.errors import MemoryLimitError, RateLensError
from viewer.system.memory import process_budget, resident_bytes
from viewer.system.program import end_children, end_tree

_Task = TypeVar("_Task")
_Value = TypeVar("_Value")

_BYTES_PER_WORKER = 800_000_000
"""Memory of a process that compares pictures of one or two megapixels."""


def worker_count(task_count: int) -> int:
    """How many processes to run: no more than there are tasks and processors, or than the memory limit allows."""
    fit = (process_budget().limit_bytes - resident_bytes()) // _BYTES_PER_WORKER
    return max(1, min(task_count, core_count(), fit))


def run_in_parallel(
    work: Callable[[_Task], _Value], tasks: Sequence[_Task], workers: int
) -> Iterator[tuple[_Task, _Value | None, RateLensError | None]]:
    """Yield each task when it is done, with its value, or with its error if that is a RateLensError.

    Every process gets its share of the memory limit. Closing the iterator ends them. Call it in the main thread. Raises
    MemoryLimitError if the system kills one of them.
    """
    if not tasks:
        return
    limit_bytes, taken_bytes = process_budget().limit_bytes, resident_bytes()
    other_processes_bytes = taken_bytes + max(0, limit_bytes - taken_bytes) // workers * (workers - 1)
    with (
        tempfile.TemporaryDirectory(prefix="ratelens-") as folder,
        _pool(workers, (limit_bytes, other_processes_bytes, folder)) as pool,
    ):
        with _interrupts_ignored():
            running = {pool.submit(work, task): task for task in tasks}
        for future in as_completed(running):
            task = running.pop(future)
            try:
                value = future.result()
            except BrokenProcessPool as error:
                raise MemoryLimitError(
                    "The system stopped a worker process, probably because memory ran out: lower --memory-limit to "
                    "run fewer of them at once."
                ) from error
            except RateLensError as error:
                yield task, None, error
            else:
                yield task, value, None


@contextmanager
def _pool(workers: int, begin: tuple[int, int, str]) -> Iterator[ProcessPoolExecutor]:
    # Spawned, not forked: libraries that run threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin, begin)
    try:
        yield pool
    except BaseException:  # such as Ctrl+C: nobody needs the results any more
        for child in multiprocessing.active_children():
            if child.pid is not None:
                end_tree(child.pid)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started meanwhile ignore Ctrl+C, which a terminal sends to all: this process ends them instead."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(limit_bytes: int, other_processes_bytes: int, folder: str) -> None:
    """Set up a worker process. folder: for its temporary files, which stay behind if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The tasks run in parallel: threads within one would only compete with the others.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPJ_NUM_THREADS"] = "1"
    tempfile.tempdir = folder
    budget = process_budget()
    budget.limit_bytes, budget.other_processes_bytes = limit_bytes, other_processes_bytes
    threading.Thread(target=exit_with_parent, daemon=True).start()


def exit_with_parent() -> None:
    """Wait for the process that started this one to end, and follow it; for a thread of a process that was started."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        end_children()
        os._exit(1)

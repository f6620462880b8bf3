"""Processes of this machine, by joblib's loky: they share one memory limit, and end with this process."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import MemoryLimitError, WorkerError
from viewer.sweep.engines.base import Answer, Job, Outcome, Task, Value, lost, outcome_of, perform
from viewer.system.memory import process_budget, resident_bytes
from viewer.system.process_pool import begin_worker, worker_count

_BARREN_BREAKS = 3
"""So often all processes may end without one of them having begun a task."""


@dataclass(frozen=True)
class LocalEngine:
    """jobs: how many processes; None for as many as there are cores, and memory for."""

    jobs: int | None = None

    def run(self, job: Job[Task, Value], tasks: Sequence[Task]) -> Generator[Outcome[Task, Value], None, None]:
        """As `base.Engine`. All tasks in parallel; then, one at a time, those that need more memory than their share,
        and those whose process ended: joblib ends all of them when one does, so it may have been another's fault.
        """
        pending = dict(enumerate(tasks))
        workers = min(self.jobs or worker_count(len(tasks)), max(len(tasks), 1))
        alone: dict[int, Task] = {}
        with tempfile.TemporaryDirectory(prefix="ratelens-", ignore_cleanup_errors=True) as folder:
            barren = 0
            while pending:
                try:
                    with closing(_answers(job, dict(pending), workers, Path(folder))) as answers:
                        for index, answer in answers:
                            task = pending.pop(index)
                            if isinstance(answer.error, MemoryLimitError) and workers > 1:
                                alone[index] = task
                            else:
                                yield outcome_of(task, answer)
                except _broken():
                    begun = [index for index in pending if _mark(Path(folder), index).exists()]
                    alone |= {index: pending.pop(index) for index in begun}
                    barren = 0 if begun else barren + 1
                    if barren == _BARREN_BREAKS:
                        raise _no_workers() from None
            for index, task in alone.items():
                yield from _retried(job, index, task, Path(folder))


def _retried(
    job: Job[Task, Value], index: int, task: Task, folder: Path
) -> Generator[Outcome[Task, Value], None, None]:
    try:
        with closing(_answers(job, {index: task}, 1, folder)) as answers:
            for _index, answer in answers:
                yield outcome_of(task, answer)
    except _broken():
        yield lost(task, "ended")


def _no_workers() -> WorkerError:
    return WorkerError(
        "The processes that should do the work end as soon as they are started: run “ratelens doctor”, and see whether "
        "there is memory for them."
    )


def _broken() -> type[Exception]:
    """What joblib raises when a process ends."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    found: type[Exception] = BrokenProcessPool
    return found


def _answers(
    job: Job[Task, Value], tasks: Mapping[int, Task], workers: int, folder: Path
) -> Generator[tuple[int, Answer[Value]], None, None]:
    """The answers as they come, by the tasks' indices."""
    from joblib.externals.loky import get_reusable_executor

    limit_bytes, taken_bytes = process_budget().limit_bytes, resident_bytes()
    other_processes_bytes = taken_bytes + max(0, limit_bytes - taken_bytes) // workers * (workers - 1)
    start = (os.getpid(), limit_bytes, other_processes_bytes, str(folder))
    try:
        if workers == 1:
            yield from _by_one(job, tasks, start)
        else:
            yield from _by_several(job, tasks, workers, start)
    finally:
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _by_several(
    job: Job[Task, Value], tasks: Mapping[int, Task], workers: int, start: tuple[int, int, int, str]
) -> Generator[tuple[int, Answer[Value]], None, None]:
    from joblib import Parallel, delayed, parallel_config

    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)  # it is replaced
    with parallel_config("loky", inner_max_num_threads=1, initializer=begin_worker, initargs=start):
        parallel = Parallel(workers, return_as="generator_unordered", batch_size=1, max_nbytes=None)
    with _interrupts_ignored():
        answers = parallel(delayed(_begun)(job, index, task, start[-1]) for index, task in tasks.items())
    yield from answers


def _by_one(
    job: Job[Task, Value], tasks: Mapping[int, Task], start: tuple[int, int, int, str]
) -> Generator[tuple[int, Answer[Value]], None, None]:
    """In one process, for which joblib would not start another one."""
    from joblib.externals.loky import get_reusable_executor

    executor = get_reusable_executor(1, timeout=None, initializer=begin_worker, initargs=start)
    for index, task in tasks.items():
        with _interrupts_ignored():
            future = executor.submit(_begun, job, index, task, start[-1])
        yield future.result()


def _begun(job: Job[Task, Value], index: int, task: Task, folder: str) -> tuple[int, Answer[Value]]:
    """Do a task, having left a mark that it was begun."""
    _mark(Path(folder), index).touch()
    return index, perform(job, task)


def _mark(folder: Path, index: int) -> Path:
    return folder / f"begun-{index}"


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started meanwhile ignore Ctrl+C, which a terminal sends to all: this process ends them instead."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

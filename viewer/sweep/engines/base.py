"""The interface of engines, and what one task is in a worker."""

from __future__ import annotations

import faulthandler
import logging
import os
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from models.errors import MemoryLimitError, RateLensError, WorkerError

Task = TypeVar("Task")
Value = TypeVar("Value")
Task_contra = TypeVar("Task_contra", contravariant=True)
Value_co = TypeVar("Value_co", covariant=True)

log = logging.getLogger("ratelens.sweep")

TRIES = 2
"""How often a task is begun whose worker dies."""


class Work(Protocol[Task_contra, Value_co]):
    """What is done with each task, in another process: a function that can be pickled."""

    def __call__(self, task: Task_contra, /) -> Value_co: ...


@dataclass(frozen=True)
class Job(Generic[Task, Value]):
    """What workers do. name: one of this job alone. fitness: says in a sentence why a process is not fit for it, or
    nothing; asked once in each. limit_s: a worker that takes longer for a task hangs, and is ended.
    """

    name: str
    work: Work[Task, Value]
    fitness: Callable[[], str]
    limit_s: float


@dataclass(frozen=True)
class Outcome(Generic[Task, Value]):
    """What came of a task: a value or an error."""

    task: Task
    value: Value | None = None
    error: RateLensError | None = None


@dataclass(frozen=True)
class Answer(Generic[Value]):
    """What a worker sends back. unfit: why it cannot do any of the tasks. trace: of an error that nobody expected."""

    value: Value | None = None
    error: RateLensError | None = None
    unfit: str = ""
    trace: str = ""


class Engine(Protocol):
    """Does tasks in other processes. A worker that dies, hangs or runs out of memory costs its task one more try."""

    def run(self, job: Job[Task, Value], tasks: Sequence[Task]) -> Generator[Outcome[Task, Value], None, None]:
        """Each task's outcome as soon as it is there, in any order; one whose worker died on both tries has an error.
        Closing the iterator ends the work.

        Raises WorkerError where a worker is not fit, or there is none.
        """


def perform(job: Job[Task, Value], task: Task) -> Answer[Value]:
    """Do one task, in the worker. What it raises becomes part of the answer."""
    unfit = fitness_of(job)
    if unfit:
        return Answer(unfit=unfit)
    try:
        with _limited(job.limit_s):
            return Answer(job.work(task))
    except RateLensError as error:
        return Answer(error=error)
    except MemoryError:
        return Answer(error=MemoryLimitError("Memory ran out: give each worker more, or run fewer of them at once."))
    except Exception as error:  # one picture's bug does not end the sweep of a hundred thousand
        sentence = f"An unexpected error ({type(error).__name__}: {error}): please report it with the lines in the log."
        return Answer(error=WorkerError(sentence), trace=traceback.format_exc())


def fitness_of(job: Job[Task, Value]) -> str:
    """Why this process is not fit for a job; asked once in each process. What it raises is an answer, too."""
    known = _fitness()
    if job.name not in known:
        try:
            known[job.name] = job.fitness()
        except RateLensError as error:
            known[job.name] = str(error)
    return known[job.name]


@lru_cache(maxsize=1)
def _fitness() -> dict[str, str]:
    """What this process has found of the jobs that it was given."""
    return {}


@contextmanager
def _limited(limit_s: float) -> Iterator[None]:
    """End this process if the block takes longer: also where native code holds the interpreter's lock."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 (faulthandler wants a file with a descriptor)
        faulthandler.dump_traceback_later(limit_s, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def outcome_of(task: Task, answer: Answer[Value]) -> Outcome[Task, Value]:
    """A worker's answer as an outcome. Raises WorkerError where the worker is not fit."""
    if answer.unfit:
        raise WorkerError(answer.unfit)
    if answer.trace:
        log.error("a task failed unexpectedly\n%s", answer.trace)
    return Outcome(task, answer.value, answer.error)


def lost(task: Task, why: str) -> Outcome[Task, Value]:
    """The outcome of a task whose worker was lost on every try. why: "was ended by the system"."""
    return Outcome(
        task,
        error=WorkerError(
            f"Its worker {why} on {TRIES} tries: it hangs, crashes, or takes more memory than there is. Run the same "
            "command again with fewer workers or a longer --time-limit."
        ),
    )

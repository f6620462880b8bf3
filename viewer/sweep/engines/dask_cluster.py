"""A Dask cluster. Its own futures are used: joblib's backend for Dask waits for ever for a task whose workers died
(joblib 1.6, whose callback is only called for results).
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import WorkerError
from viewer.sweep.engines.base import (
    TRIES,
    Answer,
    Job,
    Outcome,
    Task,
    Value,
    fitness_of,
    lost,
    outcome_of,
    perform,
)
from viewer.system.memory import process_budget

if TYPE_CHECKING:
    from distributed import Client, Future

_AHEAD = 2
"""Tasks that the scheduler has for each worker, so that none waits for the next."""


@dataclass(frozen=True)
class DaskEngine:
    """scheduler: its address (“tcp://host:8786”), or the scheduler file that its workers read, too. jobs: how many
    tasks run at once; None for one for each worker. patience_s: how long to wait for the scheduler, and for a worker.
    """

    scheduler: str
    jobs: int | None = None
    patience_s: float = 30.0

    def run(self, job: Job[Task, Value], tasks: Sequence[Task]) -> Generator[Outcome[Task, Value], None, None]:
        """As `base.Engine`. Workers that come later are used, too, once they are found fit."""
        if not tasks:
            return
        with self._client() as client:
            self._check_workers(client, job)
            try:
                yield from self._outcomes(client, job, tasks)
            finally:
                with suppress(Exception):  # it may have gone
                    client.set_metadata(["ratelens", job.name], {})

    def _outcomes(
        self, client: Client, job: Job[Task, Value], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Value], None, None]:
        from distributed import as_completed

        indices: dict[Future, int] = {}
        waiting = iter(range(len(tasks)))

        def submitted(index: int) -> Future:
            # Each try has a key of its own; a worker's memory is freed as soon as the future is let go of.
            future = client.submit(_tried, job, index, tasks[index], pure=False, retries=0)
            indices[future] = index
            return future

        with _scheduler_errors(self.scheduler):
            done = as_completed(map(submitted, islice(waiting, self._ahead(client))), loop=client.loop)
            for future in done:
                index = indices.pop(future)
                if future.status == "finished":
                    yield _outcome(tasks[index], future.result())
                elif future.status == "error":
                    done.add(submitted(index))  # workers died while it waited for them: it has not had its tries
                else:
                    raise _gone(self.scheduler)
                free = self._ahead(client) - len(indices)
                done.update(map(submitted, islice(waiting, max(0, free))))

    def _ahead(self, client: Client) -> int:
        """How many tasks the scheduler may have."""
        return self.jobs or _AHEAD * max(1, len(client.nthreads()))

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """A client of the scheduler. Raises WorkerError."""
        try:
            from distributed import Client
        except ImportError as error:
            raise WorkerError("Dask is not installed: run “pip install 'ratelens[dask]'”.") from error
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it is said in sentences
        is_file = self.scheduler.endswith(".json")
        if is_file and not Path(self.scheduler).is_file():  # Dask would wait for it for ever
            raise WorkerError(
                f"There is no scheduler file “{self.scheduler}”: start the scheduler first, with “dask scheduler "
                f"--scheduler-file {self.scheduler}”."
            )
        where: dict[str, Any] = {"scheduler_file" if is_file else "address": self.scheduler}
        try:
            client = Client(**where, timeout=self.patience_s, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:  # a timeout is an OSError
            raise WorkerError(
                f"There is no Dask scheduler at “{self.scheduler}”: start one with “dask scheduler”, and give the "
                "address that it prints."
            ) from error
        try:
            yield client
        finally:
            with suppress(Exception):  # it may have gone
                client.close(timeout=5)

    def _check_workers(self, client: Client, job: Job[Task, Value]) -> None:
        """Raise WorkerError where a worker is not fit, or there is none."""
        try:
            client.wait_for_workers(1, timeout=self.patience_s)
        except TimeoutError as error:
            raise WorkerError(
                f"The Dask scheduler at “{self.scheduler}” has no workers: start some with “dask worker "
                f"{self.scheduler} --nthreads 1”."
            ) from error
        with _scheduler_errors(self.scheduler):
            threads = client.nthreads()
            answers = client.run(fitness_of, job, on_error="return")
        for worker, count in threads.items():
            if count != 1:
                raise WorkerError(
                    f"The worker {worker} does {count} tasks at once in one process, which would share its time and "
                    "memory: start it with --nthreads 1, and with --nworkers as many as it has cores."
                )
        for worker, answer in answers.items():
            if isinstance(answer, BaseException) and "ModuleNotFoundError" in repr(answer):
                raise WorkerError(
                    f"The worker {worker} cannot load RateLens ({answer}): install the same version there as here."
                )
            if isinstance(answer, BaseException):
                raise WorkerError(f"The worker {worker} cannot be asked what it has ({answer}): restart it.")
            if answer:
                raise WorkerError(f"The worker {worker} cannot take part: {answer}")


def _outcome(task: Task, answer: Answer[Value] | None) -> Outcome[Task, Value]:
    return lost(task, "was lost") if answer is None else outcome_of(task, answer)


def _tried(job: Job[Task, Value], index: int, task: Task) -> Answer[Value] | None:
    """Do a task, in the worker, unless workers have died of it: Dask itself would try four times. None then.

    The scheduler keeps count, who outlives the worker.
    """
    from distributed import get_client, get_worker

    client = get_client()
    own_bytes = get_worker().memory_manager.memory_limit
    if own_bytes:  # beyond it Dask ends the worker
        process_budget().limit_bytes = own_bytes
    place = ["ratelens", job.name, str(index)]
    tries = client.get_metadata(place, default=0)
    if tries >= TRIES:
        return None
    client.set_metadata(place, tries + 1)
    answer = perform(job, task)
    client.set_metadata(place, tries)  # it lives: if the answer is lost with it later, that is another try
    return answer


@contextmanager
def _scheduler_errors(scheduler: str) -> Iterator[None]:
    """Turn what a lost scheduler raises inside the block into a WorkerError."""
    from distributed import CancelledError
    from distributed.comm import CommClosedError

    try:
        yield
    except (CommClosedError, CancelledError, OSError, TimeoutError) as error:
        raise _gone(scheduler) from error


def _gone(scheduler: str) -> WorkerError:
    return WorkerError(
        f"The Dask scheduler at “{scheduler}” has gone: start it again, and run the same command to go on where it "
        "stood."
    )

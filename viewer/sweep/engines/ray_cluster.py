"""A Ray cluster, or one that is started on this machine. Its own tasks are used: joblib's backend for Ray gives results
only when all of them are there, and a client that is killed by then would have lost them.
"""

from __future__ import annotations

import importlib
import re
import socket
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from models.errors import WorkerError
from viewer.sweep.engines.base import TRIES, Answer, Job, Outcome, Task, Value, lost, outcome_of, perform

_PATIENCE_S = 30.0
"""How long to wait for the cluster's head."""
_AHEAD = 2
"""Tasks that Ray has for each core, so that none waits for the next."""


@dataclass(frozen=True)
class RayEngine:
    """address: of the cluster's head (“ray://host:10001”, “auto”); None starts Ray on this machine. jobs: how many
    tasks run at once; None for one for each core.
    """

    address: str | None = None
    jobs: int | None = None

    def run(self, job: Job[Task, Value], tasks: Sequence[Task]) -> Generator[Outcome[Task, Value], None, None]:
        """As `base.Engine`. Each task has one core, and a process finds out whether it is fit on its first task."""
        if not tasks:
            return
        with self._ray() as ray:
            lost_errors = (
                ray.exceptions.WorkerCrashedError,
                ray.exceptions.NodeDiedError,
                ray.exceptions.OutOfMemoryError,
                ray.exceptions.LocalRayletDiedError,
            )
            remote = ray.remote(num_cpus=1, max_retries=0)(perform)
            indices: dict[Any, int] = {}
            tries: Counter[int] = Counter()
            waiting = iter(range(len(tasks)))

            def submit(index: int) -> None:
                tries[index] += 1
                indices[remote.remote(job, tasks[index])] = index

            while True:
                for index in islice(waiting, max(0, self._ahead(ray) - len(indices))):
                    submit(index)
                if not indices:
                    return
                (done, *_), _rest = ray.wait(list(indices), num_returns=1)
                index = indices.pop(done)
                try:
                    answer: Answer[Value] = ray.get(done)
                except lost_errors:
                    if tries[index] < TRIES:
                        submit(index)
                    else:
                        yield lost(tasks[index], "was lost")
                except ray.exceptions.RayTaskError as error:  # such as a module that is not there
                    raise WorkerError(
                        f"A worker of Ray cannot do this work ({error.cause}): install the same version of RateLens "
                        "there as here."
                    ) from error
                except ray.exceptions.RayError as error:
                    raise _gone(error) from error
                else:
                    yield outcome_of(tasks[index], answer)

    def _ahead(self, ray: Any) -> int:
        return self.jobs or _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))

    @contextmanager
    def _ray(self) -> Iterator[Any]:
        """The module, connected. Raises WorkerError."""
        try:
            ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise WorkerError("Ray is not installed: run “pip install 'ratelens[ray]'”.") from error
        try:
            self._reach()
            if self.address is None:
                ray.init(num_cpus=self.jobs, include_dashboard=False, log_to_driver=False, logging_level="error")
            else:
                ray.init(self.address, log_to_driver=False, logging_level="error")
        except (ConnectionError, OSError, ValueError, RuntimeError) as error:
            raise WorkerError(
                f"There is no Ray cluster at “{self.address or 'this machine'}” ({error}): start one with “ray start "
                "--head”, and give the address that it prints."
            ) from error
        try:
            yield ray
        finally:
            ray.shutdown()

    def _reach(self) -> None:
        """Raise OSError if nobody listens at the address, which Ray would find out after minutes."""
        found = re.fullmatch(r"(?:ray://)?([^:/]+):(\d+)", self.address or "")
        if found:
            socket.create_connection((found[1], int(found[2])), _PATIENCE_S).close()


def _gone(error: Exception) -> WorkerError:
    return WorkerError(
        f"The Ray cluster has gone ({type(error).__name__}): start it again, and run the same command to go on where "
        "it stood."
    )

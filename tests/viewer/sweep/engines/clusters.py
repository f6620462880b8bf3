"""A real Dask scheduler and worker processes, for as long as a test needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.programs import REPOSITORY


@contextmanager
def program(name: str, log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Dask's scheduler, or one of its workers, until the block ends."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--no-dashboard", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with log.open("ab") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    with process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def running_scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler that can be reached, and its address."""
    from distributed import Client

    file = str(folder / "scheduler.json")
    arguments = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
    with program("scheduler", folder / "log", *arguments) as process:
        with Client(scheduler_file=file, timeout=120, set_as_default=False) as client:  # waits for the file
            address = client.scheduler.address
        yield address, process


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler with two workers."""
    from distributed import Client

    with ExitStack() as stack:
        address, scheduler = stack.enter_context(running_scheduler(folder))
        for _ in range(2):
            stack.enter_context(program("worker", folder / "log", address, "--nthreads", "1"))
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=240)
        yield address, scheduler

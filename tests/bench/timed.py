"""What a child process measures with: times and memory, each row told to the parent as it comes."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

ENOUGH_S = 2.0
AT_LEAST = 3


def timed(work: Callable[[], Any], repetitions: int) -> dict[str, list[float]]:
    """Milliseconds of each repetition, after one that is not counted: by the clock, of processors, of the main thread.

    The last is what it would take if no thread ever waited for a processor. So many repetitions, or as many as fit into
    two seconds, but three at least: some codecs' searches take long.
    """
    work()
    return timed_from_cold(work, repetitions)


def timed_from_cold(work: Callable[[], Any], repetitions: int) -> dict[str, list[float]]:
    """The same, the first one counted."""
    samples: dict[str, list[float]] = {"wall_ms": [], "cpu_ms": [], "main_ms": []}
    while len(samples["wall_ms"]) < repetitions:
        if len(samples["wall_ms"]) >= AT_LEAST and sum(samples["wall_ms"]) > ENOUGH_S * 1e3:
            break
        wall, cpu, main = time.perf_counter(), time.process_time(), time.thread_time()
        work()
        samples["main_ms"].append((time.thread_time() - main) * 1e3)
        samples["cpu_ms"].append((time.process_time() - cpu) * 1e3)
        samples["wall_ms"].append((time.perf_counter() - wall) * 1e3)
    return samples


def keep_to_cores() -> None:
    """Use no more cores than BENCH_CORES says, if it is set; before anything asks how many there are."""
    cores = int(os.environ.get("BENCH_CORES", "0"))
    if cores and sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    elif cores:
        raise SystemExit("Only Linux lets a process keep to some cores: leave out --only one-core.")


def peak_bytes() -> int:
    """The most memory that this process has held."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024


def tell(name: str, measured: dict[str, list[float]] | float) -> None:
    """Print a row for the parent, at once: samples, or a number of megabytes."""
    print(json.dumps([name, measured]), flush=True)

"""Child process: gives one target damaged input, and notes what took too long or too much, or broke a promise.

Arguments: target, first seed, number of inputs, seconds at most, a file for the present seed. Prints a JSON line. A
crash or a hang ends the process; the file then says by which input.
"""

from __future__ import annotations

import faulthandler
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.fuzz.mutation import damaged
from tests.fuzz.targets import TARGETS
from tests.memory import Memory

HANG_S = 10.0
LARGEST_GROWTH = 512 * 2**20
"""Memory that one small damaged file may take: 16 megapixels are always let through, in RGB, and twice over."""


def run(name: str, first: int, count: int, seconds: float, progress: int) -> dict[str, Any]:
    """Try inputs until there are enough, or time is up."""
    target, memory = TARGETS[name], Memory()
    target.check(target.whole(0))
    found: list[dict[str, Any]] = []
    tried = accepted = largest = 0
    longest = 0.0
    end = time.monotonic() + seconds
    for seed in itertools.islice(itertools.count(first), count):
        if time.monotonic() > end:
            break
        data = damaged(target.whole(seed), seed)
        os.pwrite(progress, f"{seed:20}".encode(), 0)
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        memory.mark()
        begun = time.perf_counter()
        try:
            accepted += target.check(data)
        except BaseException as error:
            found.append({"seed": seed, "what": f"{type(error).__name__}: {error}"})
        took = time.perf_counter() - begun
        growth = memory.growth()
        faulthandler.cancel_dump_traceback_later()
        if growth > LARGEST_GROWTH:
            found.append({"seed": seed, "what": f"took {growth / 2**20:.0f} MiB"})
        tried += 1
        longest, largest = max(longest, took), max(largest, growth)
    return {"tried": tried, "accepted": accepted, "longest_s": longest, "largest_bytes": largest, "found": found}


def main() -> None:
    """Entry point."""
    name, first, count, seconds, progress = sys.argv[1:]
    with Path(progress).open("r+b", buffering=0) as file:
        report = run(name, int(first), int(count), float(seconds), file.fileno())
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

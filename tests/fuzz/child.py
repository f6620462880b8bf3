"""Child process: gives targets damaged input, and notes what took too long or too much, or broke a promise.

Arguments: first seed, number of inputs, seconds at most, of each target; seed and seconds left of the first target, if
it was begun before; a file for the present seed; the targets. Prints a line when a target begins, and one of JSON when
it is done. A crash or a hang ends the process; the file then says by which input.
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

HANG_S = 60.0
"""A picture of the largest size that is let through takes 2 s of an idle machine, and the machine may be busy."""
READY = "ready\n"
LARGEST_GROWTH = 512 * 2**20
"""Memory that one small damaged file may take: 16 megapixels are always let through, in RGB, and twice over."""


def run(name: str, first: int, count: int, seconds: float, progress: int) -> dict[str, Any]:
    """Try inputs until there are enough, or time is up."""
    target, memory = TARGETS[name], Memory()
    os.pwrite(progress, f"{first - 1:20}".encode(), 0)
    target.check(target.whole(0))
    _say(READY)
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


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def main() -> None:
    """Entry point."""
    first, count, seconds, seed, left_s, progress, *names = sys.argv[1:]
    begin, left, end = int(seed), float(left_s), int(first) + int(count)
    with Path(progress).open("r+b", buffering=0) as file:
        for name in names:
            _say(json.dumps(run(name, begin, end - begin, left, file.fileno())) + "\n")
            begin, left = int(first), float(seconds)
    os._exit(0)


if __name__ == "__main__":
    main()

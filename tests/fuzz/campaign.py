"""Runs one target in child processes, so that a crash or a hang is a finding and not the end."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.fuzz.child import HANG_S, READY
from tests.fuzz.mutation import damaged
from tests.fuzz.targets import TARGETS

_START_S = 600.0
"""What a child may take to start on a busy machine."""


@dataclass
class Report:
    """What came of a target. found: what was wrong, a line each."""

    name: str
    tried: int = 0
    accepted: int = 0
    longest_s: float = 0.0
    largest_bytes: int = 0
    found: list[str] = field(default_factory=list)

    def take(self, part: Mapping[str, Any]) -> None:
        """Add what a child process says."""
        self.tried += part["tried"]
        self.accepted += part["accepted"]
        self.longest_s = max(self.longest_s, part["longest_s"])
        self.largest_bytes = max(self.largest_bytes, part["largest_bytes"])
        self.found += [f"seed {one['seed']}: {one['what']}" for one in part["found"]]


def blind(names: Iterable[str], first: int, count: int, seconds: float) -> Iterator[Report]:
    """Give each target so many damaged inputs, from seed `first` on, for so many seconds at most.

    One after the other in one process, for its start takes longer than many inputs; in another after a crash or a hang.
    """
    waiting = deque(names)
    seed, left_s = first, seconds
    report = Report(waiting[0])
    with tempfile.TemporaryDirectory(prefix="ratelens-fuzz-") as folder:
        progress, errors = Path(folder, "seed"), Path(folder, "errors")
        while waiting:
            progress.write_text(f"{seed - 1:20}")
            numbers = (first, count, seconds, seed, left_s)
            began_s = None
            with errors.open("w") as sink, _child([*map(str, numbers), str(progress), *waiting], sink) as child:
                for line in child.stdout or ():
                    if line == READY:
                        began_s = time.monotonic()
                        continue
                    report.take(json.loads(line))
                    yield report
                    waiting.popleft()
                    seed, left_s, report = first, seconds, Report(waiting[0] if waiting else "")
            if child.returncode == 0:
                break
            said, reached = errors.read_text(errors="replace"), int(progress.read_text())
            if began_s is None or reached < seed:
                raise RuntimeError(f"{report.name} did not start:\n{said[-2000:]}")
            what = f"more than {HANG_S:.0f} s" if "Timeout" in said else f"ended with {child.returncode}"
            report.found.append(f"seed {reached}: {what}\n{said[-800:]}")
            report.tried += reached + 1 - seed
            seed, left_s = reached + 1, left_s - (time.monotonic() - began_s)
            if left_s <= 0 or seed >= first + count:
                yield report
                waiting.popleft()
                seed, left_s, report = first, seconds, Report(waiting[0] if waiting else "")


def _child(arguments: list[str], errors: IO[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.fuzz.child", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)


def input_of(name: str, seed: int) -> bytes:
    """The damaged input of a finding of `blind`."""
    return damaged(TARGETS[name].whole(seed), seed)


def can_guide() -> bool:
    """Whether the coverage-guided fuzzer is installed."""
    return importlib.util.find_spec("atheris") is not None


def guided(name: str, seconds: float, runs: int = 0) -> Report:
    """Let atheris look for inputs that reach new lines."""
    with tempfile.TemporaryDirectory(prefix="ratelens-fuzz-") as folder:
        arguments = [name, str(max(1, round(seconds))), str(runs), folder]
        child = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + HANG_S + _START_S,
            errors="replace",
        )
        counted = re.search(r"number_of_executed_units:\s*(\d+)", child.stderr)
        slowest = re.search(r"slowest_unit_time_sec:\s*(\d+)", child.stderr)
        if counted is None and child.returncode == 0:
            raise RuntimeError(f"{name} did not start:\n{child.stderr[-2000:]}")
        report = Report(f"{name}, guided", int(counted[1]) if counted else 0)
        report.longest_s = float(slowest[1]) if slowest else 0.0
        if child.returncode:
            kept = [path.read_bytes().hex() for path in Path(folder).iterdir() if path.is_file()]
            report.found.append(f"ended with {child.returncode}; inputs {kept}\n{child.stderr[-2000:]}")
    return report

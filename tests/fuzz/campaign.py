"""Runs one target in child processes, so that a crash or a hang is a finding and not the end."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.child import HANG_S
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


def blind(name: str, first: int, count: int, seconds: float) -> Report:
    """Give a target so many damaged inputs, from seed `first` on, for so many seconds at most."""
    report = Report(name)
    end = time.monotonic() + seconds
    seed = first
    with tempfile.TemporaryDirectory(prefix="ratelens-fuzz-") as folder:
        progress = Path(folder) / "seed"
        while seed < first + count and (left := end - time.monotonic()) > 0:
            progress.write_text(f"{seed - 1:20}")
            arguments = [name, str(seed), str(first + count - seed), str(left), str(progress)]
            child = _run("tests.fuzz.child", arguments, left)
            if child.returncode == 0:
                part = json.loads(child.stdout.splitlines()[-1])
                report.tried += part["tried"]
                report.accepted += part["accepted"]
                report.longest_s = max(report.longest_s, part["longest_s"])
                report.largest_bytes = max(report.largest_bytes, part["largest_bytes"])
                report.found += [f"seed {one['seed']}: {one['what']}" for one in part["found"]]
                break
            reached = int(progress.read_text())
            if reached < seed:
                raise RuntimeError(f"{name} did not start:\n{child.stderr[-2000:]}")
            what = f"more than {HANG_S:.0f} s" if "Timeout" in child.stderr else f"ended with {child.returncode}"
            report.found.append(f"seed {reached}: {what}\n{child.stderr[-800:]}")
            report.tried += reached + 1 - seed
            seed = reached + 1
    return report


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
        child = _run("tests.fuzz.guided", arguments, seconds)
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


def _run(module: str, arguments: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + HANG_S + _START_S,
        errors="replace",
    )

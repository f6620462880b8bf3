"""The number of available processor cores, and of threads that work on one picture."""

from __future__ import annotations

import os
import sys

_chosen: int | None = None


def core_count() -> int:
    """Cores that this process may use, at least one."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count() -> int:
    """Parts of one picture that are computed at a time: as many as `use_threads` or the environment says."""
    return told_threads() if _chosen is None else _chosen


def told_threads() -> int:
    """One thread a core, or fewer where OMP_NUM_THREADS says so: it may be a list, for loops within loops."""
    setting = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return min(int(setting), core_count()) if setting.isdecimal() and int(setting) else core_count()


def use_threads(count: int | None) -> None:
    """Compute so many parts at a time, whatever the environment says; None: as it says."""
    global _chosen  # noqa: PLW0603 (of the process, as the cores are)
    _chosen = count

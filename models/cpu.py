"""The number of available processor cores."""

from __future__ import annotations

import os
import sys


def core_count() -> int:
    """Cores that this process may use, at least one."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Numbers from samples, and tables from numbers."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from models.cpu import core_count


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of them does not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -(-round(share * 1000) * len(ordered) // 1000) - 1))]


def spread(samples: Sequence[float], unit: str, digits: int = 0) -> str:
    """Median, and in brackets minimum and maximum."""
    middle = statistics.median(samples)
    return f"{middle:.{digits}f} ({min(samples):.{digits}f} to {max(samples):.{digits}f}) {unit}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned, the first to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.ljust(widths[0]) if not i else cell.rjust(widths[i]) for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def machine() -> str:
    """Processors and how busy they are with other things, without which no figure means anything."""
    return f"{_processor()}, {core_count()} cores, {load()}"


def load() -> str:
    """How busy the machine has been in the last minute, beside this program or with it."""
    return f"load {os.getloadavg()[0]:.1f}" if sys.platform != "win32" else "load unknown"


LOOKED_S = 2.0
BUSY = 0.1
"""A share of the processors; where others take more, the machine is called busy."""


def busy_share(seconds: float = LOOKED_S) -> float:
    """The share of the processors' time that others take while this process does nothing, from 0 to 1."""
    return float(psutil.cpu_percent(interval=seconds)) / 100.0


def busy_sentence(share: float) -> str:
    """What the figures are worth with so much else going on."""
    if share <= BUSY:
        return f"The machine is idle: {share:.0%} of it is taken by others."
    return (
        f"The machine is BUSY: {share:.0%} of it is taken by others. Compare only what was measured in turn, by its "
        "ratios, or wait until it is idle."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

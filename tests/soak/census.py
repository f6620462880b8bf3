"""What the process holds: memory, threads, file handles, widgets."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import psutil
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True)
class Census:
    """A moment of the process. done: rounds or actions before it."""

    done: int
    memory_bytes: int
    threads: int
    handles: int
    blocks: int
    widgets: int


HEADINGS = ("done", "memory", "threads", "handles", "memory blocks", "widgets")


def take(done: int) -> Census:
    """Count now, after the garbage is gone."""
    gc.collect()
    process = psutil.Process()
    handles = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
    return Census(
        done,
        process.memory_info().rss,
        process.num_threads(),
        handles,
        sys.getallocatedblocks(),  # gc.get_objects() would show a worker's unfinished tuples, which breaks them
        len(QApplication.allWidgets()),
    )


def row(census: Census) -> str:
    """A line of the table."""
    memory = f"{census.memory_bytes / 2**20:.0f} MiB"
    cells = (census.done, memory, census.threads, census.handles, census.blocks, census.widgets)
    return "  ".join(str(cell).rjust(len(head)) for cell, head in zip(cells, HEADINGS, strict=True))


def memory_growth(taken: Sequence[Census]) -> float:
    """Bytes that one round or action adds: the median of the last third less that of the first, over their distance."""
    third = max(1, len(taken) // 3)
    first, last = taken[:third], taken[-third:]
    more = _median([one.memory_bytes for one in last]) - _median([one.memory_bytes for one in first])
    return more / max(1.0, _median([one.done for one in last]) - _median([one.done for one in first]))


def _median(values: list[int]) -> float:
    return float(sorted(values)[len(values) // 2])


def grown(taken: Sequence[Census]) -> list[str]:
    """What there is more of in the last third than usual in the third before: threads, handles, widgets."""
    third = max(1, len(taken) // 3)
    before, last = taken[-2 * third : -third] or taken[:1], taken[-third:]
    more = []
    for name in ("threads", "handles", "widgets"):
        had, has = (_median([getattr(one, name) for one in part]) for part in (before, last))
        if has > had:
            more.append(f"{name} from {had:.0f} to {has:.0f}")
    return more

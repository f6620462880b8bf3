"""With how many threads torch computes the transforms: the process's default, or as many as a thread asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_asked_for: ContextVar[int | None] = ContextVar("transform_threads", default=None)


@contextmanager
def transforms_on(threads: int) -> Iterator[None]:
    """Within the block, this thread's pictures are analysed and synthesised with so many threads.

    The context model's are not: its products are small, and each would wait for a thread that finds no free core.
    """
    token = _asked_for.set(threads)
    try:
        yield
    finally:
        _asked_for.reset(token)


@contextmanager
def transform_threads() -> Iterator[None]:
    """Compute with as many threads as were asked for, if any were."""
    threads = _asked_for.get()
    if threads is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)  # of this thread, and of those that begin meanwhile
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""Computes independent parts of one large picture two at a time: on two cores that leaves neither idle between layers,
as threads within a layer do.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

import torch

from models.cpu import thread_count

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")

AT_ONCE: Final = 2
"""Each part takes 100 to 200 MB: with more cores, several work on each."""

_pools: dict[int, ThreadPoolExecutor] = {}
_lock = threading.Lock()


def in_order(work: Callable[[_Part], _Result], parts: Iterable[_Part]) -> Iterator[_Result]:
    """The results, in the order of the parts. While one is used, no more than AT_ONCE others are begun; with a single
    thread none is before it is wanted. work: is not to call this.
    """
    threads = thread_count()
    if threads == 1:
        yield from map(work, parts)
        return
    pool = _pool(threads)
    begun: deque[Future[_Result]] = deque()
    try:
        for part in parts:
            begun.append(pool.submit(work, part))
            if len(begun) > AT_ONCE:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()


def do_all(work: Callable[[_Part], None], parts: Iterable[_Part]) -> None:
    """Do all parts, which leave their results somewhere."""
    for _ in in_order(work, parts):
        pass


def _pool(threads: int) -> ThreadPoolExecutor:
    with _lock:
        if threads not in _pools:
            _pools[threads] = _made(threads)
        return _pools[threads]


def _made(threads: int) -> ThreadPoolExecutor:
    """A pool in whose threads torch has its share of the threads that there are."""
    ready = threading.Barrier(AT_ONCE + 1)

    def begin() -> None:
        torch.get_num_threads()  # with its first call a thread takes the process's number
        torch.set_num_threads(max(1, threads // AT_ONCE))
        ready.wait()

    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ratelens-parts", initializer=begin)
    for _ in range(AT_ONCE):
        pool.submit(int)
    ready.wait()
    # torch sets it for the calling thread, but also for those that have yet to begin: they are to have what they had.
    torch.set_num_threads(before)
    return pool

"""Values that are computed once per process, by whichever thread asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Once(Generic[_Value]):
    """A function without arguments that runs once and whose value is kept. Safe to use from several threads.

    Threads that call it meanwhile wait for the first; with `functools.lru_cache` they would all run it. An exception is
    not kept: the next call tries again.
    """

    def __init__(self, make: Callable[[], _Value]) -> None:
        self._make = make
        self._made: list[_Value] = []
        self._lock = threading.Lock()
        update_wrapper(self, make)

    def __call__(self) -> _Value:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def forget(self) -> None:
        """Compute it again at the next call."""
        with self._lock:
            self._made.clear()

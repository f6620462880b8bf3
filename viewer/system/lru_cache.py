"""A least-recently-used cache, limited by the bytes that its values take."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class BoundedCache(Generic[_Key, _Value]):
    """Keeps the values used most recently. Safe to use from several threads."""

    def __init__(self, limit_bytes: int, byte_count: Callable[[_Value], int], *, at_least: int = 1) -> None:
        """byte_count: bytes of a value. at_least: this many of the newest are kept, however large."""
        self._limit_bytes = limit_bytes
        self._byte_count = byte_count
        self._at_least = at_least
        self._values: OrderedDict[_Key, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _Key) -> _Value | None:
        """The value of a key, which counts as a use; None if it is not (or no longer) cached."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: _Key, value: _Value) -> None:
        """Store a value, and evict the least recently used ones while the limit is exceeded."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            held = sum(map(self._byte_count, self._values.values()))
            while held > self._limit_bytes and len(self._values) > self._at_least:
                held -= self._byte_count(self._values.popitem(last=False)[1])

    def clear(self) -> None:
        """Evict everything."""
        with self._lock:
            self._values.clear()

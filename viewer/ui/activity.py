"""Who is at work for the user right now, so that background work can wait until nobody is."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Activity:
    """The set of busy workers. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy: set[str] = set()

    def begin(self, owner: str) -> None:
        """An owner has something to do."""
        with self._changed:
            self._busy.add(owner)

    def end(self, owner: str) -> None:
        """An owner has nothing left to do."""
        with self._changed:
            self._busy.discard(owner)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look again at why they wait."""
        with self._changed:
            self._changed.notify_all()

    def wait_until_idle(self, given_up: Callable[[], bool]) -> None:
        """Block until nobody is busy, or until given_up() says so (it is asked after every change and `wake`)."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy or given_up())

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


class Overtaken(Exception):  # noqa: N818 (no error: something newer was asked for)
    """Ends work on a whole picture that nobody waits for any more."""


class VisibleFirst:
    """Whole pictures wait here between their steps while parts are made. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: dict[str, object] = {}
        self._parts: set[str] = set()
        self._closed = False

    def ask(self, codec: str, job: object) -> None:
        """A codec's newest job; those before it are overtaken."""
        with self._changed:
            self._newest[codec] = job
            self._changed.notify_all()

    def begin_part(self, codec: str) -> None:
        """A codec works on what is visible."""
        with self._changed:
            self._parts.add(codec)

    def end_part(self, codec: str) -> None:
        """It is done."""
        with self._changed:
            self._parts.discard(codec)
            self._changed.notify_all()

    def close(self) -> None:
        """All jobs are overtaken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, codec: str, job: object) -> None:
        """Block while parts are made. Raises Overtaken when the job is not the codec's newest."""
        with self._changed:
            self._changed.wait_for(lambda: not self._parts or self._is_overtaken(codec, job))
            if self._is_overtaken(codec, job):
                raise Overtaken

    def _is_overtaken(self, codec: str, job: object) -> bool:
        return self._closed or self._newest.get(codec) is not job

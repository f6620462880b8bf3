"""Tracks which workers are busy for the user, so that background work can wait."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Activity:
    """The set of busy workers. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy: set[str] = set()

    def begin(self, owner: str) -> None:
        """Mark an owner as busy."""
        with self._changed:
            self._busy.add(owner)

    def end(self, owner: str) -> None:
        """Mark an owner as idle."""
        with self._changed:
            self._busy.discard(owner)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let waiting threads check their condition again."""
        with self._changed:
            self._changed.notify_all()

    def wait_until_idle(self, given_up: Callable[[], bool]) -> None:
        """Block until no owner is busy, or given_up() returns true (it is called after every change and `wake`)."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy or given_up())


SHORTEST_HASTE_S = 0.08
LONGEST_HASTE_S = 0.25
"""Between two provisional pictures of one worker, at least and at most."""


class Pace:
    """Keeps workers in haste about in step: none shows more than twice as many pictures as the slowest, unless the
    slowest takes more than half a second. Thread-safe.

    Fast ones would else take the processors, and the window's time to paint, from the slow ones, and side by side the
    user would see different rates.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took_s: dict[str, float] = {}

    def note(self, owner: str, seconds: float) -> None:
        """How long an owner's latest provisional picture took."""
        with self._lock:
            self._took_s[owner] = seconds

    def leave(self, owner: str) -> None:
        """An owner is no longer in haste."""
        with self._lock:
            self._took_s.pop(owner, None)

    def interval_s(self) -> float:
        """From the beginning of one provisional picture to that of the next, at least."""
        with self._lock:
            slowest_s = max(self._took_s.values(), default=0.0)
        return min(max(SHORTEST_HASTE_S, slowest_s / 2), LONGEST_HASTE_S)


class Overtaken(Exception):  # noqa: N818 (no error: something newer was asked for)
    """Ends work on a whole picture that is no longer wanted."""


class VisibleFirst:
    """Makes whole pictures wait between steps while visible parts are encoded. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: dict[str, object] = {}
        self._parts: set[str] = set()
        self._closed = False

    def ask(self, codec: str, job: object) -> None:
        """Set a codec's newest job; earlier ones are overtaken."""
        with self._changed:
            self._newest[codec] = job
            self._changed.notify_all()

    def begin_part(self, codec: str) -> None:
        """A codec starts on a visible part."""
        with self._changed:
            self._parts.add(codec)

    def end_part(self, codec: str) -> None:
        """It has finished."""
        with self._changed:
            self._parts.discard(codec)
            self._changed.notify_all()

    def close(self) -> None:
        """Overtake all jobs."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, codec: str, job: object) -> None:
        """Block while visible parts are encoded. Raises Overtaken if the job is not the codec's newest."""
        with self._changed:
            self._changed.wait_for(lambda: not self._parts or self._is_overtaken(codec, job))
            if self._is_overtaken(codec, job):
                raise Overtaken

    def _is_overtaken(self, codec: str, job: object) -> bool:
        return self._closed or self._newest.get(codec) is not job

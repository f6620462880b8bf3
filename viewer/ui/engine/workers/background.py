"""A thread for work that nobody waits for: it goes on only while no worker is busy for the user."""

from __future__ import annotations

import threading
from collections.abc import Callable

from viewer.system.memory import process_budget
from viewer.ui.engine.workers.scheduling import Activity, Overtaken


class Background:
    """The thread, begun with the first work. `changed` guards what its worker is asked for.

    Its priority is low because it waits, not because of a nice value: a niced thread that other programs keep from
    running may hold the interpreter lock, and so stall the GUI thread.
    """

    def __init__(self, name: str, activity: Activity, run: Callable[[], None]) -> None:
        """run: in the thread; returns once `closed`."""
        self.changed = threading.Condition()
        self.closed = False
        self._name = name
        self._activity = activity
        self._run = run
        self._thread: threading.Thread | None = None
        process_budget().add_shortage_listener(activity.wake)

    def begin(self) -> None:
        """Have the thread look at what is asked for now; with `changed` held. Call `wake` afterwards."""
        self.changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"ratelens-{self._name}", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Have work that waits notice that it is overtaken; without `changed` held."""
        self._activity.wake()

    def close(self) -> None:
        """Let the thread end. Returns immediately."""
        with self.changed:
            if not self.closed:
                process_budget().remove_shortage_listener(self._activity.wake)
            self.closed = True
            self.changed.notify()
        self.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`, and return whether it has."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def wait_until_idle(self, is_overtaken: Callable[[], bool], *, holds_memory: bool = False) -> None:
        """Block while a worker is busy for the user. holds_memory: not while memory is short, because the busy worker
        may be waiting for what the work holds, and it has to be finished. Raises Overtaken.
        """
        self._activity.wait_until_idle(
            lambda: self.closed or is_overtaken() or (holds_memory and process_budget().is_short)
        )
        if self.closed or is_overtaken():
            raise Overtaken

"""What watches a window from inside its process, without changing what it does."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

HEARTBEAT_MS = 4
"""Long enough not to be work itself, short against the 30 ms that a user can notice."""


class Stopwatch:
    """Adds up the time spent in methods, by name."""

    def __init__(self) -> None:
        self.spent_ms: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self.longest_ms: dict[str, float] = defaultdict(float)

    def watch(self, owner: Any, method: str, name: str) -> None:
        """Time every call of a method or function from now on."""
        original: Callable[..., Any] = getattr(owner, method)

        def timed(*arguments: Any, **keywords: Any) -> Any:
            begun = time.perf_counter()
            try:
                return original(*arguments, **keywords)
            finally:
                took_ms = (time.perf_counter() - begun) * 1e3
                self.spent_ms[name] += took_ms
                self.calls[name] += 1
                self.longest_ms[name] = max(self.longest_ms[name], took_ms)

        setattr(owner, method, timed)

    def reset(self) -> None:
        """Begin anew."""
        self.spent_ms.clear()
        self.calls.clear()
        self.longest_ms.clear()

    def report(self) -> dict[str, dict[str, float]]:
        """By name: milliseconds in all, calls, the longest call in milliseconds."""
        return {
            name: {"ms": spent, "calls": self.calls[name], "longest_ms": self.longest_ms[name]}
            for name, spent in self.spent_ms.items()
        }


class Heartbeat:
    """A timer in the GUI thread. The gaps between its ticks are how long the thread could not answer; work_ms, the
    processor time it spent meanwhile: the rest it waited, for a lock or for a processor.
    """

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self.work_ms: list[float] = []
        self._last = (0.0, 0.0)
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=HEARTBEAT_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.gaps_ms, self.work_ms = [], []
        self._last = (time.perf_counter(), time.thread_time())
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self.gaps_ms.append(max(0.0, (now[0] - self._last[0]) * 1e3 - HEARTBEAT_MS))
        self.work_ms.append((now[1] - self._last[1]) * 1e3)
        self._last = now


class Painted(QObject):
    """When each of some widgets was last painted."""

    def __init__(self, widgets: Sequence[QWidget]) -> None:
        super().__init__()
        self._last_s = dict.fromkeys(widgets, 0.0)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self._last_s[watched] = time.perf_counter()
        return False

    def all_since(self, moment_s: float) -> bool:
        """Whether every one was painted after a moment of time.perf_counter()."""
        return min(self._last_s.values()) > moment_s

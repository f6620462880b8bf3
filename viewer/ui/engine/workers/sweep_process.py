"""Runs a sweep in a process of its own, which can be ended at any time: what was measured is in its file."""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from viewer.system.program import end_tree
from viewer.ui.engine.workers.scheduling import Activity

if TYPE_CHECKING:
    from viewer.ui.engine.sets.state import SweepRequest

log = logging.getLogger("ratelens.sweep")

_LAST_BYTES = 4000
"""How much of the process's standard error is logged if it ends unexpectedly."""


@dataclass(frozen=True)
class SweepEvent:
    """What a sweep has reported. run: which start it is of. total: pictures to be measured in this run. done: so many
    of them are; elapsed_s: since the total was known. refused: a sentence. problem: why it ended, if it failed.
    """

    run: int
    total: int | None = None
    done: int | None = None
    elapsed_s: float = 0.0
    refused: str = ""
    ended: bool = False
    problem: str = ""


class SweepProcess(QObject):
    """At most one sweep at a time. `delivered` carries SweepEvents; connect it to methods of QObjects only."""

    delivered = Signal(object)

    def __init__(self, _activity: Activity, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._closed = False
        self._run = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def want(self, wanted: tuple[int, SweepRequest] | None) -> None:
        """Run this sweep, and end the one before; None ends it. Returns at once."""
        with self._lock:
            if self._closed:
                return
            self._end()
            if wanted is not None:
                self._run = wanted[0]
                self._thread = threading.Thread(target=self._follow, args=wanted, name="ratelens-sweep", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Deliver nothing more, and end the process."""
        with self._lock:
            self._closed = True
            self._end()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`; whether it has."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _end(self) -> None:
        self._run = 0
        process, self._process = self._process, None
        if process is not None:
            end_tree(process.pid)

    def _follow(self, run: int, request: SweepRequest) -> None:
        process = self._started(run, request)
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        errors: list[bytes] = []
        drain = threading.Thread(target=_keep_end, args=(process.stderr, errors), daemon=True)
        drain.start()
        begun_s, problem, done = time.monotonic(), "", False
        for line in process.stdout:
            try:
                said = json.loads(line)
            except ValueError:  # the last line of a process that was ended while it wrote
                break
            if "total" in said:
                begun_s = time.monotonic()
            problem = said.get("problem", problem)
            done = done or bool(said.get("finished"))
            self._deliver(_event(run, said, time.monotonic() - begun_s))
        process.wait()
        drain.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):  # what it was not told before it was ended
                pipe.close()
        if not done and not problem:
            problem = "The sweep ended unexpectedly: see the log. What was measured is kept; start it again to go on."
            if self._is_current(run):
                log.error(
                    "the sweep ended with code %s: %s", process.returncode, b"".join(errors).decode(errors="replace")
                )
        self._deliver(SweepEvent(run, ended=True, problem=problem))

    def _started(self, run: int, request: SweepRequest) -> subprocess.Popen[bytes] | None:
        from viewer.codecs.registry import added_codecs
        from viewer.sweep.child import ChildRequest
        from viewer.system.memory import process_budget

        added = tuple(codec for codec in added_codecs() if codec.name in request.codecs)
        child = ChildRequest(
            request.folder,
            request.results,
            request.codecs,
            request.rates,
            request.metrics,
            added,
            process_budget().limit_bytes,
        )
        with self._lock:
            if self._closed or run != self._run:
                return None
            process = subprocess.Popen(
                [sys.executable, "-m", "viewer.sweep.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            self._process = process
        assert process.stdin is not None
        try:
            pickle.dump(child, process.stdin)
            process.stdin.flush()  # it stays open: the process ends when this one does
        except BrokenPipeError:
            pass  # it has ended already, which is reported
        return process

    def _is_current(self, run: int) -> bool:
        with self._lock:
            return run == self._run and not self._closed

    def _deliver(self, event: SweepEvent) -> None:
        with self._lock:  # as in LatestOnly: close() cannot come in between
            if event.run == self._run and not self._closed:
                self.delivered.emit(event)


def _event(run: int, said: dict[str, Any], elapsed_s: float) -> SweepEvent:
    return SweepEvent(run, said.get("total"), said.get("done"), elapsed_s, said.get("refused", ""))


def _keep_end(stream: Any, kept: list[bytes]) -> None:
    """Read a stream to its end, and keep the last of it."""
    last = b""
    while chunk := stream.read1(1 << 16):
        last = (last + chunk)[-_LAST_BYTES:]
    kept.append(last)

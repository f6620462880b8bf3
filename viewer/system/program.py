"""Runs other programs without a shell, in their own folder and process group, and never leaves any behind.

Only the beginning of a program's output, for versions, and its end, for error messages, are kept.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from viewer.system.once import Once

KEPT_OUTPUT_BYTES = 4096
"""How much of a program's output is kept, at the beginning and at the end."""
_READ_BYTES = 1 << 16
_LOOK_EVERY_S = 0.1
"""Polling interval for a program that has ended while its children keep its output open."""
_DRAIN_S = 1.0
"""How long to go on reading output after a program and its children have ended."""
_LONGEST_LINE = 200


@dataclass(frozen=True)
class Ended:
    """How a program ended. code: its exit code, or the negative signal number. timed_out, stopped: it was killed
    because its time was up, or because this process exits. output: beginning and end of what it printed.
    """

    code: int
    output: str
    timed_out: bool = False
    stopped: bool = False

    @property
    def last_line(self) -> str:
        """The last line that it printed, shortened; empty if none."""
        lines = [re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", line).strip() for line in self.output.splitlines()]
        line = next((line for line in reversed(lines) if line), "")
        return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


class Programs:
    """The programs that this process runs now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(self, words: Sequence[str], folder: Path, limit_s: float) -> Ended:
        """Run a program to its end, or kill it and its children when its time is up or this thread is interrupted.

        words: the program and its arguments. folder: its working directory, also for temporary files. Raises OSError if
        it cannot be started.
        """
        begun = time.monotonic()
        process = self._start(words, folder)
        if process is None:
            return Ended(-signal.SIGTERM, "", stopped=True)
        output = _Output()
        timed_out = False
        try:
            assert process.stdout is not None
            reader = threading.Thread(target=_read, args=(process.stdout, output), daemon=True)
            reader.start()
            # The output normally ends with the program, unless one of its children keeps it open.
            while reader.is_alive() and process.poll() is None:
                left_s = begun + limit_s - time.monotonic()
                timed_out = left_s <= 0
                if timed_out:
                    break
                reader.join(min(left_s, _LOOK_EVERY_S))
            with suppress(subprocess.TimeoutExpired):  # it may have closed its output and still be working
                process.wait(max(0.0, begun + limit_s - time.monotonic()) if not timed_out else 0.0)
            timed_out = process.poll() is None
        finally:
            _end(process)
            process.wait()
            with self._lock:
                self._running.discard(process)
        reader.join(_DRAIN_S)
        return Ended(process.returncode, output.text(), timed_out, self._stopped)

    def stop(self) -> None:
        """Kill all running programs, and start no more: this process is about to exit."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end(process)

    @property
    def count(self) -> int:
        """Number of running programs."""
        with self._lock:
            return len(self._running)

    def _start(self, words: Sequence[str], folder: Path) -> subprocess.Popen[bytes] | None:
        environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))}
        with self._lock:
            if self._stopped:
                return None
            process = subprocess.Popen(
                list(words),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,  # Ctrl+C in a terminal reaches only this process, which ends the program
            )
            self._running.add(process)
            return process


@Once
def programs() -> Programs:
    """The programs of this process: a single list, so that all of them end with it."""
    return Programs()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program, its children wherever they are, and its process group."""
    if process.poll() is None:
        end_tree(process.pid)
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):  # the group is empty
            os.killpg(process.pid, signal.SIGKILL)


def end_tree(process_id: int) -> None:
    """Kill a process and everything that it has started."""
    with suppress(psutil.Error):
        process = psutil.Process(process_id)
        _kill([*process.children(recursive=True), process])


def end_children() -> None:
    """Kill everything that this process has started, and their children."""
    with suppress(psutil.Error):
        _kill(psutil.Process().children(recursive=True))


_ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl+C, a request to terminate, and a closed terminal."""


def handled_signals() -> tuple[int, ...]:
    """The signals that end this process, except those that it was started to ignore (such as with nohup)."""
    return tuple(number for number in _ENDING_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN)


def end_at_once_on_signals() -> None:
    """Let these signals end this process as they normally would, together with its programs.

    For a main thread that rarely runs Python code, in which Python's own handlers would be delayed: a separate thread
    receives the signal. Call it in the main thread.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in handled_signals():
        signal.signal(number, lambda _number, _frame: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_end_on_signal, args=(reading,), name="signals", daemon=True).start()


def _end_on_signal(reading: int) -> None:
    while received := os.read(reading, 1):
        if received[0] in _ENDING_SIGNALS:  # other signals have their own handlers
            programs().stop()
            os._exit(128 + received[0])


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()


class _Output:
    """The beginning and the end of some output."""

    def __init__(self) -> None:
        self._begin, self._end = b"", b""

    def add(self, chunk: bytes) -> None:
        """Append output."""
        room = KEPT_OUTPUT_BYTES - len(self._begin)
        self._begin += chunk[:room]
        self._end = (self._end + chunk[room:])[-KEPT_OUTPUT_BYTES:]

    def text(self) -> str:
        """Decode as text, whatever the bytes."""
        return (self._begin + self._end).decode("utf-8", "replace")


def _read(pipe: IO[bytes], output: _Output) -> None:
    """Read a pipe to its end."""
    with suppress(OSError, ValueError), pipe:
        while chunk := os.read(pipe.fileno(), _READ_BYTES):
            output.add(chunk)

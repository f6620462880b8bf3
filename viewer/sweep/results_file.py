"""The CSV that a sweep fills: appended to picture by picture, and by one sweep only."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import IO

from models.errors import OutputError
from viewer.imaging.writer import reason_and_advice
from viewer.sweep.rows import Row, cells_of, read_rows, write_rows

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]


class ResultsFile:
    """Use it as a context. rows: of earlier sweeps. Raises OutputError, also while another sweep writes to the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = read_rows(path)
        self._metrics: tuple[str, ...] = ()
        self._file: IO[str] | None = None
        self._refuse_others()

    def begin(self, metrics: tuple[str, ...]) -> None:
        """Write the rows anew, without what a kill cut short, with these metrics' columns, and be ready for more."""
        self._refuse_others()
        self._metrics = metrics
        write_rows(self.path, self.rows, metrics)
        try:
            self._file = self.path.open("a", newline="", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from error
        if not _locked(self._file):
            raise self._taken()

    def append(self, rows: Sequence[Row]) -> None:
        """Add rows, and have them survive the end of this process."""
        assert self._file is not None
        try:
            if not os.path.samestat(os.fstat(self._file.fileno()), self.path.stat()):
                raise self._taken()
            csv.writer(self._file).writerows(cells_of(row, self._metrics) for row in rows)
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as problem:  # what could not be written before, once more
            if kind is None:
                raise self._unwritable(problem) from problem

    def _refuse_others(self) -> None:
        """Raise OutputError while another sweep holds the file."""
        if not self.path.is_file():
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                if not _locked(file):
                    raise self._taken()
        except OSError as error:
            raise self._unwritable(error) from error

    def _taken(self) -> OutputError:
        return OutputError(
            f"Another sweep writes to “{self.path}”: wait for its end, or give another --out. Parts of one sweep that "
            "run at the same time need --shard."
        )

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(
            f"“{self.path}” cannot be written {reason_and_advice(error)}. What was measured before is kept, and the "
            "same command goes on from there."
        )


def _locked(file: IO[str] | TextIOWrapper) -> bool:
    """Whether this process holds the file now, until it is closed; also where the system has no locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True

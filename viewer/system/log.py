"""The log: one rotating file where the system keeps logs, starting with the versions.

The only personal data in it are file paths.

DEBUG    messages of Qt and the libraries, finished jobs
INFO     start, files opened, user errors
WARNING  warnings of the libraries
ERROR    unexpected errors, with tracebacks
"""

from __future__ import annotations

import logging
import platform
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

from viewer.system.versions import versions

NAME = "ratelens"
FILE = "ratelens.log"
_MAX_BYTES = 2**20
_OLD_FILES = 3
_NO_TEXT = "backslashreplace"
_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"
_LOUD = ("PIL", "matplotlib", "glymur")
"""Libraries that log every byte they handle at DEBUG."""

log = logging.getLogger(NAME)


class _LogFile(RotatingFileHandler):
    """A log file that may fail: a full disk must neither stop the program nor flood the terminal."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        del record

    def close(self) -> None:
        with suppress(OSError):  # buffered lines do not fit either
            super().close()


def folder() -> Path:
    """Where the log is."""
    return platformdirs.user_log_path("RateLens", appauthor=False)


def log_file() -> Path:
    """The log's present file."""
    return folder() / FILE


def start(*, verbose: bool) -> Path | None:
    """Start logging to the file, and to standard error: everything if verbose, else only errors.

    Returns the file; None if it cannot be written, in which case the program goes on without it.
    """
    root = logging.getLogger()
    stop()
    level = logging.DEBUG if verbose else logging.INFO
    root.setLevel(level)
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    logging.captureWarnings(True)
    shown = logging.StreamHandler()
    shown.setLevel(logging.DEBUG if verbose else logging.ERROR)
    handlers: list[logging.Handler] = [shown]
    path: Path | None = log_file()
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handlers.append(
            _LogFile(log_file(), maxBytes=_MAX_BYTES, backupCount=_OLD_FILES, encoding="utf-8", errors=_NO_TEXT)
        )
    except OSError as error:
        path = None
        problem: OSError | None = error
    else:
        problem = None
    for handler in handlers:
        handler.setFormatter(logging.Formatter(_FORMAT))
        handler.set_name(NAME)
        root.addHandler(handler)
    if problem is not None:
        log.warning("cannot write a log to %s: %s", folder(), problem)
    log.info("started on %s; %s", _system(), ", ".join(f"{name} {number}" for name, number in versions()))
    return path


def _system() -> str:
    """The operating system. (platform.platform() starts a program to learn what nobody needs, the processor.)"""
    return f"{platform.system()} {platform.release()} {platform.version()}, {platform.machine()}"


def stop() -> None:
    """Close the file and log nowhere: the reverse of `start`."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.get_name() == NAME]:
        root.removeHandler(handler)
        handler.close()
    logging.captureWarnings(False)


def unexpected(error: BaseException) -> Path | None:
    """Log an error that nobody expected, with its traceback; begin to log if that has not begun.

    Returns the file; None if none can be written.
    """
    root = logging.getLogger()
    if not any(handler.get_name() == NAME for handler in root.handlers):
        start(verbose=False)
    log.error("unexpected error", exc_info=error)
    is_written = any(isinstance(handler, _LogFile) for handler in root.handlers)
    return log_file() if is_written else None


def catch_unraisable() -> None:
    """Also log exceptions that nobody can catch: in destructors, and in callbacks from C."""

    def note(unraisable: sys.UnraisableHookArgs) -> None:
        log.error("unraisable exception: %s", unraisable.err_msg, exc_info=unraisable.exc_value)

    sys.unraisablehook = note

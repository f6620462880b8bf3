"""Output of commands on standard output."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from models.errors import OutputError

_EXIT_UNREAD = 141
"""128 + SIGPIPE, as in shells."""


def print_output(text: str) -> None:
    """Print and flush. Raises OutputError if it cannot be written, SystemExit if the reader has closed the pipe."""
    try:
        print(text, flush=True)
    except OSError as error:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries to flush again on exit
        if isinstance(error, BrokenPipeError):  # “ratelens compare … | head -1”
            raise SystemExit(_EXIT_UNREAD) from None
        raise OutputError(
            f"Cannot write the output ({error.strerror}): free some space, or redirect it elsewhere."
        ) from error

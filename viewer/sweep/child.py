"""A sweep for another program: it is told on standard input what to measure, and reports on standard output.

The request comes as a pickled ChildRequest. Each line of the output is JSON with one of these keys: total, the number
of pictures to be measured; done, how many are, with their rows in the file; refused, a sentence about what could not be
measured; problem, why the sweep ended; finished. It ends when standard input does.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from models.errors import RateLensError
from viewer.codecs.base import Codec
from viewer.system.memory import process_budget
from viewer.system.program import end_children

if TYPE_CHECKING:
    from viewer.sweep.rows import Row


@dataclass(frozen=True)
class ChildRequest:
    """added: codecs that are not known by name here. limit_bytes: of the memory."""

    folder: Path
    results: Path
    codecs: tuple[str, ...]
    rates: tuple[float, ...]
    metrics: tuple[str, ...]
    added: tuple[Codec, ...]
    limit_bytes: int


def main() -> None:
    """Run the sweep that is asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the window's own work comes first
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no report
    request = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        _sweep(request, reports)
    except RateLensError as error:
        _report(reports, problem=str(error))
    else:
        _report(reports, finished=True)


def _sweep(request: ChildRequest, reports: TextIO) -> None:
    from viewer.codecs.registry import add_codec
    from viewer.sweep.run import sweep

    process_budget().limit_bytes = request.limit_bytes
    for codec in request.added:
        add_codec(codec)

    def progress(finished: Iterator[list[Row]], count: int) -> Iterable[list[Row]]:
        _report(reports, total=count)
        for number, rows in enumerate(finished, start=1):
            yield rows
            _report(reports, done=number)  # by now its rows are in the file

    sweep(
        request.folder,
        request.results,
        request.codecs,
        request.rates,
        progress,
        refuse=lambda sentence: _report(reports, refused=sentence),
        metrics=request.metrics,
        lack=lambda sentence: _report(reports, refused=sentence),
    )


def _report(reports: TextIO, **said: object) -> None:
    print(json.dumps(said), file=reports, flush=True)


def _end_with_input() -> None:
    while sys.stdin.buffer.read(1 << 12):
        pass
    end_children()
    os._exit(1)


if __name__ == "__main__":
    main()

"""Computes scores in a separate process, for programs that must stay responsive.

Some metrics hold the interpreter lock while they compute (FLIP: 0.45 s at 768x512), and those of other packages may,
too. The process starts with the first score, and ends with the one that started it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import numpy as np
from numpy.typing import NDArray

from models.errors import MetricError, RateLensError
from viewer.imaging.image import Image, Pixels
from viewer.metrics.base import Metric
from viewer.metrics.registry import metric_of
from viewer.metrics.scoring import Score, Scorer
from viewer.system.memory import process_budget
from viewer.system.program import end_tree


@dataclass(frozen=True, eq=False)
class _Order:
    """A task for the process. original: None if it is the previous one."""

    metric: str
    original: Pixels | None
    pixels: Pixels
    wants_map: bool = False


class ScoringProcess:
    """Scores reconstructions of one picture after another, one at a time. Safe to use from several threads, which wait
    for their turn.
    """

    def __init__(self, niceness: int = 0) -> None:
        """niceness: of the process, so that others come first."""
        self._niceness = niceness
        self._turn = threading.Lock()
        self._ends = threading.Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._original: Image | None = None
        self._closed = False

    def score(self, metric: str, original: Image, pixels: Pixels, *, granted: bool = False) -> Score:
        """The score of a reconstruction in a metric, named as `registry.metric_of` takes it. Waits for it.

        granted: the caller has been granted the memory for it.
        """
        try:
            found = metric_of(metric)
            required_bytes = Scorer(original.pixels, [found]).required_bytes(found.name)
            # The memory first, as with those who come with it: whoever has the turn waits for nobody.
            grant = nullcontext() if granted else process_budget().granted(required_bytes, found.label)
            with grant, self._turn:
                answer = self._answer(found, metric, original, pixels)
                assert isinstance(answer, Score)
                return answer
        except RateLensError as error:
            return Score(None, str(error))

    def error_map(self, metric: str, original: Image, pixels: Pixels) -> NDArray[np.float32]:
        """Where a reconstruction is off by a metric, as of a Scorer. Raises MetricError."""
        with self._turn:
            answer = self._answer(metric_of(metric), metric, original, pixels, wants_map=True)
        if isinstance(answer, Score):
            raise MetricError(answer.problem)
        return answer

    def close(self) -> None:
        """End the process, and any score in progress, with an error for those who wait for it."""
        with self._ends:
            self._closed = True
            self._end()

    def _answer(
        self, metric: Metric, name: str, original: Image, pixels: Pixels, *, wants_map: bool = False
    ) -> Score | NDArray[np.float32]:
        pipe = self._started()
        known = self._original is not None and self._original == original
        try:
            pipe.send(_Order(name, None if known else original.pixels, pixels, wants_map))
            self._original = original
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            with self._ends:
                self._end()
            why = (
                "RateLens is exiting" if self._closed else "the system stopped its process, probably for lack of memory"
            )
            raise MetricError(f"{metric.label} has no score: {why}.") from error
        assert isinstance(answer, Score | np.ndarray)
        return answer

    def _started(self) -> Connection:
        with self._ends:
            if self._closed:
                raise MetricError("Scoring has stopped because RateLens is exiting.")
            if self._pipe is None:
                # Spawned, not forked: libraries with threads do not survive a fork.
                context = multiprocessing.get_context("spawn")
                self._pipe, theirs = context.Pipe()
                self._process = context.Process(
                    target=_serve, args=(theirs, self._niceness), name="scoring", daemon=True
                )
                self._process.start()
                theirs.close()
            return self._pipe

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.pid is not None:
            end_tree(process.pid)
            process.join()
        if self._pipe is not None and process is not None:
            self._pipe = None
        self._original = None


@dataclass(frozen=True, eq=False)
class PictureScoring:
    """Scores the reconstructions of one picture in a ScoringProcess, as a Scorer does in its own."""

    process: ScoringProcess
    original: Image

    def score(self, name: str, pixels: Pixels, *, granted: bool = False) -> Score:
        """The score of a reconstruction in a metric of the registry."""
        return self.process.score(name, self.original, pixels, granted=granted)

    def error_map(self, name: str, pixels: Pixels) -> NDArray[np.float32]:
        """Where a reconstruction is off by a metric of the registry; memory is granted. Raises MetricError."""
        return self.process.error_map(name, self.original, pixels)

    def required_bytes(self, name: str) -> int:
        """Memory that a score takes."""
        return Scorer(self.original.pixels, [metric_of(name)]).required_bytes(name)


def _serve(pipe: Connection, niceness: int) -> None:
    """The process: score tasks until the other end closes."""
    from viewer.system.process_pool import exit_with_parent  # only in this process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(niceness)
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=exit_with_parent, daemon=True).start()
    original: Pixels | None = None
    scorers: dict[str, Scorer] = {}
    while True:
        try:
            order = pipe.recv()
        except (EOFError, OSError):
            return
        if order.original is not None:
            original, scorers = order.original, {}
        assert original is not None
        try:
            metric = metric_of(order.metric)
            scorer = scorers.setdefault(order.metric, Scorer(original, [metric]))
            if order.wants_map:
                pipe.send(scorer.error_map(metric.name, order.pixels))
            else:
                pipe.send(scorer.score(metric.name, order.pixels, granted=True))
        except RateLensError as error:
            pipe.send(Score(None, str(error)))

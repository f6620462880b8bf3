"""The data of a report, and how it is measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.errors import CodecError
from viewer.codecs.base import Codec
from viewer.imaging.image import Image
from viewer.matching.comparison import Comparison, Result
from viewer.matching.curve import RatePoint, curve_targets, point_of, with_point
from viewer.matching.quality_search import QualityMatch
from viewer.matching.quality_target import QualityTarget
from viewer.matching.rate_target import MAX_BPP, MIN_BPP

DEFAULT_POINTS = 9
"""Points per curve: two thirds of an octave apart."""

Progress = Callable[[Sequence["Task"]], Iterable["Task"]]
"""Wraps the tasks to show progress."""


@dataclass(frozen=True)
class Task:
    """One result that a report needs. shown: with its pictures, not only as a point on the curve."""

    codec: str
    target_bpp: float
    shown: bool


@dataclass(frozen=True, eq=False)
class ReportData:
    """A picture, every codec's results at each shown rate (rates ascending, codecs in order), and their curves.

    curves: by codec, the measured points, rate ascending. points: number asked for, besides the shown rates. matches:
    of each codec, if the results are of equal quality instead of equal rate.
    """

    image: Image
    codecs: tuple[Codec, ...]
    results: tuple[tuple[Result, ...], ...]
    curves: Mapping[str, Sequence[RatePoint]]
    points: int = DEFAULT_POINTS
    matches: tuple[QualityMatch, ...] = ()

    @property
    def quality(self) -> QualityTarget | None:
        """The quality that is equal for all results; None if the rate is."""
        return self.matches[0].target if self.matches else None


def measure(
    image: Image,
    codecs: Sequence[Codec],
    rates: Sequence[float],
    points: int = DEFAULT_POINTS,
    *,
    progress: Progress | None = None,
    refuse: Callable[[str], None] | None = None,
) -> ReportData:
    """Bring every codec to every rate, and to `points` more across the slider's range. Raises CodecError.

    refuse: called with a sentence for each codec that fails. A codec that fails at a shown rate is left out; otherwise
    its curve lacks a point. Without `refuse`, or if no codec is left, the first failure is raised.
    """
    comparison = Comparison(image, list(codecs))
    shown: dict[float, list[Result]] = {bpp: [] for bpp in sorted(set(rates))}
    curves: dict[str, tuple[RatePoint, ...]] = {codec.name: () for codec in codecs}
    lowest = dict.fromkeys(curves, 0.0)
    highest = dict.fromkeys(curves, math.inf)
    tasks = [Task(name, bpp, shown=True) for bpp in shown for name in curves]
    if points > 1:
        tasks += [Task(name, bpp, shown=False) for bpp in curve_targets(MIN_BPP, MAX_BPP, points) for name in curves]
    failed: dict[str, CodecError] = {}

    def fails(name: str, error: CodecError, *, shown: bool) -> None:
        if refuse is None:
            raise error
        if shown:
            failed[name] = error
        refuse(str(error))

    for name in curves:
        try:
            with comparison.memory_granted(name, None):
                comparison.encoders(name)  # so that no rate's time includes loading and preparing
        except CodecError as error:
            fails(name, error, shown=True)
    for task in progress(tasks) if progress else tasks:
        if task.codec in failed:
            continue
        if not task.shown and not lowest[task.codec] <= task.target_bpp <= highest[task.codec]:
            continue  # it would only repeat the codec's floor or ceiling
        try:
            result = comparison.result(task.codec, task.target_bpp)
        except CodecError as error:
            fails(task.codec, error, shown=task.shown)
            continue
        lowest[task.codec] = max(lowest[task.codec], result.floor_bpp or 0.0)
        highest[task.codec] = min(highest[task.codec], result.ceiling_bpp or math.inf)
        curves[task.codec] = with_point(curves[task.codec], point_of(result))
        if task.shown:
            shown[task.target_bpp].append(result)
    left = tuple(codec for codec in codecs if codec.name not in failed)
    if not left:
        raise next(iter(failed.values()))
    results = tuple(
        tuple(result for result in results if result.request.codec not in failed) for results in shown.values()
    )
    return ReportData(image, left, results, {codec.name: curves[codec.name] for codec in left}, points)

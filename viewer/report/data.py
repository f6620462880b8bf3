"""The data of a report, and how it is measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.errors import CodecError
from viewer.codecs.base import Codec
from viewer.imaging.image import Image
from viewer.matching.comparison import Comparison
from viewer.matching.curve import RatePoint, curve_targets, point_of, with_point
from viewer.matching.quality_search import QualityMatch
from viewer.matching.reconstruction import Given, Reconstruction, curves_of, load_reconstruction
from viewer.matching.result import Result, scored
from viewer.matching.score_search import ScoreMatch
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.matching.targets.score import EqualTarget
from viewer.metrics.base import Metric
from viewer.metrics.registry import slow
from viewer.metrics.scoring import Scorer, problems

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

    curves: by codec, the points that were measured, rate ascending. points: so many were asked for, besides the rates
    that are shown. matches: where results have the quality in common instead of the rate, what came of it for each.
    metrics: those that are shown besides PSNR and MS-SSIM. reconstructions: pictures decoded elsewhere.
    """

    image: Image
    codecs: tuple[Codec, ...]
    results: tuple[tuple[Result, ...], ...]
    curves: Mapping[str, Sequence[RatePoint]]
    points: int = DEFAULT_POINTS
    matches: tuple[QualityMatch | ScoreMatch, ...] = ()
    metrics: tuple[Metric, ...] = ()
    reconstructions: tuple[Reconstruction, ...] = ()

    @property
    def quality(self) -> EqualTarget | None:
        """The quality that is equal for all results; None if the rate is."""
        return self.matches[0].target if self.matches else None

    @property
    def series_curves(self) -> dict[str, tuple[RatePoint, ...]]:
        """The points of pictures decoded elsewhere that share a name, by that name."""
        return curves_of(self.reconstructions, self.image)

    @property
    def problems(self) -> list[str]:
        """Why scores are missing, a sentence each."""
        measured = [point.scores for points in self.curves.values() for point in points]
        return problems([*measured, *(given.scores for given in self.reconstructions)])


def measure(
    image: Image,
    codecs: Sequence[Codec],
    rates: Sequence[float],
    points: int = DEFAULT_POINTS,
    *,
    progress: Progress | None = None,
    refuse: Callable[[str], None] | None = None,
    metrics: Sequence[Metric] = (),
    given: Sequence[Given] = (),
) -> ReportData:
    """Bring every codec to every rate, and to `points` more across the slider's range. Raises CodecError.

    refuse: is told, in a sentence, of each codec that fails. One that fails at a rate that is shown is left out; else
    its curve lacks a point. Without it, and where no codec is left, the first failure ends the work.

    metrics: to be shown besides PSNR and MS-SSIM. given: pictures decoded elsewhere; raises ImageError, TargetError.
    """
    comparison = Comparison(image, list(codecs))
    scorer = Scorer(image.pixels, slow(metrics))
    others = [load_reconstruction(one, image, comparison.reference(), scorer) for one in given]
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
            result = scored(comparison.result(task.codec, task.target_bpp), scorer)
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
    return ReportData(
        image,
        left,
        tuple(tuple(result for result in row if result.request.codec not in failed) for row in shown.values()),
        {codec.name: curves[codec.name] for codec in left},
        points,
        metrics=tuple(metrics),
        reconstructions=tuple(others),
    )

"""The data of a set's report: its figures, and the most telling pictures, coded again at one rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from models.errors import CodecError, RateLensError, SetError
from viewer.codecs.base import Codec
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.imaging.reader import load_image
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.metrics.base import Metric
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_RGB
from viewer.report.crops import Crop, find_crops
from viewer.sets.at_target import PictureFigures, most_telling
from viewer.sets.figures import SetFigures, default_pair, figures_of
from viewer.sets.measured import MeasuredSet
from viewer.sets.source import PictureSet
from viewer.sweep.reference import ReferenceCurve

DECISIVE = MS_SSIM_RGB
"""Wins and losses are in this metric, which is nearer to what people see than PSNR."""
DEFAULT_BPP = 0.25
MOST_TELLING = 10

Progress = Callable[[Sequence[PictureFigures]], Iterable[PictureFigures]]
"""Wraps the pictures that are coded again, to show progress."""


@dataclass(frozen=True, eq=False)
class TellingPicture:
    """A picture on which a codec wins or loses most, and where its results differ most."""

    figures: PictureFigures
    image: Image
    results: tuple[Result, ...]
    crop: Crop


@dataclass(frozen=True, eq=False)
class SetReportData:
    """What a set's report shows. figures: a metric each, PSNR and MS-SSIM first. bpp: where wins and losses are taken.

    pair: the codec that wins or loses, and its anchor. problems: why pictures or crops are missing, a sentence each.
    """

    opened: PictureSet
    figures: tuple[SetFigures, ...]
    bpp: float
    pair: tuple[str, str]
    telling: tuple[TellingPicture, ...] = ()
    references: tuple[ReferenceCurve, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def decisive(self) -> SetFigures:
        """The figures that wins and losses are in."""
        return next(one for one in self.figures if one.metric is DECISIVE)


def measure_set(
    opened: PictureSet,
    *,
    bpp: float | None = None,
    pair: tuple[str, str] | None = None,
    metrics: Sequence[Metric] = (),
    references: Sequence[ReferenceCurve] = (),
    progress: Progress | None = None,
) -> SetReportData:
    """All that a set's report shows. bpp: None for the measured rate that is nearest to DEFAULT_BPP.

    Raises SetError if the set has fewer than two codecs, or not those of the pair.
    """
    measured = MeasuredSet(opened.rows)
    figures = tuple(figures_of(measured, metric) for metric in dict.fromkeys((PSNR_RGB, DECISIVE, *metrics)))
    for one in figures:
        if not one.codecs:
            metric = one.metric
            raise SetError(
                f"“{opened.results.name}” has no scores in {metric.label}: sweep with --metric {metric.name}."
            )
    codecs = figures[0].codecs
    pair = pair or default_pair(codecs)
    lacking = [codec for codec in pair if codec not in codecs]
    if lacking:
        raise SetError(f"“{opened.results.name}” has no rows of “{lacking[0]}”: choose from {', '.join(codecs)}.")
    if pair[0] == pair[1]:
        raise SetError(f"“{opened.results.name}” has one codec only: sweep a second one to compare them.")
    rates = [target.value for target in measured.targets if target.is_rate]
    rate = bpp or min(rates, key=lambda target: abs(target - DEFAULT_BPP), default=DEFAULT_BPP)
    data = SetReportData(opened, figures, rate, pair, references=tuple(references))
    telling, problems = _telling(data, progress)
    return SetReportData(opened, figures, rate, pair, telling, tuple(references), tuple(problems))


def _telling(data: SetReportData, progress: Progress | None) -> tuple[tuple[TellingPicture, ...], list[str]]:
    chosen = most_telling(data.decisive.at(data.bpp, data.pair), MOST_TELLING)
    files = data.opened.files
    present = [one for one in chosen if one.picture in files]
    if not present:
        return (), ["No crops: the pictures were not found. Give their folder with --pictures."]
    try:
        codecs = [codec_named(name) for name in data.pair]
    except CodecError as error:
        return (), [f"No crops: {error}"]
    found, problems = [], []
    for figures in progress(present) if progress else present:
        try:
            found.append(_coded(figures, load_image(files[figures.picture]), codecs, data.bpp))
        except RateLensError as error:
            problems.append(str(error))
    return tuple(found), problems


def _coded(figures: PictureFigures, image: Image, codecs: Sequence[Codec], bpp: float) -> TellingPicture:
    comparison = Comparison(image, list(codecs))
    results = tuple(comparison.result(codec.name, bpp) for codec in codecs)
    return TellingPicture(figures, image, results, find_crops(image, results)[0])

"""What the heads of the panes say: from values to text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from viewer.imaging.image import Image
from viewer.matching.limits import quality_limit_note, quality_limit_sentence, rate_limit_note, rate_limit_sentence
from viewer.session.ranking import highest
from viewer.session.state import MetricScale
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.formatting import format_bpp, format_count, format_db, format_deviation, format_raw

if TYPE_CHECKING:
    from viewer.matching.comparison import Result
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.reconstruction import Reconstruction

Level = Literal["quiet", "warning", "error"]
Metric = Literal["psnr", "ms_ssim", "bytes"]

FULL_MS_SSIM_SCALES = 5
DEVIATION = "vs target"


@dataclass(frozen=True)
class Figure:
    """One figure with what it is.

    widest, room: a value and a caption as wide as they come, which the column has room for, so that columns keep their
    places; may_be_best: and for the mark. best: of all codecs at this rate. off: not as asked for. brief: the caption
    where there is no room for it.
    """

    caption: str
    value: str
    widest: str
    room: str = ""
    may_be_best: bool = False
    best: bool = False
    off: bool = False
    brief: str = ""


@dataclass(frozen=True)
class HeaderText:
    """All that a pane's head says. status: what is out of the ordinary, in short; explanation: the same in full."""

    label: str
    style: CodecStyle | None = None
    detail: str = ""
    figures: tuple[Figure, ...] = ()
    status: str = ""
    level: Level = "quiet"
    working: bool = False
    explanation: str = ""
    settings: str = ""
    """Which encoder made the picture, and how."""

    @property
    def tip(self) -> str:
        """What is said where the pointer rests."""
        return "\n".join(part for part in (self.explanation, self.settings) if part)

    @property
    def spoken(self) -> str:
        """The same as one sentence, for screen readers."""
        figures = ", ".join(f"{f.caption} {f.value}{' (best)' if f.best else ''}" for f in self.figures if f.value)
        return "; ".join(part for part in (self.label, self.detail, figures, self.explanation or self.status) if part)


def original_header(image: Image | None, zoom: float, *, fitted: bool) -> HeaderText:
    """The head of the original, which also tells the zoom, device pixels an image pixel."""
    if image is None:
        return HeaderText("Original")
    byte_count = 3 * image.pixel_count
    bpp, size, psnr, ms_ssim, deviation = _placeholders(MetricScale())
    percent = f"{100 * zoom:.0f} %" if zoom >= 0.1 else f"{100 * zoom:.1f} %"
    return HeaderText(
        "Original",
        detail=image.name,
        figures=(
            Figure(bpp.caption, "24", bpp.widest),
            Figure(size.caption, format_count(byte_count), size.widest, may_be_best=True),
            Figure("pixels", f"{image.width} × {image.height}", psnr.widest, psnr.caption, may_be_best=True),
            Figure("converted" if image.notes else "", "see tip" if image.notes else "", ms_ssim.widest),
            Figure("", "", deviation.widest),
        ),
        status=f"fit, {percent}" if fitted else percent,
        explanation=" ".join(image.notes),
    )


def draft_header(name: str, width: int, height: int) -> HeaderText:
    """The head of the original while only a draft of it is there."""
    bpp, size, psnr, _, _ = _placeholders(MetricScale())
    return HeaderText(
        "Original",
        detail=name,
        figures=(
            Figure(bpp.caption, "24", bpp.widest),
            Figure(size.caption, format_count(3 * width * height), size.widest),
            Figure("pixels", f"{width} × {height}", psnr.widest, psnr.caption, may_be_best=True),
        ),
        status="draft, reading the whole",
        level="warning",
        explanation="This is a draft at an eighth of the size, while the whole picture is being read.",
    )


def codec_header(
    label: str,
    style: CodecStyle,
    result: Result | None,
    *,
    scale: MetricScale,
    best: frozenset[Metric],
    working: bool,
    failure: str,
    match: QualityMatch | None = None,
    against: tuple[str, float | None] = ("", None),
    remark: str = "",
    settings: str = "",
) -> HeaderText:
    """The head of a codec's pane: the figures of the picture that it shows, and of what was asked for when it was made,
    whatever the slider says meanwhile.

    match: what came of a quality target, if one was asked for; against: then the label of the codec whose bytes this
    one's are compared with, and the ratio, None if there is none. remark: that fewer bits are better, where they are.
    settings: of the encoder.
    """
    if result is None:
        status = failure or ("starting" if working else "")
        level: Level = "error" if failure else "quiet"
        figures = tuple(replace(f, value="–") for f in _placeholders(scale))
        return HeaderText(label, style, "", figures, status, level, working, failure or status)
    metrics = result.measurement.metrics
    scales = metrics.ms_ssim_scales
    few, fewest = "", ""
    if scales != FULL_MS_SSIM_SCALES:
        few, fewest = f" ({scales} scale{'s' if scales > 1 else ''})", f" ({scales})"
    ms_ssim = scale.ms_ssim(metrics)
    placeholders = _placeholders(scale)
    values = (
        (format_bpp(result.bpp), ""),
        (format_count(len(result.stream)), "bytes"),
        (format_db(scale.psnr_db(metrics)), "psnr"),
        (format_db(ms_ssim) if scale.ms_ssim_db else format_raw(ms_ssim), "ms_ssim"),
        (format_deviation(result.deviation), "deviation") if match is None else (_times(against[1]), "times"),
    )
    missed = "deviation" if match is None else match.target.metric
    reached = result.reachable if match is None else match.reached
    figures = tuple(
        Figure(
            f"vs {against[0]}" if metric == "times" else place.caption + (few if metric == "ms_ssim" else ""),
            value,
            place.widest,
            place.room,
            may_be_best=place.may_be_best,
            best=metric in best,
            off=metric == missed and not reached,
            brief=place.caption + fewest if metric == "ms_ssim" else "",
        )
        for place, (value, metric) in zip(placeholders, values, strict=True)
    )
    status, level, explanation = _status(label, result, working, failure)
    if match is not None and not working and not failure:
        status, level, explanation = _quality_status(label, match, scale, against)
    if remark and not working and not failure:
        status, level = status or "fewer bits are better: see tip", "warning"
        explanation = " ".join(part for part in (explanation, remark) if part)
    return HeaderText(label, style, result.detail, figures, status, level, working, explanation, settings)


def file_header(decoded: Reconstruction, image: Image, style: CodecStyle, scale: MetricScale) -> HeaderText:
    """The head of a picture that was decoded elsewhere, whatever the slider says. image: the original."""
    metrics, bpp = decoded.measurement.metrics, decoded.bpp(image)
    ms_ssim = scale.ms_ssim(metrics)
    values = (
        "–" if bpp is None else format_bpp(bpp),
        "–" if decoded.byte_count is None else format_count(decoded.byte_count),
        format_db(scale.psnr_db(metrics)),
        format_db(ms_ssim) if scale.ms_ssim_db else format_raw(ms_ssim),
        "–",
    )
    unknown = " The size of its stream is not known: give it with --with PICTURE=SIZE." if bpp is None else ""
    return HeaderText(
        decoded.name,
        style,
        detail="file",
        figures=tuple(replace(place, value=value) for place, value in zip(_placeholders(scale), values, strict=True)),
        status="" if bpp is not None else "size unknown",
        explanation=" ".join(("Decoded elsewhere: it does not follow the slider." + unknown, *decoded.notes)),
    )


def part_header(
    label: str,
    style: CodecStyle,
    result: Result,
    *,
    scale: MetricScale,
    working: bool,
    failure: str,
    match: QualityMatch | None = None,
    against: tuple[str, float | None] = ("", None),
) -> HeaderText:
    """The head of a codec's pane while it shows the visible part of a large picture: the figures are of that part.

    match, against: as in codec_header, of the part.
    """
    image = result.request.image
    text = codec_header(
        label,
        style,
        result,
        scale=scale,
        best=frozenset(),
        working=False,
        failure="",
        match=match,
        against=against,
    )
    status = "whole failed: see tip" if failure else "whole follows"
    explanation = (
        f"The framed part, {image.width} × {image.height} pixels, was compressed by itself: these are its own bytes "
        f"and metrics. {failure or 'The whole picture takes longer and comes next.'}"
    )
    return replace(
        text,
        detail=f"framed part, {image.width} × {image.height}",
        status=status,
        level="error" if failure else "warning",
        working=working,
        explanation=explanation,
    )


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.{1 if ratio >= 9.995 else 2}f} ×"


def fewest_bytes(matches: Mapping[str, QualityMatch | None]) -> frozenset[str]:
    """Which codecs meet the same quality target with the fewest bytes; nobody while the panes differ."""
    met = {codec: match for codec, match in matches.items() if match is not None and match.reached}
    if len(met) < 2 or None in matches.values() or len({match.target for match in met.values()}) != 1:
        return frozenset()
    fewest = min(len(match.result.stream) for match in met.values())
    return frozenset(codec for codec, match in met.items() if len(match.result.stream) == fewest)


def best_codecs(results: Mapping[str, Result | None], scale: MetricScale) -> dict[Metric, frozenset[str]]:
    """Which codecs have the best value of each metric.

    Nobody has while the panes show different rates, and a codec that missed the target does not compete: it had other
    bits.
    """
    shown = {pane: result for pane, result in results.items() if result is not None}
    if len({result.request.target_bpp for result in shown.values()}) != 1:
        return {"psnr": frozenset(), "ms_ssim": frozenset()}
    equal = {pane: result.measurement.metrics for pane, result in shown.items() if result.reachable}
    if len(equal) < 2:
        return {"psnr": frozenset(), "ms_ssim": frozenset()}
    return {
        "psnr": highest({codec: scale.psnr_db(metrics) for codec, metrics in equal.items()}, 2),
        "ms_ssim": highest(
            {codec: scale.ms_ssim(metrics) for codec, metrics in equal.items()}, 2 if scale.ms_ssim_db else 5
        ),
    }


def _placeholders(scale: MetricScale) -> tuple[Figure, ...]:
    channel = "" if scale.channel == "rgb" else " Y"
    return (
        Figure("bpp", "", "0.0000"),
        Figure("bytes", "", "000,000", may_be_best=True),
        Figure(f"PSNR{channel} dB", "", "00.00", may_be_best=True),
        Figure(
            f"MS-SSIM{channel}{' dB' if scale.ms_ssim_db else ''}",
            "",
            "00.00" if scale.ms_ssim_db else "0.00000",
            may_be_best=True,
        ),
        Figure(DEVIATION, "", "+0.00 %"),
    )


def _status(label: str, result: Result, working: bool, failure: str) -> tuple[str, Level, str]:
    if failure:
        return failure, "error", failure
    if working:
        own = format_bpp(result.bpp)
        return "updating", "quiet", f"This is the picture at {own} bpp; the next one is being made."
    if result.reachable:
        return "", "quiet", ""
    return rate_limit_note(result), "warning", rate_limit_sentence(label, result)


def _quality_status(
    label: str, match: QualityMatch, scale: MetricScale, against: tuple[str, float | None]
) -> tuple[str, Level, str]:
    from viewer.matching.quality_search import size_ratio_sentence  # by now a worker has loaded it

    if match.reached:
        reference, ratio = against
        return (
            "",
            "quiet",
            "" if ratio is None or label == reference else size_ratio_sentence(label, ratio, reference) + ".",
        )
    in_db = scale.ms_ssim_db
    return quality_limit_note(match, in_db=in_db), "warning", quality_limit_sentence(label, match, in_db=in_db)

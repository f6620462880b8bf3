"""What the heads of the panes say: from values to text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from viewer.image import Image
from viewer.session import MetricScale
from viewer.ui.codec_style import CodecStyle
from viewer.ui.figures import format_bpp, format_count, format_db, format_deviation, format_raw

if TYPE_CHECKING:
    from viewer.compare import Result

Level = Literal["quiet", "warning", "error"]
Metric = Literal["psnr", "ms_ssim"]

FULL_MS_SSIM_SCALES = 5
DEVIATION = "vs target"


@dataclass(frozen=True)
class Figure:
    """One figure with what it is.

    widest, room: a value and a caption as wide as they come, which the column has room for, so that columns keep their
    places; may_be_best: and for the mark. best: of all codecs at this rate. off: not as asked for.
    """

    caption: str
    value: str
    widest: str
    room: str = ""
    may_be_best: bool = False
    best: bool = False
    off: bool = False


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
            Figure(size.caption, format_count(byte_count), size.widest),
            Figure("pixels", f"{image.width} × {image.height}", psnr.widest, psnr.caption, may_be_best=True),
            Figure("converted" if image.notes else "", "see tip" if image.notes else "", ms_ssim.widest),
            Figure("", "", deviation.widest),
        ),
        status=f"fit, {percent}" if fitted else percent,
        explanation=" ".join(image.notes),
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
) -> HeaderText:
    """The head of a codec's pane: the figures of the picture that it shows, and of what was asked for when it was made,
    whatever the slider says meanwhile.
    """
    if result is None:
        status = failure or ("starting" if working else "")
        level: Level = "error" if failure else "quiet"
        figures = tuple(replace(f, value="–") for f in _placeholders(scale))
        return HeaderText(label, style, "", figures, status, level, working, failure or status)
    metrics = result.measurement.metrics
    scales = metrics.ms_ssim_scales
    few = "" if scales == FULL_MS_SSIM_SCALES else f" ({scales} scale{'s' if scales > 1 else ''})"
    ms_ssim = scale.ms_ssim(metrics)
    placeholders = _placeholders(scale)
    values = (
        (format_bpp(result.bpp), ""),
        (format_count(len(result.stream)), ""),
        (format_db(scale.psnr_db(metrics)), "psnr"),
        (format_db(ms_ssim) if scale.ms_ssim_db else format_raw(ms_ssim), "ms_ssim"),
        (format_deviation(result.deviation), ""),
    )
    figures = tuple(
        Figure(
            place.caption + (few if metric == "ms_ssim" else ""),
            value,
            place.widest,
            may_be_best=place.may_be_best,
            best=metric in best,
            off=place.caption == DEVIATION and not result.reachable,
        )
        for place, (value, metric) in zip(placeholders, values, strict=True)
    )
    status, level, explanation = _status(label, result, working, failure)
    return HeaderText(label, style, result.detail, figures, status, level, working, explanation)


def best_codecs(results: Mapping[str, Result | None], scale: MetricScale) -> dict[Metric, frozenset[str]]:
    """Which codecs have the best value of each metric.

    Nobody has while the panes show different rates, and a codec that missed the target does not compete: it had other
    bits.
    """
    shown = [result for result in results.values() if result is not None]
    if len({result.request.target_bpp for result in shown}) != 1:
        return {"psnr": frozenset(), "ms_ssim": frozenset()}
    equal = {result.request.codec: result.measurement.metrics for result in shown if result.reachable}
    if len(equal) < 2:
        return {"psnr": frozenset(), "ms_ssim": frozenset()}
    return {
        "psnr": _highest({codec: round(scale.psnr_db(metrics), 2) for codec, metrics in equal.items()}),
        "ms_ssim": _highest({codec: round(scale.ms_ssim(metrics), 5) for codec, metrics in equal.items()}),
    }


def _highest(values: Mapping[str, float]) -> frozenset[str]:
    top = max(values.values())
    return frozenset(codec for codec, value in values.items() if value == top)


def _placeholders(scale: MetricScale) -> tuple[Figure, ...]:
    channel = "" if scale.channel == "rgb" else " Y"
    return (
        Figure("bpp", "", "0.0000"),
        Figure("bytes", "", "000,000"),
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
    asked = format_bpp(result.request.target_bpp)
    if result.floor_bpp is not None:
        floor = format_bpp(result.floor_bpp)
        return (
            f"floor {floor} bpp",
            "warning",
            f"{label} cannot go below {floor} bpp on this picture; {asked} was asked for.",
        )
    if result.ceiling_bpp is not None:
        top = format_bpp(result.ceiling_bpp)
        return (
            f"ceiling {top} bpp",
            "warning",
            f"{label} cannot go above {top} bpp on this picture; {asked} was asked for.",
        )
    nearest = format_bpp(result.bpp)
    return (
        f"nearest {nearest} bpp",
        "warning",
        f"{label} has no rate within 1 % of {asked} bpp; {nearest} is the nearest.",
    )

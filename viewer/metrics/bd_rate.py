"""The BD-rate: how many bits one codec needs compared with another at the same quality, in one number."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viewer.metrics.base import Metric, axis_digits, axis_unit
from viewer.metrics.pchip import pchip_integral

MIN_POINTS = 4
"""Curves with fewer points in or next to the shared range of qualities are not interpolated."""

MIN_SHARE = 0.5
"""The share of the narrower curve's range that the other must cover; less would not be representative of the curves."""

TOO_LITTLE_OVERLAP = "too little overlap"
"""Shown instead of a BD-rate that two curves do not have."""

AS_MANY = "as many bits"
"""A rate difference of nothing, in words."""

RateQualityPair = tuple[float, float]
"""A rate in bits per pixel, and a quality, higher where a picture is better."""


@dataclass(frozen=True)
class BdRate:
    """percent: mean rate difference at equal quality, negative where fewer bits are needed than by the anchor.
    low_db, high_db: the qualities that it is over, lowest number first: of PSNR and MS-SSIM in dB, of other metrics
    their scores.
    """

    percent: float
    low_db: float
    high_db: float


def bd_rate(anchor: Iterable[RateQualityPair], test: Iterable[RateQualityPair]) -> BdRate | None:
    """The BD-rate of `test` against `anchor`, over the range of qualities that both curves cover.

    None if they overlap too little: by less than half of the narrower curve's range, or with fewer than four points of
    either in it or next to it. Source: Bjontegaard, "Calculation of average PSNR differences between RD-curves"
    (VCEG-M33, 2001), with piecewise cubic interpolation (pchip) of log rate, as in the package bjontegaard.
    """
    anchor_curve, test_curve = _ascending(anchor), _ascending(test)
    shared = _shared(anchor_curve[1], test_curve[1])
    if shared is None:
        return None
    low, high = shared
    needed, needed_by_anchor = (
        pchip_integral(qualities, [math.log10(bpp) for bpp in rates], low, high)
        for rates, qualities in (test_curve, anchor_curve)
    )
    percent = 100.0 * (10.0 ** ((needed - needed_by_anchor) / (high - low)) - 1.0)
    return BdRate(percent, low, high) if math.isfinite(percent) else None


def bd_rate_in(metric: Metric, anchor: Iterable[RateQualityPair], test: Iterable[RateQualityPair]) -> BdRate | None:
    """The BD-rate at equal scores of a metric, in whatever direction it is better. Values are those of its axis."""
    if metric.direction == "higher":
        return bd_rate(anchor, test)
    found = bd_rate(*([(bpp, -value) for bpp, value in curve] for curve in (anchor, test)))
    return None if found is None else BdRate(found.percent, -found.high_db, -found.low_db)


def in_words(percent: float) -> str:
    """A rate difference for people: "57.3 % fewer bits"."""
    printed = f"{abs(percent):.1f}"
    return AS_MANY if printed == "0.0" else f"{printed} % {'fewer' if percent < 0 else 'more'} bits"


def format_range(metric: Metric, low: float, high: float) -> str:
    """What a BD-rate is over, for people: "26.0 to 42.3 dB"."""
    unit, digits = axis_unit(metric), axis_digits(metric)
    return f"{low:.{digits}f} to {high:.{digits}f}{f' {unit}' if unit else ''}"


def _shared(anchor: Sequence[float], test: Sequence[float]) -> tuple[float, float] | None:
    """The lowest and highest quality that two ascending curves share."""
    if min(len(anchor), len(test)) < MIN_POINTS:
        return None
    low, high = max(anchor[0], test[0]), min(anchor[-1], test[-1])
    narrower = min(anchor[-1] - anchor[0], test[-1] - test[0])
    if high - low < MIN_SHARE * narrower or min(_about(anchor, low, high), _about(test, low, high)) < MIN_POINTS:
        return None
    return low, high


def _about(curve: Sequence[float], low: float, high: float) -> int:
    """How many points of a curve the interpolation between two qualities uses: those in between, and the next ones."""
    return min(bisect_left(curve, high), len(curve) - 1) - max(bisect_right(curve, low) - 1, 0) + 1


def _ascending(points: Iterable[RateQualityPair]) -> tuple[list[float], list[float]]:
    """Rates and qualities, both strictly ascending, as the interpolation needs them."""
    rates: list[float] = []
    qualities: list[float] = []
    for bpp, quality in sorted(points):
        if math.isfinite(quality) and (not rates or (bpp > rates[-1] and quality > qualities[-1])):
            rates.append(bpp)
            qualities.append(quality)
    return rates, qualities

"""How many bits one codec needs against another for the same quality, in one number."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable

MIN_POINTS = 4
"""A curve of fewer points is not interpolated."""

RatedQuality = tuple[float, float]
"""A rate in bits per pixel, and a quality in dB."""


def bd_rate_percent(anchor: Iterable[RatedQuality], test: Iterable[RatedQuality]) -> float | None:
    """Mean rate difference at equal quality in percent, negative where `test` needs fewer bits than `anchor`.

    Over the range of qualities that both curves have. None where one has fewer than four usable points, or they share
    no quality. Source: Bjontegaard, "Calculation of average PSNR differences between RD-curves" (VCEG-M33, 2001), with
    piecewise cubic interpolation (pchip) of log rate.
    """
    import bjontegaard

    anchor_curve, test_curve = _ascending(anchor), _ascending(test)
    if _shared(anchor_curve[1], test_curve[1]) is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of small overlaps
        percent = bjontegaard.bd_rate(*anchor_curve, *test_curve, method="pchip", require_matching_points=False)
    return float(percent) if math.isfinite(percent) else None


def shared_range(anchor: Iterable[RatedQuality], test: Iterable[RatedQuality]) -> tuple[float, float] | None:
    """The qualities, lowest and highest, that a BD-rate of two curves is over; None where there is no BD-rate."""
    return _shared(_ascending(anchor)[1], _ascending(test)[1])


def _shared(anchor: list[float], test: list[float]) -> tuple[float, float] | None:
    if min(len(anchor), len(test)) < MIN_POINTS:
        return None
    low, high = max(anchor[0], test[0]), min(anchor[-1], test[-1])
    return (low, high) if low < high else None


def _ascending(points: Iterable[RatedQuality]) -> tuple[list[float], list[float]]:
    """Rates and qualities, both strictly ascending: what the interpolation needs."""
    rates: list[float] = []
    qualities: list[float] = []
    for bpp, quality in sorted(points):
        if math.isfinite(quality) and (not rates or (bpp > rates[-1] and quality > qualities[-1])):
            rates.append(bpp)
            qualities.append(quality)
    return rates, qualities

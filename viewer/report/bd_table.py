"""BD-rates for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from viewer.matching.curve import RatePoint, axis_points
from viewer.metrics.base import Metric
from viewer.metrics.bd_rate import MIN_POINTS, TOO_LITTLE_OVERLAP, BdRate, bd_rate_in, format_range
from viewer.metrics.fast import FAST
from viewer.report.codec_look import Look, series_looks
from viewer.report.columns import plotted
from viewer.report.data import ReportData
from viewer.report.text import format_signed_percent


def savings(data: ReportData, looks: dict[str, Look]) -> list[dict[str, Any]]:
    """For the tiles at the top: bits of the first codec relative to each of the others, and the range of qualities."""
    first, *others = looks
    tiles = []
    for other in others:
        found = [(metric, _bd(data, first, other, metric)) for metric in plotted(data.metrics)]
        psnr, ms_ssim, *rest = ((metric.label, _bits(metric, one)) for metric, one in found)
        if any(one is not None for _, one in found):
            tiles.append(
                {
                    "look": looks[first],
                    "other": looks[other],
                    "ms_ssim": ms_ssim[1],
                    "psnr": psnr[1],
                    "metrics": [(label, bits) for label, bits in rest if bits is not None],
                }
            )
    return tiles


def bd_series(data: ReportData) -> dict[str, tuple[RatePoint, ...]]:
    """The series of pictures decoded elsewhere that have points enough for a BD-rate."""
    return {name: points for name, points in data.series_curves.items() if len(points) >= MIN_POINTS}


def bd_tables(data: ReportData, looks: dict[str, Look]) -> list[dict[str, Any]]:
    """Every codec against every other, and against each series of pictures decoded elsewhere, one table per quantity;
    none for a single one.
    """
    curves = [(looks[codec.name], data.curves[codec.name]) for codec in data.codecs]
    given = bd_series(data)
    curves += [(look, given[name]) for name, look in series_looks(given, data.codecs).items()]
    if len(curves) < 2:
        return []
    return [
        {
            "title": metric.label,
            "rows": [
                (
                    look,
                    [None if anchor is test else _cell(metric, _bd_of(metric, anchor, test)) for _, anchor in curves],
                )
                for look, test in curves
            ],
        }
        for metric in dict.fromkeys((*FAST, *data.metrics))
    ]


def _bd(data: ReportData, test: str, anchor: str, metric: Metric) -> BdRate | None:
    return _bd_of(metric, data.curves[anchor], data.curves[test])


def _bd_of(metric: Metric, anchor: Sequence[RatePoint], test: Sequence[RatePoint]) -> BdRate | None:
    return bd_rate_in(metric, axis_points(anchor, metric), axis_points(test, metric))


def _bits(metric: Metric, found: BdRate | None) -> dict[str, str] | None:
    """Bits: "12.3 %". More: "fewer bits". Over: "26.1 to 38.0 dB"."""
    if found is None:
        return None
    more = "fewer bits" if round(found.percent, 1) < 0 else "more bits"
    return {
        "bits": f"{abs(found.percent):.1f} %",
        "more": more,
        "over": format_range(metric, found.low_db, found.high_db),
    }


def _cell(metric: Metric, found: BdRate | None) -> dict[str, Any]:
    if found is None:
        return {"percent": "n/a", "over": TOO_LITTLE_OVERLAP, "fewer": False}
    return {
        "percent": format_signed_percent(found.percent, 1),
        "over": format_range(metric, found.low_db, found.high_db),
        "fewer": round(found.percent, 1) < 0,
    }

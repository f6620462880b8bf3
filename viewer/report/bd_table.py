"""BD-rates as the page says them."""

from __future__ import annotations

from typing import Any

from viewer.matching.curve import rated_qualities
from viewer.matching.quality_target import MEASURES, PSNR_RGB, QualityMeasure
from viewer.metrics.bd_rate import TOO_LITTLE_OVERLAP, BdRate, bd_rate
from viewer.report.codec_look import Look
from viewer.report.data import ReportData
from viewer.report.text import format_signed_percent

QUANTITIES = (PSNR_RGB, QualityMeasure("ms_ssim", "rgb"))
"""What curves are drawn of and BD-rates are taken at."""


def savings(data: ReportData, looks: dict[str, Look]) -> list[dict[str, Any]]:
    """The first codec against each of the others, as the tiles at the top say it: bits, and the qualities that they are
    over.
    """
    first, *others = looks
    tiles = []
    for other in others:
        psnr, ms_ssim = (_bd(data, first, other, measure) for measure in QUANTITIES)
        if psnr is not None or ms_ssim is not None:
            tiles.append(
                {
                    "look": looks[first],
                    "other": looks[other],
                    "ms_ssim": _bits(ms_ssim),
                    "psnr": _bits(psnr),
                }
            )
    return tiles


def bd_tables(data: ReportData) -> list[dict[str, Any]]:
    """Every codec against every other, a table a quantity; none for one codec alone."""
    names = [codec.name for codec in data.codecs]
    if len(names) < 2:
        return []
    return [
        {
            "title": measure.title(),
            "rows": [
                (test, [None if test == anchor else _cell(_bd(data, test, anchor, measure)) for anchor in names])
                for test in names
            ],
        }
        for measure in MEASURES
    ]


def _bd(data: ReportData, test: str, anchor: str, measure: QualityMeasure) -> BdRate | None:
    anchor_curve, test_curve = (rated_qualities(data.curves[name], measure) for name in (anchor, test))
    return bd_rate(anchor_curve, test_curve)


def _bits(found: BdRate | None) -> dict[str, str] | None:
    """Bits: "12.3 %". More: "fewer bits". Over: "26.1 to 38.0 dB"."""
    if found is None:
        return None
    more = "fewer bits" if round(found.percent, 1) < 0 else "more bits"
    return {"bits": f"{abs(found.percent):.1f} %", "more": more, "over": _over(found)}


def _cell(found: BdRate | None) -> dict[str, Any]:
    if found is None:
        return {"percent": "n/a", "over": TOO_LITTLE_OVERLAP, "fewer": False}
    return {
        "percent": format_signed_percent(found.percent, 1),
        "over": _over(found),
        "fewer": round(found.percent, 1) < 0,
    }


def _over(found: BdRate) -> str:
    return f"{found.low_db:.1f} to {found.high_db:.1f} dB"

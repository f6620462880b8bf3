"""The metrics of a report: columns of its tables, and what its plots and BD-rates are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.matching.result import Result
from viewer.metrics.base import Direction, Metric, axis_unit
from viewer.metrics.fast import MS_SSIM_RGB, PSNR_LUMA, PSNR_RGB, FastMetric, ms_ssim_db
from viewer.metrics.measurement import Metrics
from viewer.metrics.scoring import Score, score_digits, score_in
from viewer.report.text import number

Figures = tuple[Metrics, Mapping[str, Score]]
"""What was measured of a reconstruction, and its scores in other metrics."""


@dataclass(frozen=True)
class Column:
    """A column of figures. unit: below its title, may be empty."""

    title: str
    unit: str
    digits: int
    direction: Direction
    value: Callable[[Metrics, Mapping[str, Score]], float | None]

    def text(self, figures: Figures) -> str:
        """A cell."""
        value = self.value(*figures)
        return "–" if value is None else number(value, self.digits)

    def leaders(self, results: Sequence[Result]) -> frozenset[str]:
        """Who has the best value as it is written; nobody where only one has any."""
        values = {result.request.codec: self.value(result.measurement.metrics, result.scores) for result in results}
        written = {codec: round(value, self.digits) for codec, value in values.items() if value is not None}
        if len(written) < 2:
            return frozenset()
        best = max(written.values()) if self.direction == "higher" else min(written.values())
        return frozenset(codec for codec, value in written.items() if value == best)


def columns_of(metrics: Iterable[Metric]) -> tuple[Column, ...]:
    """PSNR and MS-SSIM, and a column for each of these metrics that has none yet."""
    own = (
        Column("PSNR RGB", "dB", 2, "higher", lambda measured, _: measured.psnr_rgb_db),
        Column("PSNR luma", "dB", 2, "higher", lambda measured, _: measured.psnr_luma_db),
        Column("MS-SSIM", "raw", 5, "higher", lambda measured, _: measured.ms_ssim_rgb),
        Column("MS-SSIM", "dB", 2, "higher", lambda measured, _: ms_ssim_db(measured.ms_ssim_rgb)),
    )
    shown = (PSNR_RGB, PSNR_LUMA, MS_SSIM_RGB)
    return (*own, *(_column(metric) for metric in metrics if metric not in shown))


def _column(metric: Metric) -> Column:
    def value(measured: Metrics, scores: Mapping[str, Score]) -> float | None:
        return score_in(metric, measured, scores)

    return Column(metric.label, metric.unit, score_digits(metric), metric.direction, value)


def plotted(metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    """What curves are drawn of and BD-rates are taken at: PSNR RGB, MS-SSIM RGB, and these."""
    return tuple(dict.fromkeys((PSNR_RGB, MS_SSIM_RGB, *metrics)))


def descriptions(metrics: Iterable[Metric]) -> list[dict[str, Any]]:
    """What the appendix says of metrics that it does not know: label, direction, and who brings them."""
    return [
        {
            "label": metric.label,
            "direction": metric.direction,
            "unit": axis_unit(metric),
            "origin": getattr(metric, "origin", ""),
        }
        for metric in metrics
        if not isinstance(metric, FastMetric)
    ]

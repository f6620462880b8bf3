"""Target qualities as people write them: PSNR in decibels, MS-SSIM raw or in decibels."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from models.errors import TargetError
from viewer.matching.targets.numbers import NUMBER, Comma, read_number
from viewer.metrics.fast import ms_ssim_db, ms_ssim_raw

if TYPE_CHECKING:  # viewer.metrics.measurement imports the numerical libraries
    from viewer.metrics.measurement import Metrics

__all__ = [
    "MEASURES",
    "METRIC_NAMES",
    "PSNR_LUMA",
    "PSNR_RGB",
    "RANGE_DB",
    "Channel",
    "QualityMeasure",
    "QualityMetric",
    "QualityTarget",
    "format_quality",
    "ms_ssim_db",
    "ms_ssim_raw",
    "parse_quality",
    "quality_title",
]

QualityMetric = Literal["psnr", "ms_ssim"]

Channel = Literal["rgb", "luma"]
"""R, G, B averaged, or luma (BT.601)."""

RANGE_DB: dict[QualityMetric, tuple[float, float]] = {"psnr": (20.0, 50.0), "ms_ssim": (4.0, 26.0)}
"""The slider's ends: from visibly broken to indistinguishable. For MS-SSIM that is 0.602 to 0.9975."""

METRIC_NAMES: dict[QualityMetric, str] = {"psnr": "PSNR", "ms_ssim": "MS-SSIM"}

TOLERANCE_DB = 0.05
"""A target counts as reached if the measured value is this close to it; MS-SSIM is also compared in dB."""

_ROUNDED = 6e-5
"""The ends of the range, raw, are written with four digits or five, which lie beyond the ends: they are meant."""

_QUALITY = re.compile(rf"{NUMBER}\s*(db)?", re.IGNORECASE)


@dataclass(frozen=True)
class QualityMeasure:
    """A metric of a channel: what "best" and "worse" are about."""

    metric: QualityMetric
    channel: Channel

    def of(self, metrics: Metrics) -> float:
        """Its value of a reconstruction's metrics, in dB; infinite where nothing is lost."""
        if self.metric == "psnr":
            return metrics.psnr_rgb_db if self.channel == "rgb" else metrics.psnr_luma_db
        return ms_ssim_db(metrics.ms_ssim_rgb if self.channel == "rgb" else metrics.ms_ssim_luma)

    def title(self) -> str:
        """The metric and its channel: "PSNR RGB"."""
        return quality_title(self.metric, self.channel)


PSNR_RGB = QualityMeasure("psnr", "rgb")
PSNR_LUMA = QualityMeasure("psnr", "luma")
MEASURES = (
    PSNR_RGB,
    PSNR_LUMA,
    QualityMeasure("ms_ssim", "rgb"),
    QualityMeasure("ms_ssim", "luma"),
)
"""All measures."""


@dataclass(frozen=True)
class QualityTarget:
    """A value to reach of a metric on a channel. value_db: always in decibels; for MS-SSIM x, -10 log10(1 - x)."""

    metric: QualityMetric
    channel: Channel
    value_db: float

    def of(self, metrics: Metrics) -> float:
        """The value that this target is about, in dB; infinite if the reconstruction is lossless."""
        return self.measure.of(metrics)

    @property
    def measure(self) -> QualityMeasure:
        """The metric on its channel."""
        return QualityMeasure(self.metric, self.channel)

    def title(self) -> str:
        """The metric and its channel: "PSNR RGB"."""
        return quality_title(self.metric, self.channel)


def quality_title(metric: QualityMetric, channel: Channel) -> str:
    """A metric and its channel: "PSNR RGB"."""
    return f"{METRIC_NAMES[metric]} {'RGB' if channel == 'rgb' else 'luma'}"


def format_quality(metric: QualityMetric, value_db: float, *, in_db: bool) -> str:
    """A quality for people: "35.00 dB"; MS-SSIM raw, "0.97000", unless in_db."""
    if math.isinf(value_db):
        return "lossless"
    return f"{value_db:.2f} dB" if in_db or metric == "psnr" else f"{ms_ssim_raw(value_db):.5f}"


def parse_quality(text: str, metric: QualityMetric) -> float:
    """Parse a quality, in dB: "35" or "35 dB". For MS-SSIM, "0.97" is raw, and values above 1 are decibels.

    Raises TargetError if it is neither, or outside RANGE_DB.
    """
    found = _QUALITY.fullmatch(text.strip())
    low, high = RANGE_DB[metric]
    if metric == "psnr":
        wanted = f"decibels from {low:g} to {high:g}, such as 35"
    else:
        ends = f"{ms_ssim_raw(low):.3f} to {ms_ssim_raw(high):.4f}"
        wanted = f"a value from {ends}, such as 0.97, or decibels from {low:g} to {high:g}"
    value_db = math.nan
    if found:
        number = read_number(found[1], Comma.DECIMAL)
        raw = metric == "ms_ssim" and not found[2] and number <= 1.0
        value_db = ms_ssim_db(number) if raw else number
        if raw and ms_ssim_raw(low) - _ROUNDED <= number <= ms_ssim_raw(high) + _ROUNDED:
            value_db = min(max(value_db, low), high)
    if not low - 1e-9 <= value_db <= high + 1e-9:
        raise TargetError(f"“{text.strip()}” is not a usable {METRIC_NAMES[metric]}: give {wanted}.")
    return value_db

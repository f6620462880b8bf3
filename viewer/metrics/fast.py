"""The metrics that every result includes: `measurement` computes them together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.imaging.image import Pixels
from viewer.metrics.base import Direction

if TYPE_CHECKING:  # viewer.metrics.measurement brings the numerical libraries in
    from viewer.metrics.measurement import Metrics, Reference


@dataclass(frozen=True)
class FastMetric:
    """One of the figures of `measurement.Metrics`. on_axis: see base.HasAxis."""

    name: str
    label: str
    unit: str
    range: tuple[float, float]
    of: Callable[[Metrics], float]
    on_axis: Callable[[float], float]
    axis_unit: str = "dB"
    direction: Direction = "higher"

    def prepare(self, original: Pixels) -> _Prepared:
        from viewer.metrics.measurement import Reference

        return _Prepared(self, Reference(original))


@dataclass(frozen=True, eq=False)
class _Prepared:
    metric: FastMetric
    reference: Reference

    def score(self, pixels: Pixels) -> float:
        return self.metric.of(self.reference.measure(pixels).metrics)


def ms_ssim_db(raw: float) -> float:
    """MS-SSIM in dB, -10 log10(1 - x); infinite at 1."""
    return math.inf if raw >= 1.0 else -10.0 * math.log10(1.0 - raw)


def ms_ssim_raw(value_db: float) -> float:
    """The inverse of ms_ssim_db."""
    return 1.0 - math.pow(10.0, -value_db / 10.0)


def _itself(score: float) -> float:
    return score


_PSNR_RANGE = (0.0, math.inf)
_MS_SSIM_RANGE = (0.0, 1.0)

PSNR_RGB = FastMetric("psnr_rgb", "PSNR RGB", "dB", _PSNR_RANGE, lambda metrics: metrics.psnr_rgb_db, _itself)
PSNR_LUMA = FastMetric("psnr_luma", "PSNR luma", "dB", _PSNR_RANGE, lambda metrics: metrics.psnr_luma_db, _itself)
MS_SSIM_RGB = FastMetric(
    "ms_ssim_rgb", "MS-SSIM RGB", "", _MS_SSIM_RANGE, lambda metrics: metrics.ms_ssim_rgb, ms_ssim_db
)
MS_SSIM_LUMA = FastMetric(
    "ms_ssim_luma", "MS-SSIM luma", "", _MS_SSIM_RANGE, lambda metrics: metrics.ms_ssim_luma, ms_ssim_db
)

FAST = (PSNR_RGB, PSNR_LUMA, MS_SSIM_RGB, MS_SSIM_LUMA)
"""In the order in which they are shown."""

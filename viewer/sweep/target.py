"""What every codec is brought to on every picture of a sweep: a rate, or a score in a metric."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Target:
    """metric: empty for a rate. value: in bits per pixel, or a score as the metric gives it (MS-SSIM raw)."""

    metric: str
    value: float

    @property
    def is_rate(self) -> bool:
        """Whether it is a rate rather than a quality."""
        return not self.metric

    @property
    def text(self) -> str:
        """As the CSV has a quality, and as people read either: "psnr_rgb=35", "0.25 bpp"."""
        return f"{self.value:.6g} bpp" if self.is_rate else f"{self.metric}={self.value:.6g}"


def rate_target(bpp: float) -> Target:
    """A rate in bits per pixel."""
    return Target("", bpp)


def score_target(metric: str, value: float) -> Target:
    """A score in a metric, with the six digits that the CSV keeps."""
    return Target(metric, float(f"{value:.6g}"))


def read_score_target(text: str) -> Target:
    """A quality as the CSV has it: "psnr_rgb=35". Raises ValueError."""
    metric, sign, value = text.rpartition("=")
    score = float(value)
    if not sign or not metric or not math.isfinite(score):
        raise ValueError(f"{text!r} is not a target")
    return Target(metric, score)

"""The scales of the slider: rate (logarithmic), quality in decibels, or the score in any metric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Protocol

from viewer.matching.targets.quality import (
    RANGE_DB,
    Channel,
    QualityMetric,
    format_quality,
    ms_ssim_db,
    ms_ssim_raw,
    quality_title,
)
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.metrics.base import Metric, usual_range
from viewer.metrics.scoring import score_digits
from viewer.ui.common.formatting import format_bpp, format_bpp_short

STEP_FACTOR = 1.05
"""Factor of one key or wheel step of the rate; 14 steps double it."""
FINE_FACTOR = 1.01
PAGE_FACTOR = 2.0
STEP_DB = 0.25
FINE_DB = 0.05
PAGE_DB = 2.0


class Stride(Enum):
    """The sizes of a step."""

    FINE = "fine"
    STEP = "step"
    PAGE = "page"


class SliderScale(Protocol):
    """A quantity from `low` to `high`, better to the right. ticks: values with a number; minor: without one."""

    @property
    def name(self) -> str:
        """The name of the quantity, for screen readers."""

    @property
    def caption(self) -> str:
        """The name in short, above the field."""

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...

    @property
    def ticks(self) -> tuple[float, ...]: ...

    @property
    def minor(self) -> tuple[float, ...]: ...

    def share(self, value: float) -> float:
        """The position of a value, 0 to 1 from end to end."""

    def at(self, share: float) -> float:
        """The value at a position, rounded to the slider's precision."""

    def rounded(self, value: float) -> float:
        """The nearest value in range."""

    def stepped(self, value: float, steps: float, stride: Stride) -> float:
        """The value this many steps further, within the range."""

    def text(self, value: float) -> str:
        """The value with its unit."""

    def tick_text(self, value: float) -> str:
        """The shortest form, for ticks."""


def rounded_bpp(bpp: float) -> float:
    """Three significant digits, within the slider's range: the precision of a slider position."""
    bpp = min(max(bpp, MIN_BPP), MAX_BPP)
    return round(bpp, 2 - math.floor(math.log10(bpp)))


@dataclass(frozen=True)
class RateScale:
    """Bits per pixel, logarithmic."""

    name: str = "Target rate in bits per pixel, logarithmic"
    caption: str = "Target rate"
    low: float = MIN_BPP
    high: float = MAX_BPP
    ticks: tuple[float, ...] = (0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)
    minor: tuple[float, ...] = (0.06, 0.08, 0.09, 0.6, 0.8, 0.9, 2.5)

    def share(self, value: float) -> float:
        return math.log(value / self.low) / math.log(self.high / self.low)

    def at(self, share: float) -> float:
        return rounded_bpp(self.low * math.pow(self.high / self.low, share))

    def rounded(self, value: float) -> float:
        return rounded_bpp(value)

    def stepped(self, value: float, steps: float, stride: Stride) -> float:
        factor = {Stride.FINE: FINE_FACTOR, Stride.STEP: STEP_FACTOR, Stride.PAGE: PAGE_FACTOR}[stride]
        return rounded_bpp(value * math.pow(factor, steps))

    def text(self, value: float) -> str:
        return f"{format_bpp(value)} bpp"

    def tick_text(self, value: float) -> str:
        return format_bpp_short(value)


RATE_SCALE = RateScale()

_RAW_TICKS = (0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)


@dataclass(frozen=True)
class QualityScale:
    """A metric of a channel in dB, linear; MS-SSIM may be displayed raw (in_db False), at the same positions."""

    metric: QualityMetric
    channel: Channel
    in_db: bool

    @property
    def name(self) -> str:
        return f"Target {self.caption}, equal for every codec"

    @property
    def caption(self) -> str:
        return quality_title(self.metric, self.channel)

    @property
    def low(self) -> float:
        return RANGE_DB[self.metric][0]

    @property
    def high(self) -> float:
        return RANGE_DB[self.metric][1]

    @property
    def ticks(self) -> tuple[float, ...]:
        if self.metric == "ms_ssim" and not self.in_db:
            return tuple(map(ms_ssim_db, _RAW_TICKS))
        return tuple(float(value) for value in range(int(self.low), int(self.high) + 1, 2))

    @property
    def minor(self) -> tuple[float, ...]:
        if self.metric == "ms_ssim" and not self.in_db:
            return ()
        return tuple(float(value) for value in range(int(self.low) + 1, int(self.high), 2))

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        return self.rounded(round((self.low + share * (self.high - self.low)) / FINE_DB) * FINE_DB)

    def rounded(self, value: float) -> float:
        return round(min(max(value, self.low), self.high), 2)

    def stepped(self, value: float, steps: float, stride: Stride) -> float:
        return self.rounded(value + steps * {Stride.FINE: FINE_DB, Stride.STEP: STEP_DB, Stride.PAGE: PAGE_DB}[stride])

    def text(self, value: float) -> str:
        return format_quality(self.metric, value, in_db=self.in_db)

    def tick_text(self, value: float) -> str:
        return f"{value:g}" if self.in_db or self.metric == "psnr" else f"{ms_ssim_raw(value):.3g}"


@dataclass(frozen=True)
class ScoreScale:
    """Scores in another metric, linear; where lower scores are better, the highest one is at the left end."""

    metric: str
    caption: str
    unit: str
    digits: int
    low: float
    high: float
    lower_is_better: bool

    @property
    def name(self) -> str:
        return f"Target {self.caption}, equal for every codec"

    @property
    def ticks(self) -> tuple[float, ...]:
        step = _round_step((self.high - self.low) / 12, up=True)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(round(index * step, 9) for index in range(first, last + 1))

    @property
    def minor(self) -> tuple[float, ...]:
        ticks = self.ticks
        return tuple(round((one + other) / 2, 9) for one, other in pairwise(ticks))

    def share(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return 1.0 - share if self.lower_is_better else share

    def at(self, share: float) -> float:
        share = min(max(1.0 - share if self.lower_is_better else share, 0.0), 1.0)
        if share in (0.0, 1.0):
            return self.high if share else self.low
        fine = self._step / 5
        return self.rounded(round((self.low + share * (self.high - self.low)) / fine) * fine)

    def rounded(self, value: float) -> float:
        return round(min(max(value, self.low), self.high), self.digits)

    def stepped(self, value: float, steps: float, stride: Stride) -> float:
        size = {Stride.FINE: self._step / 5, Stride.STEP: self._step, Stride.PAGE: 10 * self._step}[stride]
        return self.rounded(value + (-steps if self.lower_is_better else steps) * size)

    def text(self, value: float) -> str:
        return f"{value:.{self.digits}f} {self.unit}".rstrip()

    def tick_text(self, value: float) -> str:
        return f"{value:g}"

    @property
    def _step(self) -> float:
        return _round_step((self.high - self.low) / 100, up=False)


def score_scale(metric: Metric) -> ScoreScale:
    """The scale of a metric's usual scores. Others can be typed."""
    low, high = usual_range(metric)
    return ScoreScale(
        metric.name, metric.label, metric.unit, score_digits(metric), low, high, metric.direction == "lower"
    )


def _round_step(size: float, *, up: bool) -> float:
    """The nearest 1, 2 or 5 with any zeros, up or down."""
    magnitude = 10.0 ** math.floor(math.log10(size) + 1e-9)
    sizes = [factor * magnitude for factor in (1, 2, 5, 10)]
    slack = 1e-9 * size
    if up:
        return next(one for one in sizes if one >= size - slack)
    return next(one for one in reversed(sizes) if one <= size + slack)

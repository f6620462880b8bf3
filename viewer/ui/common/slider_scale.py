"""The scales of the slider: rate (logarithmic), or quality in decibels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from viewer.matching.quality_target import (
    RANGE_DB,
    Channel,
    QualityMetric,
    format_quality,
    ms_ssim_db,
    ms_ssim_raw,
    quality_title,
)
from viewer.matching.rate_target import MAX_BPP, MIN_BPP
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
    """A quantity from `low` to `high`. ticks: values with a number; minor: without one."""

    @property
    def name(self) -> str:
        """The name of the quantity, for screen readers."""

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
        return f"Target {quality_title(self.metric, self.channel)}, equal for every codec"

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

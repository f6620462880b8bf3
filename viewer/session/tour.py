"""The guided tour: its steps, and the rates that it sweeps. Pure values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from viewer.matching.targets.rate import MAX_BPP, MIN_BPP

TOUR_BPP = 0.12
"""Low enough for codecs to differ visibly on most pictures."""
_STRIDE = 1.15
"""Each rate of a sweep is this many times its neighbour."""
_LOWEST, _HIGHEST = 0.4, 5.0
"""Ends of a sweep, in multiples of the rate that it begins and ends at."""


class TourStep(Enum):
    """In order."""

    SIZE = "same size"
    REGION = "worst region"
    SWEEP = "rate sweep"
    QUALITY = "equal quality"
    BLIND = "blind trial"
    REPORT = "report"

    @property
    def number(self) -> int:
        """From 1."""
        return list(TourStep).index(self) + 1

    def moved(self, by: int) -> TourStep | None:
        """The step this many places further; None beyond the last one. Before the first one it stays there."""
        index = list(TourStep).index(self) + by
        return None if index >= len(TourStep) else list(TourStep)[max(0, index)]


@dataclass(frozen=True)
class Tour:
    """Where a tour is. codec, anchor: the pair of which it speaks. bpp: at which it compares them.

    swept: index of the present rate in `sweep_rates`. seen: what both codecs showed at the last rate of the sweep: the
    codec's bytes, and both values of MS-SSIM in dB. limit: instead, which of them could not reach it, and where it
    stopped, "cannot go below 0.0787 bpp". begun: whether the blind trial has. chosen: the codec that
    was chosen in it, "neither" for one who could not tell, empty if it was stopped; None before that. problem: why
    there was no trial.
    """

    codec: str
    anchor: str
    bpp: float
    step: TourStep = TourStep.SIZE
    swept: int = 0
    seen: tuple[int, float, float] | None = None
    limit: tuple[str, str] = ("", "")
    begun: bool = False
    chosen: str | None = None
    problem: str = ""

    @property
    def awaits_start(self) -> bool:
        """Whether the blind trial has been introduced and not begun."""
        return self.step is TourStep.BLIND and not self.begun


def sweep_rates(bpp: float) -> tuple[float, ...]:
    """Rates from bpp down, up beyond it, and back to it; even on a logarithmic axis."""
    low, high = max(MIN_BPP, _LOWEST * bpp), min(MAX_BPP, _HIGHEST * bpp)
    down, up, back = (_path(*ends) for ends in ((bpp, low), (low, high), (high, bpp)))
    return (*down, *up[1:], *back[1:])


def _path(start: float, end: float) -> tuple[float, ...]:
    count = max(1, round(abs(math.log(end / start)) / math.log(_STRIDE)))
    inner = tuple(start * (end / start) ** (number / count) for number in range(1, count))
    return (start, *inner, end)

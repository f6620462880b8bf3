"""Rate matching: the quality whose stream comes closest to a target size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from viewer.codecs.base import Encoder

TOLERANCE = 0.01
"""A target counts as reached when the stream is within this share of it."""

_MAX_PROBES = 24


def _good_enough(probes: int) -> float:
    """The deviation at which the search stops: strict at first, then content with less, as probes can be costly."""
    if probes <= 2:
        return 0.003
    return 0.005 if probes <= 4 else TOLERANCE


@dataclass(frozen=True, eq=False)
class Match:
    """The best stream found. floor_bytes or ceiling_bytes: the codec's smallest or largest stream of this picture, set
    where that is what keeps it from the target.
    """

    stream: bytes
    quality: int
    reachable: bool
    floor_bytes: int | None
    ceiling_bytes: int | None
    probes: int


def match(encoder: Encoder, target_bytes: float, start: int | None = None) -> Match:
    """Search the encoder's qualities for the stream whose size is nearest to the target, in log size.

    Sizes grow with quality nearly, not strictly; so the bracket narrows by interpolation between its ends (in log size,
    falling back to halving), while the nearest probe of all is kept. start: a quality to try first, such as the one that
    served a near target before.
    """
    search = _Search(encoder, target_bytes)
    first, last = encoder.qualities[0], encoder.qualities[-1]
    quality = encoder.guess(round(target_bytes)) if start is None else start
    reach = max(1, (last - first) // 64)
    low, high = first - 1, last + 1
    halve = False
    while search.probes < _MAX_PROBES:
        quality = min(max(quality, first), last)
        size = search.probe(quality)
        if search.deviation <= _good_enough(search.probes):
            break
        if size < target_bytes:
            low = max(low, quality)
        else:
            high = min(high, quality)
        if high - low <= 1:
            break
        quality, reach, halve = _next_quality(search, low, high, first, last, reach, halve)
    return search.result()


def _next_quality(
    search: _Search, low: int, high: int, first: int, last: int, reach: int, halve: bool
) -> tuple[int, int, bool]:
    if high > last:  # nothing too large seen yet: walk up, ever faster
        return min(low + reach, last), reach * 3, False
    if low < first:
        return max(high - reach, first), reach * 3, False
    if halve:
        return (low + high) // 2, reach, False
    small, large = math.log(search.sizes[low]), math.log(search.sizes[high])
    share = (math.log(search.target_bytes) - small) / (large - small) if large > small else 0.5
    step = round(low + share * (high - low))
    # Interpolation that hugs one end of a wide bracket converges slowly; every other such step halves instead.
    hugging = min(step - low, high - step) < 0.1 * (high - low)
    return min(max(step, low + 1), high - 1), reach, hugging


class _Search:
    """The probes of one search: each quality is encoded once, and only the nearest stream is kept."""

    def __init__(self, encoder: Encoder, target_bytes: float) -> None:
        self.encoder = encoder
        self.target_bytes = max(1.0, target_bytes)
        self.sizes: dict[int, int] = {}
        self.best: tuple[float, int, bytes] | None = None

    @property
    def probes(self) -> int:
        return len(self.sizes)

    @property
    def deviation(self) -> float:
        return math.inf if self.best is None else abs(len(self.best[2]) / self.target_bytes - 1.0)

    def probe(self, quality: int) -> int:
        if quality in self.sizes:
            return self.sizes[quality]
        stream = self.encoder.encode(quality)
        self.sizes[quality] = len(stream)
        distance = abs(math.log(len(stream) / self.target_bytes))
        if self.best is None or distance < self.best[0]:
            self.best = (distance, quality, stream)
        return len(stream)

    def result(self) -> Match:
        assert self.best is not None
        _, quality, stream = self.best
        reachable = self.deviation <= TOLERANCE
        qualities = self.encoder.qualities
        floor = self.sizes.get(qualities[0])
        ceiling = self.sizes.get(qualities[-1])
        stopped_below = not reachable and floor is not None and floor > self.target_bytes
        stopped_above = not reachable and ceiling is not None and ceiling < self.target_bytes
        return Match(
            stream,
            quality,
            reachable,
            len(stream) if stopped_below else None,
            len(stream) if stopped_above else None,
            self.probes,
        )

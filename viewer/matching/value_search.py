"""The search for a quality whose measured value meets a target, where values mostly, but not always, grow with quality.

It knows nothing of codecs: what it is given measures a quality, and says its value and its size.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from models.errors import CodecError
from viewer.matching.targets.quality import TOLERANCE_DB

_INTERVALS = 16
_CHECKED_EVERY = 4
"""Of the fixed qualities, those always measured if they are below the one found, to see whether more bits have made a
picture worse."""
_MAX_PROBES = 24
_FALL = 2
"""More bits count as worse if they lose more than this many tolerances."""
_CHEAPER = 0.98
"""Among streams that meet a target, one below this share of the nearest one's bytes is preferred."""

log = logging.getLogger("ratelens.search")


@dataclass(frozen=True)
class Found:
    """The end of a search with one encoder. reached: the value is within the tolerance of the target."""

    quality: int
    value: float
    byte_count: int
    reached: bool
    below_floor: bool
    above_ceiling: bool
    falls_from: int | None = None
    """Bytes of the best stream before quality fell with more of them."""


class _Probes:
    """What was measured in a search: value and bytes by quality. A quality that fails has neither."""

    def __init__(self, measured: Callable[[int], tuple[float, int]], tolerance: float) -> None:
        self._measured = measured
        self._tolerance = tolerance
        self.known: dict[int, tuple[float, int]] = {}
        self.failures: dict[int, CodecError] = {}

    def value(self, quality: int) -> float | None:
        """None if the quality cannot be coded."""
        if quality not in self.known and quality not in self.failures:
            try:
                self.known[quality] = self._measured(quality)
            except CodecError as error:
                log.info("quality %d failed: %s", quality, error)
                self.failures[quality] = error
        found = self.known.get(quality)
        return None if found is None else found[0]

    def meet(self, target: float) -> bool:
        """Whether the nearest value is within the tolerance."""
        return abs(self.known[self.nearest(target)][0] - target) <= self._tolerance

    @property
    def falls_from(self) -> int | None:
        """Of the places where more bits were worse, the bytes of the best one before; None where there is none."""
        fallen = [before for value, before in self._with_best_before() if value < before[0] - _FALL * self._tolerance]
        return max(fallen)[1] if fallen else None

    def nearest(self, target: float) -> int:
        """The quality nearest to the target, of those not worse than with fewer bits."""
        ahead = [
            quality
            for quality, (value, before) in zip(self._by_size(), self._with_best_before(), strict=True)
            if value >= before[0] - self._tolerance
        ]
        nearest = min(ahead, key=lambda quality: (abs(self.known[quality][0] - target), self.known[quality][1]))
        cheaper = [
            quality
            for quality in ahead
            if abs(self.known[quality][0] - target) <= self._tolerance
            and self.known[quality][1] < _CHEAPER * self.known[nearest][1]
        ]
        return min(cheaper, key=lambda quality: self.known[quality][1], default=nearest)

    def _by_size(self) -> list[int]:
        return sorted(self.known, key=lambda quality: self.known[quality][1])

    def _with_best_before(self) -> list[tuple[float, tuple[float, int]]]:
        """Each value, by ascending size, with the best value at fewer bytes and the bytes of that."""
        out: list[tuple[float, tuple[float, int]]] = []
        best = -float("inf"), 0
        for _size, same in groupby(self._by_size(), key=lambda quality: self.known[quality][1]):
            group = [self.known[quality] for quality in same]
            out += [(value, best) for value, _ in group]
            best = max(best, *group, key=lambda found: found[0])
        return out


def search(
    qualities: range, measured: Callable[[int], tuple[float, int]], target: float, tolerance: float = TOLERANCE_DB
) -> Found:
    """The quality whose measured value is nearest to the target, and not worse than what fewer bits give.

    Values mostly grow with quality, but not always. The bracket is first narrowed to two of a few fixed qualities,
    which all targets share, then by interpolation; the nearest of all measured values wins. If values are seen to fall,
    all fixed qualities are measured, and the lowest bracket or the highest value is used. Qualities that cannot be
    coded are skipped. Raises CodecError if none can be coded.
    """
    probes = _Probes(measured, tolerance)
    last = len(qualities) - 1
    anchors = [qualities[i] for i in sorted({round(last * i / _INTERVALS) for i in range(_INTERVALS + 1)})]
    _narrow(probes, *_bracket(anchors, probes, target), target)
    found = probes.nearest(target)
    beyond = probes.known[found][0] < target - tolerance  # a ceiling, if nothing before it is higher
    for quality in anchors[:: _CHECKED_EVERY // 2 if beyond else _CHECKED_EVERY]:
        if quality < found:
            probes.value(quality)
    if probes.falls_from is not None:
        _search_all(probes, anchors, target)
    found = probes.nearest(target)
    nearest, byte_count = probes.known[found]
    missed = abs(nearest - target) > tolerance
    lowest, highest = min(probes.known), max(probes.known)
    from_below = lowest == qualities[0] or any(failed < lowest for failed in probes.failures)
    to_above = highest == qualities[-1] or any(failed > highest for failed in probes.failures)
    values = [value for value, _ in probes.known.values()]
    return Found(
        found,
        nearest,
        byte_count,
        not missed,
        missed and from_below and all(value > target for value in values),
        missed and to_above and all(value < target for value in values),
        probes.falls_from,
    )


def _search_all(probes: _Probes, anchors: Sequence[int], target: float) -> None:
    """Look for the target where values are known to fall: in the first bracket from below, else about the highest."""
    known = [(quality, value) for quality in anchors if (value := probes.value(quality)) is not None]
    for (low, below), (high, above) in pairwise(known):
        if below < target <= above:
            _narrow(probes, low, high, target)
            return
    if all(value < target for _, value in known):
        top = max(range(len(known)), key=lambda index: known[index][1])
        for neighbour in (top - 1, top + 1):
            if 0 <= neighbour < len(known):
                _climb(probes, known[top][0], known[neighbour][0], target)


def _climb(probes: _Probes, top: int, other: int, target: float) -> None:
    """Look for higher values, or the target, between the highest fixed quality and its neighbour."""
    while abs(other - top) > 1 and not probes.meet(target):
        middle = (top + other) // 2
        value, highest = probes.value(middle), probes.value(top)
        if value is None or highest is None or value <= highest:
            other = middle
        elif value >= target:
            _narrow(probes, min(top, middle), max(top, middle), target)
            return
        else:
            top = middle


def _narrow(probes: _Probes, low: int, high: int, target: float) -> None:
    """Narrow a bracket until the target is met; either end may be one that cannot be coded."""
    most = len(probes.known) + len(probes.failures) + _MAX_PROBES
    halve = False
    while high - low > 1 and not probes.meet(target) and len(probes.known) + len(probes.failures) < most:
        below, above = probes.value(low), probes.value(high)
        quality = (low + high) // 2
        if not halve and below is not None and above is not None and 0 < above - below < float("inf"):
            share = (target - below) / (above - below)
            quality = min(max(low + round(share * (high - low)), low + 1), high - 1)
        # Interpolation that stays near one end of a wide bracket converges slowly: bisect once instead.
        halve = not halve and min(quality - low, high - quality) < 0.1 * (high - low)
        value = probes.value(quality)
        # A quality that cannot be coded replaces the end that cannot be coded either, or else the upper one.
        upper = below is not None if value is None else value >= target
        low, high = (low, quality) if upper else (quality, high)


def _bracket(anchors: Sequence[int], probes: _Probes, target: float) -> tuple[int, int]:
    """Neighbouring anchors, the lower below the target and the upper not. At the ends, where there is none, the end
    twice, or it and the one next to it that cannot be coded. Raises CodecError where none can.
    """
    working = list(anchors)
    for index in (8, 4, 12, 0, 16):  # one that works first: it says on which side of those that fail to look
        if probes.value(anchors[index * (len(anchors) - 1) // _INTERVALS]) is not None:
            break
    else:
        raise next(reversed(probes.failures.values()))
    while True:
        low, high = -1, len(working)
        while high - low > 1:
            middle = (low + high) // 2
            quality = working[middle]
            value = probes.value(quality)
            if value is None:
                if all(known < quality for known in probes.known):
                    working = working[:middle]
                elif all(known > quality for known in probes.known):
                    working = working[middle + 1 :]
                else:
                    working.pop(middle)
                break
            low, high = (middle, high) if value < target else (low, middle)
        else:
            break
    if low < 0:
        index = anchors.index(working[0])
        return anchors[max(index - 1, 0)], working[0]
    if high == len(working):
        index = anchors.index(working[-1])
        return working[-1], anchors[min(index + 1, len(anchors) - 1)]
    return working[low], working[high]

"""Quality matching: the stream whose PSNR or MS-SSIM, measured on what is decoded from it, meets a target; and the
search that meets a target in any metric.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Generic, Protocol, TypeVar

from models.errors import CodecError
from viewer.codecs.base import Encoder, Prepares, detail_of
from viewer.imaging.image import Pixels
from viewer.matching.comparison import Comparison, Pause, Request, Result
from viewer.matching.quality_target import TOLERANCE_DB, QualityTarget
from viewer.metrics.measurement import Measurement, Metrics
from viewer.system.lru_cache import BoundedCache

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
_CACHE_BYTES = 80 * 2**20


@dataclass(frozen=True, eq=False)
class QualityMatch:
    """The result of a search for a quality. result: its target rate is its own rate, and its times are those of this
    stream alone, without the search.

    reached: the value is within TOLERANCE_DB of the target. If not, floor_db or ceiling_db is the codec's worst or best
    value on this picture; both are None if its values merely have a gap there.
    falls_from_bpp: the rate above which more bits were seen to make the codec worse on this picture; None if that was
    not seen. The match is never worse than what fewer bits gave.
    """

    target: QualityTarget
    result: Result
    reached: bool
    floor_db: float | None
    ceiling_db: float | None
    falls_from_bpp: float | None = None

    @property
    def value_db(self) -> float:
        """The measured value."""
        return self.target.of(self.result.measurement.metrics)

    @property
    def title(self) -> str:
        """What was to be equal: "PSNR RGB"."""
        return self.target.title()


@dataclass(frozen=True, eq=False)
class Probe:
    """One stream, decoded and measured."""

    stream: bytes
    reconstruction: Pixels
    measurement: Measurement
    encode_ms: float
    decode_ms: float
    measure_ms: float


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


Kept = TypeVar("Kept")
"""What is kept of a probe, to be asked for its value."""


@dataclass(frozen=True)
class Goal(Generic[Kept]):
    """What a search is for. value: on a scale that rises with quality. of: what is kept of a probe, on that scale."""

    value: float
    tolerance: float
    of: Callable[[Kept], float]


class EqualQuality:
    """Brings the codecs of a Comparison to equal quality. Safe to use from several threads.

    Every value that guides the search was measured on a decoded stream. Earlier searches do not change which qualities
    a search visits, so a target always has the same answer; values measured before are looked up.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._search: StreamSearch[Metrics] = StreamSearch(comparison, lambda probe: probe.measurement.metrics)
        self._cache: BoundedCache[tuple[str, QualityTarget], QualityMatch] = BoundedCache(
            _CACHE_BYTES, lambda match: match.result.byte_count
        )

    def match(self, codec: str, target: QualityTarget, pause: Callable[[], None] | None = None) -> QualityMatch:
        """The codec's stream that meets the target with the fewest bytes, or comes closest. Raises CodecError;
        MemoryLimitError.

        pause: called before every costly step. It may wait, to let other work go first, or raise, to end this work.
        """
        known = self._cache.get((codec, target))
        if known is not None:
            return known
        goal = Goal(target.value_db, TOLERANCE_DB, target.of)
        with self._comparison.memory_granted(codec, pause) as step:
            result, found = self._search.best(codec, goal, step)
        value_db = target.of(result.measurement.metrics)
        match = QualityMatch(
            target,
            result,
            found.reached,
            value_db if found.below_floor else None,
            value_db if found.above_ceiling else None,
            None if found.falls_from is None else self._comparison.image.bpp(found.falls_from),
        )
        self._cache.put((codec, target), match)
        return match


class StreamSearch(Generic[Kept]):
    """Searches for the streams of a Comparison's codecs that meet a goal. Safe to use from several threads."""

    def __init__(self, comparison: Comparison, keep: Callable[[Probe], Kept]) -> None:
        self._comparison = comparison
        self._keep = keep
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int, int], tuple[int, Kept]] = {}

    def best(self, name: str, goal: Goal[Kept], pause: Pause) -> tuple[Result, Found]:
        """The codec's stream that meets the goal with the fewest bytes, or comes closest; in memory that is granted.
        Raises CodecError.
        """
        codec = self._comparison.codecs[name]
        best: tuple[int, Found] | None = None
        failure: CodecError | None = None
        encoders = self._comparison.encoders(name)
        begun, prepared_ms, paused_s = time.perf_counter(), self._comparison.prepare_ms(name), pause.spent_s
        for index, encoder in enumerate(encoders):
            try:
                measured = self._measured(name, index, encoder, goal, pause)
                found = search(encoder.qualities, measured, goal.value, goal.tolerance)
            except CodecError as error:  # one variant that fails takes only itself away
                failure = error
                continue
            if best is None or _rank(found, goal) < _rank(best[1], goal):
                best = index, found
            if found.reached and not codec.tries_every_encoder:
                break
        if best is None:
            raise failure or CodecError(f"{codec.label} returned no stream for this picture.")
        index, found = best
        encoder = encoders[index]
        search_ms = 1e3 * (time.perf_counter() - begun - (pause.spent_s - paused_s))
        search_ms -= self._comparison.prepare_ms(name) - prepared_ms
        probe = self._probe(name, encoder, found.quality, pause)
        reconstruction, measurement = self._comparison.offloaded(probe.reconstruction, probe.measurement)
        request = Request(self._comparison.image, name, self._comparison.image.bpp(len(probe.stream)))
        result = Result(
            request,
            probe.stream,
            reconstruction,
            detail_of(encoder, probe.stream),
            found.quality,
            True,
            None,
            None,
            measurement,
            probe.encode_ms,
            probe.decode_ms,
            probe.measure_ms,
            prepare_ms=self._comparison.prepare_ms(name),
            search_ms=max(search_ms, 0.0),
            variant=encoder.detail if codec.tries_every_encoder else "",
        )
        return result, found

    def _measured(
        self, name: str, index: int, encoder: Encoder, goal: Goal[Kept], pause: Pause
    ) -> Callable[[int], tuple[float, int]]:
        """What an encoder gives at a quality, on the goal's scale, and its bytes."""

        def measured(quality: int) -> tuple[float, int]:
            key = (name, index, quality)
            with self._lock:
                known = self._known.get(key)
            if known is None:
                probe = self._probe(name, encoder, quality, pause)
                known = len(probe.stream), self._keep(probe)
                with self._lock:
                    self._known[key] = known
            return goal.of(known[1]), known[0]

        return measured

    def _probe(self, name: str, encoder: Encoder, quality: int, pause: Pause) -> Probe:
        pause()
        begun = time.perf_counter()
        if isinstance(encoder, Prepares):
            encoder.prepare(quality)
            self._comparison.add_preparing(name, time.perf_counter() - begun)
            begun = time.perf_counter()
        stream = encoder.encode(quality)
        encoded = time.perf_counter()
        pause()
        resumed = time.perf_counter()
        reconstruction = self._comparison.decoded(name, stream)
        decoded = time.perf_counter()
        measurement = self._comparison.reference().measure(reconstruction)
        measured = time.perf_counter()
        return Probe(
            stream,
            reconstruction,
            measurement,
            (encoded - begun) * 1e3,
            (decoded - resumed) * 1e3,
            (measured - decoded) * 1e3,
        )


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


def _rank(found: Found, goal: Goal[Any]) -> tuple[bool, float]:
    """Sorting key: encoders that reach the target first, fewest bytes first; then the others, nearest first."""
    return not found.reached, float(found.byte_count) if found.reached else abs(found.value - goal.value)


class Matched(Protocol):
    """What is compared by its bytes: a QualityMatch, or a match in another metric."""

    @property
    def target(self) -> Any: ...

    @property
    def result(self) -> Result: ...

    @property
    def reached(self) -> bool: ...

    @property
    def title(self) -> str: ...

    @property
    def falls_from_bpp(self) -> float | None: ...


def reference_codec(matches: Mapping[str, Matched], codecs: Sequence[str]) -> str:
    """The codec that the others are compared with: the first one that meets the target, else the first one."""
    return next((codec for codec in codecs if codec in matches and matches[codec].reached), codecs[0])


def byte_ratios(matches: Mapping[str, Matched], reference: str) -> dict[str, float]:
    """Bytes relative to the reference codec's, for the other codecs that meet the same target."""
    anchor = matches.get(reference)
    if anchor is None or not anchor.reached:
        return {}
    return {
        codec: len(match.result.stream) / len(anchor.result.stream)
        for codec, match in matches.items()
        if codec != reference and match.reached and match.target == anchor.target
    }


def size_ratio_sentence(label: str, ratio: float, reference: str) -> str:
    """A ratio of bytes in words: "JPEG needs 1.9 times the bytes of Learned"."""
    return f"{label} needs {ratio:.{1 if ratio >= 9.995 else 2}f} times the bytes of {reference}"


def fall_sentence(label: str, match: Matched) -> str:
    """That more bits would make the codec worse, if the search has seen that; else empty."""
    if match.falls_from_bpp is None:
        return ""
    return f"More bits than {match.falls_from_bpp:.4f} bpp can worsen {label}’s {match.title} on this picture."

"""Quality matching: finds the stream whose PSNR or MS-SSIM, measured after decoding, meets a target."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from viewer.codecs.base import Encoder
from viewer.imaging.image import Pixels
from viewer.matching.comparison import Comparison, Pause, Request, Result
from viewer.matching.quality_target import QualityTarget
from viewer.metrics.measurement import Measurement, Metrics
from viewer.system.lru_cache import BoundedCache

TOLERANCE_DB = 0.05
"""A target counts as reached if the measured value is this close to it; MS-SSIM is also compared in dB."""

_INTERVALS = 16
_MAX_PROBES = 24
_CACHE_BYTES = 80 * 2**20


@dataclass(frozen=True, eq=False)
class QualityMatch:
    """The result of a search for a quality. result: its target rate is its own rate, and its times are those of this
    stream alone, without the search.

    reached: the value is within TOLERANCE_DB of the target. If not, floor_db or ceiling_db is the codec's worst or best
    value on this picture; both are None if its values merely have a gap there.
    """

    target: QualityTarget
    result: Result
    reached: bool
    floor_db: float | None
    ceiling_db: float | None

    @property
    def value_db(self) -> float:
        """The measured value."""
        return self.target.of(self.result.measurement.metrics)


@dataclass(frozen=True, eq=False)
class _Probe:
    """One stream, decoded and measured."""

    stream: bytes
    reconstruction: Pixels
    measurement: Measurement
    encode_ms: float
    decode_ms: float
    measure_ms: float


@dataclass(frozen=True)
class _Found:
    """The end of a search with one encoder."""

    quality: int
    value_db: float
    byte_count: int
    below_floor: bool
    above_ceiling: bool


class EqualQuality:
    """Brings the codecs of a Comparison to equal quality. Safe to use from several threads.

    Every value that guides the search was measured on a decoded stream. Earlier searches do not change which qualities
    a search visits, so a target always has the same answer; values measured before are looked up.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int, int], tuple[int, Metrics]] = {}
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
        with self._comparison.memory_granted(codec, pause) as step:
            found = self._search(codec, target, step)
        self._cache.put((codec, target), found)
        return found

    def _search(self, name: str, target: QualityTarget, pause: Pause) -> QualityMatch:
        codec = self._comparison.codecs[name]
        best: tuple[int, _Found] | None = None
        for index, encoder in enumerate(self._comparison.encoders(name)):
            found = search(encoder.qualities, self._measured(name, index, encoder, target, pause), target.value_db)
            if best is None or _rank(found, target) < _rank(best[1], target):
                best = index, found
            if _reached(found, target) and not codec.tries_every_encoder:
                break
        assert best is not None
        index, found = best
        encoder = self._comparison.encoders(name)[index]
        probe = self._probe(name, encoder, found.quality, pause)
        reconstruction, measurement = self._comparison.offloaded(probe.reconstruction, probe.measurement)
        request = Request(self._comparison.image, name, self._comparison.image.bpp(len(probe.stream)))
        result = Result(
            request,
            probe.stream,
            reconstruction,
            encoder.detail,
            found.quality,
            True,
            None,
            None,
            measurement,
            probe.encode_ms,
            probe.decode_ms,
            probe.measure_ms,
        )
        value_db = target.of(probe.measurement.metrics)
        return QualityMatch(
            target,
            result,
            _reached(found, target),
            value_db if found.below_floor else None,
            value_db if found.above_ceiling else None,
        )

    def _measured(
        self, name: str, index: int, encoder: Encoder, target: QualityTarget, pause: Pause
    ) -> Callable[[int], tuple[float, int]]:
        """A function that measures an encoder at a quality: value in dB, and bytes."""

        def measured(quality: int) -> tuple[float, int]:
            key = (name, index, quality)
            with self._lock:
                known = self._known.get(key)
            if known is None:
                probe = self._probe(name, encoder, quality, pause)
                known = len(probe.stream), probe.measurement.metrics
                with self._lock:
                    self._known[key] = known
            return target.of(known[1]), known[0]

        return measured

    def _probe(self, name: str, encoder: Encoder, quality: int, pause: Pause) -> _Probe:
        pause()
        begun = time.perf_counter()
        stream = encoder.encode(quality)
        encoded = time.perf_counter()
        pause()
        resumed = time.perf_counter()
        reconstruction = self._comparison.decoded(name, stream)
        decoded = time.perf_counter()
        measurement = self._comparison.reference().measure(reconstruction)
        measured = time.perf_counter()
        return _Probe(
            stream,
            reconstruction,
            measurement,
            (encoded - begun) * 1e3,
            (decoded - resumed) * 1e3,
            (measured - decoded) * 1e3,
        )


def search(qualities: range, measured: Callable[[int], tuple[float, int]], target_db: float) -> _Found:
    """The quality whose measured value is nearest to the target.

    Values grow with quality, but not strictly. The bracket is first narrowed to two of a few fixed qualities, which all
    targets share, then by interpolation; the nearest of all measured values wins.
    """
    probes: dict[int, tuple[float, int]] = {}

    def value(quality: int) -> float:
        if quality not in probes:
            probes[quality] = measured(quality)
        return probes[quality][0]

    def is_met() -> bool:
        return min(abs(found[0] - target_db) for found in probes.values()) <= TOLERANCE_DB

    last = len(qualities) - 1
    anchors = sorted({round(last * i / _INTERVALS) for i in range(_INTERVALS + 1)})
    low, high = _bracket([qualities[i] for i in anchors], value, target_db)
    halve = False
    while high - low > 1 and not is_met() and len(probes) < _MAX_PROBES:
        middle, rise = (low + high) // 2, value(high) - value(low)
        quality = middle
        if not halve and 0 < rise < float("inf"):
            share = (target_db - value(low)) / rise
            quality = min(max(low + round(share * (high - low)), low + 1), high - 1)
        # Interpolation that stays near one end of a wide bracket converges slowly: bisect once instead.
        halve = not halve and min(quality - low, high - quality) < 0.1 * (high - low)
        if value(quality) < target_db:
            low = quality
        else:
            high = quality
    nearest = min(probes, key=lambda quality: (abs(probes[quality][0] - target_db), probes[quality][1]))
    value_db, byte_count = probes[nearest]
    missed = abs(value_db - target_db) > TOLERANCE_DB
    return _Found(
        nearest,
        value_db,
        byte_count,
        missed and qualities[0] in probes and all(found[0] > target_db for found in probes.values()),
        missed and qualities[-1] in probes and all(found[0] < target_db for found in probes.values()),
    )


def _bracket(anchors: Sequence[int], value: Callable[[int], float], target_db: float) -> tuple[int, int]:
    """Neighbouring anchors, the lower one below the target and the upper one not; at an end, that anchor twice."""
    low, high = -1, len(anchors)
    while high - low > 1:
        middle = (low + high) // 2
        if value(anchors[middle]) < target_db:
            low = middle
        else:
            high = middle
    return anchors[max(low, 0)], anchors[min(high, len(anchors) - 1)]


def _reached(found: _Found, target: QualityTarget) -> bool:
    return abs(found.value_db - target.value_db) <= TOLERANCE_DB


def _rank(found: _Found, target: QualityTarget) -> tuple[bool, float]:
    """Sorting key: encoders that reach the target first, fewest bytes first; then the others, nearest first."""
    reached = _reached(found, target)
    return not reached, float(found.byte_count) if reached else abs(found.value_db - target.value_db)


def reference_codec(matches: Mapping[str, QualityMatch], codecs: Sequence[str]) -> str:
    """The codec that the others are compared with: the first one that meets the target, else the first one."""
    return next((codec for codec in codecs if codec in matches and matches[codec].reached), codecs[0])


def byte_ratios(matches: Mapping[str, QualityMatch], reference: str) -> dict[str, float]:
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

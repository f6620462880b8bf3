"""Quality matching: the stream whose PSNR or MS-SSIM, measured on what is decoded from it, meets a target; and the
search that meets a target in any metric.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

from models.errors import CodecError
from viewer.codecs.base import Encoder, Prepares, detail_of
from viewer.imaging.image import Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.rate_search import Pause
from viewer.matching.result import Request, Result
from viewer.matching.targets.quality import TOLERANCE_DB, QualityTarget
from viewer.matching.value_search import Found, search
from viewer.metrics.measurement import Measurement, Metrics
from viewer.system.lru_cache import BoundedCache

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

    def match(
        self,
        codec: str,
        target: QualityTarget,
        pause: Callable[[], None] | None = None,
        tried: Callable[[int], None] | None = None,
    ) -> QualityMatch:
        """The codec's stream that meets the target with the fewest bytes, or comes closest. Raises CodecError;
        MemoryLimitError.

        pause: called before every costly step. It may wait, to let other work go first, or raise, to end this work.
        tried: called after each stream that was made and measured for this, with their number.
        """
        known = self._cache.get((codec, target))
        if known is not None:
            return known
        goal = Goal(target.value_db, TOLERANCE_DB, target.of)
        with self._comparison.memory_granted(codec, pause) as step:
            result, found = self._search.best(codec, goal, step, tried)
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

    def best(
        self, name: str, goal: Goal[Kept], pause: Pause, tried: Callable[[int], None] | None = None
    ) -> tuple[Result, Found]:
        """The codec's stream that meets the goal with the fewest bytes, or comes closest; in memory that is granted.
        tried: as in `EqualQuality.match`. Raises CodecError.
        """
        codec = self._comparison.codecs[name]
        best: tuple[int, Found] | None = None
        failure: CodecError | None = None
        encoders = self._comparison.encoders(name)
        numbers = count(1)

        def note() -> None:
            if tried is not None:
                tried(next(numbers))

        begun, prepared_ms, paused_s = time.perf_counter(), self._comparison.prepare_ms(name), pause.spent_s
        for index, encoder in enumerate(encoders):
            try:
                measured = self._measured(name, index, encoder, goal, pause, note=note)
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
        self, name: str, index: int, encoder: Encoder, goal: Goal[Kept], pause: Pause, *, note: Callable[[], None]
    ) -> Callable[[int], tuple[float, int]]:
        """What an encoder gives at a quality, on the goal's scale, and its bytes. note: called if it was not known."""

        def measured(quality: int) -> tuple[float, int]:
            key = (name, index, quality)
            with self._lock:
                known = self._known.get(key)
            if known is None:
                probe = self._probe(name, encoder, quality, pause)
                known = len(probe.stream), self._keep(probe)
                with self._lock:
                    self._known[key] = known
                note()
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


def _rank(found: Found, goal: Goal[Any]) -> tuple[bool, float]:
    """Sorting key: encoders that reach the target first, fewest bytes first; then the others, nearest first."""
    return not found.reached, float(found.byte_count) if found.reached else abs(found.value - goal.value)

"""One codec at one rate on one picture, measured: the values that flow from slider to pane, and what computes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace

from models.errors import CodecError
from viewer.codecs.base import Codec, Encoder, EstimatesMemory, Preloadable
from viewer.codecs.registry import known_codecs
from viewer.imaging.image import Image, Pixels
from viewer.matching.rate_search import MAX_PROBES, Match, Search
from viewer.matching.rate_target import target_bytes
from viewer.metrics.measurement import Measurement, Reference
from viewer.metrics.scoring import Score, Scorer
from viewer.system.disk_array import on_disk
from viewer.system.lru_cache import BoundedCache
from viewer.system.memory import Grant, is_large, process_budget, result_bytes

_CACHE_BYTES = 96 * 2**20

_ROUNDS = (2, 6, MAX_PROBES)
"""Where one encoder that meets the target is enough, each gets so many probes before the next one is tried: what it
misses by then lies in a gap between the sizes that it can make, and its search would go on for long."""


@dataclass(frozen=True)
class Request:
    """What is asked for: hashable, and the key of the result cache."""

    image: Image
    codec: str
    target_bpp: float


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a request. The reconstruction was decoded from the stream, and bpp counts all of its bytes.

    reachable: the rate is within 1 % of the target. If not, floor_bpp or ceiling_bpp says what stopped it (the lowest
    or highest rate that the codec has on this picture; both None where its rates merely have a gap there).

    scores: of slower metrics than those of the measurement, by name: `scored` adds them, after the result.
    """

    request: Request
    stream: bytes
    reconstruction: Pixels
    detail: str
    quality: int
    reachable: bool
    floor_bpp: float | None
    ceiling_bpp: float | None
    measurement: Measurement
    encode_ms: float
    decode_ms: float
    measure_ms: float
    scores: Mapping[str, Score] = field(default_factory=dict)

    @property
    def bpp(self) -> float:
        """8 * bytes / pixels of the real stream."""
        return self.request.image.bpp(len(self.stream))

    @property
    def deviation(self) -> float:
        """(bpp - target) / target."""
        return self.bpp / self.request.target_bpp - 1.0

    @property
    def byte_count(self) -> int:
        """Memory that this value holds, in bytes."""
        maps = self.measurement.squared_error.nbytes + self.measurement.ssim.nbytes
        return len(self.stream) + self.reconstruction.nbytes + maps


def scored(result: Result, scorer: Scorer, pause: Callable[[], None] | None = None) -> Result:
    """A result with its scores in all of the scorer's metrics. pause: as `Scorer.scores`."""
    return with_scores(result, scorer.scores(result.reconstruction, pause, known=result.scores))


def with_scores(result: Result, scores: Mapping[str, Score]) -> Result:
    """A result with these scores besides those that it has."""
    return replace(result, scores={**result.scores, **scores})


@dataclass(frozen=True, eq=False)
class _Coded:
    """One encoder's answer to a target, decoded."""

    encoder: Encoder
    match: Match
    reconstruction: Pixels
    decode_ms: float


class Comparison:
    """An opened picture: its prepared encoders, its statistics and finished results, shared by the workers.

    Safe to use from several threads; what is costly is done once, by whoever needs it first.
    """

    def __init__(self, image: Image, codecs: Sequence[Codec] | None = None, *, first: bool = False) -> None:
        """codecs: without them, all that are known. first: it goes before all others, and waits for no memory; for
        small pictures.
        """
        codecs = known_codecs() if codecs is None else codecs
        self.image = image
        self._first = first
        self.codecs = {codec.name: codec for codec in codecs}
        self._encoders: dict[str, Sequence[Encoder]] = {}
        self._encoder_locks = {codec.name: threading.Lock() for codec in codecs}
        self._reference: Reference | None = None
        self._reference_lock = threading.Lock()
        self._cache: BoundedCache[Request, Result] = BoundedCache(_CACHE_BYTES, lambda result: result.byte_count)

    def cached(self, codec: str, target_bpp: float) -> Result | None:
        """The result of an earlier call, at once, or None."""
        return self._cache.get(Request(self.image, codec, target_bpp))

    def result(self, codec: str, target_bpp: float, pause: Callable[[], None] | None = None) -> Result:
        """Compress to the target, decode those bytes and measure. Raises CodecError; MemoryLimitError; KeyError for an
        unknown codec.

        pause: called before every costly step; it may wait, so that others go first, and raise, which ends the work.
        """
        known = self.cached(codec, target_bpp)
        if known is not None:
            return known
        result = self._compute(Request(self.image, codec, target_bpp), pause)
        self._cache.put(result.request, result)
        return result

    def reference(self) -> Reference:
        """The original's statistics, computed on the first call."""
        with self._reference_lock:
            if self._reference is None:
                self._reference = Reference(self.image.pixels)
            return self._reference

    def encoders(self, codec: str) -> Sequence[Encoder]:
        """The codec's prepared encoders of this picture, made on the first call."""
        with self._encoder_locks[codec]:
            if codec not in self._encoders:
                self._encoders[codec] = self.codecs[codec].encoders(self.image)
            return self._encoders[codec]

    def _granted(self, codec: str, at_least: int) -> AbstractContextManager[Grant]:
        """Waits for the memory that a result takes, or for more. Raises MemoryLimitError."""
        if self._first:
            return nullcontext(Grant(process_budget(), 0))
        known = self.codecs[codec]
        required_bytes = result_bytes(
            codec,
            self.image.pixel_count,
            prepared=codec in self._encoders,
            measured=self._reference is not None,
            estimate=known.memory if isinstance(known, EstimatesMemory) else None,
        )
        return process_budget().granted(max(required_bytes, at_least), self.codecs[codec].label)

    @contextmanager
    def memory_granted(self, codec: str, wait: Callable[[], None] | None, at_least: int = 0) -> Iterator[Pause]:
        """Work on a result, in the memory that it takes. Raises MemoryLimitError.

        wait: as `pause` of `result`; others have the memory meanwhile. at_least: bytes that another step takes.
        """
        with self._granted(codec, at_least) as grant:
            yield Pause(None if wait is None else lambda: grant.yield_while(wait))

    def decoded(self, codec: str, stream: bytes) -> Pixels:
        """What a stream of this picture holds, read-only. Raises CodecError, also where its size is another."""
        reconstruction = self.codecs[codec].decode(stream)
        if reconstruction.shape != self.image.pixels.shape:
            height, width = reconstruction.shape[:2]
            raise CodecError(
                f"{self.codecs[codec].label} decoded its own stream to {width} x {height} pixels, not "
                f"{self.image.width} x {self.image.height}, so there is nothing to compare."
            )
        reconstruction.flags.writeable = False
        return reconstruction

    def offloaded(self, reconstruction: Pixels, measurement: Measurement) -> tuple[Pixels, Measurement]:
        """The same values, of a large picture on the disk."""
        if not is_large(self.image.pixel_count):
            return reconstruction, measurement
        maps = on_disk(measurement.squared_error), on_disk(measurement.ssim)
        return on_disk(reconstruction), replace(measurement, squared_error=maps[0], ssim=maps[1])

    def _compute(self, request: Request, wait: Callable[[], None] | None) -> Result:
        with self.memory_granted(request.codec, wait) as pause:
            return self._measured(request, pause)

    def _measured(self, request: Request, pause: Pause) -> Result:
        codec = self.codecs[request.codec]
        if isinstance(codec, Preloadable):
            codec.load()
        begun = time.perf_counter()
        candidates = self._candidates(request, pause)
        best = min(candidates, key=self._distance) if len(candidates) > 1 else candidates[0]
        encoded_s = time.perf_counter() - begun - pause.spent_s - sum(coded.decode_ms for coded in candidates) / 1e3
        pause()
        begun = time.perf_counter()
        measurement = self.reference().measure(best.reconstruction)
        measured = time.perf_counter()
        found = best.match
        reconstruction, measurement = self.offloaded(best.reconstruction, measurement)
        return Result(
            request,
            found.stream,
            reconstruction,
            best.encoder.detail,
            found.quality,
            found.reachable,
            None if found.floor_bytes is None else request.image.bpp(found.floor_bytes),
            None if found.ceiling_bytes is None else request.image.bpp(found.ceiling_bytes),
            measurement,
            encoded_s * 1e3,
            best.decode_ms,
            (measured - begun) * 1e3,
        )

    def _candidates(self, request: Request, pause: Pause) -> list[_Coded]:
        candidates = []
        for search in self._searches(request, pause):
            found = search.result()
            pause()
            begun = time.perf_counter()
            reconstruction = self.decoded(request.codec, found.stream)
            candidates.append(_Coded(search.encoder, found, reconstruction, (time.perf_counter() - begun) * 1e3))
        return candidates

    def _searches(self, request: Request, pause: Pause) -> list[Search]:
        """Those that met the target and are to be compared, or the one that came nearest."""
        codec, encoders = self.codecs[request.codec], self.encoders(request.codec)
        size = target_bytes(request.target_bpp, request.image)
        searches = [Search(encoder, size) for encoder in encoders]
        if codec.tries_every_encoder or len(searches) == 1:
            for search in searches:
                search.run(MAX_PROBES, pause)
            return [search for search in searches if search.reachable] or [min(searches, key=_deviation)]
        for max_probes in _ROUNDS:
            for search in searches:
                search.run(max_probes, pause)
                if search.is_close:
                    return [search]
            if any(search.reachable for search in searches):
                break
        return [min(searches, key=_deviation)]

    def _distance(self, coded: _Coded) -> float:
        import cv2

        return float(cv2.norm(coded.reconstruction, self.image.pixels, cv2.NORM_L2SQR))


def _deviation(search: Search) -> float:
    return search.deviation


class Pause:
    """Calls what a caller wants called between steps, if anything, and adds up the time that it takes."""

    def __init__(self, wait: Callable[[], None] | None) -> None:
        self.spent_s = 0.0
        self._wait = wait

    def __call__(self) -> None:
        if self._wait is not None:
            begun = time.perf_counter()
            self._wait()
            self.spent_s += time.perf_counter() - begun

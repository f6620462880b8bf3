"""One codec at one rate on one picture, measured: the request and the result that link slider and pane."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from models.errors import CodecError
from viewer.codecs.base import Codec, Encoder, EstimatesMemory, Preloadable
from viewer.codecs.registry import known_codecs
from viewer.imaging.image import Image, Pixels
from viewer.matching.rate_search import MAX_PROBES, Match, Search
from viewer.matching.rate_target import target_bytes
from viewer.metrics.measurement import Measurement, Reference
from viewer.system.disk_array import on_disk
from viewer.system.lru_cache import BoundedCache
from viewer.system.memory import Grant, is_large, process_budget, result_bytes

_CACHE_BYTES = 96 * 2**20

_ROUNDS = (2, 6, MAX_PROBES)
"""If one encoder that meets the target is enough, each gets this many probes before the next one is tried. A target
that it has not met by then lies in a gap between its sizes, and searching on would take long."""


@dataclass(frozen=True)
class Request:
    """What to compute; the key of the result cache."""

    image: Image
    codec: str
    target_bpp: float


@dataclass(frozen=True, eq=False)
class Result:
    """The result of a request. The reconstruction was decoded from the stream, and bpp counts all of its bytes.

    reachable: the rate is within 1 % of the target. If not, floor_bpp or ceiling_bpp is the codec's lowest or highest
    rate on this picture; both are None if its rates merely have a gap there.
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
        """Memory of this value, in bytes."""
        maps = self.measurement.squared_error.nbytes + self.measurement.ssim.nbytes
        return len(self.stream) + self.reconstruction.nbytes + maps


@dataclass(frozen=True, eq=False)
class _Coded:
    """One encoder's stream for a target, decoded."""

    encoder: Encoder
    match: Match
    reconstruction: Pixels
    decode_ms: float


class Comparison:
    """An opened picture with its prepared encoders, its statistics and finished results, shared by the workers.

    Safe to use from several threads; costly steps are done once, by whichever thread needs them first.
    """

    def __init__(self, image: Image, codecs: Sequence[Codec] | None = None, *, first: bool = False) -> None:
        """codecs: all known ones by default. first: do not wait for memory; for small pictures only."""
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
        """The result of an earlier call, or None; returns immediately."""
        return self._cache.get(Request(self.image, codec, target_bpp))

    def result(self, codec: str, target_bpp: float, pause: Callable[[], None] | None = None) -> Result:
        """Compress to the target, decode those bytes and measure. Raises CodecError; MemoryLimitError; KeyError for an
        unknown codec.

        pause: called before every costly step. It may wait, to let other work go first, or raise, to end this work.
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
        """The codec's encoders, prepared for this picture on the first call."""
        with self._encoder_locks[codec]:
            if codec not in self._encoders:
                self._encoders[codec] = self.codecs[codec].encoders(self.image)
            return self._encoders[codec]

    def _granted(self, codec: str) -> AbstractContextManager[Grant]:
        """Wait for the memory that a result takes. Raises MemoryLimitError."""
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
        return process_budget().granted(required_bytes, self.codecs[codec].label)

    @contextmanager
    def memory_granted(self, codec: str, wait: Callable[[], None] | None) -> Iterator[Pause]:
        """Hold the memory that a result takes. Raises MemoryLimitError.

        wait: like `pause` of `result`; while it waits, others may have the memory.
        """
        with self._granted(codec) as grant:
            yield Pause(None if wait is None else lambda: grant.yield_while(wait))

    def decoded(self, codec: str, stream: bytes) -> Pixels:
        """Decode a stream of this picture, read-only. Raises CodecError, also if its size is not the picture's."""
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
        """The same values; those of a large picture are moved to disk."""
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
        """The searches that met the target and are to be compared, or else the one that came nearest."""
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
    """Calls the caller's function between steps, if there is one, and adds up the time that it takes."""

    def __init__(self, wait: Callable[[], None] | None) -> None:
        self.spent_s = 0.0
        self._wait = wait

    def __call__(self) -> None:
        if self._wait is not None:
            begun = time.perf_counter()
            self._wait()
            self.spent_s += time.perf_counter() - begun

"""An opened picture, and every codec at any rate on it: encoded, decoded and measured."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from models.errors import CodecError
from viewer.codecs.base import Codec, Encoder, EstimatesMemory, Preloadable, Prepares, detail_of
from viewer.codecs.registry import known_codecs
from viewer.imaging.image import Image, Pixels
from viewer.matching.curve import RatePoint
from viewer.matching.rate_search import Match, Pause, Search, all_searched, first_searched
from viewer.matching.result import Request, Result
from viewer.matching.size_grid import Grid, Outlook, decoded, grid_of, promising, psnr_db
from viewer.matching.targets.quality import PSNR_RGB, QualityMeasure
from viewer.matching.targets.rate import target_bytes
from viewer.metrics.measurement import Measurement, Metrics, Reference
from viewer.system.disk_array import on_disk
from viewer.system.lru_cache import BoundedCache
from viewer.system.memory import Grant, is_large, process_budget, result_bytes

log = logging.getLogger("ratelens.comparison")

_CACHE_BYTES = 48 * 2**20
"""Eleven results of 768x512 pixels. The points of curves are five times as many: they would not fit into twice the
room either."""


@dataclass(frozen=True, eq=False)
class _Coded:
    """One encoder's stream for a target, decoded and measured."""

    encoder: Encoder
    match: Match
    reconstruction: Pixels
    measurement: Measurement
    decode_ms: float
    measure_ms: float


@dataclass(frozen=True)
class _Other:
    """What stays of an answer that was not kept."""

    encoder: Encoder
    detail: str
    byte_count: int
    metrics: Metrics
    encode_ms: float
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
        self._grids: dict[str, Sequence[Grid]] = {}
        self._encoder_locks = {codec.name: threading.Lock() for codec in codecs}
        self._prepared_s = dict.fromkeys(self.codecs, 0.0)
        self._prepared_lock = threading.Lock()
        self._reference: Reference | None = None
        self._reference_lock = threading.Lock()
        self._cache: BoundedCache[Request, Result] = BoundedCache(_CACHE_BYTES, lambda result: result.byte_count)

    def cached(self, codec: str, target_bpp: float, best_in: QualityMeasure = PSNR_RGB) -> Result | None:
        """The result of an earlier call, or None; returns immediately."""
        return self._cache.get(self._request(codec, target_bpp, best_in))

    def result(
        self,
        codec: str,
        target_bpp: float,
        pause: Callable[[], None] | None = None,
        best_in: QualityMeasure = PSNR_RGB,
        *,
        every_variant: bool = True,
    ) -> Result:
        """Compress to the target, decode those bytes and measure. Raises CodecError; MemoryLimitError; KeyError for an
        unknown codec.

        pause: called before every costly step. It may wait, to let other work go first, or raise, to end this work.
        best_in: if the codec tries several variants (JPEG's subsamplings), the one that is best in this is kept.
        every_variant: False spares those that are clearly worse in PSNR, for what is to be shown soon: the same is
        kept, without `others`. MS-SSIM is too uneven to tell from a rate nearby.
        """
        request = self._request(codec, target_bpp, best_in)
        known = self._cache.get(request)
        sparing = not every_variant and self.codecs[codec].tries_every_encoder and best_in.metric == "psnr"
        if known is None and sparing:
            request = replace(request, every_variant=False)
            known = self._cache.get(request)
        if known is not None:
            return known
        result = self._compute(request, pause)
        self._cache.put(request, result)
        return result

    def _request(self, codec: str, target_bpp: float, best_in: QualityMeasure) -> Request:
        return Request(self.image, codec, target_bpp, best_in if self.codecs[codec].tries_every_encoder else PSNR_RGB)

    def add_codec(self, codec: Codec) -> None:
        """Let one more codec be compared; one that is known already stays."""
        self._encoder_locks.setdefault(codec.name, threading.Lock())
        with self._prepared_lock:
            self._prepared_s.setdefault(codec.name, 0.0)
        self.codecs.setdefault(codec.name, codec)

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
                loading = self.codecs[codec]
                if isinstance(loading, Preloadable):
                    loading.load()
                begun = time.perf_counter()
                encoders = loading.encoders(self.image)
                for encoder in encoders:
                    if isinstance(encoder, Prepares):
                        encoder.prepare()
                self._encoders[codec] = encoders
                self._grids[codec] = tuple(grid_of(loading, encoder, self.image.pixels) for encoder in encoders)
                self.add_preparing(codec, time.perf_counter() - begun)
            return self._encoders[codec]

    def add_preparing(self, codec: str, seconds: float) -> None:
        """Note that so much was done for all rates of this picture."""
        with self._prepared_lock:
            self._prepared_s[codec] += seconds

    def prepare_ms(self, codec: str) -> float:
        """What was done until now, once for all rates: loading the codec is no part of it."""
        with self._prepared_lock:
            return 1e3 * self._prepared_s[codec]

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
        """Hold the memory that a result takes. Raises MemoryLimitError.

        wait: like `pause` of `result`; while it waits, others may have the memory. at_least: bytes that another step
        takes.
        """
        with self._granted(codec, at_least) as grant:
            yield Pause(None if wait is None else lambda: grant.yield_while(wait))

    def decoded(self, codec: str, stream: bytes) -> Pixels:
        """Decode a stream of this picture, read-only. Raises CodecError, also if its size is not the picture's."""
        return decoded(self.codecs[codec], self.image.pixels, stream)

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
        searches, search_s = self._searches(request, pause)
        best, others = self._best(searches, request, pause)
        found = best.match
        reconstruction, measurement = self.offloaded(best.reconstruction, best.measurement)
        result = Result(
            request,
            found.stream,
            reconstruction,
            detail_of(best.encoder, found.stream),
            found.quality,
            found.reachable,
            None if found.floor_bytes is None else request.image.bpp(found.floor_bytes),
            None if found.ceiling_bytes is None else request.image.bpp(found.ceiling_bytes),
            measurement,
            found.encode_s * 1e3,
            best.decode_ms,
            best.measure_ms,
            prepare_ms=self.prepare_ms(request.codec),
            search_ms=search_s * 1e3,
            variant=self._variant(request.codec, best.encoder),
        )
        return replace(result, others=tuple(self._point(result, coded) for coded in others))

    def outlooks(self, codec: str, size: float, best_in: QualityMeasure, pause: Callable[[], None]) -> list[Outlook]:
        """What to expect of each of the codec's encoders at a size."""
        grids = self._grids[codec]
        # A PSNR takes so little that it is found for whoever asks for less later.
        measure = best_in if len(grids) > 1 and best_in.metric == "psnr" else None
        return [grid.outlook(size, measure, pause) for grid in grids]

    def known(self, codec: str, target_bpp: float, best_in: QualityMeasure = PSNR_RGB) -> Result | None:
        """The result for a target, if it is there already."""
        request = self._request(codec, target_bpp, best_in)
        return self._cache.get(request) or self._cache.get(replace(request, every_variant=False))

    def _variant(self, codec: str, encoder: Encoder) -> str:
        """Encoders that only fill what others leave are of one curve with them."""
        return encoder.detail if self.codecs[codec].tries_every_encoder else ""

    def _point(self, result: Result, coded: _Other) -> RatePoint:
        return RatePoint(
            result.request.codec,
            self.image.bpp(coded.byte_count),
            coded.byte_count,
            coded.metrics,
            result.request.target_bpp,
            coded.detail,
            coded.encode_ms,
            coded.decode_ms,
            self._variant(result.request.codec, coded.encoder),
            result.prepare_ms,
        )

    def _best(self, searches: Sequence[Search], request: Request, pause: Pause) -> tuple[_Coded, list[_Other]]:
        """The stream that is best in what decides, and of the others what was measured; one at a time in memory."""
        if not request.every_variant:
            return self._foremost(searches, request, pause), []
        best: _Coded | None = None
        others: list[_Other] = []
        failure: CodecError | None = None
        for search in searches:
            pause()
            try:
                coded = self._coded(request.codec, search)
            except CodecError as error:  # one stream that does not decode takes only itself away
                log.warning("%s, %s: %s", request.codec, search.encoder.detail, error)
                failure = error
                continue
            if best is None or _value(coded, request) > _value(best, request):
                best, coded_before = coded, best
            else:
                coded_before = coded
            if coded_before is not None:
                others.append(_other(coded_before))
        if best is None:
            raise failure or CodecError(f"{self.codecs[request.codec].label} returned no stream for this picture.")
        return best, others

    def _foremost(self, searches: Sequence[Search], request: Request, pause: Pause) -> _Coded:
        """The stream that is best in PSNR, which needs no full measurement of the others."""
        best: tuple[float, int, Search, Pixels, float] | None = None
        failure: CodecError | None = None
        for search in searches:
            pause()
            stream = search.result().stream
            begun = time.perf_counter()
            try:
                reconstruction = self.decoded(request.codec, stream)
            except CodecError as error:  # one stream that does not decode takes only itself away
                log.warning("%s, %s: %s", request.codec, search.encoder.detail, error)
                failure = error
                continue
            decode_s = time.perf_counter() - begun
            value_db = psnr_db(self.image.pixels, reconstruction, request.best_in)
            one = value_db, -len(stream), search, reconstruction, decode_s
            if best is None or one[:2] > best[:2]:
                best = one
        if best is None:
            raise failure or CodecError(f"{self.codecs[request.codec].label} returned no stream for this picture.")
        *_, search, reconstruction, decode_s = best
        return self._with_measurement(search, reconstruction, decode_s)

    def _coded(self, codec: str, search: Search) -> _Coded:
        begun = time.perf_counter()
        reconstruction = self.decoded(codec, search.result().stream)
        return self._with_measurement(search, reconstruction, time.perf_counter() - begun)

    def _with_measurement(self, search: Search, reconstruction: Pixels, decode_s: float) -> _Coded:
        begun = time.perf_counter()
        measurement = self.reference().measure(reconstruction)
        measure_s = time.perf_counter() - begun
        return _Coded(search.encoder, search.result(), reconstruction, measurement, 1e3 * decode_s, 1e3 * measure_s)

    def _searches(self, request: Request, pause: Pause) -> tuple[list[Search], float]:
        """The searches that met the target and are to be compared, or else the one that came nearest; and the seconds
        that all of them took.
        """
        encoders = self.encoders(request.codec)
        size = target_bytes(request.target_bpp, request.image)
        begun, paused_s = time.perf_counter(), pause.spent_s
        if self.codecs[request.codec].tries_every_encoder:
            outlooks = self.outlooks(request.codec, size, request.best_in, pause)
            searches = [
                Search(encoder, size, outlook.guess) for encoder, outlook in zip(encoders, outlooks, strict=True)
            ]
            chosen = all_searched(
                searches, [request.every_variant or may_win for may_win in promising(outlooks)], pause
            )
            prepared_s = sum(outlook.prepared_s for outlook in outlooks)
        else:
            searches = [Search(encoder, size) for encoder in encoders]
            chosen, prepared_s = first_searched(searches, pause), 0.0
        prepared_s += sum(search.prepared_s for search in searches)
        self.add_preparing(request.codec, prepared_s)
        return chosen, time.perf_counter() - begun - (pause.spent_s - paused_s) - prepared_s


def _value(coded: _Coded, request: Request) -> tuple[float, int]:
    return request.best_in.of(coded.measurement.metrics), -len(coded.match.stream)


def _other(coded: _Coded) -> _Other:
    return _Other(
        coded.encoder,
        detail_of(coded.encoder, coded.match.stream),
        len(coded.match.stream),
        coded.measurement.metrics,
        coded.match.encode_s * 1e3,
        coded.decode_ms,
    )

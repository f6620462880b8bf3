"""One codec at one rate on one picture, measured: the request and the result that link slider and pane."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

from models.errors import CodecError
from viewer.codecs.base import Codec, Encoder, EstimatesMemory, Preloadable, Prepares, detail_of, part_of
from viewer.codecs.registry import known_codecs
from viewer.imaging.image import Image, Pixels
from viewer.matching.curve import RatePoint
from viewer.matching.quality_target import PSNR_RGB, QualityMeasure
from viewer.matching.rate_search import MAX_PROBES, Match, Search
from viewer.matching.rate_target import target_bytes
from viewer.matching.size_grid import Grid, Outlook, promising
from viewer.metrics.measurement import Measurement, Metrics, Reference, quick_psnr_db
from viewer.metrics.scoring import Score, Scorer
from viewer.system.disk_array import on_disk
from viewer.system.lru_cache import BoundedCache
from viewer.system.memory import Grant, is_large, process_budget, result_bytes

log = logging.getLogger("ratelens.comparison")

_CACHE_BYTES = 48 * 2**20
"""Eleven results of 768x512 pixels. The points of curves are five times as many: they would not fit into twice the
room either."""

_ROUNDS = (2, 6, MAX_PROBES)
"""If one encoder that meets the target is enough, each gets this many probes before the next one is tried. A target
that it has not met by then lies in a gap between its sizes, and searching on would take long."""


@dataclass(frozen=True)
class Request:
    """What to compute; the key of the result cache.

    best_in: how a codec's variants are ranked if it tries several; always PSNR_RGB for other codecs. every_variant:
    whether those that cannot win are measured as well.
    """

    image: Image
    codec: str
    target_bpp: float
    best_in: QualityMeasure = PSNR_RGB
    every_variant: bool = True


@dataclass(frozen=True, eq=False)
class Result:
    """The result of a request. The reconstruction was decoded from the stream, and bpp counts all of its bytes.

    detail: of the stream ("4:2:0, progressive"). variant: of the encoder, if the codec tries several ("4:2:0"). others:
    the points of the variants that were not kept.

    The times mean the same everywhere. prepare_ms: work done once for all rates of the picture, until then. encode_ms:
    coding this one stream at its known quality. search_ms: finding that quality, including every stream that was tried.
    decode_ms and measure_ms: of this stream.

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
    prepare_ms: float = 0.0
    search_ms: float = 0.0
    variant: str = ""
    others: tuple[RatePoint, ...] = ()
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
        """Memory of this value, in bytes."""
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
                self._grids[codec] = tuple(_grid(loading, encoder, self.image.pixels) for encoder in encoders)
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
        return _decoded(self.codecs[codec], self.image.pixels, stream)

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
            value_db = _value_db(self.image.pixels, reconstruction, request.best_in)
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
            chosen = _all_searched(
                searches, [request.every_variant or may_win for may_win in promising(outlooks)], pause
            )
            prepared_s = sum(outlook.prepared_s for outlook in outlooks)
        else:
            searches = [Search(encoder, size) for encoder in encoders]
            chosen, prepared_s = _first_searched(searches, pause), 0.0
        prepared_s += sum(search.prepared_s for search in searches)
        self.add_preparing(request.codec, prepared_s)
        return chosen, time.perf_counter() - begun - (pause.spent_s - paused_s) - prepared_s


def _decoded(codec: Codec, original: Pixels, stream: bytes) -> Pixels:
    reconstruction = codec.decode(stream)
    if reconstruction.shape != original.shape:
        height, width = reconstruction.shape[:2]
        raise CodecError(
            f"{codec.label} decoded its own stream to {width} x {height} pixels, not "
            f"{original.shape[1]} x {original.shape[0]}, so there is nothing to compare."
        )
    reconstruction.flags.writeable = False
    return reconstruction


def _value_db(original: Pixels, reconstruction: Pixels, measure: QualityMeasure) -> float:
    return quick_psnr_db(original, reconstruction, luma=measure.channel == "luma")


def _grid(codec: Codec, encoder: Encoder, pixels: Pixels) -> Grid:
    """What to expect of an encoder of a picture, judged by a part of it where there is one.

    Not a method of the comparison: a cycle would keep it, and its caches, until the collector runs.
    """
    part = part_of(encoder)
    if part is None:
        return Grid(encoder, partial(_stream_value_db, codec, pixels))
    return Grid(part, partial(_stream_value_db, codec, part.pixels), part.pixels.size / pixels.size)


def _stream_value_db(codec: Codec, original: Pixels, stream: bytes, measure: QualityMeasure) -> float:
    return _value_db(original, _decoded(codec, original, stream), measure)


def _all_searched(searches: Sequence[Search], promising: Sequence[bool], pause: Pause) -> list[Search]:
    """Those that met the target, or the nearest; the ones that do not promise to win only where no other met it."""
    run: list[Search] = []
    for group in (True, False):
        for search, promises in zip(searches, promising, strict=True):
            if promises is group:
                search.run(MAX_PROBES, pause)
                run.append(search)
        if reachable := [search for search in run if search.reachable]:
            return reachable
    return [min(run, key=_deviation)]


def _first_searched(searches: Sequence[Search], pause: Pause) -> list[Search]:
    """The first that comes close to the target, or the nearest."""
    if len(searches) == 1:
        searches[0].run(MAX_PROBES, pause)
        return [searches[0]]
    for max_probes in _ROUNDS:
        for search in searches:
            search.run(max_probes, pause)
            if search.is_close:
                return [search]
        if any(search.reachable for search in searches):
            break
    return [min(searches, key=_deviation)]


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


def _deviation(search: Search) -> tuple[bool, float]:
    return not search.found, search.deviation


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

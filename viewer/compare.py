"""One codec at one rate on one picture, measured: the values that flow from slider to pane, and what computes them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.errors import CodecError
from viewer.codecs import CODECS
from viewer.codecs.base import Codec, Encoder
from viewer.image import Image, Pixels
from viewer.large import is_large
from viewer.metrics import Measurement, Reference
from viewer.rate import Match, match
from viewer.spill import on_disk
from viewer.target import target_bytes

_CACHE_BYTES = 160 * 2**20


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
        """Memory that this value holds, in bytes."""
        maps = self.measurement.squared_error.nbytes + self.measurement.ssim.nbytes
        return len(self.stream) + self.reconstruction.nbytes + maps


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

    def __init__(self, image: Image, codecs: Sequence[Codec] = CODECS) -> None:
        self.image = image
        self.codecs = {codec.name: codec for codec in codecs}
        self._encoders: dict[str, Sequence[Encoder]] = {}
        self._encoder_locks = {codec.name: threading.Lock() for codec in codecs}
        self._reference: Reference | None = None
        self._reference_lock = threading.Lock()
        self._cache: OrderedDict[Request, Result] = OrderedDict()
        self._cache_lock = threading.Lock()

    def cached(self, codec: str, target_bpp: float) -> Result | None:
        """The result of an earlier call, at once, or None."""
        request = Request(self.image, codec, target_bpp)
        with self._cache_lock:
            result = self._cache.get(request)
            if result is not None:
                self._cache.move_to_end(request)
            return result

    def result(self, codec: str, target_bpp: float) -> Result:
        """Compress to the target, decode those bytes and measure. Raises CodecError; KeyError for an unknown codec."""
        known = self.cached(codec, target_bpp)
        if known is not None:
            return known
        result = self._compute(Request(self.image, codec, target_bpp))
        with self._cache_lock:
            self._cache[result.request] = result
            held = sum(entry.byte_count for entry in self._cache.values())
            while held > _CACHE_BYTES and len(self._cache) > 1:
                held -= self._cache.popitem(last=False)[1].byte_count
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

    def _compute(self, request: Request) -> Result:
        begun = time.perf_counter()
        candidates = self._candidates(request)
        best = min(candidates, key=self._distance) if len(candidates) > 1 else candidates[0]
        coded = time.perf_counter()
        measurement = self.reference().measure(best.reconstruction)
        measured = time.perf_counter()
        found, reconstruction = best.match, best.reconstruction
        if is_large(request.image.pixel_count):
            maps = on_disk(measurement.squared_error), on_disk(measurement.ssim)
            reconstruction = on_disk(reconstruction)
            measurement = replace(measurement, squared_error=maps[0], ssim=maps[1])
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
            (coded - begun) * 1e3 - best.decode_ms,
            best.decode_ms,
            (measured - coded) * 1e3,
        )

    def _candidates(self, request: Request) -> list[_Coded]:
        codec = self.codecs[request.codec]
        size = target_bytes(request.target_bpp, request.image)
        matches = []
        for encoder in self.encoders(request.codec):
            matches.append((encoder, match(encoder, size)))
            if matches[-1][1].reachable and not codec.tries_every_encoder:
                break
        reached = [pair for pair in matches if pair[1].reachable]
        if not reached:
            reached = [min(matches, key=lambda pair: abs(len(pair[1].stream) - size))]
        candidates = []
        for encoder, found in reached:
            begun = time.perf_counter()
            reconstruction = self._checked(codec, codec.decode(found.stream))
            reconstruction.flags.writeable = False
            candidates.append(_Coded(encoder, found, reconstruction, (time.perf_counter() - begun) * 1e3))
        return candidates

    def _checked(self, codec: Codec, reconstruction: Pixels) -> Pixels:
        if reconstruction.shape != self.image.pixels.shape:
            height, width = reconstruction.shape[:2]
            raise CodecError(
                f"{codec.label} decoded its own stream to {width} x {height} pixels, not {self.image.width} x "
                f"{self.image.height}, so there is nothing to compare."
            )
        return reconstruction

    def _distance(self, coded: _Coded) -> float:
        import cv2

        return float(cv2.norm(coded.reconstruction, self.image.pixels, cv2.NORM_L2SQR))

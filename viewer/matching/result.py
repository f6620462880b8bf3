"""One codec at one rate on one picture, measured: the request and the result that link slider and pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from viewer.imaging.image import Image, Pixels
from viewer.matching.curve import RatePoint
from viewer.matching.targets.quality import PSNR_RGB, QualityMeasure
from viewer.metrics.measurement import Measurement
from viewer.metrics.scoring import Score, Scorer


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

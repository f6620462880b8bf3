"""One codec at one rate on one picture, measured: the values that flow from slider to pane, and what computes them."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.image import Image, Pixels
from viewer.metrics import Measurement


@dataclass(frozen=True)
class Request:
    """What is asked for: hashable, and the key of the result cache."""

    image: Image
    codec: str
    target_bpp: float


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a request. The reconstruction was decoded from the stream, and bpp counts all of its bytes.

    reachable: the rate is within 1 % of the target. If not, floor_bpp or ceiling_bpp says what stopped it (the lowest or
    highest rate that the codec has on this picture; both None where its rates merely have a gap there).
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

"""WebP (lossy, VP8) through Pillow's libwebp: 4:2:0, libwebp's defaults except for quality, method and what a variant
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import features

from models.errors import StreamError
from viewer.codecs.files import libwebp, pillow_io
from viewer.imaging.image import Image, Pixels

_MAX_SIDE = 16383
"""VP8's frame header has 14 bits for each side."""

_STEPS_PER_QUALITY = 16
_QUALITIES = range(100 * _STEPS_PER_QUALITY + 1)

METHODS = (4, 3, 5)
"""libwebp's effort, its default first. Its quantiser has 128 steps, some of which change the size by more than 2 %;
another method makes streams a little smaller or larger, and so fills the gaps. These three differ by less than 0.5 % in
BD-rate; method 6 saves 3 to 6 %, so it would be a different codec."""

_TYPICAL_BPP = (0.09, 0.16, 0.26, 0.46, 0.83, 2.4, 3.2)
_TYPICAL_QUALITY = (0.0, 5.0, 20.0, 50.0, 80.0, 95.0, 100.0)


@dataclass(frozen=True, eq=False)
class WebpEncoder:
    """One picture at one effort. Its quality is libwebp's, in sixteenths: libwebp takes fractions."""

    pixels: Pixels
    method: int
    usual_method: int = METHODS[0]
    sharp_yuv: bool = False

    @property
    def detail(self) -> str:
        return "" if self.method == self.usual_method else f"method {self.method}"

    @property
    def qualities(self) -> range:
        return _QUALITIES

    def guess(self, target_bytes: int) -> int:
        bpp = max(1e-3, 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1]))
        quality = float(np.interp(np.log(bpp), np.log(_TYPICAL_BPP), _TYPICAL_QUALITY))
        return round(quality * _STEPS_PER_QUALITY)

    def encode(self, quality: int) -> bytes:
        level = quality / _STEPS_PER_QUALITY
        if self.sharp_yuv:
            return libwebp.encode(self.pixels, level, self.method, sharp_yuv=True)
        return pillow_io.encode(self.pixels, "WEBP", quality=level, method=self.method)


@dataclass(frozen=True)
class WebpCodec:
    """Lossy WebP. It carries no checksum.

    methods: libwebp's efforts, 0 to 6, the first to be tried first. sharp_yuv: see `libwebp.encode`.
    """

    name: str = "webp"
    label: str = "WebP"
    suffix: str = ".webp"
    tries_every_encoder: bool = False
    methods: tuple[int, ...] = METHODS
    sharp_yuv: bool = False

    @property
    def settings(self) -> str:
        return f"libwebp, method {self.methods[0]}, {'4:2:0 by sharp YUV' if self.sharp_yuv else '4:2:0'}"

    @property
    def version(self) -> str:
        return f"libwebp {features.version_module('webp')}"

    def encoders(self, image: Image) -> Sequence[WebpEncoder]:
        pillow_io.check_side_length(image, _MAX_SIDE, self.label)
        usual, sharp_yuv = self.methods[0], self.sharp_yuv
        return tuple(WebpEncoder(image.pixels, method, usual, sharp_yuv) for method in self.methods)

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(b"RIFF") and stream[8:12] == b"WEBP"

    def decode(self, stream: bytes) -> Pixels:
        # libwebp decodes truncated files as far as they go, and ignores extra bytes: check the length that RIFF states.
        if not self.recognises(stream) or int.from_bytes(stream[4:8], "little") + 8 != len(stream):
            raise StreamError("This is not a complete WebP file: check the file, or get another copy.")
        return pillow_io.decode(stream, "WEBP", self.label)

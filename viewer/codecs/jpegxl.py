"""JPEG XL (VarDCT, XYB) through pillow-jxl-plugin and libjxl: raw codestream, one thread; effort 7 unless a variant
says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

import numpy as np

from models.bitstream import MAX_PIXELS
from models.errors import StreamError
from viewer.codecs.files import pillow_io
from viewer.imaging.image import Image, Pixels
from viewer.imaging.jpegxl_header import SIGNATURE, claimed_size
from viewer.system.memory import MemoryEstimate

EFFORT = 7
"""libjxl's default."""

_COMPARING_EFFORT = 8

_STEPS_PER_QUALITY = 32
_QUALITIES = range(99 * _STEPS_PER_QUALITY + 1)
"""libjxl's quality, in steps of about 0.3 % of rate; 100 would be lossless, which is a different codec."""

_TYPICAL_BPP = (0.116, 0.14, 0.18, 0.31, 0.4, 0.61, 1.45, 2.25, 4.5)
_TYPICAL_QUALITY = (0.0, 5.0, 10.5, 30.0, 50.0, 70.0, 90.0, 95.0, 99.0)


@dataclass(frozen=True, eq=False)
class JpegXlEncoder:
    """One picture."""

    pixels: Pixels
    effort: int = EFFORT
    detail: str = ""

    @property
    def qualities(self) -> range:
        return _QUALITIES

    def guess(self, target_bytes: int) -> int:
        bpp = max(1e-3, 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1]))
        return round(float(np.interp(np.log(bpp), np.log(_TYPICAL_BPP), _TYPICAL_QUALITY)) * _STEPS_PER_QUALITY)

    def encode(self, quality: int) -> bytes:
        import pillow_jxl  # noqa: F401 (its import makes the format known to Pillow)

        # From pixels, never from an opened file: the plug-in would transcode a JPEG without loss.
        return pillow_io.encode(
            self.pixels, "JXL", quality=quality / _STEPS_PER_QUALITY, effort=self.effort, num_threads=1
        )


@dataclass(frozen=True)
class JpegXlCodec:
    """Lossy JPEG XL. Its codestream carries no checksum. effort: libjxl's, 1 to 10."""

    name: str = "jpegxl"
    label: str = "JPEG XL"
    suffix: str = ".jxl"
    tries_every_encoder: bool = False
    effort: int = EFFORT

    @property
    def settings(self) -> str:
        return f"libjxl, effort {self.effort}"

    @property
    def version(self) -> str:
        return f"pillow-jxl-plugin {metadata.version('pillow-jxl-plugin')}"

    @property
    def memory(self) -> MemoryEstimate | None:
        """From effort 8 on libjxl compares what it has coded with the original, which takes four times as much."""
        return MemoryEstimate(310.0) if self.effort >= _COMPARING_EFFORT else None

    def encoders(self, image: Image) -> Sequence[JpegXlEncoder]:
        return (JpegXlEncoder(image.pixels, self.effort),)

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(SIGNATURE)

    def decode(self, stream: bytes) -> Pixels:
        from pillow_jxl import Decoder

        size = claimed_size(stream)
        if size is None:
            raise StreamError("This is not a complete JPEG XL codestream (.jxl): check the file, or get another copy.")
        width, height = size
        if width * height > MAX_PIXELS:
            raise StreamError("This JPEG XL codestream is damaged (its size is impossible): get another copy.")
        try:
            _jpeg, info, data, *_ = Decoder(num_threads=1)(stream)
        except Exception as error:  # the plug-in raises bare errors of many kinds
            raise StreamError("This JPEG XL codestream is damaged or cut short: get another copy.") from error
        if info.mode != "RGB" or len(data) != 3 * info.width * info.height:
            raise StreamError("This JPEG XL codestream is not 8-bit RGB: open it as a picture instead.")
        return np.frombuffer(bytearray(data), np.uint8).reshape(info.height, info.width, 3)

"""An example of a codec that a package of its own brings: it keeps a smaller picture, and enlarges it again.

Stream: "SMALR1", CRC-32 of what follows (4 bytes), height and width of the picture, height and width of what is kept
(2 bytes each, big-endian), then its samples with 5 bits each, deflated.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image as PillowImage

from models.errors import CodecError, StreamError
from viewer.imaging.image import Image, Pixels

MAGIC = b"SMALR1"
SIZES = struct.Struct(">HHHH")
MAX_SIDE = 65535
QUALITIES = range(1, 1001)
"""Thousandths of the picture's sides."""


@dataclass(frozen=True, eq=False)
class SmallerEncoder:
    """One picture. What does not depend on the quality would be done once, before this is made."""

    pixels: Pixels
    detail: str = ""

    @property
    def qualities(self) -> range:
        return QUALITIES

    def guess(self, target_bytes: int) -> int:
        bpp = 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1])
        return min(max(round(1000 * math.sqrt(bpp / 8.0)), QUALITIES[0]), QUALITIES[-1])

    def encode(self, quality: int) -> bytes:
        height, width = self.pixels.shape[:2]
        kept_height, kept_width = max(1, height * quality // 1000), max(1, width * quality // 1000)
        kept = PillowImage.fromarray(self.pixels).resize((kept_width, kept_height), PillowImage.Resampling.BOX)
        body = SIZES.pack(height, width, kept_height, kept_width) + zlib.compress((np.asarray(kept) >> 3).tobytes(), 9)
        return MAGIC + zlib.crc32(body).to_bytes(4, "big") + body


@dataclass(frozen=True)
class SmallerCodec:
    """Stateless, and safe to call from several threads."""

    name: str = "smaller"
    label: str = "Smaller"
    suffix: str = ".smaller"
    tries_every_encoder: bool = False

    def encoders(self, image: Image) -> Sequence[SmallerEncoder]:
        if max(image.width, image.height) > MAX_SIDE:
            raise CodecError(f"Smaller is limited to {MAX_SIDE} pixels per side: crop or scale the picture.")
        return (SmallerEncoder(image.pixels),)

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(MAGIC)

    def decode(self, stream: bytes) -> Pixels:
        body = stream[len(MAGIC) + 4 :]
        whole = stream.startswith(MAGIC) and len(body) > SIZES.size
        if not whole or zlib.crc32(body) != int.from_bytes(stream[len(MAGIC) : len(MAGIC) + 4], "big"):
            raise StreamError("This is not a complete .smaller file: check the file, or get another copy.")
        height, width, kept_height, kept_width = SIZES.unpack_from(body)
        samples = np.frombuffer(zlib.decompress(body[SIZES.size :]), np.uint8).reshape(kept_height, kept_width, 3)
        kept = PillowImage.fromarray(samples << 3 | samples >> 2)
        return np.array(kept.resize((width, height), PillowImage.Resampling.BICUBIC))

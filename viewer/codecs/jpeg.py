"""JPEG through Pillow's libjpeg-turbo: baseline, optimised Huffman tables, continuously scaled quantisation tables."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.codecs import pillow_io
from viewer.codecs.temporary_files import check_complete, temporary_file_errors
from viewer.imaging.image import Image, Pixels

_MAX_SIDE = 65500
"""libjpeg's JPEG_MAX_DIMENSION."""

_STEPS_PER_OCTAVE = 512
_FINEST_LOG2_SCALE = -8.0
_COARSEST_LOG2_SCALE = 4.75
_QUALITIES = range(int((_COARSEST_LOG2_SCALE - _FINEST_LOG2_SCALE) * _STEPS_PER_OCTAVE) + 1)

_SPREAD = 0.001
"""Relative growth of a table from one zigzag entry to the next. Entries that are equal in the standard tables then
round up at different scales, so that the rate moves in small steps instead of jumping."""

# ITU-T T.81, tables K.1 and K.2, natural order.
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMINANCE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
)  # fmt: skip


def _scaled(table: Sequence[int], log2_scale: float) -> list[int]:
    entries: NDArray[np.float64] = np.array(table, float).reshape(8, 8)
    rows, columns = np.mgrid[:8, :8]
    spread = 1.0 + _SPREAD * (8.0 * (rows + columns) / 2.0 + columns)
    # Entries over 255 would need 16-bit tables, which baseline decoders do not support.
    return [int(v) for v in np.clip(np.rint(entries * spread * 2.0**log2_scale), 1, 255).ravel()]


@lru_cache(maxsize=4096)
def _tables(quality: int) -> tuple[list[int], list[int]]:
    log2_scale = _COARSEST_LOG2_SCALE - quality / _STEPS_PER_OCTAVE
    return _scaled(_LUMINANCE, log2_scale), _scaled(_CHROMINANCE, log2_scale)


@dataclass(frozen=True, eq=False)
class JpegEncoder:
    """One picture at one chroma subsampling ("4:2:0" or "4:4:4")."""

    pixels: Pixels
    detail: str

    @property
    def qualities(self) -> range:
        return _QUALITIES

    def guess(self, target_bytes: int) -> int:
        # A photograph's rate grows about as scale ** -0.8, from some 0.7 bit per pixel at the standard's own tables.
        bpp = max(1e-3, 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1]))
        log2_scale = math.log2(0.7 / bpp) / 0.8
        quality = round((_COARSEST_LOG2_SCALE - log2_scale) * _STEPS_PER_OCTAVE)
        return min(max(quality, 0), _QUALITIES[-1])

    def encode(self, quality: int) -> bytes:
        # To a real file, because Pillow then releases the GIL. Otherwise it holds it throughout (81 of 82 ms at 12
        # megapixels, 2 of 73 with a file), and the window would freeze.
        # A new picture for each call: save() stores its settings in the picture, where threads would mix them up.
        with pillow_io.encode_errors("JPEG"), temporary_file_errors("JPEG"), tempfile.TemporaryFile() as file:
            PillowImage.fromarray(self.pixels).save(
                file, "JPEG", qtables=list(_tables(quality)), subsampling=self.detail, optimize=True, progressive=False
            )
            file.seek(0)
            return check_complete(file.read(), "JPEG")


@dataclass(frozen=True)
class JpegCodec:
    """Both subsamplings are tried at the target rate: 4:2:0 usually wins below 1 bit per pixel, 4:4:4 can above it."""

    name: str = "jpeg"
    label: str = "JPEG"
    suffix: str = ".jpg"
    tries_every_encoder: bool = True

    def encoders(self, image: Image) -> Sequence[JpegEncoder]:
        pillow_io.check_side_length(image, _MAX_SIDE, self.label)
        return JpegEncoder(image.pixels, "4:2:0"), JpegEncoder(image.pixels, "4:4:4")

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(b"\xff\xd8")

    def decode(self, stream: bytes) -> Pixels:
        return pillow_io.decode(stream, "JPEG", self.label)

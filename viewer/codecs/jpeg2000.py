"""JPEG 2000 through glymur and OpenJPEG: raw codestream, 9/7 wavelet, colour transform on, one quality layer."""

from __future__ import annotations

import io
import math
import struct
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from models.errors import CodecError, StreamError
from viewer.codecs.openjpeg import load_glymur
from viewer.from_pillow import pixels_of
from viewer.image import Image, Pixels

_STEPS_AN_OCTAVE = 1024
_LOWEST_BPP = 2.0**-10
_QUALITIES = range(15 * _STEPS_AN_OCTAVE + 1)
_MAX_RESOLUTIONS = 6
_SOC_AND_SIZ = b"\xff\x4f\xff\x51"
_MAX_PIXELS = 2**28

_CODE_BLOCK_SIDES = (64, 32, 16)
"""OpenJPEG cuts streams at the end of a code block's coding pass. On a small picture at a low rate, blocks of 64x64
leave gaps of some percent between the sizes that it can make; smaller blocks cost next to nothing and fill them."""


def _bpp(quality: int) -> float:
    return float(_LOWEST_BPP * 2.0 ** (quality / _STEPS_AN_OCTAVE))


def _resolutions(height: int, width: int) -> int:
    # A level more than the short side can be halved makes OpenJPEG refuse the picture.
    return min(_MAX_RESOLUTIONS, min(height, width).bit_length())


def _encode_glymur(glymur: Any, pixels: Pixels, bpp: float, code_block_side: int) -> bytes:
    # glymur writes files only; given a stream object it would silently create a file named after it.
    with tempfile.TemporaryDirectory(prefix="ratelens-") as folder:
        path = Path(folder) / "stream.j2k"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            glymur.Jp2k(
                path,
                data=pixels,
                cratios=[24.0 / bpp],
                irreversible=True,
                mct=True,
                cbsize=(code_block_side, code_block_side),
                numres=_resolutions(*pixels.shape[:2]),
            )
        return path.read_bytes()


def _encode_pillow(pixels: Pixels, bpp: float, code_block_side: int) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(
        buffer,
        "JPEG2000",
        quality_mode="rates",
        quality_layers=[24.0 / bpp],
        irreversible=True,
        mct=1,
        codeblock_size=(code_block_side, code_block_side),
        no_jp2=True,
        num_resolutions=_resolutions(*pixels.shape[:2]),
    )
    return buffer.getvalue()


@dataclass(frozen=True, eq=False)
class Jpeg2000Encoder:
    """One picture. Its quality is the rate that OpenJPEG is asked for, in 1024 steps an octave."""

    pixels: Pixels
    code_block_side: int

    @property
    def detail(self) -> str:
        side = self.code_block_side
        return "" if side == _CODE_BLOCK_SIDES[0] else f"{side}x{side} code blocks"

    @property
    def qualities(self) -> range:
        return _QUALITIES

    def guess(self, target_bytes: int) -> int:
        bpp = 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1])
        quality = round(math.log2(max(bpp, _LOWEST_BPP) / _LOWEST_BPP) * _STEPS_AN_OCTAVE)
        return min(quality, _QUALITIES[-1])

    def encode(self, quality: int) -> bytes:
        glymur = load_glymur()
        try:
            if glymur is None:
                return _encode_pillow(self.pixels, _bpp(quality), self.code_block_side)
            return _encode_glymur(glymur, self.pixels, _bpp(quality), self.code_block_side)
        except OSError as error:
            raise CodecError(f"OpenJPEG could not encode this picture: {error}") from error


@dataclass(frozen=True)
class Jpeg2000Codec:
    """OpenJPEG's rate control does the search; bisecting the asked rate comes closer still."""

    name: str = "jpeg2000"
    label: str = "JPEG 2000"
    suffix: str = ".j2k"
    tries_every_encoder: bool = False

    def encoders(self, image: Image) -> Sequence[Jpeg2000Encoder]:
        return tuple(Jpeg2000Encoder(image.pixels, side) for side in _CODE_BLOCK_SIDES)

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(_SOC_AND_SIZ)

    def decode(self, stream: bytes) -> Pixels:
        _check_header(stream)
        glymur = load_glymur()
        try:
            pixels = _decode_pillow(stream) if glymur is None else _decode_glymur(glymur, stream)
        except Exception as error:  # glymur raises bare errors of many kinds on damaged codestreams
            raise StreamError("This JPEG 2000 codestream is damaged or cut short.") from error
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise StreamError("This JPEG 2000 codestream is not 8-bit RGB, so it was not made by this program.")
        return pixels


def _check_header(stream: bytes) -> None:
    if len(stream) < 40 or not stream.startswith(_SOC_AND_SIZ):
        raise StreamError("This is no raw JPEG 2000 codestream (.j2k): it is of another format or cut short.")
    right, lower, left, upper = struct.unpack(">IIII", stream[8:24])
    if not (left < right and upper < lower) or (right - left) * (lower - upper) > _MAX_PIXELS:
        raise StreamError("This JPEG 2000 codestream claims an impossible size, so it is damaged.")
    if not stream.endswith(b"\xff\xd9"):
        raise StreamError("This JPEG 2000 codestream is cut short: its end marker is missing.")


def _decode_glymur(glymur: Any, stream: bytes) -> Pixels:
    with tempfile.TemporaryDirectory(prefix="ratelens-") as folder:
        path = Path(folder) / "stream.j2k"
        path.write_bytes(stream)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a damaged packet is only a warning to glymur
            return np.ascontiguousarray(glymur.Jp2k(path)[:])


def _decode_pillow(stream: bytes) -> Pixels:
    with PillowImage.open(io.BytesIO(stream), formats=["JPEG2000"]) as picture:
        return pixels_of(picture if picture.mode == "RGB" else picture.convert("RGB"))

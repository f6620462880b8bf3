"""JPEG 2000 through glymur and OpenJPEG: raw codestream, colour transform on, one quality layer; 9/7 wavelet
unless a variant says 5/3.
"""

from __future__ import annotations

import io
import itertools
import math
import struct
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from models.bitstream import MAX_PIXELS
from models.errors import CodecError, StreamError
from viewer.codecs.files.pillow_io import encode_errors
from viewer.codecs.files.temporary_files import check_complete, temporary_file_errors
from viewer.imaging.image import Image, Pixels
from viewer.imaging.openjpeg import library, library_warnings, load_glymur
from viewer.imaging.pillow_arrays import pixels_of

_STEPS_PER_OCTAVE = 1024
_LOWEST_BPP = 2.0**-10
_QUALITIES = range(15 * _STEPS_PER_OCTAVE + 1)
_MAX_RESOLUTIONS = 6
_SOC_AND_SIZ = b"\xff\x4f\xff\x51"
_SIZ_END = 51

_CODE_BLOCK_SIDES = (64, 32, 16)
"""OpenJPEG truncates streams at the end of a code block's coding pass. For a small picture at a low rate, blocks of
64x64 leave gaps of some percent between possible sizes; smaller blocks fill them at next to no cost."""

_MAX_SMALL_BLOCKS = 1 << 14
"""OpenJPEG takes 5 kB per block. On larger pictures (5.6 megapixels for 32x32) gaps of over 1 % occurred only below
0.03 bpp."""

_TILED_ABOVE = 1 << 25
_TILE_SIDE = 4096
"""OpenJPEG takes some 20 bytes per pixel of a tile. A picture of more than 33.5 megapixels is split into tiles, which
are written and read one after the other. All get the same rate, which costs a little quality."""


def _bpp(quality: int) -> float:
    return float(_LOWEST_BPP * 2.0 ** (quality / _STEPS_PER_OCTAVE))


def _resolutions(height: int, width: int) -> int:
    # OpenJPEG rejects more levels than the short side can be halved.
    return min(_MAX_RESOLUTIONS, min(height, width).bit_length())


def _is_tiled(pixels: Pixels) -> bool:
    return bool(pixels.shape[0] * pixels.shape[1] > _TILED_ABOVE)


def _tile_size(pixels: Pixels) -> tuple[int, int]:
    """Height and width: glymur rejects tiles larger than the picture."""
    return min(_TILE_SIDE, pixels.shape[0]), min(_TILE_SIDE, pixels.shape[1])


def _write_tiles(jp2k: Any, pixels: Pixels) -> None:
    height, width = pixels.shape[:2]
    corners = itertools.product(range(0, height, _TILE_SIDE), range(0, width, _TILE_SIDE))
    for writer, (top, left) in zip(jp2k.get_tilewriters(), corners, strict=True):
        writer[:] = pixels[top : top + _TILE_SIDE, left : left + _TILE_SIDE]


def _encode_glymur(
    glymur: Any, pixels: Pixels, bpp: float, code_block_side: int, *, irreversible: bool = True
) -> bytes:
    tiled = _is_tiled(pixels)
    data = {"shape": pixels.shape, "tilesize": _tile_size(pixels)} if tiled else {"data": pixels}
    # glymur writes only to paths; given a stream object it would silently create a file named after it.
    with tempfile.TemporaryDirectory(prefix="ratelens-") as folder:
        path = Path(folder) / "stream.j2k"
        with library_warnings():
            jp2k = glymur.Jp2k(
                path,
                **data,
                cratios=[24.0 / bpp],
                irreversible=irreversible,
                mct=True,
                cbsize=(code_block_side, code_block_side),
                numres=_resolutions(*pixels.shape[:2]),
            )
            if tiled:
                _write_tiles(jp2k, pixels)
        return path.read_bytes()


def _encode_pillow(pixels: Pixels, bpp: float, code_block_side: int, *, irreversible: bool = True) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(
        buffer,
        "JPEG2000",
        quality_mode="rates",
        quality_layers=[24.0 / bpp],
        irreversible=irreversible,
        mct=1,
        codeblock_size=(code_block_side, code_block_side),
        no_jp2=True,
        num_resolutions=_resolutions(*pixels.shape[:2]),
        **({"tile_size": _tile_size(pixels)[::-1]} if _is_tiled(pixels) else {}),
    )
    return buffer.getvalue()


@dataclass(frozen=True, eq=False)
class Jpeg2000Encoder:
    """One picture. Its quality is the rate requested of OpenJPEG, in 1024 steps per octave."""

    pixels: Pixels
    code_block_side: int
    irreversible: bool = True

    @property
    def detail(self) -> str:
        side = self.code_block_side
        blocks = "" if side == _CODE_BLOCK_SIDES[0] else f"{side}x{side} code blocks"
        tiles = f"{_TILE_SIDE}x{_TILE_SIDE} tiles" if _is_tiled(self.pixels) else ""
        return ", ".join(filter(None, (tiles, blocks)))

    @property
    def qualities(self) -> range:
        return _QUALITIES

    def guess(self, target_bytes: int) -> int:
        bpp = 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1])
        quality = round(math.log2(max(bpp, _LOWEST_BPP) / _LOWEST_BPP) * _STEPS_PER_OCTAVE)
        return min(quality, _QUALITIES[-1])

    def encode(self, quality: int) -> bytes:
        glymur = load_glymur()
        with encode_errors("JPEG 2000"), temporary_file_errors("JPEG 2000"):
            asked = self.pixels, _bpp(quality), self.code_block_side
            if glymur is None:
                return _encode_pillow(*asked, irreversible=self.irreversible)
            return check_complete(_encode_glymur(glymur, *asked, irreversible=self.irreversible), "JPEG 2000")


@dataclass(frozen=True)
class Jpeg2000Codec:
    """OpenJPEG's rate control gets near the target; searching the requested rate gets nearer.

    irreversible: the 9/7 wavelet, in fractions; otherwise the 5/3 wavelet, in integers, lossless at the end.
    """

    name: str = "jpeg2000"
    label: str = "JPEG 2000"
    suffix: str = ".j2k"
    tries_every_encoder: bool = False
    irreversible: bool = True

    @property
    def settings(self) -> str:
        wavelet = "9/7 wavelet" if self.irreversible else "5/3 wavelet"
        return f"OpenJPEG, tuned for squared error: {wavelet}, colour transform, one quality layer"

    @property
    def version(self) -> str:
        return f"OpenJPEG {library().version}"

    def encoders(self, image: Image) -> Sequence[Jpeg2000Encoder]:
        default, *smaller = _CODE_BLOCK_SIDES
        sides = [side for side in smaller if 3 * image.pixel_count // side**2 <= _MAX_SMALL_BLOCKS]
        return tuple(Jpeg2000Encoder(image.pixels, side, self.irreversible) for side in (default, *sides))

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(_SOC_AND_SIZ)

    def decode(self, stream: bytes) -> Pixels:
        _check_header(stream)
        glymur = load_glymur()
        try:
            pixels = _decode_pillow(stream) if glymur is None else _decode_glymur(glymur, stream)
        except CodecError:
            raise
        except Exception as error:  # glymur raises bare errors of many kinds on damaged codestreams
            raise StreamError("This JPEG 2000 codestream is damaged or cut short: get another copy.") from error
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise StreamError("This JPEG 2000 codestream is not 8-bit RGB: open it as a picture instead.")
        return pixels


def _check_header(stream: bytes) -> None:
    """Raise StreamError for anything RateLens would not write. Other tilings can make OpenJPEG take gigabytes."""
    if len(stream) < _SIZ_END or not stream.startswith(_SOC_AND_SIZ):
        raise StreamError("This is not a complete JPEG 2000 codestream (.j2k): check the file, or get another copy.")
    # ITU-T T.800, A.5.1: picture, its offset, tile, its offset, number of components; of each, depth and subsampling.
    width, height, *offset, tile_width, tile_height, tile_left, tile_top, count = struct.unpack(">8IH", stream[8:42])
    if not 0 < width * height <= MAX_PIXELS:
        raise StreamError("This JPEG 2000 codestream is damaged (its size is impossible): get another copy.")
    small = tile_width < min(width, _TILE_SIDE) or tile_height < min(height, _TILE_SIDE)
    if any(offset) or tile_left or tile_top or small:
        raise StreamError("This JPEG 2000 codestream has small tiles: open it as a picture instead.")
    if count != 3 or stream[42:_SIZ_END] != b"\x07\x01\x01" * 3:
        raise StreamError("This JPEG 2000 codestream is not 8-bit RGB: open it as a picture instead.")
    if not stream.endswith(b"\xff\xd9"):
        raise StreamError("This JPEG 2000 codestream is cut short (its end marker is missing): get a complete copy.")


def _decode_glymur(glymur: Any, stream: bytes) -> Pixels:
    with ExitStack() as stack:
        with temporary_file_errors("JPEG 2000"):
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ratelens-"))) / "stream.j2k"
            path.write_bytes(stream)
        with library_warnings() as warnings:
            pixels = _decode_rows(glymur.Jp2k(path), stream)
        if warnings:
            raise StreamError(f"This JPEG 2000 codestream is damaged ({warnings[0]}): get another copy of it.")
        return pixels


def _decode_rows(jp2k: Any, stream: bytes) -> Pixels:
    """The whole picture, a row of tiles at a time."""
    height, tile_height = jp2k.shape[0], struct.unpack(">I", stream[28:32])[0]
    if jp2k.dtype != np.uint8 or jp2k.ndim != 3 or not 0 < tile_height < height:
        return np.ascontiguousarray(jp2k[:])
    pixels = np.empty(jp2k.shape, np.uint8)
    for top in range(0, height, tile_height):
        bottom = min(top + tile_height, height)
        pixels[top:bottom] = jp2k[top:bottom]
    return pixels


def _decode_pillow(stream: bytes) -> Pixels:
    with PillowImage.open(io.BytesIO(stream), formats=["JPEG2000"]) as picture:
        return pixels_of(picture if picture.mode == "RGB" else picture.convert("RGB"))

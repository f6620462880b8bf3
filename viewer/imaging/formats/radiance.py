"""Radiance HDR: three mantissas and one exponent a pixel (Ward, “Real Pixels”, Graphics Gems II), light of any
brightness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.light import light_to_levels
from viewer.imaging.decoded import Decoded, Opened

SIGNATURES = (b"#?RADIANCE", b"#?RGBE")
_KIND = "Radiance HDR"
_MAX_HEADER_BYTES = 1 << 16
_SIZE = re.compile(rb"([+-])Y (\d{1,9}) ([+-])X (\d{1,9})\n")
_PACKED_WIDTHS = range(8, 1 << 15)
_RGBE = b"32-bit_rle_rgbe"


@dataclass(frozen=True)
class _Layout:
    """start: of the pixels. gamma: exponent that made levels of light, 1 for light itself."""

    start: int
    height: int
    width: int
    is_upside_down: bool
    is_mirrored: bool
    gamma: float


def open_radiance(data: bytes, name: str) -> Opened | None:
    """Read a header; None for other formats. Raises ImageError for damaged headers and unsupported kinds."""
    if not data.startswith(SIGNATURES):
        return None
    head, ended, _ = data[:_MAX_HEADER_BYTES].partition(b"\n\n")
    start = len(head) + 2
    size = _SIZE.match(data, start)
    if not ended or size is None:
        if re.match(rb"[+-]X \d+ [+-]Y \d+\n", data[start : start + 40]):
            raise image_errors.unsupported(name, "a Radiance HDR file stored column by column")
        raise image_errors.damaged(name, _KIND, "its header is incomplete")
    packing = re.search(rb"\nFORMAT=(\S+)", head)
    if packing is not None and packing[1] != _RGBE:
        kind = packing[1].decode("ascii", "replace")[:40]
        raise image_errors.unsupported(name, f"a Radiance HDR file of format {kind}")
    height, width = int(size[2]), int(size[4])
    if not width * height:
        raise image_errors.damaged(name, _KIND, "its header is invalid")
    layout = _Layout(size.end(), height, width, size[1] == b"+", size[3] == b"-", _gamma(head))
    decode = partial(_decoded, data, layout, name)
    return Opened(_KIND, width, height, "RGB", 32, decode, floating=True, bytes_per_pixel=40.0)


def _gamma(head: bytes) -> float:
    """The exponent that ImageMagick names if it stores levels instead of light, else 1."""
    found = re.search(rb"\nGAMMA=([\d.]{1,16})", head)
    try:
        gamma = float(found[1]) if found else 1.0
    except ValueError:
        return 1.0
    return gamma if 0.1 < gamma < 1.0 else 1.0


def _decoded(data: bytes, layout: _Layout, name: str) -> Decoded:
    height, width = layout.height, layout.width
    stored = np.empty((height, width, 4), np.uint8)
    at = layout.start
    for row in range(height):
        is_packed = width in _PACKED_WIDTHS and data[at : at + 4] == b"\2\2" + width.to_bytes(2, "big")
        end = _unpack_row(data, at + 4, stored[row]) if is_packed else _read_row(data, at, stored[row])
        if end is None:
            raise image_errors.damaged(name, _KIND, f"row {row + 1} of {height} is damaged or missing")
        at = end
    exponents = stored[..., 3].astype(np.int32)
    scale = np.where(exponents > 0, np.ldexp(np.float32(1.0), exponents - 136), np.float32(0.0))
    light = stored[..., :3].astype(np.float32) * scale[..., None].astype(np.float32)
    if layout.gamma != 1.0:
        light = light ** np.float32(1.0 / layout.gamma)
    if layout.is_upside_down:
        light = light[::-1]
    if layout.is_mirrored:
        light = light[:, ::-1]
    levels, note = light_to_levels(light)
    return Decoded(PillowImage.fromarray(levels), notes=(note,))


def _unpack_row(data: bytes, at: int, out: NDArray[np.uint8]) -> int | None:
    """The four parts of a row, each in runs: where the next row begins, None where this one is damaged."""
    width = len(out)
    for part in range(4):
        row = bytearray()
        while len(row) < width:
            count = data[at] if at < len(data) else 0
            if count > 128:
                row += data[at + 1 : at + 2] * (count - 128)
                at += 2
            else:
                row += data[at + 1 : at + 1 + count]
                at += 1 + count
            if not count or at > len(data):
                return None
        if len(row) != width:
            return None
        out[:, part] = np.frombuffer(row, np.uint8)
    return at


def _read_row(data: bytes, at: int, out: NDArray[np.uint8]) -> int | None:
    """A row of whole pixels, of which one with mantissas of 1 repeats the one before: as above."""
    width = len(out)
    plain = np.frombuffer(data[at : at + 4 * width], np.uint8)
    if len(plain) == 4 * width and not (plain.reshape(width, 4)[:, :3] == 1).all(axis=1).any():
        out[:] = plain.reshape(width, 4)
        return at + 4 * width
    x = shift = 0
    while x < width:
        pixel = data[at : at + 4]
        at += 4
        if len(pixel) < 4:
            return None
        if pixel[:3] == b"\1\1\1":
            count = pixel[3] << shift
            if not x or not count or x + count > width or shift > 16:
                return None
            out[x : x + count] = out[x - 1]
            x, shift = x + count, shift + 8
        else:
            out[x] = np.frombuffer(pixel, np.uint8)
            x, shift = x + 1, 0
    return at

"""Windows bitmaps with unusual bit fields, which Pillow does not read."""

from __future__ import annotations

import struct
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened

_MASKS_AT = 54
_ALPHA_BIT_FIELDS = 6
_BIT_FIELDS = {3, _ALPHA_BIT_FIELDS}
_WITH_ALPHA = 56
"""From this size on a header has a mask of transparency."""
_PILLOWS: dict[int, set[tuple[int, ...]]] = {
    16: {(0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F)},
    32: {
        (0xFF0000, 0xFF00, 0xFF, 0),
        (0xFF000000, 0xFF0000, 0xFF00, 0),
        (0xFF000000, 0xFF00, 0xFF, 0),
        (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
        (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        (0xFF000000, 0xFF00, 0xFF, 0xFF0000),
        (0, 0, 0, 0),
    },
}
"""Masks of red, green and blue, of 32 bits also of transparency, that Pillow reads; by bits of a pixel."""


def open_bit_fields(data: bytes, name: str) -> Opened | None:
    """Read a header; None for other formats, and for bitmaps that Pillow reads. Raises ImageError."""
    if not data.startswith(b"BM") or len(data) < _MASKS_AT + 16:
        return None
    start, header_bytes, width, rows, _, bits, compression = struct.unpack_from("<2I2i2HI", data, 10)
    if header_bytes < 40 or compression not in _BIT_FIELDS or bits not in {16, 32} or width <= 0 or not rows:
        return None
    masks = struct.unpack_from("<3I", data, _MASKS_AT)
    has_alpha = header_bytes >= _WITH_ALPHA or compression == _ALPHA_BIT_FIELDS
    opacity = struct.unpack_from("<I", data, _MASKS_AT + 12)[0] if has_alpha else 0
    known = (*masks, opacity) if bits == 32 else masks
    if compression != _ALPHA_BIT_FIELDS and known in _PILLOWS[bits]:
        return None
    if not all(map(_is_field, masks)) or (opacity and not _is_field(opacity)):
        raise image_errors.damaged(name, "BMP", "its bit fields are invalid")
    height, row_bytes = abs(rows), -(-width * bits // 32) * 4
    if len(data) - start < row_bytes * height:
        raise image_errors.damaged(name, "BMP", "it ends before its last pixels")
    colours = "RGB with transparency" if opacity else "RGB"
    depth = max(mask.bit_count() for mask in masks)
    shape = height, width
    decode = partial(_decoded, memoryview(data)[start:], shape, bits, (*masks, opacity), is_upright=rows < 0)
    return Opened("BMP", width, height, colours, depth, decode, bytes_per_pixel=30.0)


def _is_field(mask: int) -> bool:
    """Whether a mask is one run of at most 16 bits."""
    low = mask & -mask
    return 0 < mask.bit_count() <= 16 and (mask + low) & mask == 0


def _decoded(
    pixels: memoryview, shape: tuple[int, int], bits: int, masks: tuple[int, ...], *, is_upright: bool
) -> Decoded:
    height, width = shape
    row = -(-width * bits // 32) * 32 // bits
    stored = np.frombuffer(pixels, "<u2" if bits == 16 else "<u4", row * height).reshape(height, row)[:, :width]
    if not is_upright:
        stored = stored[::-1]
    *bands, opacity = (_level(stored, mask) if mask else None for mask in masks)
    colours = PillowImage.fromarray(np.stack([band for band in bands if band is not None], axis=-1))
    depth = max(mask.bit_count() for mask in masks[:3])
    notes = (f"{depth} bits reduced to 8.",) if depth > 8 else ()
    return Decoded(colours, None if opacity is None else PillowImage.fromarray(opacity), notes)


def _level(stored: NDArray[np.unsignedinteger], mask: int) -> NDArray[np.uint8]:
    shift = (mask & -mask).bit_length() - 1
    field = (stored.astype(np.uint32) & np.uint32(mask)) >> np.uint32(shift)
    return reduced(field.astype(np.uint16), mask.bit_count())[0]

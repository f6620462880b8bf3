"""FITS, used in astronomy, with more than 8 bits: Pillow ignores its scale and zero point (FITS 4.0, 4.4.2)."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened

_SIGNATURE = b"SIMPLE  ="
_CARD, _BLOCK = 80, 2880
_MAX_HEADER_BYTES = 100 * _BLOCK
_STORED = {16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}
_UNSIGNED_ZERO = {16: 1 << 15, 32: 1 << 31}
"""The zero point by which files hold numbers without a sign."""


def open_fits(data: bytes, name: str) -> Opened | None:
    """Read a header; None for what is no FITS picture of more than 8 bits. Raises ImageError for damaged ones."""
    if not data.startswith(_SIGNATURE):
        return None
    cards: dict[bytes, float] = {}
    at = 0
    while at + _CARD <= min(len(data), _MAX_HEADER_BYTES):
        card = data[at : at + _CARD]
        at += _CARD
        if card[:8] == b"END     ":
            break
        found = re.match(rb"([A-Z0-9_-]{1,8}) *= *([+-]?\d{1,20}(?:\.\d{0,20})?(?:[ED][+-]?\d{1,3})?)", card)
        if found is not None:
            cards.setdefault(found[1], float(found[2].replace(b"D", b"E")))
    bits, axes = int(cards.get(b"BITPIX", 8)), int(cards.get(b"NAXIS", 0))
    if bits not in _STORED or not 2 <= axes <= 3:
        return None
    width, height, planes = (int(cards.get(b"NAXIS%d" % (i + 1), 1)) for i in range(3))
    if planes != 1 or not (0 < width < 1 << 24 and 0 < height < 1 << 24):
        return None
    start = -(-at // _BLOCK) * _BLOCK
    image_errors.check_claimed_size(name, width, height, len(data))
    if len(data) - start < width * height * abs(bits) // 8:
        raise image_errors.damaged(name, "FITS", "it ends before its last pixels")
    scaled = cards.get(b"BSCALE", 1.0), cards.get(b"BZERO", 0.0)
    decode = partial(_decoded, memoryview(data)[start:], (height, width), bits, scaled)
    return Opened("FITS", width, height, "grey", abs(bits), decode, bits < 0, bytes_per_pixel=40.0)


def _decoded(pixels: memoryview, shape: tuple[int, int], bits: int, scaled: tuple[float, float]) -> Decoded:
    scale, zero = scaled
    stored = np.frombuffer(pixels, _STORED[bits], shape[0] * shape[1]).reshape(shape)[::-1]  # the lowest row is first
    if scale == 1.0 and zero == _UNSIGNED_ZERO.get(bits):
        whole = (stored.astype(np.int64) + int(zero)).astype(np.uint16 if bits == 16 else np.uint32)
        eight, note = reduced(whole, bits)
    elif bits > 0 and scaled == (1.0, 0.0):
        full = float((1 << 15) - 1) if bits == 16 else None
        eight, note = reduced(np.maximum(stored, 0).astype(np.uint16 if bits == 16 else np.uint32), bits, full=full)
    else:
        eight, note = reduced(np.asarray(stored, np.float32) * np.float32(scale) + np.float32(zero), 32)
    return Decoded(PillowImage.fromarray(eight), notes=(note,))

"""DPX, film frames (SMPTE 268M): grey and RGB of 8, 10, 12 and 16 bits, unpacked."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.colours.light import light_to_levels
from viewer.imaging.decoded import Decoded, Opened

_ORDERS = {b"SDPX": ">", b"XPDS": "<"}
_HEADER_BYTES = 820
_KINDS = {6: ("grey", (0,), None), 50: ("RGB", (0, 1, 2), None), 51: ("RGB", (0, 1, 2), 3), 52: ("RGB", (3, 2, 1), 0)}
"""By the number of what an element holds: its colours, their places among its samples, and that of transparency."""
_UPRIGHT, _UPSIDE_DOWN = 0, 2
_PACKED, _FILLED_LOW, _FILLED_HIGH = 0, 1, 2
"""Whether samples follow each other without a gap, or the gaps are in the low bits or the high ones."""
_DENSITIES = {1, 3}
_LINEAR = 2
_LOG_NOTE = "Its levels are film densities (logarithmic) and were not converted: the picture looks flat."


@dataclass(frozen=True)
class _Layout:
    """start: of the pixels. order: of bytes. gap: where the unused bits are."""

    start: int
    order: str
    width: int
    height: int
    bits: int
    samples: int
    gap: int
    row_bytes: int


def open_dpx(data: bytes, name: str) -> Opened | None:
    """Read a header; None for other formats. Raises ImageError for damaged headers and unsupported kinds."""
    order = _ORDERS.get(data[:4])
    if order is None:
        return None
    if len(data) < _HEADER_BYTES:
        raise image_errors.damaged(name, "DPX", "its header is incomplete")
    start, orientation, elements, width, height = (
        *struct.unpack_from(f"{order}I", data, 4),
        *struct.unpack_from(f"{order}2H2I", data, 768),
    )
    sign, kind, transfer, bits = (*struct.unpack_from(f"{order}I", data, 780), data[800], data[801], data[803])
    gap, packing, own_start, padding = struct.unpack_from(f"{order}2H2I", data, 804)
    if not width * height:
        raise image_errors.damaged(name, "DPX", "its header is invalid")
    plain = kind in _KINDS and bits in {8, 10, 12, 16} and elements == 1 and not packing and not sign
    if not plain or (gap == _PACKED and bits in {10, 12}) or orientation not in {_UPRIGHT, _UPSIDE_DOWN}:
        what = f"{bits} bits, kind {kind}" + (", run-length coded" if packing == 1 else "")
        raise image_errors.unsupported(name, f"a DPX file of an unusual layout ({what})")
    colours, order_of_colours, opacity = _KINDS[kind]
    samples = len(order_of_colours) + (opacity is not None)
    # Rows begin at multiples of four bytes.
    words = -(-width * samples // 3) if bits == 10 else -(-width * samples * (1 if bits == 8 else 2) // 4)
    row_bytes = 4 * words + (padding if padding < 1 << 16 else 0)
    at = own_start if _HEADER_BYTES <= own_start < len(data) else start
    layout = _Layout(at, order, width, height, bits, samples, gap, row_bytes)
    if len(data) - at < row_bytes * height - padding % (1 << 16):
        raise image_errors.damaged(name, "DPX", "it ends before its last pixels")
    return Opened(
        "DPX",
        width,
        height,
        f"{colours} with transparency" if opacity is not None else colours,
        bits,
        partial(_decoded, data, layout, kind, transfer, orientation == _UPSIDE_DOWN),
        bytes_per_pixel=16.0 * samples + 10.0,
    )


def _decoded(data: bytes, layout: _Layout, kind: int, transfer: int, is_upside_down: bool) -> Decoded:
    _, places, opacity = _KINDS[kind]
    stored = _samples(data, layout)
    if is_upside_down:
        stored = stored[::-1]
    shown = stored[..., list(places)]
    alpha = None if opacity is None else PillowImage.fromarray(reduced(stored[..., opacity].copy(), layout.bits)[0])
    if transfer == _LINEAR and len(places) == 3:
        levels, note = light_to_levels(shown.astype(np.float32) / np.float32((1 << layout.bits) - 1))
    else:
        levels, note = reduced(np.ascontiguousarray(shown), layout.bits)
    notes = [note] if note else []
    if transfer in _DENSITIES:
        notes.append(_LOG_NOTE)
    picture = PillowImage.fromarray(np.ascontiguousarray(levels[..., 0]) if len(places) == 1 else levels)
    return Decoded(picture, alpha, tuple(notes))


def _samples(data: bytes, layout: _Layout) -> NDArray[np.uint16]:
    """Of shape (height, width, samples)."""
    needed = layout.row_bytes * layout.height
    rows = np.frombuffer(data[layout.start : layout.start + needed].ljust(needed, b"\0"), np.uint8)
    rows = rows.reshape(layout.height, layout.row_bytes)
    count = layout.width * layout.samples
    if layout.bits == 8:
        out: NDArray[Any] = rows[:, :count]
    elif layout.bits == 10:
        words = np.ascontiguousarray(rows[:, : layout.row_bytes // 4 * 4]).view(f"{layout.order}u4")
        shifts = [22, 12, 2] if layout.gap == _FILLED_LOW else [20, 10, 0]
        if layout.samples == 1:  # which writers begin at the other end
            shifts.reverse()
        parts = np.stack([(words >> np.uint32(shift)) & np.uint32(1023) for shift in shifts], axis=-1)
        out = parts.reshape(layout.height, -1)[:, :count]
    else:
        out = np.ascontiguousarray(rows[:, : 2 * count]).view(f"{layout.order}u2")
        if layout.bits == 12:
            out = out >> 4 if layout.gap == _FILLED_LOW else out & 4095
    return out.astype(np.uint16).reshape(layout.height, layout.width, layout.samples)

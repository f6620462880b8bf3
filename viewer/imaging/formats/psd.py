"""Photoshop files: whether the fourth channel is alpha, and files of 16 bits, which Pillow does not read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened

SIGNATURE = b"8BPS"
_HEADER = 26
_MODES = {1: ("L", "grey", 1), 3: ("RGB", "RGB", 3), 4: ("CMYK", "CMYK", 4)}
_PROFILE = 1039
_RAW, _PACKED = 0, 1


def is_transparent(data: bytes) -> bool:
    """Whether the first channel after the colours is the merged picture's alpha, in which case the number of layers is
    negative (Adobe Photoshop File Formats, Layer info). Otherwise it is an extra channel.
    """
    at = _sections(data)[1]
    if _length(data, at) < 6 or _length(data, at + 4) < 2:
        return False
    return bool(data[at + 8 : at + 9] >= b"\x80")


def open_psd(data: bytes, name: str) -> Opened | None:
    """Read the header of a file of 16 bits; None for other files, which Pillow reads. Raises ImageError for unsupported
    ones.
    """
    if not data.startswith(SIGNATURE) or len(data) < _HEADER or data[4:6] != b"\0\1":
        return None
    channels = int.from_bytes(data[12:14], "big")
    height, width = int.from_bytes(data[14:18], "big"), int.from_bytes(data[18:22], "big")
    bits, mode_number = int.from_bytes(data[22:24], "big"), int.from_bytes(data[24:26], "big")
    if bits in {1, 8} and mode_number in {0, 1, 2, 3, 4, 8, 9}:
        return None
    if bits != 16 or mode_number not in _MODES:
        raise image_errors.unsupported(name, f"a Photoshop file with {bits} bits and colour mode {mode_number}")
    mode, colours, count = _MODES[mode_number]
    if not 0 < count <= channels <= 56 or not width * height:
        raise image_errors.damaged(name, "Photoshop")
    resources, layers = _sections(data)
    at = layers + 4 + _length(data, layers)

    def decode() -> Decoded:
        kept = count + 1 if channels > count and is_transparent(data) else count
        planes = _planes(data, at, (kept, height, width), channels)
        if planes is None:
            raise image_errors.unsupported(name, "a Photoshop file that is not packed row by row")
        eight, note = reduced(planes, 16)
        levels = 255 - eight[:count] if mode == "CMYK" else eight[:count]
        bands = [PillowImage.fromarray(plane) for plane in levels]
        alpha = PillowImage.fromarray(eight[count]) if kept > count else None
        notes = (note,) if kept == channels else (note, "An extra channel was ignored.")
        return Decoded(PillowImage.merge(mode, bands), alpha, notes, profile=_profile(data, resources))

    return Opened("Photoshop", width, height, colours, bits, decode)


def _planes(data: bytes, at: int, shape: tuple[int, int, int], channels: int) -> NDArray[np.uint16] | None:
    """The first planes, uint16 (planes, height, width); None if they are not packed row by row.

    Raises ValueError if they are cut short.
    """
    packing = int.from_bytes(data[at : at + 2], "big")
    at += 2
    kept, height, width = shape
    out = np.empty(shape, np.uint16)
    row_sizes = np.frombuffer(data, ">u2", channels * height, at) if packing == _PACKED else None
    if packing not in {_RAW, _PACKED}:
        return None
    at += 2 * channels * height if row_sizes is not None else 0
    for channel in range(kept):
        if row_sizes is None:
            plane = data[at : at + 2 * width * height]
            at += len(plane)
        else:
            size = int(row_sizes[channel * height : (channel + 1) * height].sum())
            plane = PillowImage.frombytes("L", (2 * width, height), data[at : at + size], "packbits", "L").tobytes()
            at += size
        out[channel] = np.frombuffer(plane, ">u2").reshape(height, width)
    return out


def _sections(data: bytes) -> tuple[int, int]:
    """Positions of the image resources and the layers (of their length fields)."""
    resources = _HEADER + 4 + _length(data, _HEADER)
    return resources, resources + 4 + _length(data, resources)


def _length(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _profile(data: bytes, at: int) -> bytes | None:
    end, at = min(at + 4 + _length(data, at), len(data)), at + 4
    while at + 12 <= end:
        number, name_size = int.from_bytes(data[at + 4 : at + 6], "big"), data[at + 6]
        start = at + 6 + (name_size + 2) // 2 * 2
        size = _length(data, start)
        if number == _PROFILE:
            return data[start + 4 : start + 4 + size]
        at = start + 4 + size + (size & 1)
    return None

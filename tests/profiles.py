"""ICC profiles of known colour spaces, built from their published numbers (ICC.1:2001-04, matrix and curves)."""

from __future__ import annotations

import struct

_D50 = (0.9642, 1.0, 0.8249)

DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
"""Red, green and blue as XYZ under D50, as Apple's “Display P3” profile has them; its curve is sRGB's."""
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""Of “Adobe RGB (1998)”; its curve is a power of 563/256."""
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _description(name: str) -> bytes:
    text = name.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


def srgb_curve() -> bytes:
    """sRGB's transfer function (IEC 61966-2-1) in 1024 points."""
    points = []
    for i in range(1024):
        x = i / 1023
        points.append(round(65535 * (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4)))
    return b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *points)


def power_curve(exponent: float) -> bytes:
    """A pure power."""
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256))


def rgb_profile(name: str, primaries: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    """A profile of a monitor's or a camera's RGB."""
    tags = [(b"desc", _description(name)), (b"wtpt", _xyz(_D50)), (b"cprt", b"text\0\0\0\0none\0")]
    tags += [(sign, _xyz(value)) for sign, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)]
    tags += [(sign, curve) for sign in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(b"RGB ", tags)


def grey_profile(name: str, curve: bytes) -> bytes:
    """A profile of one grey channel."""
    return _profile(b"GRAY", [(b"desc", _description(name)), (b"wtpt", _xyz(_D50)), (b"kTRC", curve)])


def _profile(space: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for sign, data in tags:
        padded = data + bytes(-len(data) % 4)
        table += sign + struct.pack(">II", at + len(body), len(data))
        body += padded
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4xI4s4s4s12s4s", size, 0x02100000, b"mntr", space, b"XYZ ", bytes(12), b"acsp")
    head += bytes(68 - len(head)) + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + table + body

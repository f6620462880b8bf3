"""Reads JPEG XL headers, because the decoder cannot report a picture's size without decoding it."""

from __future__ import annotations

SIGNATURE = b"\xff\x0a"
"""Signature of a raw codestream."""
_BOXED_SIGNATURE = b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"

_SIDE_BITS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Aspect ratios that headers can encode, width to height."""


def is_jpeg_xl(data: bytes) -> bool:
    """Whether a file is JPEG XL, as a raw codestream or in boxes."""
    return data.startswith((SIGNATURE, _BOXED_SIGNATURE))


def claimed_size(stream: bytes) -> tuple[int, int] | None:
    """Width and height that a raw codestream claims (ISO/IEC 18181-1, SizeHeader); None for anything else."""
    if not stream.startswith(SIGNATURE):
        return None
    bits = int.from_bytes(stream[2:14].ljust(12, b"\0"), "little")

    def read(count: int) -> int:
        nonlocal bits
        value = bits & ((1 << count) - 1)
        bits >>= count
        return value

    small = read(1)

    def side() -> int:
        return 8 * (1 + read(5)) if small else 1 + read(_SIDE_BITS[read(2)])

    height = side()
    ratio = read(3)
    if not ratio:
        return side(), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height

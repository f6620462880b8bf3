"""Reads JPEG XL headers, because the decoder cannot report a picture's size without decoding it."""

from __future__ import annotations

from dataclasses import dataclass

SIGNATURE = b"\xff\x0a"
"""Signature of a raw codestream."""
_BOXED_SIGNATURE = b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"

_HEADER_BYTES = 64
_SIDE_BITS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Aspect ratios that headers can encode, width to height."""


def is_jpeg_xl(data: bytes) -> bool:
    """Whether a file is JPEG XL, as a raw codestream or in boxes."""
    return data.startswith((SIGNATURE, _BOXED_SIGNATURE))


@dataclass(frozen=True)
class JpegXlHeader:
    """width, height: as stored, before orientation is applied. orientation: 1 to 8, as in EXIF. bits: of a sample."""

    width: int
    height: int
    orientation: int = 1
    bits: int = 8
    is_floating: bool = False


def claimed_size(stream: bytes) -> tuple[int, int] | None:
    """Width and height that a raw codestream claims; None for anything else."""
    header = read_header(stream)
    return None if header is None else (header.width, header.height)


def read_header(stream: bytes) -> JpegXlHeader | None:
    """Parse the start of a raw codestream (ISO/IEC 18181-1, SizeHeader, ImageMetadata); None for anything else."""
    if not stream.startswith(SIGNATURE):
        return None
    bits = _Bits(stream[2:_HEADER_BYTES])
    width, height = _size(bits)
    if bits.read(1):  # all as usual
        return JpegXlHeader(width, height)
    orientation = 1
    if bits.read(1):
        orientation = 1 + bits.read(3)
        if bits.read(1):  # the size that it should be shown at
            _size(bits)
        if bits.read(1):
            _skip_preview(bits)
        if bits.read(1):
            _skip_animation(bits)
    is_floating = bool(bits.read(1))
    depth = bits.choose(*((32, 16, 24) if is_floating else (8, 10, 12)), (1, 6))
    return JpegXlHeader(width, height, orientation, depth, is_floating)


class _Bits:
    """Bits from the lowest of the first byte on; zeros after the last."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def read(self, count: int) -> int:
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        return value

    def choose(self, *ways: int | tuple[int, int]) -> int:
        """One of four values, by two bits; a pair is what is added to so many bits more."""
        way = ways[self.read(2)]
        return way if isinstance(way, int) else way[0] + self.read(way[1])


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.read(1)

    def side() -> int:
        return 8 * (1 + bits.read(5)) if small else bits.choose(*((1, count) for count in _SIDE_BITS))

    height = side()
    ratio = bits.read(3)
    if not ratio:
        return side(), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def _skip_preview(bits: _Bits) -> None:
    ways = ((16, 32, (1, 5), (33, 9)), ((1, 6), (65, 8), (321, 10), (1345, 12)))[not bits.read(1)]
    bits.choose(*ways)
    if not bits.read(3):
        bits.choose(*ways)


def _skip_animation(bits: _Bits) -> None:
    bits.choose(100, 1000, (1, 10), (1, 30))
    bits.choose(1, 1001, (1, 8), (1, 10))
    bits.choose(0, (0, 3), (0, 16), (0, 32))
    bits.read(1)

"""The learned codec's stream as a file: a header of at most 24 bytes, then the range coder's payload.

bytes  field
3      magic "GDN"
1      stream version (high 4 bits) and entropy mode (low 4 bits); version 2: mode (2 bits), grey (4), one colour (8)
3      model id: the first bytes of the SHA-256 of the weights file
2      quality, big endian
1..3   width, LEB128
1..3   height, LEB128
1..5   payload length, LEB128
4      CRC-32 of everything before it and of the payload, big endian

Version 2 is written only where one of its flags is set, so that older programs read everything else. Grey: the original
had R = G = B everywhere, and so has what is decoded. One colour: the payload is its R, G and B.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from models.errors import StreamError

MAGIC = b"GDN"
VERSION = 1
FLAGGED_VERSION = 2
_MODE_BITS, _GREY, _ONE_COLOUR = 0x3, 0x4, 0x8
MODEL_ID_BYTES = 3
MAX_SIDE = 2**21 - 1
MAX_PIXELS = 2**28
"""Default limit, so that a damaged header cannot make the decoder allocate huge amounts of memory."""


@dataclass(frozen=True)
class Header:
    """The header of a stream. mode: index of the entropy coder; quality: the codec's integer quality.

    grey: R = G = B everywhere. one_colour: the payload is one pixel. With either, mode is at most 3.
    """

    mode: int
    model_id: bytes
    quality: int
    width: int
    height: int
    grey: bool = False
    one_colour: bool = False

    @property
    def version_and_mode(self) -> int:
        """The byte after the magic."""
        flags = self.grey * _GREY | self.one_colour * _ONE_COLOUR
        return FLAGGED_VERSION << 4 | self.mode | flags if flags else VERSION << 4 | self.mode


def varint(value: int) -> bytes:
    """Encode a number as LEB128: seven bits per byte, lowest first."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(stream: bytes, at: int, longest: int) -> tuple[int, int]:
    value = 0
    for i in range(longest):
        if at + i >= len(stream):
            raise StreamError("This stream is cut short in its header: get a complete copy of it.")
        byte = stream[at + i]
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80 and (byte or i == 0):  # a trailing zero byte would be a second encoding of the same number
            return value, at + i + 1
        if not byte:
            break
    raise StreamError("This stream's header is damaged: get another copy of it.")


def pack(header: Header, payload: bytes) -> bytes:
    """The complete stream. Raises StreamError for a picture too large for the container."""
    if max(header.width, header.height) > MAX_SIDE:
        raise StreamError(f"The learned codec is limited to {MAX_SIDE} pixels per side: scale or crop the picture.")
    head = (
        MAGIC
        + bytes([header.version_and_mode])
        + header.model_id
        + header.quality.to_bytes(2, "big")
        + varint(header.width)
        + varint(header.height)
        + varint(len(payload))
    )
    return head + zlib.crc32(payload, zlib.crc32(head)).to_bytes(4, "big") + payload


def unpack(stream: bytes, max_pixels: int = MAX_PIXELS) -> tuple[Header, bytes]:
    """Header and payload, checked. Raises StreamError if foreign, cut short, damaged, or larger than max_pixels."""
    if not stream.startswith(MAGIC):
        raise StreamError("This is not a stream of the learned codec (.gdn): open a file that RateLens wrote.")
    fixed = len(MAGIC) + 1 + MODEL_ID_BYTES + 2
    if len(stream) < fixed:
        raise StreamError("This stream is cut short in its header: get a complete copy of it.")
    if stream[3] >> 4 not in {VERSION, FLAGGED_VERSION}:
        raise StreamError(
            f"This stream has version {stream[3] >> 4}, but this RateLens reads versions {VERSION} and "
            f"{FLAGGED_VERSION}: decode it with the RateLens version that wrote it."
        )
    width, at = _read_varint(stream, fixed, 3)
    height, at = _read_varint(stream, at, 3)
    length, at = _read_varint(stream, at, 5)
    if len(stream) != at + 4 + length:
        problem = "cut short" if len(stream) < at + 4 + length else "longer than it says"
        raise StreamError(f"This stream is {problem}: get a complete copy of it.")
    payload = stream[at + 4 :]
    if zlib.crc32(payload, zlib.crc32(stream[:at])) != int.from_bytes(stream[at : at + 4], "big"):
        raise StreamError("This stream is damaged (its checksum is wrong): get another copy of it.")
    if not 0 < width * height <= max_pixels:
        raise StreamError(f"This stream claims {width} x {height} pixels, which is over the limit for decoding.")
    mode, flags = stream[3] & 0xF, 0
    if stream[3] >> 4 == FLAGGED_VERSION:
        mode, flags = mode & _MODE_BITS, mode & ~_MODE_BITS
        if not flags:  # another way to write version 1
            raise StreamError("This stream's header is damaged: get another copy of it.")
    quality = int.from_bytes(stream[7:9], "big")
    header = Header(mode, stream[4:7], quality, width, height, bool(flags & _GREY), bool(flags & _ONE_COLOUR))
    return header, payload

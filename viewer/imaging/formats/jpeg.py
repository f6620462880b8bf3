"""JPEG's segments (ITU-T T.81, B): the coding process, and whether the file is complete."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.imaging import image_errors

SIGNATURE = b"\xff\xd8"
END = b"\xff\xd9"
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_SCAN = 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_HUFFMAN = {0xC0, 0xC1, 0xC2}
_LOSSLESS_FRAME, _JPEG_LS_FRAME = 0xC3, 0xF7
_HIERARCHICAL = {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF}
_LOSSLESS_ARITHMETIC = {0xCB}
_PROFILE_HEAD = b"ICC_PROFILE\0"
LOSSLESS, JPEG_LS, DEEP, UNREADABLE = "lossless", "JPEG-LS", "deep", "unreadable"
_GAIN_MAPS = (b"http://ns.adobe.com/hdr-gain-map/", b"urn:iso:std:iso:ts:21496:-1", b"HDRGainMap")
_FILLERS = (b"\x5a\xa5" * 512, b"\x12\x7e" * 512)


@dataclass(frozen=True)
class Frame:
    """A frame header. kind: one of the constants here, empty if Pillow decodes it. what: the kind in words."""

    kind: str
    what: str
    width: int
    height: int
    bits: int
    components: int


def read_frame(data: bytes) -> Frame | None:
    """The first frame header; None if there is none, or it is cut short."""
    found = next((found for found in _markers(data) if found[0] in _FRAMES or found[0] == _JPEG_LS_FRAME), None)
    if found is None or found[1] + 10 > len(data):
        return None
    marker, at = found
    bits, components = data[at + 4], data[at + 9]
    kind, what = "", "a JPEG"
    if marker == _JPEG_LS_FRAME:
        kind, what = JPEG_LS, "a JPEG-LS file"
    elif marker == _LOSSLESS_FRAME:
        kind, what = LOSSLESS, "a lossless JPEG"
    elif marker in _HIERARCHICAL:
        kind, what = UNREADABLE, "a hierarchical JPEG"
    elif marker in _LOSSLESS_ARITHMETIC:
        kind, what = UNREADABLE, "a lossless JPEG with arithmetic coding"
    elif bits == 12 and marker in _HUFFMAN:
        kind, what = DEEP, "a JPEG with 12 bits per sample"
    elif bits != 8:
        kind, what = UNREADABLE, f"a JPEG with {bits} bits per sample"
    elif components not in {1, 3, 4}:
        kind, what = UNREADABLE, f"a JPEG with {components} components"
    height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
    return Frame(kind, what, width, height, bits, components)


def check_coding_process(data: bytes, name: str) -> None:
    """Raise ImageError for a kind of JPEG that no library here decodes; the message names it."""
    frame = read_frame(data)
    if frame is not None and frame.kind:
        raise image_errors.unsupported(name, frame.what)


def profile_of(data: bytes) -> bytes | None:
    """The ICC profile, joined from its segments (ICC.1, B.4)."""
    parts = [part for part in _segments(data, 0xE2) if part.startswith(_PROFILE_HEAD) and len(part) > 14]
    return b"".join(part[14:] for part in sorted(parts, key=lambda part: part[12])) or None


def exif_of(data: bytes) -> bytes:
    """The EXIF data; empty if there are none."""
    return next((part for part in _segments(data, 0xE1) if part.startswith(b"Exif\0\0")), b"")


def _segments(data: bytes, marker: int) -> list[bytes]:
    return [
        data[at + 4 : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]
        for found, at in _markers(data)
        if found == marker
    ]


def is_missing_end_marker(data: bytes) -> bool:
    """Whether no end marker follows the first scan."""
    scan = _scan(data)
    return scan is not None and data.find(END, scan) < 0


def completed_variants(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The file with an end marker, and two variants with different data before it. If all decode to the same picture,
    no pixel data is missing.
    """
    body = data[:-1] if data.endswith(b"\xff") else data
    first, second = _FILLERS
    return body + END, body + first + END, body + second + END


def has_gain_map(data: bytes) -> bool:
    """Whether the file has a gain map for HDR screens (ISO 21496-1, Ultra HDR, Apple's)."""
    return any(mark in data for mark in _GAIN_MAPS)


def _scan(data: bytes) -> int | None:
    return next((at for marker, at in _markers(data) if marker == _SCAN), None)


def _markers(data: bytes) -> list[tuple[int, int]]:
    """Markers up to the first scan's, and the positions of their 0xFF."""
    found: list[tuple[int, int]] = []
    at = 2
    while at + 4 <= len(data):
        at = data.find(b"\xff", at)
        if at < 0 or at + 4 > len(data):
            break
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0 or marker in _STANDALONE:
            at += 2
            continue
        found.append((marker, at))
        if marker in {_SCAN, 0xD9}:
            break
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return found

"""JPEG's segments (ITU-T T.81, B): the coding process, and whether the file is complete."""

from __future__ import annotations

from viewer.imaging import image_errors

SIGNATURE = b"\xff\xd8"
END = b"\xff\xd9"
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_SCAN = 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF}
_HIERARCHICAL = {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF}
_ARITHMETIC = {0xC9, 0xCA}
_JPEG_LS = 0xF7
_GAIN_MAPS = (b"http://ns.adobe.com/hdr-gain-map/", b"urn:iso:std:iso:ts:21496:-1", b"HDRGainMap")
_FILLERS = (b"\x5a\xa5" * 512, b"\x12\x7e" * 512)


def check_coding_process(data: bytes, name: str) -> None:
    """Raise ImageError for a kind of JPEG that Pillow's libjpeg-turbo does not decode; the message names it."""
    found = _frame(data)
    if found is None:
        return
    marker, at = found
    bits, components = data[at + 4] if at + 4 < len(data) else 8, data[at + 9] if at + 9 < len(data) else 3
    what = ""
    if marker == _JPEG_LS:
        what = "a JPEG-LS file"
    elif marker in _LOSSLESS:
        what = "a lossless JPEG"
    elif marker in _HIERARCHICAL:
        what = "a hierarchical JPEG"
    elif marker in _ARITHMETIC:
        what = "a JPEG with arithmetic coding"
    elif bits != 8:
        what = f"a JPEG with {bits} bits per sample"
    elif components not in {1, 3, 4}:
        what = f"a JPEG with {components} components"
    if what:
        raise image_errors.unsupported(name, what)


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


def _frame(data: bytes) -> tuple[int, int] | None:
    """The frame header's marker and its position."""
    return next((found for found in _markers(data) if found[0] in _FRAMES or found[0] == _JPEG_LS), None)


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

"""PNG's chunks (ISO/IEC 15948): damage and colours."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.imaging import image_errors
from viewer.imaging.colours.cicp import Chromaticities, ColourEncoding, encoding_from_cicp, encoding_from_gamma

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEEDED = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_USED = {b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"eXIf", b"sBIT", b"pHYs"}
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}
_FIXED_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9, b"acTL": 8, b"fcTL": 26}
_XMP = b"XML:com.adobe.xmp\0"


@dataclass(frozen=True)
class Png:
    """data: the file for Pillow, without damaged or unused chunks. notes: what was ignored, and why.

    colour_encoding: None for sRGB, or if a profile defines the colours. colour_key: the transparent grey level or RGB
    colour (tRNS), as stored.
    """

    data: bytes
    notes: tuple[str, ...]
    colour_encoding: ColourEncoding | None
    colour_key: tuple[int, ...] | None


@dataclass(frozen=True)
class Chunk:
    """is_whole: complete, and its checksum is right. at: where it begins. whole: all its bytes."""

    kind: bytes
    at: int
    content: bytes
    is_whole: bool
    whole: bytes


def read_chunks(data: bytes, name: str) -> Png:
    """Check a PNG file's chunks. Raises ImageError, with the position, if a chunk that the picture needs is damaged."""
    kept: list[Chunk] = []
    left_out_sentence: list[bytes] = []
    notes: list[str] = []
    ended = False
    found: dict[bytes, bytes] = {}
    for chunk in chunks_of(data):
        shown = chunk.kind.decode("ascii", "replace")
        if chunk.kind in _NEEDED:
            if not chunk.is_whole:
                what = "its checksum is wrong" if len(chunk.whole) == len(chunk.content) + 12 else "it is cut short"
                raise image_errors.damaged(name, "PNG", f"chunk {shown} at byte {chunk.at:,}: {what}")
            ended = chunk.kind == b"IEND"
        elif not chunk.is_whole or len(chunk.content) != _FIXED_LENGTHS.get(chunk.kind, len(chunk.content)):
            if chunk.kind not in left_out_sentence:
                left_out_sentence.append(chunk.kind)
            continue
        elif chunk.kind not in _USED | _ANIMATION and not chunk.content.startswith(_XMP):
            continue  # texts are not shown, and might be huge when unpacked
        found.setdefault(chunk.kind, chunk.content)
        kept.append(chunk)
        if ended:
            break
    dropped = set(_ANIMATION) if _ANIMATION & set(left_out_sentence) else set()
    if left_out_sentence:
        kinds = ", ".join(kind.decode("ascii", "replace") for kind in left_out_sentence)
        notes.append(f"Damaged chunks without pixel data were ignored: {kinds}.")
    colour_encoding = _colour_encoding(found)
    if b"cICP" in found and colour_encoding is not None:
        dropped |= {b"iCCP"}
    elif b"cICP" in found:
        notes.append("Its colour code points are unknown, so its colours are read as sRGB.")
    head = found.get(b"IHDR", b"")
    bits, colours = (head[8], head[9]) if len(head) == 13 else (8, 2)
    colour_key = _colour_key(found.get(b"tRNS", b""), bits, colours)
    if colour_key is not None:  # Pillow would compare it with levels that it has already scaled or truncated
        dropped |= {b"tRNS"}
    pieces = [SIGNATURE, *(chunk.whole for chunk in kept if chunk.kind not in dropped)]
    if not ended and b"IHDR" in found:
        notes.append("Its end marker is missing; all pixels are there.")
        pieces.append(b"\0\0\0\0IEND\xaeB`\x82")
    return Png(b"".join(pieces), tuple(notes), colour_encoding, colour_key)


def chunks_of(data: bytes) -> Iterator[Chunk]:
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        whole = data[at : at + 12 + length]
        content = whole[8 : 8 + length]
        checksum = int.from_bytes(whole[8 + length :], "big")
        is_complete = len(whole) == 12 + length
        yield Chunk(kind, at, content, is_complete and checksum == zlib.crc32(content, zlib.crc32(kind)), whole)
        at += 12 + length


def _colour_encoding(found: dict[bytes, bytes]) -> ColourEncoding | None:
    """In order of precedence: cICP, iCCP, sRGB, then gAMA and cHRM (PNG, third edition, 4.3)."""
    if b"cICP" in found:
        primaries, transfer = found[b"cICP"][:2]
        return encoding_from_cicp(primaries, transfer)
    if b"iCCP" in found or b"sRGB" in found:
        return None
    gamma = int.from_bytes(found[b"gAMA"], "big") / 100_000 if b"gAMA" in found else None
    points = _chromaticities(found[b"cHRM"]) if b"cHRM" in found else None
    return encoding_from_gamma(gamma, points)


def _chromaticities(content: bytes) -> Chromaticities:
    white, red, green, blue = (
        (int.from_bytes(content[at : at + 4], "big") / 1e5, int.from_bytes(content[at + 4 : at + 8], "big") / 1e5)
        for at in range(0, 32, 8)
    )
    return red, green, blue, white


def _colour_key(content: bytes, bits: int, colours: int) -> tuple[int, ...] | None:
    wanted = {0: 1, 2: 3}.get(colours)
    if wanted is None or len(content) < 2 * wanted:
        return None
    return tuple(int.from_bytes(content[2 * i : 2 * i + 2], "big") & ((1 << bits) - 1) for i in range(wanted))

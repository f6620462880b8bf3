"""JNG: a JPEG in PNG's chunks, with transparency beside it (JPEG Network Graphics 1.0)."""

from __future__ import annotations

import io
import struct
import zlib
from functools import partial

from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats import jpeg, png

SIGNATURE = b"\x8bJNG\r\n\x1a\n"
_HEADER = struct.Struct(">2I8B")
_GREY, _GREY_ALPHA, _ALPHA = 8, 12, 14
_KINDS = {_GREY: "grey", 10: "RGB", _GREY_ALPHA: "grey with transparency", _ALPHA: "RGB with transparency"}
_NEEDED = {b"JHDR", b"JDAT", b"JDAA", b"IDAT", b"IEND"}


def open_jng(data: bytes, name: str) -> Opened | None:
    """Read the chunks; None for other formats. Raises ImageError if one is damaged, and for unknown kinds."""
    if not data.startswith(SIGNATURE):
        return None
    found: dict[bytes, bytes] = {}
    for chunk in png.chunks_of(data):
        if chunk.kind == b"JSEP":  # what follows is the same picture in 12 bits
            break
        if chunk.kind in _NEEDED:
            if not chunk.is_whole:
                what = f"chunk {chunk.kind.decode()} at byte {chunk.at:,}"
                raise image_errors.damaged(name, "JNG", what)
            found[chunk.kind] = found.get(chunk.kind, b"") + chunk.content
    head = found.get(b"JHDR", b"")
    if len(head) != _HEADER.size or b"JDAT" not in found:
        raise image_errors.damaged(name, "JNG", "its header or its picture is missing")
    width, height, kind = _HEADER.unpack(head)[:3]
    if kind not in _KINDS:
        raise image_errors.unsupported(name, f"a JNG file with colour type {kind}")
    jpeg.check_coding_process(found[b"JDAT"], name)
    return Opened("JNG", width, height, _KINDS[kind], 8, partial(_decoded, found, name))


def _decoded(found: dict[bytes, bytes], name: str) -> Decoded:
    width, height, kind, *_, opacity_bits, packing, _filter, interlace = _HEADER.unpack(found[b"JHDR"])
    picture = _opened(found[b"JDAT"], (width, height), name)
    if kind not in {_GREY_ALPHA, _ALPHA}:
        return Decoded(picture)
    if packing:
        return Decoded(picture, _opened(found.get(b"JDAA", b""), (width, height), name).convert("L"))
    head = struct.pack(">2I5B", width, height, opacity_bits, 0, 0, 0, interlace)
    parts = ((b"IHDR", head), (b"IDAT", found.get(b"IDAT", b"")), (b"IEND", b""))
    stored = png.SIGNATURE + b"".join(_chunk(*part) for part in parts)
    alpha = _opened(stored, (width, height), name)
    if alpha.mode not in {"1", "L"}:
        raise image_errors.unsupported(name, f"a JNG file with {opacity_bits}-bit transparency")
    return Decoded(picture, alpha.convert("L"))


def _opened(data: bytes, size: tuple[int, int], name: str) -> PillowImage.Image:
    with PillowImage.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        if picture.size != size:
            raise image_errors.damaged(name, "JNG", "its parts differ in size")
        picture.load()
        return picture


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

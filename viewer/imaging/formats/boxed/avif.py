"""Properties in AVIF's boxes: colour code points and a crop (ISO/IEC 23008-12)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from viewer.imaging.formats.boxed.boxes import Box, boxes, find

_GAIN_MAP_ITEM = b"tmap"


@dataclass(frozen=True)
class AvifProperties:
    """codes: colour primaries and transfer characteristics (H.273), or None. crop: left, top, right, bottom in stored
    pixels, None for the whole. has_gain_map: the file has one, which Pillow ignores.
    """

    codes: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] | None = None
    has_gain_map: bool = False


def avif_properties(data: bytes, width: int, height: int) -> AvifProperties:
    """The properties of a file. width, height: as stored."""
    properties = _primary_properties(data)
    codes, crop = None, None
    for box in properties:
        content = data[box.start : box.end]
        if box.kind == b"colr" and content[:4] == b"nclx" and len(content) >= 8:
            codes = int.from_bytes(content[4:6], "big"), int.from_bytes(content[6:8], "big")
        elif box.kind == b"clap" and len(content) >= 32:
            crop = _crop(content, width, height)
    items = find(data, (b"meta", b"iinf"))
    return AvifProperties(codes, crop, items is not None and _GAIN_MAP_ITEM in data[items.start : items.end])


def _primary_properties(data: bytes) -> list[Box]:
    """The property boxes of the primary item; all property boxes if it is unclear which are its own."""
    container = find(data, (b"meta", b"iprp", b"ipco"))
    if container is None:
        return []
    every = list(boxes(data, container.start, container.end))
    primary = find(data, (b"meta", b"pitm"))
    shared = find(data, (b"meta", b"iprp"))
    if primary is None or shared is None:
        return every
    item = int.from_bytes(data[primary.start + 4 : primary.end], "big")
    numbers: list[int] = []
    for box in boxes(data, shared.start, shared.end):
        if box.kind == b"ipma":
            numbers += dict(associations(data, box)).get(item, ())
    return [every[number - 1] for number in numbers if 0 < number <= len(every)]


def associations(data: bytes, box: Box) -> list[tuple[int, list[int]]]:
    """Items of an “ipma” box, and the numbers of their properties, counted from 1."""
    is_wide_item, is_wide_number = data[box.start] > 0, data[box.start + 3 : box.start + 4] == b"\x01"
    count, at = int.from_bytes(data[box.start + 4 : box.start + 8], "big"), box.start + 8
    found: list[tuple[int, list[int]]] = []
    for _ in range(count):
        width = 4 if is_wide_item else 2
        if at + width + 1 > box.end:
            break
        item, numbers = int.from_bytes(data[at : at + width], "big"), data[at + width]
        at += width + 1
        step = 2 if is_wide_number else 1
        mask = 0x7FFF if is_wide_number else 0x7F
        own = [int.from_bytes(data[at + step * i : at + step * (i + 1)], "big") & mask for i in range(numbers)]
        found.append((item, own))
        at += step * numbers
    return found


def _crop(content: bytes, width: int, height: int) -> tuple[int, int, int, int] | None:
    """A clean aperture (ISO/IEC 14496-12, 12.1.4); None if it is the whole picture, or outside it."""
    fields = [int.from_bytes(content[at : at + 4], "big") for at in range(0, 32, 4)]
    signed = [value - (1 << 32) if value >> 31 and at in {4, 6} else value for at, value in enumerate(fields)]
    if not all(signed[1::2]):
        return None
    across, down, right_by, down_by = (Fraction(*signed[at : at + 2]) for at in range(0, 8, 2))
    left, top = (width - across) / 2 + right_by, (height - down) / 2 + down_by
    corners = left, top, left + across, top + down
    if min(left, top) < 0 or across < 1 or down < 1 or corners[2] > width or corners[3] > height:
        return None
    crop = round(left), round(top), round(corners[2]), round(corners[3])
    return None if crop == (0, 0, width, height) else crop

"""AVIF files that most decoders read, but libavif, which is strict, rejects: properties in several boxes instead of one
(ISO/IEC 14496-12, 8.11.14), and transparency that names no size.
"""

from __future__ import annotations

from dataclasses import dataclass

from viewer.imaging.formats.boxed.boxes import Box, boxes, find

_MAX_ITEMS = 4096
_ESSENTIAL = 1 << 15
"""In an association of two bytes."""


@dataclass(frozen=True)
class _Parts:
    """Of the file: what is rewritten, and what tells how."""

    meta: Box
    properties: Box
    container: Box
    mappings: tuple[Box, ...]
    places: Box


def repaired(data: bytes) -> bytes | None:
    """The file in a form that libavif accepts; None if there is nothing to repair, or no way to."""
    parts = _find_parts(data)
    if parts is None:
        return None
    items: dict[int, list[int]] = {}
    for box in parts.mappings:
        for item, numbers in _associations(data, box):
            items.setdefault(item, []).extend(numbers)
    kinds = [box.kind for box in boxes(data, parts.container.start, parts.container.end)]
    sizes = [number for number, kind in enumerate(kinds, 1) if kind == b"ispe"]
    decoders = {number for number, kind in enumerate(kinds, 1) if kind == b"av1C"}
    nameless = [
        item
        for item, numbers in items.items()
        if decoders & {number % _ESSENTIAL for number in numbers} and not {n % _ESSENTIAL for n in numbers} & {*sizes}
    ]
    if len(parts.mappings) < 2 and not nameless:
        return None
    if nameless and len(sizes) != 1:
        return None  # which of them it is cannot be told
    for item in nameless:
        items[item].insert(0, sizes[0])
    mapping = _mapping(items)
    container = data[parts.container.start - 8 : parts.container.end]
    inside = container + mapping
    properties = (8 + len(inside)).to_bytes(4, "big") + b"iprp" + inside
    by = len(properties) - (parts.properties.end - parts.properties.start + 8)
    meta_size = parts.meta.end - parts.meta.start + 8 + by
    head = bytearray(data[: parts.properties.start - 8])
    head[parts.meta.start - 8 : parts.meta.start - 4] = meta_size.to_bytes(4, "big")
    out = head + properties + data[parts.properties.end :]
    places = parts.places
    if places.start > parts.properties.end:
        places = Box(places.kind, places.start + by, places.end + by)
    return bytes(out) if _move(out, places, after=parts.meta.end, by=by) else None


def _find_parts(data: bytes) -> _Parts | None:
    meta, properties = find(data, (b"meta",)), find(data, (b"meta", b"iprp"))
    container, places = find(data, (b"meta", b"iprp", b"ipco")), find(data, (b"meta", b"iloc"))
    if meta is None or properties is None or container is None or places is None:
        return None
    mappings = tuple(box for box in boxes(data, properties.start, properties.end) if box.kind == b"ipma")
    for box in (meta, properties, container):
        if int.from_bytes(data[box.start - 8 : box.start - 4], "big") != box.end - box.start + 8:
            return None  # a size of another kind
    return _Parts(meta, properties, container, mappings, places)


def _associations(data: bytes, box: Box) -> list[tuple[int, list[int]]]:
    """Items and the numbers of their properties, of two bytes with the mark of what is essential."""
    if box.end - box.start < 8:
        return []
    item_size, step = (4 if data[box.start] else 2), (2 if data[box.start + 3] & 1 else 1)
    at, found = box.start + 8, []
    for _ in range(min(_MAX_ITEMS, int.from_bytes(data[box.start + 4 : box.start + 8], "big"))):
        end = at + item_size + 1 + step * (data[at + item_size] if at + item_size < box.end else 0)
        if end > box.end or at + item_size >= box.end:
            break
        stored = [int.from_bytes(data[i : i + step], "big") for i in range(at + item_size + 1, end, step)]
        numbers = stored if step == 2 else [(part & 0x7F) | (_ESSENTIAL if part & 0x80 else 0) for part in stored]
        found.append((int.from_bytes(data[at : at + item_size], "big"), [n for n in numbers if n % _ESSENTIAL]))
        at = end
    return found


def _mapping(items: dict[int, list[int]]) -> bytes:
    """One box of properties, with items of four bytes and numbers of two."""
    content = b"\1\0\0\1" + len(items).to_bytes(4, "big")
    for item, numbers in sorted(items.items()):
        kept = numbers[:255]
        content += item.to_bytes(4, "big") + bytes([len(kept)])
        content += b"".join(number.to_bytes(2, "big") for number in kept)
    return (8 + len(content)).to_bytes(4, "big") + b"ipma" + content


def _move(data: bytearray, places: Box, *, after: int, by: int) -> bool:
    """Add to the places of items' data that lie behind what grew (ISO/IEC 14496-12, 8.11.3); whether that could be."""
    version = data[places.start]
    sizes = int.from_bytes(data[places.start + 4 : places.start + 6], "big")
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    wide = version >= 2
    at = places.start + 6
    count = int.from_bytes(data[at : at + (4 if wide else 2)], "big")
    at += 4 if wide else 2
    for _ in range(min(count, _MAX_ITEMS)):
        at += 4 if wide else 2
        method = 0
        if version:
            method = int.from_bytes(data[at : at + 2], "big") & 15
            at += 2
        base_at = at + 2
        base = int.from_bytes(data[base_at : base_at + base_size], "big")
        at = base_at + base_size
        extents = int.from_bytes(data[at : at + 2], "big")
        at += 2
        if at + extents * (offset_size + length_size + (index_size if version else 0)) > places.end:
            return False
        if method == 0 and base >= after:
            data[base_at : base_at + base_size] = (base + by).to_bytes(base_size, "big")
        for _ in range(extents):
            at += index_size if version else 0
            offset = int.from_bytes(data[at : at + offset_size], "big")
            if method == 0 and base < after <= base + offset:
                if not 0 <= offset + by < 1 << 8 * offset_size:
                    return False
                data[at : at + offset_size] = (offset + by).to_bytes(offset_size, "big")
            at += offset_size + length_size
    return True

"""The boxes that AVIF, HEIF and JPEG 2000 files are made of (ISO/IEC 14496-12, 4.2; ITU-T T.800, I.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_MAX_BOXES = 4096
"""On one level: malicious files have millions of empty ones."""


@dataclass(frozen=True)
class Box:
    """kind: four characters. start, end: of its content, in the file."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two positions, as far as they are complete."""
    at = start
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:  # up to the end
            size = end - at
        if size < head or at + size > end:
            return
        yield Box(kind, at + head, at + size)
        at += size


def find(data: bytes, path: tuple[bytes, ...], start: int = 0, end: int | None = None) -> Box | None:
    """The first box at a path of nested kinds, or None. “meta” has 4 bytes before its boxes."""
    inside = Box(b"", start, len(data) if end is None else end)
    for kind in path:
        skipped = 4 if inside.kind == b"meta" else 0
        found = next((box for box in boxes(data, inside.start + skipped, inside.end) if box.kind == kind), None)
        if found is None:
            return None
        inside = found
    return inside

"""Reads the tags of a TIFF's directories, without decoding anything (TIFF 6.0; BigTIFF)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_WHOLE_NUMBERS = {1, 3, 4, 13, 16, 18}
_MAX_TAGS = 4096
_MAX_VALUES = 64
"""Per tag, for the tags that are read."""
_MAX_DIRECTORIES = 16

_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 256, 257, 258, 259, 262
_SAMPLES, _PLANAR, _SUB_DIRECTORIES, _EXTRA, _FORMAT, _PROFILE, _DNG = 277, 284, 330, 338, 339, 34675, 50706
_ORIENTATION, _STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 274, 273, 279, 324, 325
_COLOUR_FILTER, _LINEAR_RAW = 32803, 34892
_REDUCED = 1

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, CMYK = 0, 1, 2, 5


@dataclass(frozen=True)
class Tags:
    """One directory. values: of each tag with a few integers; profile: the ICC profile."""

    is_big: bool
    order: str
    values: dict[int, tuple[int, ...]] = field(default_factory=dict)
    profile: bytes | None = None
    next_at: int = 0

    def one(self, tag: int, default: int = 0) -> int:
        return (self.values.get(tag) or (default,))[0]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.one(_WIDTH), self.one(_HEIGHT)

    @property
    def bits(self) -> int:
        return max(self.values.get(_BITS, (1,)), default=1)

    @property
    def samples(self) -> int:
        return self.one(_SAMPLES, 1)

    @property
    def compression(self) -> int:
        return self.one(_COMPRESSION, 1)

    @property
    def photometric(self) -> int:
        return self.one(_PHOTOMETRIC, BLACK_IS_ZERO)

    @property
    def is_planar(self) -> bool:
        return self.one(_PLANAR, 1) == 2 and self.samples > 1

    @property
    def is_floating(self) -> bool:
        return self.one(_FORMAT, 1) == 3

    @property
    def is_signed(self) -> bool:
        return self.one(_FORMAT, 1) == 2

    @property
    def extra(self) -> tuple[int, ...]:
        """Meaning of the samples after the colours: 1 is premultiplied alpha, 2 is plain alpha."""
        return self.values.get(_EXTRA, ())

    def ends_beyond(self, byte_count: int) -> bool:
        """Whether any of its strips or tiles (of the first ones) lies beyond the end of the file."""
        pairs = ((_STRIPS, _STRIP_SIZES), (_TILES, _TILE_SIZES))
        places = [list(zip(*(self.values.get(tag, ()) for tag in pair), strict=False)) for pair in pairs]
        return not any(places) or any(at + size > byte_count for pair in places for at, size in pair)

    @property
    def orientation(self) -> int:
        value = self.one(_ORIENTATION, 1)
        return value if 1 <= value <= 8 else 1


def is_tiff(data: bytes) -> bool:
    return data.startswith(SIGNATURES)


def first_directory(data: bytes) -> Tags | None:
    """The tags of the first picture, or None."""
    return next(_chain(data), None)


def is_tiff_of_camera(data: bytes) -> bool:
    """Whether a TIFF is a camera raw file: DNG, or a preview followed by samples of a colour filter array."""
    for number, tags in enumerate(_chain(data)):
        if _DNG in tags.values or tags.photometric in {_COLOUR_FILTER, _LINEAR_RAW}:
            return True
        if number == 0 and tags.one(_SUBFILE) & _REDUCED == 0 and _SUB_DIRECTORIES not in tags.values:
            return False  # the first picture is an ordinary one
        for at in tags.values.get(_SUB_DIRECTORIES, ()):
            sub = _directory(data, at, tags.is_big, tags.order)
            if sub is not None and sub.photometric in {_COLOUR_FILTER, _LINEAR_RAW}:
                return True
    return False


def count_directories(data: bytes, at_most: int) -> int:
    """The number of pictures, counted up to `at_most`."""
    return max(1, sum(1 for _ in _chain(data, at_most)))


def _chain(data: bytes, at_most: int = _MAX_DIRECTORIES) -> Iterator[Tags]:
    order = {b"II": "little", b"MM": "big"}.get(data[:2])
    if order is None or not is_tiff(data):
        return
    is_big = b"+" in data[2:4]
    at = _number(data, 8, 8, order) if is_big else _number(data, 4, 4, order)
    seen: set[int] = set()
    while at and at not in seen and len(seen) < at_most:
        seen.add(at)
        tags = _directory(data, at, is_big, order)
        if tags is None:
            return
        yield tags
        at = tags.next_at


def _number(data: bytes, at: int, size: int, order: str) -> int:
    return int.from_bytes(data[at : at + size], "little" if order == "little" else "big")


def _directory(data: bytes, at: int, is_big: bool, order: str) -> Tags | None:
    head, width, word = (8, 20, 8) if is_big else (2, 12, 4)
    count = _number(data, at, head, order)
    if not 0 < count <= _MAX_TAGS or at + head + width * count > len(data):
        return None
    values: dict[int, tuple[int, ...]] = {}
    profile = None
    for i in range(count):
        entry = at + head + width * i
        tag, kind = _number(data, entry, 2, order), _number(data, entry + 2, 2, order)
        length = _number(data, entry + 4, word, order)
        size = _SIZES.get(kind, 0)
        place = entry + 4 + word
        if size * length > word:
            place = _number(data, place, word, order)
        if tag == _PROFILE:
            profile = data[place : place + length]
        elif tag == _DNG:
            values[tag] = (1,)
        elif kind in _WHOLE_NUMBERS:
            places = range(place, place + size * min(length, _MAX_VALUES), size)
            values.setdefault(tag, tuple(_number(data, where, size, order) for where in places))
    return Tags(is_big, order, values, profile, _number(data, at + head + width * count, word, order))

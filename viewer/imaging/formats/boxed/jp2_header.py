"""Samples and colours of a JPEG 2000 file, from its boxes and its codestream (ITU-T T.800, A.5.1, I.5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.formats.boxed.boxes import Box, boxes, find

BOXED = b"\0\0\0\x0cjP  \r\n\x87\n"
CODESTREAM = b"\xff\x4f\xff\x51"
CIELAB = 14
"""An enumerated colour space (EnumCS)."""
_SIZ_HEAD = 40
_COLOUR, _OPACITY, _PREMULTIPLIED = 0, 1, 2
_WHOLE_IMAGE = 0


@dataclass(frozen=True)
class Component:
    """bits: per sample. across, down: pixels that a sample covers."""

    bits: int
    is_signed: bool
    across: int
    down: int


@dataclass(frozen=True)
class Channel:
    """A channel of the picture: a component, or a palette column indexed by one (-1 for none)."""

    component: int
    column: int = -1


@dataclass(frozen=True, eq=False)
class Jp2:
    """width, height, left, top: of the picture on its grid. tiles: their number. start, end: of the codestream.

    colour_space: EnumCS, or None; lab: its parameters, for CIELAB. profile: ICC. order: the colour channels in order;
    opacity: the alpha channel; is_premultiplied: colours were multiplied by alpha. palette: (entries, columns);
    palette_bits: of each column.
    """

    width: int
    height: int
    left: int
    top: int
    tiles: int
    start: int
    end: int
    components: tuple[Component, ...]
    channels: tuple[Channel, ...]
    order: tuple[int, ...]
    opacity: int | None = None
    is_premultiplied: bool = False
    colour_space: int | None = None
    lab: tuple[int, ...] = ()
    profile: bytes | None = None
    palette: NDArray[np.uint16] | None = None
    palette_bits: tuple[int, ...] = ()

    @property
    def bits(self) -> int:
        return max((part.bits for part in self.components), default=8)


def read_header(data: bytes) -> Jp2 | None:
    """Read the header of a file or a raw codestream; None if it is neither, or damaged."""
    if data.startswith(CODESTREAM):
        return _with_colours(data, 0, len(data), None)
    if not data.startswith(BOXED):
        return None
    inside = find(data, (b"jp2c",))
    header = find(data, (b"jp2h",))
    return None if inside is None else _with_colours(data, inside.start, inside.end, header)


def _with_colours(data: bytes, start: int, end: int, header: Box | None) -> Jp2 | None:
    at = start + 6
    if data[start : start + 4] != CODESTREAM or at + 2 + _SIZ_HEAD - 4 > end:
        return None
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, count = struct.unpack_from(
        ">8IH", data, start + 8
    )
    if not (left < right and top < bottom and tile_width and tile_height) or tile_left > left or tile_top > top:
        return None
    tiles = -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height)
    described = data[start + 42 : start + 42 + 3 * count]
    if len(described) < 3 * count or not count:
        return None
    components = tuple(
        Component((depth & 0x7F) + 1, bool(depth & 0x80), max(1, across), max(1, down))
        for depth, across, down in zip(described[::3], described[1::3], described[2::3], strict=True)
    )
    colours = {} if header is None else {box.kind: box for box in reversed(list(boxes(data, header.start, header.end)))}
    palette, palette_bits = _palette(data, colours.get(b"pclr"))
    channels = _channels(data, colours.get(b"cmap"), len(components), palette)
    order, opacity, premultiplied = _order(data, colours.get(b"cdef"), len(channels))
    space: int | None = None
    lab: tuple[int, ...] = ()
    profile: bytes | None = None
    for box in () if header is None else boxes(data, header.start, header.end):
        if box.kind != b"colr" or space is not None or profile is not None:
            continue
        method = data[box.start]
        if method == 1:
            space = int.from_bytes(data[box.start + 3 : box.start + 7], "big")
            parameters = data[box.start + 7 : box.end][:28]
            lab = struct.unpack(">7I", parameters) if space == CIELAB and len(parameters) == 28 else ()
        elif method in {2, 3}:
            profile = data[box.start + 3 : box.end]
    return Jp2(
        right - left,
        bottom - top,
        left,
        top,
        tiles,
        start,
        end,
        components,
        channels,
        order,
        opacity,
        premultiplied,
        space,
        lab,
        profile,
        palette,
        palette_bits,
    )


def _palette(data: bytes, box: Box | None) -> tuple[NDArray[np.uint16] | None, tuple[int, ...]]:
    if box is None or box.end - box.start < 4:
        return None, ()
    entries, columns = struct.unpack_from(">HB", data, box.start)
    bits = tuple((depth & 0x7F) + 1 for depth in data[box.start + 3 : box.start + 3 + columns])
    at = box.start + 3 + columns
    sizes = [(depth + 7) // 8 for depth in bits]
    if not 0 < entries <= 1024 or not columns or max(bits, default=99) > 16 or at + entries * sum(sizes) > box.end:
        return None, ()
    table = np.empty((entries, columns), np.uint16)
    for entry in range(entries):
        for column, size in enumerate(sizes):
            table[entry, column] = int.from_bytes(data[at : at + size], "big")
            at += size
    return table, bits


def _channels(data: bytes, box: Box | None, components: int, palette: NDArray[np.uint16] | None) -> tuple[Channel, ...]:
    if box is None or palette is None:
        return tuple(Channel(number) for number in range(components))
    content = data[box.start : box.end]
    mapped = []
    for component, kind, column in struct.iter_unpack(">HBB", content[: len(content) // 4 * 4]):
        if component < components and (kind == 0 or column < palette.shape[1]):
            mapped.append(Channel(component, column if kind == 1 else -1))
    return tuple(mapped) or tuple(Channel(number) for number in range(components))


def _order(data: bytes, box: Box | None, count: int) -> tuple[tuple[int, ...], int | None, bool]:
    """Colour channels in order, and the alpha channel. Without a definition, the last of 2 or 4 channels is alpha."""
    if box is None:
        colours = count - (count in {2, 4})
        return tuple(range(colours)), colours if colours < count else None, False
    content = data[box.start + 2 : box.end]
    placed: dict[int, int] = {}
    opacity, premultiplied = None, False
    for channel, kind, place in struct.iter_unpack(">3H", content[: len(content) // 6 * 6]):
        if channel >= count:
            continue
        if kind == _COLOUR and 0 < place < 0xFFFF:
            placed.setdefault(place, channel)
        elif kind in {_OPACITY, _PREMULTIPLIED} and place == _WHOLE_IMAGE:
            opacity, premultiplied = channel, kind == _PREMULTIPLIED
    order = tuple(placed[place] for place in sorted(placed))
    return order or tuple(number for number in range(count) if number != opacity), opacity, premultiplied

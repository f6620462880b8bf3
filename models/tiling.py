"""Codes the symbols of a large picture tile by tile, to bound the memory of encoding and decoding.

Each tile is a separate stream of the context model: length in bytes (LEB128), then payload; tiles go row by row. Tiles
do not depend on their neighbours, which costs some 0.3 % of the bytes; the transforms still cross their borders.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bitstream import varint
from models.context.model import ContextModel
from models.errors import StreamError
from models.parallel import in_order

TILE_ROWS = 64
TILE_COLUMNS = 512
"""Size of a tile in latent positions: 1024 x 8192 pixels."""

TILED_ABOVE = 1 << 16
"""By default, pictures of more latent positions than this (16.8 megapixels) are coded in tiles."""

Symbols = NDArray[np.int32]


def encode_tiles(
    symbols: Callable[[slice, slice], Symbols], positions: tuple[int, ...], context: ContextModel, table: int
) -> bytes:
    """Code height x width latent positions, a few tiles at a time. symbols: returns those of some rows and columns."""
    height, width = positions
    tiles = itertools.product(_spans(height, TILE_ROWS), _spans(width, TILE_COLUMNS))

    def encode(tile: tuple[slice, slice]) -> bytes:
        return context.encode(symbols(*tile), table)

    return b"".join(varint(len(payload)) + payload for payload in in_order(encode, tiles))


@dataclass
class TileReader:
    """Decodes tiles from the top as rows of symbols are requested, and drops those above.

    Where several threads can decode, each has a tile, so that some are begun before their rows are requested.
    shape: (C, h, w) of all symbols, which the caller has to bound.
    """

    payload: bytes
    shape: tuple[int, int, int]
    context: ContextModel
    table: int

    def __post_init__(self) -> None:
        self._at = 0
        self._first = 0
        self._bands: list[Symbols] = []
        tiles = itertools.product(_spans(self.shape[1], TILE_ROWS), _spans(self.shape[2], TILE_COLUMNS))
        self._decoded = in_order(self._decode, map(self._taken, tiles))

    def rows(self, top: int, bottom: int) -> Symbols:
        """Symbols of some rows, (C, bottom - top, w); top must not be less than in the last call. Raises
        StreamError.
        """
        while self._bands and self._first + self._bands[0].shape[1] <= top:
            self._first += self._bands.pop(0).shape[1]
        while self._first + sum(band.shape[1] for band in self._bands) < bottom:
            self._bands.append(self._next_band())
        start = self._first
        cuts = []
        for band in self._bands:
            cuts.append(band[:, max(top - start, 0) : max(bottom - start, 0)])
            start += band.shape[1]
        return cuts[0] if len(cuts) == 1 else np.concatenate(cuts, axis=1)

    def finish(self) -> None:
        """Raises StreamError if anything is left over."""
        if self._at != len(self.payload):
            raise StreamError("This stream is damaged (it is longer than its tiles): get another copy of it.")

    def _next_band(self) -> Symbols:
        tiles = list(itertools.islice(self._decoded, -(-self.shape[2] // TILE_COLUMNS)))
        return tiles[0] if len(tiles) == 1 else np.concatenate(tiles, axis=2)

    def _decode(self, tile: tuple[bytes, tuple[int, int, int]]) -> Symbols:
        payload, shape = tile
        return self.context.decode(payload, shape, self.table)

    def _taken(self, tile: tuple[slice, slice]) -> tuple[bytes, tuple[int, int, int]]:
        """The next tile's payload, and the shape of its symbols."""
        length = self._take_length()
        part = self.payload[self._at : self._at + length]
        if len(part) < length:
            raise StreamError("This stream is cut short within its tiles: get a complete copy of it.")
        self._at += length
        rows, columns = tile
        return part, (self.shape[0], rows.stop - rows.start, columns.stop - columns.start)

    def _take_length(self) -> int:
        value = shift = 0
        while shift < 35 and self._at < len(self.payload):
            byte = self.payload[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise StreamError("This stream is damaged (a tile is empty): get another copy of it.")


def _spans(length: int, step: int) -> Iterator[slice]:
    return (slice(start, min(start + step, length)) for start in range(0, length, step))

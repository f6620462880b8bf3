"""The learned codec: pictures to streams and back.

    pixels --analyse, correct--> y --gain, round--> q --entropy coder--> payload --container--> stream
    stream --container--> payload --entropy coder--> q --inverse gain, synthesise--> pixels

The entropy coder is a context model if the weights have one, else the paper's plain density.

Source: Balle, Laparra, Simoncelli, "End-to-end Optimized Image Compression", ICLR 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import bitstream
from models.entropy.factorized import decode_plain, encode_plain, plain_bits
from models.errors import CodecError, StreamError
from models.greyscale import is_grey, is_one_colour, make_grey
from models.latents import PictureLatents
from models.nn.layers import STRIDE
from models.nn.transforms import Latents
from models.rate_model import SizeModel, sample
from models.refine.refiner import Refiner
from models.tiling import TILED_ABOVE, TileReader, encode_tiles
from models.weights import Weights, load_weights

Pixels = NDArray[np.uint8]
"""8-bit sRGB, shape (H, W, 3)."""


class EntropyMode(IntEnum):
    """How symbols become bytes; the number is stored in the stream.

    PLAIN: one density per channel, the same everywhere, as in the paper. CONTEXT: conditioned on earlier symbols.
    TILES: the same, tile by tile, which bounds the memory of large pictures.
    """

    PLAIN = 0
    CONTEXT = 1
    TILES = 2


_ALL = slice(None)
_PIXEL_BYTES = 3


def _in_memory(latents: Latents) -> Latents:
    return latents


class LearnedCodec:
    """One trained model. Immutable once loaded; safe to call from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.qualities = weights.qualities

    @classmethod
    def load(cls, path: Path) -> LearnedCodec:
        """Read a weights file. Raises WeightsError."""
        return cls(load_weights(path))

    @property
    def levels(self) -> int:
        """Number of trained levels."""
        return self._weights.transforms.levels

    @property
    def modes(self) -> tuple[EntropyMode, ...]:
        """The entropy modes that the weights support."""
        return tuple(EntropyMode) if self._weights.context is not None else (EntropyMode.PLAIN,)

    def mode_for(self, height: int, width: int) -> EntropyMode:
        """The default mode for a picture of this size."""
        if self._weights.context is None:
            return EntropyMode.PLAIN
        positions = -(-height // STRIDE) * -(-width // STRIDE)
        return EntropyMode.TILES if positions > TILED_ABOVE else EntropyMode.CONTEXT

    @property
    def model_id(self) -> bytes:
        """Identifies the weights in every stream."""
        return self._weights.model_id

    def prepare(
        self, pixels: Pixels, mode: EntropyMode | None = None, keep: Callable[[Latents], Latents] = _in_memory
    ) -> PreparedImage:
        """Run the analysis transform, once for all rates.

        pixels: uint8 (H, W, 3), not to be changed while the result is in use. mode: one of `modes`. keep: called with
        latents, returns where to keep them (such as on disk).
        """
        height, width = pixels.shape[:2]
        chosen = self.mode_for(height, width) if mode is None else mode
        if chosen not in self.modes:
            raise CodecError("These weights have no context model: use the plain density.")
        transforms = self._weights.transforms
        y = keep(transforms.analyse(pixels, half=chosen is EntropyMode.TILES))
        latents = PictureLatents(y, lambda: keep(transforms.correction(pixels, y)))
        colour = pixels[0, 0].tobytes() if is_one_colour(pixels) else None
        return PreparedImage(self._weights, chosen, latents, height, width, grey=is_grey(pixels), one_colour=colour)

    def refiner(self, prepared: PreparedImage, pixels: Pixels) -> Refiner:
        """What moves the latents of a prepared picture until its streams are better.

        pixels: those that it was prepared from. Raises CodecError where there is no context model.
        """
        context = self._weights.context
        if context is None or prepared.mode == EntropyMode.PLAIN:
            raise CodecError("Refinement needs the context model: use weights and a mode that have it.")
        return Refiner(self._weights.transforms, context, prepared, pixels)

    def decode(self, stream: bytes, max_pixels: int = bitstream.MAX_PIXELS) -> Pixels:
        """Decode a stream: uint8 (H, W, 3). Raises StreamError if it is foreign, damaged, cut short or too large."""
        header, payload, shape = self._opened(stream, max_pixels)
        if header.one_colour:
            return np.tile(np.frombuffer(payload, np.uint8), (header.height, header.width, 1))
        pixels = self._synthesised(header, payload, shape)
        if header.grey:
            make_grey(pixels)
        return pixels

    def _synthesised(self, header: bitstream.Header, payload: bytes, shape: tuple[int, int, int]) -> Pixels:
        picture = header.quality, header.height, header.width
        if header.mode != EntropyMode.TILES or self._weights.context is None:
            return self._weights.transforms.synthesise(self._symbols(header, payload, shape), *picture)
        tiles = TileReader(payload, shape, self._weights.context, self._weights.table_of(header.quality))
        pixels = self._weights.transforms.synthesise_rows(tiles.rows, *picture)
        tiles.finish()
        return pixels

    def decode_symbols(
        self, stream: bytes, max_pixels: int = bitstream.MAX_PIXELS
    ) -> tuple[bitstream.Header, NDArray[np.int32]]:
        """The header and q, int32 (C, h, w), of a stream; identical on every machine. Raises StreamError.

        A stream of one colour has no symbols: q is zero.
        """
        header, payload, shape = self._opened(stream, max_pixels)
        if header.one_colour:
            return header, np.zeros(shape, np.int32)
        return header, self._symbols(header, payload, shape)

    def _opened(self, stream: bytes, max_pixels: int) -> tuple[bitstream.Header, bytes, tuple[int, int, int]]:
        """A stream's header, its payload, and the shape of its symbols."""
        header, payload = bitstream.unpack(stream, max_pixels)
        if header.model_id != self.model_id:
            raise StreamError(
                f"This stream was made with the weights {header.model_id.hex()}, but the weights here are "
                f"{self.model_id.hex()}: decode it with the RateLens version that wrote it."
            )
        if header.quality not in self.qualities or header.mode not in set(self.modes):
            raise StreamError("This stream's header is damaged: get another copy of it.")
        if header.one_colour and (header.mode or header.grey or len(payload) != _PIXEL_BYTES):
            raise StreamError("This stream's header is damaged: get another copy of it.")
        shape = (self._weights.transforms.channels, -(-header.height // STRIDE), -(-header.width // STRIDE))
        return header, payload, shape

    def _symbols(self, header: bitstream.Header, payload: bytes, shape: tuple[int, int, int]) -> NDArray[np.int32]:
        table, context = self._weights.table_of(header.quality), self._weights.context
        if header.mode == EntropyMode.PLAIN or context is None:
            return decode_plain(payload, shape, self._weights.tables, table)
        if header.mode == EntropyMode.CONTEXT:
            return context.decode(payload, shape, table)
        tiles = TileReader(payload, shape, context, table)
        symbols = tiles.rows(0, shape[1])
        tiles.finish()
        return symbols

    def bits_map(self, stream: bytes, max_pixels: int = bitstream.MAX_PIXELS) -> NDArray[np.float32]:
        """Where a stream's bits go: ideal code length of each block of STRIDE x STRIDE pixels, in bits, float32 (h, w).

        Computed from the stream's symbols and the tables that they were coded with. Header, flags and the coder's end,
        a fraction of a percent, are excluded. Raises StreamError.
        """
        header, symbols = self.decode_symbols(stream, max_pixels)
        table = self._weights.table_of(header.quality)
        if header.one_colour:
            return np.full(symbols.shape[1:], 8.0 * _PIXEL_BYTES / symbols[0].size, np.float32)
        if header.mode == EntropyMode.PLAIN or self._weights.context is None:
            return plain_bits(symbols, self._weights.tables, table)
        return self._weights.context.bits_map(symbols, table)


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """A picture's latents, from which it is coded at any rate. Safe to use from several threads.

    grey: R = G = B everywhere. one_colour: the colour of all pixels, if they have only one.
    """

    weights: Weights
    mode: EntropyMode
    latents: PictureLatents
    height: int
    width: int
    grey: bool = False
    one_colour: bytes | None = None

    @property
    def qualities(self) -> range:
        """Integer qualities, in order of rising rate. A picture of one colour has a single one, which is exact."""
        return self.weights.qualities if self.one_colour is None else self.weights.qualities[:1]

    def prepare(self, quality: int | None = None) -> None:
        """Do what is done once for all rates, as far as a quality needs it, or without one as far as all do: the first
        `encode` and `guess` would else do it.
        """
        self._size_model  # noqa: B018 (computed by being asked for)
        if quality is not None:
            self.latents.prepare(quality)

    def encode(self, quality: int) -> bytes:
        """The complete stream at one of `qualities`."""
        if self.one_colour is not None:
            size = self.width, self.height
            header = bitstream.Header(EntropyMode.PLAIN, self.weights.model_id, quality, *size, one_colour=True)
            return bitstream.pack(header, self.one_colour)
        return self._packed(quality, partial(self.symbols, quality))

    def symbols(self, quality: int, rows: slice = _ALL, columns: slice = _ALL) -> NDArray[np.int32]:
        """q at a quality, int32 (C, h, w), for some rows and columns of latent positions."""
        return self.weights.transforms.quantise(self.latents.at(quality, rows, columns), quality)

    def approximated(self, quality: int) -> Pixels:
        """About what the stream of a quality decodes to, uint8 (H, W, 3), in a third of the time: its symbols need no
        decoding here, and the synthesis is in bfloat16 where the processor has it. To be looked at, never measured.
        """
        if self.one_colour is not None:
            return np.tile(np.frombuffer(self.one_colour, np.uint8), (self.height, self.width, 1))
        picture = quality, self.height, self.width
        pixels = self.weights.transforms.synthesise(self.symbols(quality), *picture, in_haste=True)
        if self.grey:
            make_grey(pixels)
        return pixels

    def pack(self, quality: int, symbols: NDArray[np.int32]) -> bytes:
        """The complete stream of any symbols, int32 (C, h, w), as they are shown at a quality."""

        def cut(rows: slice, columns: slice) -> NDArray[np.int32]:
            return symbols[:, rows, columns]

        return self._packed(quality, cut)

    def _packed(self, quality: int, symbols: Callable[[slice, slice], NDArray[np.int32]]) -> bytes:
        header = bitstream.Header(self.mode, self.weights.model_id, quality, self.width, self.height, self.grey)
        table, context = self.weights.table_of(quality), self.weights.context
        if self.mode == EntropyMode.TILES and context is not None:
            payload = encode_tiles(symbols, self.latents.y.shape[1:], context, table)
        elif self.mode == EntropyMode.PLAIN or context is None:
            payload = encode_plain(symbols(_ALL, _ALL), self.weights.tables, table)
        else:
            payload = context.encode(symbols(_ALL, _ALL), table)
        return bitstream.pack(header, payload)

    def guess(self, target_bytes: int) -> int:
        """A quality whose stream is likely to have this size. Depends only on the picture, not on earlier calls."""
        return self.qualities[0] if self.one_colour is not None else self._size_model.quality_of(target_bytes)

    @cached_property
    def _size_model(self) -> SizeModel:
        latents = self.latents  # not self, which would be a reference cycle
        part = PictureLatents(sample(latents.y), lambda: sample(latents.correction))
        share = latents.y[0].size / part.y[0].size
        return SizeModel(self.weights, part, share, with_context=self.mode != EntropyMode.PLAIN)

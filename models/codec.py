"""The learned codec: weights file in; pictures to streams and back.

    pixels --analyse--> y --gain, round--> q --entropy coder--> payload --container--> stream
    stream --container--> payload --entropy coder--> q --inverse gain, synthesise--> pixels

Source: Balle, Laparra, Simoncelli, "End-to-end Optimized Image Compression", ICLR 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import container
from models.entropy import decode_plain, encode_plain, plain_bits
from models.errors import StreamError
from models.network import STRIDE
from models.quality import STEPS_A_LEVEL, qualities, table_of
from models.transforms import Latents
from models.weights import Weights, load_weights

Pixels = NDArray[np.uint8]
"""8-bit sRGB, shape (H, W, 3)."""


class EntropyMode(IntEnum):
    """How symbols become bytes. PLAIN: one density a channel, the same everywhere, as in the paper."""

    PLAIN = 0


class LearnedCodec:
    """One trained model. Immutable once loaded; safe to call from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.qualities = qualities(weights.transforms.levels)

    @classmethod
    def load(cls, path: Path) -> LearnedCodec:
        """From a weights file. Raises WeightsError."""
        return cls(load_weights(path))

    @property
    def levels(self) -> int:
        """Trained levels."""
        return self._weights.transforms.levels

    @property
    def model_id(self) -> bytes:
        """Names the weights in every stream."""
        return self._weights.model_id

    def prepare(self, pixels: Pixels, mode: EntropyMode = EntropyMode.PLAIN) -> PreparedImage:
        """Run the analysis transform, once for all rates. pixels: uint8 (H, W, 3)."""
        height, width = pixels.shape[:2]
        return PreparedImage(self._weights, mode, self._weights.transforms.analyse(pixels), height, width)

    def decode(self, stream: bytes, max_pixels: int = container.MAX_PIXELS) -> Pixels:
        """The picture in a stream, uint8 (H, W, 3). Raises StreamError if foreign, damaged, cut short or too large."""
        header, symbols = self.decode_symbols(stream, max_pixels)
        return self._weights.transforms.synthesise(symbols, header.quality, header.height, header.width)

    def decode_symbols(
        self, stream: bytes, max_pixels: int = container.MAX_PIXELS
    ) -> tuple[container.Header, NDArray[np.int32]]:
        """The header and q, int32 (C, h, w), of a stream: exact on every machine. Raises StreamError."""
        header, payload = container.unpack(stream, max_pixels)
        if header.model_id != self.model_id:
            raise StreamError(
                f"This stream was made with the weights {header.model_id.hex()}, and the program has "
                f"{self.model_id.hex()}: use the program version that wrote it."
            )
        if header.quality not in self.qualities or header.mode not in set(EntropyMode):
            raise StreamError("This stream's header is damaged: get another copy of it.")
        shape = (self._weights.transforms.channels, -(-header.height // STRIDE), -(-header.width // STRIDE))
        return header, decode_plain(payload, shape, self._weights.tables, table_of(header.quality))


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """A picture's latents, from which every rate is coded."""

    weights: Weights
    mode: EntropyMode
    y: Latents
    height: int
    width: int

    @property
    def qualities(self) -> range:
        """Integer qualities, rate ascending."""
        return qualities(self.weights.transforms.levels)

    def encode(self, quality: int) -> bytes:
        """The complete stream at a quality of `qualities`."""
        symbols = self.weights.transforms.quantise(self.y, quality)
        payload = encode_plain(symbols, self.weights.tables, table_of(quality))
        header = container.Header(self.mode, self.weights.model_id, quality, self.width, self.height)
        return container.pack(header, payload)

    def guess(self, target_bytes: int) -> int:
        """A quality whose stream is likely to have so many bytes: interpolated between estimates, one a level."""
        anchors = np.array(self.qualities[::STEPS_A_LEVEL], float)
        sizes = np.maximum.accumulate(self._anchor_bytes)
        quality = float(np.interp(np.log(max(target_bytes, 1)), np.log(sizes), anchors))
        return round(quality)

    @cached_property
    def _anchor_bytes(self) -> NDArray[np.float64]:
        # A quarter of the positions tells enough for a first guess; the search corrects it by real streams.
        sample = np.ascontiguousarray(self.y[:, ::2, ::2])
        share = self.y[0].size / sample[0].size
        bits = []
        for quality in self.qualities[::STEPS_A_LEVEL]:
            symbols = self.weights.transforms.quantise(sample, quality)
            bits.append(float(plain_bits(symbols, self.weights.tables, table_of(quality)).sum()) * share)
        return np.array(bits) / 8.0 + 24.0

"""The learned codec: weights file in; pictures to streams and back.

    pixels --analyse--> y --gain, round--> q --entropy coder--> payload --container--> stream
    stream --container--> payload --entropy coder--> q --inverse gain, synthesise--> pixels

The entropy coder is the paper's plain density or, by default where the weights hold one, a context model.

Source: Balle, Laparra, Simoncelli, "End-to-end Optimized Image Compression", ICLR 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import container
from models.entropy import decode_plain, encode_plain, plain_bits
from models.errors import CodecError, StreamError
from models.network import STRIDE
from models.quality import STEPS_A_LEVEL, qualities, table_of
from models.transforms import Latents
from models.weights import Weights, load_weights

Pixels = NDArray[np.uint8]
"""8-bit sRGB, shape (H, W, 3)."""


class EntropyMode(IntEnum):
    """How symbols become bytes; the number stands in the stream.

    PLAIN: one density a channel, the same everywhere, as in the paper. CONTEXT: conditioned on what was coded before.
    """

    PLAIN = 0
    CONTEXT = 1


_EXPECTED_SHARE = {EntropyMode.PLAIN: 1.0, EntropyMode.CONTEXT: 0.72}
"""Size of a stream next to the plain estimate, before any real one is known."""


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
    def modes(self) -> tuple[EntropyMode, ...]:
        """The entropy modes that the weights have, the default last."""
        return tuple(EntropyMode) if self._weights.context is not None else (EntropyMode.PLAIN,)

    @property
    def model_id(self) -> bytes:
        """Names the weights in every stream."""
        return self._weights.model_id

    def prepare(self, pixels: Pixels, mode: EntropyMode | None = None) -> PreparedImage:
        """Run the analysis transform, once for all rates. pixels: uint8 (H, W, 3); mode: one of `modes`."""
        height, width = pixels.shape[:2]
        chosen = self.modes[-1] if mode is None else mode
        if chosen not in self.modes:
            raise CodecError("These weights have no context model: use the plain density.")
        return PreparedImage(self._weights, chosen, self._weights.transforms.analyse(pixels), height, width)

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
        if header.quality not in self.qualities or header.mode not in set(self.modes):
            raise StreamError("This stream's header is damaged: get another copy of it.")
        shape = (self._weights.transforms.channels, -(-header.height // STRIDE), -(-header.width // STRIDE))
        table = table_of(header.quality)
        if header.mode == EntropyMode.PLAIN or self._weights.context is None:
            return header, decode_plain(payload, shape, self._weights.tables, table)
        return header, self._weights.context.decode(payload, shape, table)


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """A picture's latents, from which every rate is coded. It remembers the sizes that it made, for better guesses."""

    weights: Weights
    mode: EntropyMode
    y: Latents
    height: int
    width: int
    _known_bytes: dict[int, int] = field(default_factory=dict, init=False, repr=False)

    @property
    def qualities(self) -> range:
        """Integer qualities, rate ascending."""
        return qualities(self.weights.transforms.levels)

    def encode(self, quality: int) -> bytes:
        """The complete stream at a quality of `qualities`."""
        symbols = self.weights.transforms.quantise(self.y, quality)
        header = container.Header(self.mode, self.weights.model_id, quality, self.width, self.height)
        stream = container.pack(header, self._payload(symbols, table_of(quality)))
        self._known_bytes[quality] = len(stream)
        return stream

    def _payload(self, symbols: NDArray[np.int32], table: int) -> bytes:
        if self.mode == EntropyMode.PLAIN or self.weights.context is None:
            return encode_plain(symbols, self.weights.tables, table)
        return self.weights.context.encode(symbols, table)

    def guess(self, target_bytes: int) -> int:
        """A quality whose stream is likely to have so many bytes.

        Interpolated, in log size, between plain estimates, one a level, each corrected by what real streams of near
        qualities took next to their estimates.
        """
        anchors = np.array(self.qualities[::STEPS_A_LEVEL], float)
        estimates = np.log(np.maximum.accumulate(self._anchor_bytes))
        known = dict(self._known_bytes)  # other threads may add to it
        shift = np.full(len(anchors), np.log(_EXPECTED_SHARE[self.mode]))
        if known:
            made = np.array(sorted(known), float)
            real = np.log([float(known[int(quality)]) for quality in made])
            shift = np.interp(anchors, made, real - np.interp(made, anchors, estimates))
        sizes = dict(zip(anchors.tolist(), (estimates + shift).tolist(), strict=True))
        sizes.update((float(quality), float(np.log(size))) for quality, size in known.items())
        qualities_up = np.array(sorted(sizes))
        logs = np.maximum.accumulate([sizes[quality] for quality in qualities_up.tolist()])
        return round(float(np.interp(np.log(max(target_bytes, 1)), logs, qualities_up)))

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

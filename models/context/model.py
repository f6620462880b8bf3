"""The context model: codes symbols with tables that integer arithmetic chooses from the symbols before.

    symbols (C, h, w) --used-channel flags--> groups of channels by falling variance, each in passes over the positions:
        state   S += conv3x3(features of the groups before)
        inputs  T  = S + conv(features of the group's passes before) + bias(pass, level)
        heads   T -> 8 bits -> 8 bits -> mean (1/8 symbol) and scale index of every symbol -> a row of frequency tables
        symbols of a pass, sorted by row, -> range coder

The choice of tables involves no rounding that differs between machines, so a stream decodes symbol for symbol with any
number of threads, any BLAS and any GPU. Sources: channel groups, Minnen & Singh 2020 ("Channel-wise autoregressive
entropy models"); checkerboard passes, He et al. 2021; uneven groups, He et al. 2022 (ELIC); integer networks, Balle,
Johnston, Minnen 2019.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from models.context.coding import PassCoder, Prediction
from models.context.network import PictureNetwork
from models.context.scan_order import Grid
from models.context.weights import ContextWeights, load_context
from models.entropy.range_coder import SymbolDecoder, SymbolEncoder, all_zero_frequencies
from models.tensors import Tensors

Symbols = NDArray[np.int32]

_END_BITS = 12.0
"""Approximate cost of the end of a stream."""


class ContextModel:
    """Immutable once loaded; safe to call from several threads.

    `table` always means models.quality.table_of of the quality: eight neighbouring qualities share parameters.
    """

    def __init__(self, weights: ContextWeights) -> None:
        self._weights = weights
        self.coder = PassCoder(weights.tables, weights.row_of)

    @classmethod
    def from_tensors(cls, tensors: Tensors, *, int8: bool | None = None) -> ContextModel:
        """From the tensors of a weights file. Raises WeightsError if they do not fit together or could overflow.

        int8: which arithmetic, unless the processor is to decide. The integers are the same.
        """
        return cls(load_context(tensors, int8=int8))

    def tensors(self) -> Tensors:
        """The inverse of from_tensors: integers only."""
        return self._weights.tensors

    @property
    def table_count(self) -> int:
        """Number of tables that have parameters."""
        return self._weights.table_count

    @property
    def order(self) -> NDArray[np.int64]:
        """Latent channels in coding order, (C,)."""
        return self._weights.order

    def encode(self, symbols: Symbols, table: int) -> bytes:
        """Code symbols (C, h, w), int32, any values."""
        coded, used = self.arrange(symbols)
        encoder = SymbolEncoder()
        encoder.put_flags(used, all_zero_frequencies(self._weights.zero_freq[table], len(coded)))
        for prediction, own in self.predictions(coded, used, Grid(*symbols.shape[1:]), table):
            for part in prediction.passes():
                self.coder.encode(encoder, own[part.positions], part)
        return encoder.finish()

    @torch.inference_mode()
    def decode(self, payload: bytes, shape: tuple[int, int, int], table: int) -> Symbols:
        """The inverse of encode. shape: (C, h, w), which the caller has to bound. Raises StreamError."""
        channels, height, width = shape
        decoder = SymbolDecoder(payload)
        used = decoder.take_flags(all_zero_frequencies(self._weights.zero_freq[table], height * width))
        flat = np.zeros((height * width, int(used.sum())), np.int32)
        for group in PictureNetwork(self._weights, table, used, Grid(height, width)).groups():
            for number, positions in enumerate(group.positions):
                mean, index = group.predict(group.inputs(number))
                decoded = self.coder.decode(decoder, Prediction(mean, index, [positions]))
                group.see(number, group.features(decoded))
                flat[positions, group.columns] = decoded
        symbols = np.zeros((channels, height * width), np.int32)
        symbols[self._weights.order[used]] = flat.T
        return symbols.reshape(shape)

    def estimate_bits(self, symbols: Symbols, table: int) -> float:
        """Ideal code length of symbols (C, h, w) in bits, within a fraction of a percent of encode's."""
        used = (symbols != 0).any(axis=(1, 2))[self._weights.order]
        zero = all_zero_frequencies(self._weights.zero_freq[table], symbols[0].size) / 2.0**24
        flag_bits = -float(np.log2(np.where(used, 1.0 - zero, zero)).sum())
        return float(self.bits_map(symbols, table).sum(dtype=np.float64)) + flag_bits + _END_BITS

    def bits_map(self, symbols: Symbols, table: int) -> NDArray[np.float32]:
        """Ideal code length at each latent position (a block of 16x16 pixels), in bits, float32 (h, w),
        without flags.
        """
        coded, used = self.arrange(symbols)
        bits = np.zeros(len(coded), np.float32)
        for prediction, own in self.predictions(coded, used, Grid(*symbols.shape[1:]), table):
            positions = prediction.all_positions()
            bits[positions] += self.coder.bits(own[positions], prediction)
        return bits.reshape(symbols.shape[1:])

    def arrange(self, symbols: Symbols) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Symbols (C, h, w) -> symbols of the used channels, (positions, used channels), and which are used, (C,).

        Channels are in coding order.
        """
        flat = symbols.reshape(symbols.shape[0], -1)
        order = self._weights.order
        used: NDArray[np.bool_] = (flat != 0).any(axis=1)[order]
        return np.ascontiguousarray(flat[order[used]].T), used

    @torch.inference_mode()
    def predictions(
        self, coded: NDArray[np.int32], used: NDArray[np.bool_], grid: Grid, table: int
    ) -> Iterator[tuple[Prediction, NDArray[np.int32]]]:
        """For the encoder, which knows all symbols: each group's prediction and symbols, (positions, channels).

        coded, used: from `arrange`. The passes of a group go through the heads together, which gives the same integers
        as one after the other.
        """
        for group in PictureNetwork(self._weights, table, used, grid).groups():
            own = np.ascontiguousarray(coded[:, group.columns])
            given = group.features(own)
            inputs = []
            for number, positions in enumerate(group.positions):
                inputs.append(group.inputs(number))
                group.see(number, given.index_select(0, torch.from_numpy(positions)))
            yield Prediction(*group.predict(torch.cat(inputs)), group.positions), own

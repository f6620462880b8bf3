"""The paper's plain density: every channel has its own table, and symbols are independent of their neighbours.

    symbols (C, h, w) + FrequencyTables --encode_plain--> bytes --decode_plain--> the same symbols

Source: Balle et al. 2017, section 3.2, with integer tables instead of the density.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.entropy.range_coder import FrequencyTables, SymbolDecoder, SymbolEncoder, all_zero_frequencies


def _zero_frequencies(tables: FrequencyTables, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    index = -tables.lo[rows].astype(np.int64)
    inside = (index >= 0) & (index < tables.regular[rows])
    return np.where(inside, tables.freq[tables.offset[rows] + np.where(inside, index, 0)], 0).astype(np.int64)


def encode_plain(symbols: NDArray[np.int32], tables: FrequencyTables, quality: int) -> bytes:
    """Code symbols (C, h, w), int32, any values, with rows quality * C ... of the tables.

    One flag per channel says whether it has nonzero symbols; those channels follow.
    """
    channels = symbols.shape[0]
    rows = quality * channels + np.arange(channels, dtype=np.int64)
    flat = np.ascontiguousarray(symbols.reshape(channels, -1))
    used = (flat != 0).any(axis=1)
    encoder = SymbolEncoder()
    encoder.put_flags(used, all_zero_frequencies(_zero_frequencies(tables, rows), flat.shape[1]))
    rows, flat = rows[used], flat[used]
    indices, escaped = tables.indices(flat, rows[:, None])
    for i in range(len(rows)):
        encoder.put(indices[i], tables.model(int(rows[i])))
        if escaped[i].any():
            encoder.put_escaped(flat[i][escaped[i]], int(tables.lo[rows[i]]), int(tables.regular[rows[i]]))
    return encoder.finish()


def decode_plain(
    payload: bytes, shape: tuple[int, int, int], tables: FrequencyTables, quality: int
) -> NDArray[np.int32]:
    """The inverse of encode_plain. shape: (C, h, w), which the caller has to bound. Raises StreamError."""
    channels, height, width = shape
    rows = quality * channels + np.arange(channels, dtype=np.int64)
    decoder = SymbolDecoder(payload)
    used = decoder.take_flags(all_zero_frequencies(_zero_frequencies(tables, rows), height * width))
    symbols = np.zeros((channels, height * width), np.int32)
    for channel in np.flatnonzero(used):
        row = int(rows[channel])
        lo, regular = int(tables.lo[row]), int(tables.regular[row])
        index = decoder.take(height * width, tables.model(row))
        escaped = index == regular
        index += lo
        if escaped.any():
            ones = np.ones(int(escaped.sum()), np.int64)
            index[escaped] = decoder.take_escaped(ones * lo, ones * regular)
        symbols[channel] = index
    return symbols.reshape(shape)


def plain_bits(symbols: NDArray[np.int32], tables: FrequencyTables, quality: int) -> NDArray[np.float32]:
    """Ideal code length at each latent position, in bits, float32 (h, w), without flags and the values of escapes."""
    channels = symbols.shape[0]
    used = np.flatnonzero(symbols.reshape(channels, -1).any(axis=1))
    rows = (quality * channels + used.astype(np.int64))[:, None, None]
    cost = tables.cost.take(tables.offset[rows].astype(np.int64) + tables.indices(symbols[used], rows)[0])
    total: NDArray[np.float32] = cost.sum(axis=0)
    return total

"""Codes one pass of symbols, given its predictions, with the range coder: one call per table row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.context.tables import FRACTIONS, MEAN_STEPS
from models.entropy.range_coder import FrequencyTables, SymbolDecoder, SymbolEncoder, escape_bits


@dataclass(frozen=True, eq=False)
class Prediction:
    """Mean in eighths of a symbol and scale index, int32 (n, channels), of the positions, pass after pass."""

    mean: NDArray[np.int32]
    index: NDArray[np.int32]
    pass_positions: list[NDArray[np.int64]]

    @property
    def positions(self) -> NDArray[np.int64]:
        """Positions, if the prediction is of one pass."""
        return self.pass_positions[0]

    def all_positions(self) -> NDArray[np.int64]:
        return np.concatenate(self.pass_positions)

    def passes(self) -> Iterator[Prediction]:
        """Split into one prediction per pass."""
        start = 0
        for positions in self.pass_positions:
            part = slice(start, start + len(positions))
            yield Prediction(self.mean[part], self.index[part], [positions])
            start += len(positions)


class PassCoder:
    """Frozen tables and the coder's models for them."""

    def __init__(self, tables: FrequencyTables, row_of: NDArray[np.int16]) -> None:
        self._tables = tables
        self._row_of = row_of.reshape(-1).astype(np.uint16)
        self._models: list[Any] = [tables.model(row) for row in range(tables.rows)]
        self._lo = tables.lo.astype(np.int32)
        self._offset = tables.offset[:-1].astype(np.int32)

    def encode(self, encoder: SymbolEncoder, symbols: NDArray[np.int32], prediction: Prediction) -> None:
        """Code symbols (n, channels) of one pass."""
        rows, distance = self.distances(symbols, prediction)
        index, escaped = self._tables.indices(distance, rows)
        encoder.put_runs(index.take(np.argsort(rows, kind="stable")), self._runs(rows))
        if escaped.any():
            outside = rows[escaped]
            encoder.put_escaped(distance[escaped], self._lo[outside], self._tables.regular[outside])

    def decode(self, decoder: SymbolDecoder, prediction: Prediction) -> NDArray[np.int32]:
        """The symbols (n, channels) of one pass. Raises StreamError."""
        rows, base, sign = self._rows(prediction)
        if not len(rows):
            return np.zeros(prediction.mean.shape, np.int32)
        index = np.empty(len(rows), np.int32)
        index[np.argsort(rows, kind="stable")] = decoder.take_runs(self._runs(rows))
        distance = index + self._lo.take(rows)
        escaped = index == self._tables.regular[rows]
        if escaped.any():
            outside = rows[escaped]
            distance[escaped] = decoder.take_escaped(
                self._lo[outside].astype(np.int64), self._tables.regular[outside].astype(np.int64)
            )
        _mirror(distance, sign)
        return (distance + base).reshape(prediction.mean.shape)

    def bits(self, symbols: NDArray[np.int32], prediction: Prediction) -> NDArray[np.float32]:
        """Ideal code length of each position, in bits, (n,)."""
        rows, distance = self.distances(symbols, prediction)
        index, escaped = self._tables.indices(distance, rows)
        cost = self._tables.cost.take(self._offset.take(rows) + index)
        if escaped.any():
            outside = rows[escaped]
            cost[escaped] += escape_bits(distance[escaped], self._lo[outside], self._tables.regular[outside])
        total: NDArray[np.float32] = cost.reshape(symbols.shape).sum(axis=1)
        return total

    def _rows(self, prediction: Prediction) -> tuple[NDArray[np.uint16], NDArray[np.int32], NDArray[np.int32]]:
        """Each symbol's row of the tables, integer part of its mean, and -1 if the table is mirrored, else 0."""
        mean = prediction.mean.reshape(-1)
        base = (mean + MEAN_STEPS // 2) >> 3
        fraction = mean - (base << 3)
        sign = fraction >> 31
        return self._row_of.take(prediction.index.reshape(-1) * FRACTIONS + np.abs(fraction)), base, sign

    def _runs(self, rows: NDArray[np.uint16]) -> Iterator[tuple[int, Any]]:
        """How many symbols each row has, and its model, by ascending row."""
        counts = np.bincount(rows)
        present = np.flatnonzero(counts)
        return zip(counts[present].tolist(), map(self._models.__getitem__, present.tolist()), strict=True)

    def distances(
        self, symbols: NDArray[np.int32], prediction: Prediction
    ) -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
        """Each symbol's row of the tables and the value that is coded with it, flat."""
        rows, base, sign = self._rows(prediction)
        # int32 arithmetic wraps around, in the decoder too, so that any symbol is recovered.
        distance = symbols.reshape(-1) - base
        _mirror(distance, sign)
        return rows, distance


def _mirror(distance: NDArray[np.int32], sign: NDArray[np.int32]) -> None:
    """Negate in place where sign is -1, not 0. Thirty times as fast as np.negative(where=...)."""
    distance ^= sign
    distance -= sign

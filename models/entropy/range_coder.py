"""Codes integer symbols with integer frequency tables, through constriction's range coder.

Code lengths involve no rounding. constriction builds a model from float probabilities p of n symbols as
cumulative_i = floor(sum_{j<i} p_j * (2^24 - n) / sum p) + i. With p_i = F_i - 1, integers F_i >= 1 of sum 2^24, both
sums are exact in float64 and the quotient is exactly 1: the coder then uses our integers and nothing else
(tests/models/test_entropy.py reads them back out of the coder's state).

constriction holds the GIL: no call here codes more than one channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import constriction
import numpy as np
from numpy.typing import NDArray

from models.errors import StreamError
from models.tensors import Tensors, given, require

TOTAL = 1 << 16
"""Sum of the frequencies of a table."""

_CODER_TOTAL = 1 << 24
_CODER_SCALE = _CODER_TOTAL // TOTAL
_FLAG_FLOOR = _CODER_TOTAL >> 6
_LENGTHS = 40
"""Alphabet size for the escape code's bit lengths; int32 symbols need 0 to 33."""
_TAIL = 2.0**-14

_queue = constriction.stream.queue
_model = constriction.stream.model


@dataclass(frozen=True)
class FrequencyTables:
    """Frozen tables, one per row; for the plain density, row = quality * channels + channel.

    freq: uint16 (sum of all alphabets,), every entry >= 1, each row sums to TOTAL; a row has the frequencies of the
    symbols lo, lo + 1, ... and, last, of the escape. offset: uint32 (rows + 1,), where each row starts. lo: int16
    (rows,), each row's first symbol.
    Raises TensorError, which names the invalid array.
    """

    freq: NDArray[np.uint16]
    offset: NDArray[np.uint32]
    lo: NDArray[np.int16]

    def __post_init__(self) -> None:
        for name, array, kind in (("freq", self.freq, "u2"), ("offset", self.offset, "u4"), ("lo", self.lo, "i2")):
            expected = f"one dimension of {np.dtype(kind).name}"
            require(array.ndim == 1 and array.dtype.str[1:] == kind, f"tables.{name}", expected)
        rows, entries = len(self.lo), len(self.freq)
        require(rows >= 1, "tables.lo", "at least one row")
        require(len(self.offset) == rows + 1, "tables.offset", f"{rows + 1} values, one more than rows in tables.lo")
        starts = self.offset.astype(np.int64)
        spans = starts[0] == 0 and starts[-1] == entries and (np.diff(starts) >= 2).all()
        require(spans, "tables.offset", f"rows of at least two entries, from 0 to {entries}")
        require((self.freq > 0).all(), "tables.freq", "positive values")
        sums = np.add.reduceat(self.freq.astype(np.int64), starts[:-1])
        require((sums == TOTAL).all(), "tables.freq", f"rows that sum to {TOTAL}")

    @classmethod
    def from_tensors(cls, tensors: Tensors) -> FrequencyTables:
        """The tensors tables.freq, tables.offset and tables.lo. Raises TensorError."""
        return cls(*(given(tensors, f"tables.{name}") for name in ("freq", "offset", "lo")))  # type: ignore[arg-type]

    @property
    def rows(self) -> int:
        return len(self.lo)

    @cached_property
    def regular(self) -> NDArray[np.int32]:
        """Symbols per row without the escape, int32 (rows,); the escape's index is this number."""
        return (np.diff(self.offset.astype(np.int64)) - 1).astype(np.int32)

    @cached_property
    def cost(self) -> NDArray[np.float32]:
        """Code length of every entry of freq, in bits."""
        bits: NDArray[np.float32] = (np.log2(TOTAL) - np.log2(self.freq.astype(np.float64))).astype(np.float32)
        return bits

    def model(self, row: int) -> Any:
        """The coder's model of a row, with exactly the row's integers (see above)."""
        row_freq = self.freq[self.offset[row] : self.offset[row + 1]]
        return _model.Categorical(row_freq.astype(np.float64) * _CODER_SCALE - 1.0, perfect=False)

    @cached_property
    def _first(self) -> NDArray[np.int32]:
        return self.lo.astype(np.int32)

    def indices(
        self, symbols: NDArray[np.int32], rows: NDArray[np.integer[Any]]
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Indices of symbols in their rows' alphabets, and which are escapes. rows broadcasts to symbols."""
        # int32 wraps around: values below the alphabet become large unsigned numbers, like those above.
        index = (symbols - self._first.take(rows)).view(np.uint32)
        escape = self.regular.take(rows).view(np.uint32)
        return np.minimum(index, escape).view(np.int32), index >= escape


def frequencies(probabilities: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Probabilities (n,), not necessarily normalised, n in [2, 2^15] -> frequencies >= 1 of sum TOTAL.

    Uses largest remainders; of equal ones, the lower index first. Done once, when weights are exported.
    """
    n = len(probabilities)
    if not 2 <= n <= TOTAL // 2 or not np.isfinite(probabilities).all() or probabilities.min() < 0.0:
        raise ValueError("A frequency table takes 2 to 32768 finite, non-negative probabilities.")
    shares = probabilities / probabilities.sum() * (TOTAL - n)
    floors = np.floor(shares)
    missing = TOTAL - n - int(floors.sum())
    order = np.argsort(floors - shares, kind="stable")
    floors[order[:missing]] += 1.0
    freq: NDArray[np.uint16] = (floors + 1.0).astype(np.uint16)
    return freq


def build_tables(densities: Iterable[tuple[NDArray[np.float64], int]], tail: float = _TAIL) -> FrequencyTables:
    """Freeze one table per density: (probabilities of lo, lo + 1, ..., and lo) -> FrequencyTables.

    Symbols in the tails are left to the escape: each side is cut where its remaining mass is below `tail`. The escape
    gets the mass that was cut (including any outside the given probabilities), but at least `tail`.
    """
    parts, lows = [], []
    for density, lo in densities:
        cumulative = np.cumsum(density)
        rest = max(0.0, 1.0 - float(cumulative[-1]))
        first = min(int(np.searchsorted(cumulative, tail)), len(density) - 1)
        last = max(int(np.searchsorted(cumulative, cumulative[-1] - tail)), first)
        kept = density[first : last + 1]
        escape = max(rest + float(density.sum() - kept.sum()), tail)
        parts.append(frequencies(np.append(kept, escape)))
        lows.append(lo + first)
    offset = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.uint32)
    return FrequencyTables(np.concatenate(parts), offset, np.array(lows, np.int16))


def _escape_code(
    symbols: NDArray[np.int32], lo: NDArray[Any] | int, regular: NDArray[Any] | int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positive number that represents a symbol outside lo, ..., lo + regular - 1, and its bits after the first."""
    values = symbols.astype(np.int64)
    above = values - (np.asarray(lo, np.int64) + regular)
    below = np.asarray(lo, np.int64) - 1 - values
    number = np.where(above >= 0, 2 * above, 2 * below + 1) + 1
    return number, np.frexp(number.astype(np.float64))[1].astype(np.int64) - 1  # number < 2^34: exact in float64


def escape_bits(symbols: NDArray[np.int32], lo: NDArray[Any] | int, regular: NDArray[Any] | int) -> NDArray[np.float32]:
    """Cost of put_escaped for each symbol, in bits, not counting the escape itself."""
    _, length = _escape_code(symbols, lo, regular)
    bits: NDArray[np.float32] = (length + np.log2(_LENGTHS)).astype(np.float32)
    return bits


@contextmanager
def _impossible_data_is_a_stream_error() -> Iterator[None]:
    try:
        yield
    except AssertionError as error:  # what constriction raises
        raise StreamError("This stream is damaged (its symbols cannot be decoded): get another copy of it.") from error


class SymbolEncoder:
    """A range encoder for indices, escapes and flags; finish() gives the bytes."""

    def __init__(self) -> None:
        self._coder = _queue.RangeEncoder()

    def put(self, indices: NDArray[np.int32], model: Any) -> None:
        """Code contiguous indices, int32 (n,), with one model."""
        self._coder.encode(indices, model)

    def put_runs(self, indices: NDArray[np.int32], runs: Iterable[tuple[int, Any]]) -> None:
        """Code contiguous int32 (n,) indices, run after run: so many with a model each."""
        encode, start = self._coder.encode, 0
        for count, model in runs:
            encode(indices[start : start + count], model)
            start += count

    def put_escaped(self, symbols: NDArray[np.int32], lo: NDArray[Any] | int, regular: NDArray[Any] | int) -> None:
        """Code the values of symbols (n,) outside their alphabets lo, ..., lo + regular - 1 (Elias gamma)."""
        number, length = _escape_code(symbols, lo, regular)
        rest = number - (np.int64(1) << length)
        self._coder.encode(length.astype(np.int32), _model.Uniform(_LENGTHS))
        for bits, part in ((np.minimum(length, 16), rest & 0xFFFF), (length - 16, rest >> 16)):
            some = bits > 0
            if some.any():
                sizes = (1 << bits[some]).astype(np.int32)
                self._coder.encode(part[some].astype(np.int32), _model.Uniform(), sizes)

    def put_flags(self, flags: NDArray[np.bool_], unset: NDArray[np.int64]) -> None:
        """Code flags (n,) given the frequencies (of 2^24) that each is unset."""
        self._coder.encode(flags.astype(np.int32), _model.Categorical(perfect=False), _flag_model(unset))

    def finish(self) -> bytes:
        """The stream: big-endian words, truncated after the last byte that is needed."""
        words: NDArray[np.uint32] = self._coder.get_compressed()
        if not len(words):
            return b""
        position, (lower, width) = self._coder.pos()
        head = words[:position].astype(">u4").tobytes()
        last = int.from_bytes(words[position : position + 1].astype(">u4").tobytes(), "big")
        # Any 64-bit number in [lower, lower + width) ends the stream. Missing bytes read as zeros: use the number with
        # the most trailing zeros.
        for kept in (1, 2, 3):
            step = 1 << (8 * (4 - kept))
            rounder = -(-last // step) * step
            if lower <= rounder << 32 < min(lower + width, 1 << 64):
                return head + rounder.to_bytes(4, "big")[:kept]
        return words.astype(">u4").tobytes()


class SymbolDecoder:
    """The inverse of SymbolEncoder. Arbitrary bytes give wrong symbols or a StreamError, but never a hang."""

    def __init__(self, payload: bytes) -> None:
        padded = payload + bytes(-len(payload) % 4)
        self._coder = _queue.RangeDecoder(np.frombuffer(padded, ">u4").astype(np.uint32))

    def _decode(self, *arguments: Any) -> NDArray[np.int32]:
        with _impossible_data_is_a_stream_error():
            decoded: NDArray[np.int32] = self._coder.decode(*arguments)
        return decoded

    def take(self, count: int, model: Any) -> NDArray[np.int32]:
        """Decode count >= 1 indices with one model, int32 (count,)."""
        return self._decode(model, count)

    def take_runs(self, runs: Iterable[tuple[int, Any]]) -> NDArray[np.int32]:
        """Decode run after run, one at least: so many indices with a model each, int32."""
        decode = self._coder.decode
        with _impossible_data_is_a_stream_error():
            return np.concatenate([decode(model, count) for count, model in runs])

    def take_escaped(self, lo: NDArray[np.int64], regular: NDArray[np.int64]) -> NDArray[np.int32]:
        """Decode one value outside its alphabet for each entry of lo and regular (n,). StreamError: not an int32."""
        length = self._decode(_model.Uniform(_LENGTHS), len(lo)).astype(np.int64)
        number = np.int64(1) << length
        for bits, shift in ((np.minimum(length, 16), 0), (length - 16, 16)):
            some = bits > 0
            if bits.max() > 18:
                raise StreamError("This stream is damaged (a symbol is out of range): get another copy of it.")
            if some.any():
                part = self._decode(_model.Uniform(), (1 << bits[some]).astype(np.int32))
                number[some] += part.astype(np.int64) << shift
        distance = number - 1
        values = np.where(distance & 1, lo - 1 - (distance >> 1), lo + regular + (distance >> 1))
        if (values != values.astype(np.int32)).any():
            raise StreamError("This stream is damaged (a symbol is out of range): get another copy of it.")
        return values.astype(np.int32)

    def take_flags(self, unset: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Decode flags, bool (n,), given the frequencies (of 2^24) that each is unset."""
        return self._decode(_model.Categorical(perfect=False), _flag_model(unset)).astype(bool)


def _flag_model(unset: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.stack([unset, _CODER_TOTAL - unset], axis=1) - 1.0


def all_zero_frequencies(zero_freq: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Frequency (of 2^24) that a channel of `count` symbols is all zero, from its frequency (of TOTAL) of a zero.

    (zero_freq / TOTAL)^count by squaring in 32-bit fixed point, integers only, then clamped to [1/64, 63/64], because
    pictures vary more than independent symbols would.
    """
    base = zero_freq.astype(np.uint64) << np.uint64(16)
    power = np.full(len(base), 0xFFFFFFFF, np.uint64)
    while count:
        if count & 1:
            power = (power * base) >> np.uint64(32)
        base = (base * base) >> np.uint64(32)
        count >>= 1
    return np.clip((power >> np.uint64(8)).astype(np.int64), _FLAG_FLOOR, _CODER_TOTAL - _FLAG_FLOOR)

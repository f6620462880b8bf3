"""Symbols survive the coder, whatever they are, and the coder uses exactly the integers of the tables."""

from __future__ import annotations

import hashlib
from typing import Any

import constriction
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.entropy.factorized import decode_plain, encode_plain, plain_bits
from models.entropy.range_coder import (
    TOTAL,
    FrequencyTables,
    SymbolDecoder,
    SymbolEncoder,
    all_zero_frequencies,
    build_tables,
    frequencies,
)
from models.errors import StreamError
from models.tensors import TensorError

INT32 = np.iinfo(np.int32)


def laplace_tables(channels: int, qualities: int = 2) -> FrequencyTables:
    """Tables of falling scale; exact powers of two, so that no exp() of this machine enters the golden bytes."""
    k = np.abs(np.arange(-40, 41))
    densities = []
    for quality in range(qualities):
        for channel in range(channels):
            p = 2.0 ** -np.floor(k * (1 + channel / 4) / (1 + quality))
            densities.append((p / p.sum(), -40))
    return build_tables(densities)


def random_symbols(channels: int, height: int, width: int, seed: int = 5) -> NDArray[np.int32]:
    rng = np.random.default_rng(seed)
    scale = 4.0 / (1.0 + np.arange(channels))[:, None, None]
    symbols = np.trunc((rng.random((channels, height, width)) - 0.5) * 4 * scale)
    return symbols.astype(np.int32)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=300).filter(lambda p: sum(p) > 0.01))
def test_frequencies_are_positive_and_sum_to_the_total(probabilities: list[float]) -> None:
    freq = frequencies(np.array(probabilities))
    assert freq.min() >= 1
    assert int(freq.astype(np.int64).sum()) == TOTAL


@given(st.lists(st.integers(1, 2000), min_size=2, max_size=60), st.data())
def test_the_coder_uses_exactly_the_integers_of_a_table(weights: list[int], data: Any) -> None:
    freq = np.array(weights, np.int64)
    freq[data.draw(st.integers(0, len(freq) - 1))] += TOTAL - freq.sum() if freq.sum() < TOTAL else 0
    freq = freq if freq.sum() == TOTAL else frequencies(freq.astype(np.float64)).astype(np.int64)
    tables = FrequencyTables(freq.astype(np.uint16), np.array([0, len(freq)], np.uint32), np.zeros(1, np.int16))
    one = ((1 << 64) - 1) >> 24
    for symbol in range(len(freq)):
        coder = constriction.stream.queue.RangeEncoder()
        coder.encode(np.array([symbol], np.int32), tables.model(0))
        _, (lower, width) = coder.pos()
        assert lower == one * int(freq[:symbol].sum()) * 256
        assert width == one * int(freq[symbol]) * 256


def test_known_bytes() -> None:
    """The stream of a fixed input never changes: an old file stays readable."""
    tables = laplace_tables(6)
    symbols = random_symbols(6, 4, 5)
    symbols[0, 0, 0], symbols[1, 1, 1], symbols[2, 2, 2] = INT32.max, INT32.min, -777
    assert encode_plain(symbols, tables, 1).hex() == KNOWN_STREAM
    large = encode_plain(random_symbols(6, 64, 64), tables, 0)
    assert hashlib.sha256(large).hexdigest()[:16] == KNOWN_HASH


KNOWN_STREAM = (
    "ffff132599e9eb0b6f037d2f1173fec331c5257201a08bcfaceb6240b32675c57ef76d1faebd47140bb682bdd107ef3f16d591a1a92e3f3a"
)
KNOWN_HASH = "24a38f51175512c0"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(0, 1),
    st.data(),
)
def test_any_int32_survives(channels: int, height: int, width: int, quality: int, data: Any) -> None:
    size = channels * height * width
    values = st.one_of(
        st.integers(-3, 3), st.integers(INT32.min, INT32.max), st.sampled_from([INT32.min, INT32.max, 0])
    )
    flat = data.draw(st.lists(values, min_size=size, max_size=size))
    symbols = np.array(flat, np.int32).reshape(channels, height, width)
    tables = laplace_tables(channels)
    payload = encode_plain(symbols, tables, quality)
    assert (decode_plain(payload, symbols.shape, tables, quality) == symbols).all()


def test_length_is_the_ideal_one() -> None:
    tables = laplace_tables(8)
    symbols = random_symbols(8, 48, 32)
    ideal = float(plain_bits(symbols, tables, 1).sum())
    real = 8 * len(encode_plain(symbols, tables, 1))
    assert ideal - 8 <= real <= ideal * 1.001 + 8 + 16


def test_zero_channels_cost_next_to_nothing() -> None:
    tables = laplace_tables(320)
    assert len(encode_plain(np.zeros((320, 48, 32), np.int32), tables, 0)) <= 40


def test_zero_outside_the_alphabet() -> None:
    tables = build_tables([(np.array([0.5, 0.5]), 5)])
    symbols = np.array([[[5, 6, 0, 7]]], np.int32)
    assert (decode_plain(encode_plain(symbols, tables, 0), symbols.shape, tables, 0) == symbols).all()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_garbage_gives_symbols_or_a_stream_error(payload: bytes) -> None:
    tables = laplace_tables(12)
    try:
        symbols = decode_plain(payload, (12, 6, 4), tables, 0)
    except StreamError:
        return
    assert symbols.shape == (12, 6, 4)


@given(st.binary(max_size=24))
def test_garbage_in_the_escape_code_is_a_stream_error(payload: bytes) -> None:
    try:
        values = SymbolDecoder(payload).take_escaped(np.full(4, -2), np.full(4, 5))
    except StreamError:
        return
    assert ((values < -2) | (values > 2)).all()


@pytest.mark.parametrize("count", [1, 24, 1536, 47_000])
def test_flag_frequencies_follow_the_power(count: int) -> None:
    zero = np.array([0, 1, 60_000, 65_500, 65_535], np.int64)
    expected = np.clip((zero / TOTAL) ** count, 1 / 64, 63 / 64) * 2**24
    assert np.allclose(all_zero_frequencies(zero, count), expected, rtol=1e-4, atol=64)


def test_flags_round_trip() -> None:
    flags = np.random.default_rng(1).random(500) < 0.3
    unset = np.random.default_rng(2).integers(1 << 18, (1 << 24) - (1 << 18), 500)
    encoder = SymbolEncoder()
    encoder.put_flags(flags, unset)
    assert (SymbolDecoder(encoder.finish()).take_flags(unset) == flags).all()


def test_tails_are_left_to_the_escape() -> None:
    p = 2.0 ** -(np.abs(np.arange(-60, 61)) / 2)
    tables = build_tables([(p / p.sum(), -60)])
    assert -27 <= tables.lo[0] <= -22
    assert tables.regular[0] == 2 * -int(tables.lo[0]) + 1


@pytest.mark.parametrize(
    ("freq", "offset", "lo", "wrong"),
    [
        ([1, 2, 3], [0, 3], [0], "tables.freq: expected rows that sum to 65536"),
        ([65535, 1], [0, 1, 2], [0, 0], "tables.offset: expected rows of at least two entries, from 0 to 2"),
        ([65535, 1, 0], [0, 3], [0], "tables.freq: expected positive values"),
        ([65535, 1], [0, 3], [0], "tables.offset: expected rows of at least two entries, from 0 to 2"),
        ([65535, 1], [0, 2], [0, 0], "tables.offset: expected 3 values, one more than rows in tables.lo"),
        ([65535, 1], [0], [], "tables.lo: expected at least one row"),
    ],
)
def test_damaged_tables_are_refused(freq: list[int], offset: list[int], lo: list[int], wrong: str) -> None:
    with pytest.raises(TensorError, match=f"^{wrong}$"):
        FrequencyTables(np.array(freq, np.uint16), np.array(offset, np.uint32), np.array(lo, np.int16))

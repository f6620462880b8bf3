"""Products of whole numbers: the same integers however a processor multiplies."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.context.matrices import Float32Matrix, has_exact_int8, integer_matrix
from models.context.model import ContextModel
from tests.models.test_context import KNOWN_HASH, extreme_symbols, integer_tensors, known_bytes, some_symbols

Ints = NDArray[np.int64]

ARITHMETIC = [pytest.param(False, id="float32"), pytest.param(None, id="chosen")]


def weights(inner: int, outer: int, kind: str) -> Ints:
    rng = np.random.default_rng(inner + outer)
    largest = {"small": 127, "few large": 100, "large": 2047}[kind]
    drawn: Ints = rng.integers(-largest, largest + 1, (inner, outer))
    if kind == "few large":
        drawn[rng.integers(0, inner, max(inner // 8, 1)), rng.integers(0, outer)] = -642
    return drawn


def vectors(count: int, inner: int) -> NDArray[np.int8]:
    return np.random.default_rng(count).integers(-128, 128, (count, inner)).astype(np.int8)


@pytest.mark.parametrize("int8", ARITHMETIC)
@pytest.mark.parametrize("kind", ["small", "few large", "large"])
@pytest.mark.parametrize(("count", "inner", "outer"), [(0, 8, 8), (1, 3, 2), (7, 23, 19), (301, 1152, 128)])
def test_a_product_equals_whole_numbers(kind: str, count: int, inner: int, outer: int, int8: bool | None) -> None:
    w, x = weights(inner, outer, kind), vectors(count, inner)
    product = integer_matrix(w, int8=int8).times(torch.from_numpy(x))
    assert product.dtype is torch.int32
    assert np.array_equal(product.numpy(), x.astype(np.int64) @ w)


@pytest.mark.parametrize("int8", ARITHMETIC)
@pytest.mark.parametrize("kind", ["small", "few large", "large"])
def test_some_rows_and_columns_are_those_of_the_whole(kind: str, int8: bool | None) -> None:
    w, x = weights(60, 20, kind), vectors(11, 60)
    rows, columns = np.array([0, 3, 4, 40, 59]), np.array([1, 2, 19])
    matrix = integer_matrix(w, int8=int8)
    some = matrix.rows(rows).columns(columns).times(torch.from_numpy(np.ascontiguousarray(x[:, rows])))
    assert np.array_equal(some.numpy(), x[:, rows].astype(np.int64) @ w[rows][:, columns])
    assert np.array_equal(matrix.times(torch.from_numpy(x)).numpy(), x.astype(np.int64) @ w)


@pytest.mark.parametrize("x", [-128, 127])
@pytest.mark.parametrize("w", [-32639, -2047, -128, 127, 2047, 32639])
def test_no_sum_saturates(x: int, w: int) -> None:
    """Processors that add pairs of products up in 16 bits would be caught here."""
    inner = (1 << 24) // (128 * abs(w)) if abs(w) > 128 else 300
    product = integer_matrix(np.full((inner, 8), w)).times(torch.full((33, inner), x, dtype=torch.int8))
    assert (product == x * w * inner).all()


def test_weights_of_more_than_two_digits_stay_in_float32() -> None:
    assert isinstance(integer_matrix(np.full((2, 2), 32640), int8=True), Float32Matrix)


@pytest.mark.parametrize("table", [0, 3, 8])
@pytest.mark.parametrize("kind", ["some", "extreme"])
def test_the_context_model_codes_the_same_bytes(kind: str, table: int) -> None:
    symbols = some_symbols(19, 23) if kind == "some" else extreme_symbols(9, 6)
    models = [ContextModel.from_tensors(integer_tensors(), int8=int8) for int8 in (None, False)]
    chosen, plain = (model.encode(symbols, table) for model in models)
    assert chosen == plain
    for model in models:
        assert (model.decode(plain, symbols.shape, table) == symbols).all()


def report() -> str:
    """What a child process prints: known bytes in both arithmetics, and whether int8 would do."""
    hashes = [known_bytes(ContextModel.from_tensors(integer_tensors(), int8=int8)) for int8 in (None, False)]
    return f"{' '.join(hashes)} {has_exact_int8()}"


@pytest.mark.parametrize(
    "isa", [None, "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI", "AVX512_CORE_BF16", "AVX512_CORE_AMX"]
)
def test_every_processor_codes_the_same_bytes(isa: str | None) -> None:
    """As far as this one can play others."""
    environment: dict[str, Any] = dict(os.environ)
    environment.pop("ONEDNN_MAX_CPU_ISA", None)
    if isa is not None:
        environment["ONEDNN_MAX_CPU_ISA"] = isa
    command = [sys.executable, "-c", f"from {__name__} import report; print(report())"]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert printed[:2] == [KNOWN_HASH, KNOWN_HASH]
    assert printed[2] == "False" or isa not in {"AVX2", "AVX512_CORE"}

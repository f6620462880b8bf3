"""The context model: any symbols survive, and its arithmetic is exact: every machine chooses the same tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.context.features import MAGNITUDES
from models.context.model import ContextModel
from models.context.scan_order import Grid, known_taps, pattern
from models.context.tables import FRACTIONS, SCALES, laplace_tables, row_layout
from models.entropy.range_coder import build_tables
from models.errors import StreamError, WeightsError
from models.tensors import Tensors

SIZES, PASSES, KERNELS = (1, 2, 5, 8), (6, 4, 2, 1), (7, 5, 3, 3)
CHANNELS, STATE, HEAD, TABLES, KNOTS = 16, 12, 9, 9, 3
INT32 = np.iinfo(np.int32)


def integer_tensors(seed: int = 3) -> Tensors:
    """A small random context model, made of integers only: the same on every machine."""
    rng = np.random.default_rng(seed)

    def draw(largest: int, *shape: int, kind: type = np.int16) -> NDArray[Any]:
        return rng.integers(-largest, largest + 1, shape).astype(kind)

    tensors: Tensors = {
        "order": rng.permutation(CHANNELS).astype(np.int16),
        "sizes": np.array(SIZES, np.int16),
        "passes": np.array(PASSES, np.int16),
        "kernels": np.array(KERNELS, np.int16),
        "step": rng.integers(100, 9000, (TABLES, CHANNELS)).astype(np.int16),
        "mean_scale": rng.integers(10, 3000, (TABLES, CHANNELS)).astype(np.uint16),
        "mean_scale_bits": np.array([15], np.uint8),
        "zero_freq": rng.integers(0, 65536, (TABLES, CHANNELS)).astype(np.uint16),
        "magnitude": np.minimum(np.arange(MAGNITUDES) // 4, 100).astype(np.uint8),
        "state_bits": np.full(STATE, 8, np.uint8),
        "mean_bias": draw(4000, KNOTS, CHANNELS, kind=np.int32),
        "scale_bias": rng.integers(3000, 9000, (KNOTS, CHANNELS)).astype(np.int32),
        "mean_bits": np.full(CHANNELS, 4, np.uint8),
        "scale_bits": np.full(CHANNELS, 8, np.uint8),
    }
    for g, (size, passes, kernel) in enumerate(zip(SIZES, PASSES, KERNELS, strict=True)):
        name = f"group{g}."
        for number in range(1, passes):
            taps = len(known_taps(passes, number, kernel))
            tensors[f"{name}own{number}"] = draw(90, taps, 2 * size, STATE)
        if g + 1 < len(SIZES):
            tensors[name + "conv"] = draw(90, 9, 2 * size, STATE)
        tensors[name + "bias"] = draw(9000, KNOTS, passes, STATE, kind=np.int32)
        tensors[name + "head"] = draw(200, STATE, HEAD)
        tensors[name + "head_bias"] = draw(9000, HEAD, kind=np.int32)
        tensors[name + "head_bits"] = np.full(HEAD, 7, np.uint8)
        tensors[name + "mean"] = draw(100, HEAD, size)
        tensors[name + "scale"] = draw(20, HEAD, size)
    k = np.abs(np.arange(-30, 31))
    dyadic = [2.0 ** -(k // (1 + i)).astype(float) for i in range(4)]
    tables = build_tables((p / p.sum(), -30) for p in dyadic)
    tensors["row_of"] = np.minimum(np.arange(SCALES * FRACTIONS) // 80, 3).astype(np.int16).reshape(SCALES, FRACTIONS)
    return tensors | {"tables.freq": tables.freq, "tables.offset": tables.offset, "tables.lo": tables.lo}


@pytest.fixture(scope="module")
def model() -> ContextModel:
    return ContextModel.from_tensors(integer_tensors())


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def some_symbols(height: int, width: int, seed: int = 1) -> NDArray[np.int32]:
    rng = np.random.default_rng(seed)
    spread = np.array([40.0, 9.0, 4.0, 2.0] * (CHANNELS // 4))[:, None, None]
    symbols: NDArray[np.int32] = np.trunc((rng.random((CHANNELS, height, width)) - 0.5) * spread).astype(np.int32)
    symbols[rng.integers(0, CHANNELS, 4)] = 0
    return symbols


def extreme_symbols(height: int, width: int) -> NDArray[np.int32]:
    """Every feature at its bounds."""
    rng = np.random.default_rng(2)
    values = np.array([INT32.min, -20_000, 20_000, INT32.max], np.int32)
    return values[rng.integers(0, len(values), (CHANNELS, height, width))]


def reference(tensors: Tensors, symbols: NDArray[np.int32], table: int) -> dict[int, tuple[Any, Any]]:
    """Mean and scale index by group, (n, h, w), in int64 arithmetic and plain loops: no float, no BLAS, no skipping."""
    t = {name: value.astype(np.int64) for name, value in tensors.items()}
    span = (TABLES - 1) // (KNOTS - 1)
    knot = min(table // span, KNOTS - 2)

    def at(bias: Any) -> Any:
        return (bias[knot] * (span - table + knot * span) + bias[knot + 1] * (table - knot * span)) // span

    height, width = symbols.shape[1:]
    ordered = symbols[t["order"]].astype(np.int64)
    scaled = np.clip(ordered, -(1 << 14), 1 << 14) * t["step"][table][:, None, None]
    value = np.clip((scaled + 128) >> 8, -127, 127)
    size = t["magnitude"][np.minimum(np.abs(scaled) >> 7, MAGNITUDES - 1)]
    state = np.zeros((STATE, height, width), np.int64)
    found = {}
    start = 0
    for g, (n, passes, kernel) in enumerate(zip(SIZES, PASSES, KERNELS, strict=True)):
        own = slice(start, start + n)
        seen = np.concatenate([value[own], size[own]])
        phases = np.tile(pattern(passes), (height // 4 + 1, width // 4 + 1))[:height, :width]
        inputs = state + at(t[f"group{g}.bias"])[phases].transpose(2, 0, 1)
        for number in range(1, passes):
            known = np.where(phases < number, seen, 0)
            weights = t[f"group{g}.own{number}"]
            for i, tap in enumerate(known_taps(passes, number, kernel)):
                inputs += np.where(phases == number, shifted(weights[i], known, tap, kernel), 0)
        hidden = np.clip(inputs >> t["state_bits"][:, None, None], 0, 255)
        hidden = np.einsum("dk,dhw->khw", t[f"group{g}.head"], hidden) + t[f"group{g}.head_bias"][:, None, None]
        hidden = np.clip(hidden >> t[f"group{g}.head_bits"][:, None, None], 0, 255)
        mean = np.einsum("kn,khw->nhw", t[f"group{g}.mean"], hidden) + at(t["mean_bias"])[own, None, None]
        mean = np.clip(mean >> t["mean_bits"][own, None, None], -(1 << 14), 1 << 14)
        bits = int(t["mean_scale_bits"][0])
        mean = (mean * t["mean_scale"][table][own, None, None] + (1 << (bits - 1))) >> bits
        scale = np.einsum("kn,khw->nhw", t[f"group{g}.scale"], hidden) + at(t["scale_bias"])[own, None, None]
        found[g] = mean, np.clip(scale >> t["scale_bits"][own, None, None], 0, SCALES - 1)
        if g + 1 < len(SIZES):
            state = state + sum(shifted(t[f"group{g}.conv"][tap], seen, tap, 3) for tap in range(9))
        start += n
    return found


def shifted(weights: Any, seen: Any, tap: int, kernel: int) -> Any:
    """One tap of a convolution with zeros around: (in, out), (in, h, w) -> (out, h, w)."""
    radius = kernel // 2
    padded = np.pad(seen, ((0, 0), (radius, radius), (radius, radius)))
    y, x = divmod(tap, kernel)
    window = padded[:, y : y + seen.shape[1], x : x + seen.shape[2]]
    return np.einsum("io,ihw->ohw", weights, window)


@pytest.mark.parametrize("int8", [None, False])
@pytest.mark.parametrize("kind", ["some", "extreme"])
@pytest.mark.parametrize("table", [0, 3, 8])
def test_arithmetic_equals_whole_numbers(kind: str, table: int, int8: bool | None) -> None:
    """The network finds what int64 arithmetic finds, to the last bit, even with every feature at its bound."""
    tensors = integer_tensors()
    model = ContextModel.from_tensors(tensors, int8=int8)
    symbols = some_symbols(9, 6) if kind == "some" else extreme_symbols(9, 6)
    expected = reference(tensors, symbols, table)
    coded, used = model.arrange(symbols)
    start = np.concatenate([[0], np.cumsum(SIZES)])
    groups = [g for g in range(len(SIZES)) if used[start[g] : start[g + 1]].any()]
    for g, (prediction, _) in zip(groups, model.predictions(coded, used, Grid(9, 6), table), strict=True):
        active = used[start[g] : start[g + 1]]
        order = prediction.all_positions()
        for got, wanted in zip((prediction.mean, prediction.index), expected[g], strict=True):
            assert (got == wanted.reshape(len(active), -1)[active].T[order]).all()


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_threads_decodes(model: ContextModel, count: int) -> None:
    symbols = some_symbols(40, 33)
    torch.set_num_threads(1)
    payload = model.encode(symbols, 4)
    torch.set_num_threads(count)
    assert (model.decode(payload, symbols.shape, 4) == symbols).all()
    assert model.encode(symbols, 4) == payload


def test_any_order_of_summation_decodes(model: ContextModel) -> None:
    """The hidden units renamed: every sum runs in another order, every stream stays the same."""
    tensors = dict(integer_tensors())
    rng = np.random.default_rng(0)
    state, head = rng.permutation(STATE), rng.permutation(HEAD)
    for name, value in tensors.items():
        if name.endswith((".conv", ".bias")) or ".own" in name or name == "state_bits":
            tensors[name] = value[..., state]
        elif name.endswith(".head"):
            tensors[name] = value[state][:, head]
        elif name.endswith((".head_bias", ".head_bits", ".mean", ".scale")):
            tensors[name] = value[head]
    renamed = ContextModel.from_tensors(tensors)
    symbols = some_symbols(21, 17)
    payload = model.encode(symbols, 5)
    assert renamed.encode(symbols, 5) == payload
    assert (renamed.decode(payload, symbols.shape, 5) == symbols).all()


def known_bytes(model: ContextModel) -> str:
    """The hash of a fixed input's stream."""
    symbols = some_symbols(13, 10)
    symbols[3, 1, 2], symbols[7, 0, 0] = INT32.max, -5000
    return hashlib.sha256(model.encode(symbols, 6)).hexdigest()[:24]


def test_known_bytes(model: ContextModel) -> None:
    """The stream of a fixed input never changes: an old file stays readable."""
    assert known_bytes(model) == KNOWN_HASH


KNOWN_HASH = "0fe5b099cc0d0ad563c6c1b1"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, TABLES - 1), st.data())
def test_any_symbols_survive(height: int, width: int, table: int, data: Any) -> None:
    model = ContextModel.from_tensors(integer_tensors())
    symbols = some_symbols(height, width, data.draw(st.integers(0, 1000)))
    wild = st.tuples(st.integers(0, symbols.size - 1), st.integers(INT32.min, INT32.max))
    for at, value in data.draw(st.lists(wild, max_size=12)):
        symbols.reshape(-1)[at] = value
    payload = model.encode(symbols, table)
    assert (model.decode(payload, symbols.shape, table) == symbols).all()


def test_all_zero_is_nearly_free(model: ContextModel) -> None:
    symbols = np.zeros((CHANNELS, 8, 8), np.int32)
    payload = model.encode(symbols, 2)
    assert len(payload) <= 12
    assert (model.decode(payload, symbols.shape, 2) == symbols).all()


def test_estimate_is_the_length(model: ContextModel) -> None:
    symbols = some_symbols(48, 32)
    real = 8 * len(model.encode(symbols, 4))
    assert model.estimate_bits(symbols, 4) == pytest.approx(real, rel=0.01)
    bits = model.bits_map(symbols, 4)
    assert bits.shape == (48, 32)
    assert float(bits.sum()) == pytest.approx(real, rel=0.01)


def test_bits_map_points_at_the_costly_place(model: ContextModel) -> None:
    symbols = some_symbols(20, 20)
    calm = model.bits_map(symbols, 4)
    symbols[:, 7, 11] = 3000
    assert int((model.bits_map(symbols, 4) - calm).argmax()) == 7 * 20 + 11


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=120))
def test_garbage_gives_symbols_or_a_stream_error(payload: bytes) -> None:
    model = ContextModel.from_tensors(integer_tensors())
    try:
        symbols = model.decode(payload, (CHANNELS, 7, 5), 3)
    except StreamError:
        return
    assert symbols.shape == (CHANNELS, 7, 5)


def overflowing(tensors: Tensors, name: str) -> Tensors:
    largest = (1 << (8 * tensors[name].itemsize - 1)) - 1
    return tensors | {name: np.full_like(tensors[name], largest)}


@pytest.mark.parametrize(
    "name",
    ["group0.conv", "group1.own1", "group2.bias", "group3.head", "group3.mean", "scale_bias", "group0.head_bias"],
)
def test_weights_that_could_round_are_refused(name: str) -> None:
    named = {"scale_bias": "group0.scale", "group0.head_bias": "group0.head"}
    expected = named.get(name, name)
    with pytest.raises(WeightsError, match=rf"is damaged \({expected}: expected .*below 16777216\): install"):
        ContextModel.from_tensors(overflowing(integer_tensors(), name))


@pytest.mark.parametrize("name", sorted(integer_tensors()))
def test_missing_or_cut_tensors_are_refused(name: str) -> None:
    tensors = integer_tensors()
    with pytest.raises(WeightsError, match=r"is damaged \([\w.]+: expected .+\): install RateLens again"):
        ContextModel.from_tensors(tensors | {name: tensors[name][:-1]})
    with pytest.raises(WeightsError, match=rf"is damaged \({name} is missing\): install RateLens again"):
        ContextModel.from_tensors({key: value for key, value in tensors.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("order", 0, "every channel from 0 to 15 once"),
        ("sizes", 3, "positive sizes that sum to 16 channels"),
        ("passes", 5, r"each of \[1, 2, 4, 6\]"),
        ("kernels", 2, r"each of \[1, 3, 5, 7\]"),
        ("step", 0, "values from 1 to 32767"),
        ("mean_scale_bits", 25, "a value from 1 to 24"),
        ("magnitude", 200, "values from 0 to 127"),
        ("row_of", -1, r"rows from 0 to \d+"),
        ("state_bits", 25, "values from 0 to 24"),
        ("group1.head_bits", 25, "values from 0 to 24"),
        ("scale_bits", 30, "values from 0 to 24"),
        ("tables.freq", 0, "positive values"),
        ("tables.offset", 7, r"rows of at least two entries, from 0 to \d+"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_tensor(name: str, value: int, expected: str) -> None:
    tensors = integer_tensors()
    with pytest.raises(WeightsError, match=rf"is damaged \({name}: expected {expected}\): install RateLens again"):
        ContextModel.from_tensors(tensors | {name: np.full_like(tensors[name], value)})


def test_a_wrong_shape_or_type_is_refused_with_both() -> None:
    tensors = integer_tensors()
    bias = tensors["group2.bias"]
    for wrong, got in ((bias.astype(np.float32), "float32"), (bias.astype(np.int64), "int64"), (bias[0], "int32")):
        expected = rf"\(group2.bias: expected integers .+ and shape .+, got {got} of shape .+\): install"
        with pytest.raises(WeightsError, match=expected):
            ContextModel.from_tensors(tensors | {"group2.bias": wrong})


@pytest.mark.parametrize("passes", [1, 2, 4, 6])
def test_passes_cover_every_position_once(passes: int) -> None:
    grid = Grid(7, 9)
    together = np.concatenate([grid.of_pass(passes, number) for number in range(passes)])
    assert sorted(together.tolist()) == list(range(63))


def test_checkerboard_sees_exactly_its_four_neighbours() -> None:
    assert known_taps(2, 1, 3) == (1, 3, 5, 7)


def test_every_scale_and_fraction_has_a_table() -> None:
    row_of, rows = row_layout()
    assert laplace_tables().rows == len(rows) == row_of.max() + 1

"""The context model's tensors, read and checked: integers only, and no sum that float32 could round.

order           int16 (C,)        latent channels by falling variance: the order in which they are coded
sizes, passes, kernels            int16 (G,): channels of each group, its passes, side of the window on its own passes
step            int16 (T, C)      quantiser step in 2^-8 feature units; T tables as models.quality.table_count
mean_scale      uint16 (T, C)     from a predicted mean to eighths of a symbol; mean_scale_bits uint8 (1,)
zero_freq       uint16 (T, C)     how often a symbol is zero, of 2^16: for the flags of unused channels
magnitude       uint8 (1024,)     feature of a magnitude
state_bits      uint8 (D,)        the state has 2^bits steps for one of an activation
mean_bias, scale_bias             int32 (K, C), at K equally spaced tables, linear between
mean_bits, scale_bits             uint8 (C,)
groupG.conv     int16 (9, 2 n, D)             features (values, then magnitudes) of a coded group -> state
groupG.ownP     int16 (taps, 2 n, D)          its passes before pass P -> input of pass P
groupG.bias     int32 (K, passes, D)
groupG.head     int16 (D, H), head_bias int32 (H,), head_bits uint8 (H,); mean, scale  int16 (H, n)
tables.*        models.entropy.range_coder.FrequencyTables; row_of int16 (64, 5)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.features import ACTIVATION_MAX, EXACT, MAGNITUDES, VALUE_MAX
from models.context.scan_order import PATTERNS, known_taps
from models.context.tables import FRACTIONS, SCALES
from models.entropy.range_coder import FrequencyTables
from models.errors import WeightsError

Tensors = dict[str, NDArray[np.generic]]
_MEAN_BITS_MAX = 24


@dataclass(frozen=True, eq=False)
class Heads:
    """A group's two layers; integers in float32, the shifts as powers of two."""

    state_scale: Tensor
    weight: Tensor
    bias: Tensor
    hidden_scale: Tensor
    mean: Tensor
    mean_shift: Tensor
    scale: Tensor
    scale_shift: Tensor


@dataclass(frozen=True, eq=False)
class Group:
    """Channels start, ..., start + size - 1 of the coding order. own: weights of each pass after the first."""

    number: int
    start: int
    size: int
    passes: int
    kernel: int
    conv: Tensor | None
    own: list[Tensor]
    pass_bias: NDArray[np.int64]
    heads: Heads


@dataclass(frozen=True, eq=False)
class ContextWeights:
    """Everything the context model needs, ready to use; tensors is the source."""

    tensors: Tensors
    groups: list[Group]
    state: int
    order: NDArray[np.int64]
    step: NDArray[np.int32]
    mean_scale: NDArray[np.int32]
    mean_scale_bits: int
    zero_freq: NDArray[np.int64]
    magnitude: Tensor
    mean_bias: NDArray[np.int64]
    scale_bias: NDArray[np.int64]
    tables: FrequencyTables
    row_of: NDArray[np.int16]

    @property
    def table_count(self) -> int:
        return len(self.step)


def bias_at(bias: NDArray[np.int64], table: int, weights: ContextWeights) -> NDArray[np.float32]:
    """A bias at a table: linear between its knots, rounded down, in integers. (K, ...) -> (...)."""
    span = (weights.table_count - 1) // (len(bias) - 1)
    knot = min(table // span, len(bias) - 2)
    right = table - knot * span
    at: NDArray[np.float32] = ((bias[knot] * (span - right) + bias[knot + 1] * right) // span).astype(np.float32)
    return at


def load_context(tensors: Tensors) -> ContextWeights:
    """Check and convert. Raises WeightsError if anything is missing, does not fit, or could pass 2^24."""
    try:
        return _load(tensors)
    except (KeyError, ValueError, IndexError, TypeError, RuntimeError, AttributeError) as error:
        raise WeightsError("The weights file's context model is damaged: install RateLens again.") from error


def _require(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError("context tensors do not fit together")


def _integers(tensors: Tensors, name: str, shape: tuple[int, ...]) -> NDArray[np.int64]:
    given = tensors[name]
    _require(given.shape == shape, given.dtype.kind in "iu")
    return given.astype(np.int64)


def _float(integers: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(integers.astype(np.float32))


def _power(bits: NDArray[np.int64]) -> Tensor:
    _require(bool((bits >= 0).all() and (bits <= 24).all()))
    return torch.from_numpy(np.ldexp(1.0, -bits.astype(np.int32)).astype(np.float32))


def _load(tensors: Tensors) -> ContextWeights:
    channels, state = len(tensors["order"]), len(tensors["state_bits"])
    count, knots = len(tensors["step"]), len(tensors["mean_bias"])
    order = _integers(tensors, "order", (channels,))
    number = len(tensors["sizes"])
    sizes, passes, kernels = (_integers(tensors, name, (number,)) for name in ("sizes", "passes", "kernels"))
    step, mean_scale, zero_freq = (
        _integers(tensors, name, (count, channels)) for name in ("step", "mean_scale", "zero_freq")
    )
    mean_scale_bits = int(_integers(tensors, "mean_scale_bits", (1,))[0])
    magnitude = _integers(tensors, "magnitude", (MAGNITUDES,))
    row_of = _integers(tensors, "row_of", (SCALES, FRACTIONS)).astype(np.int16)
    tables = FrequencyTables(tensors["tables.freq"], tensors["tables.offset"], tensors["tables.lo"])  # type: ignore[arg-type]
    _require(
        bool((np.sort(order) == np.arange(channels)).all()),
        int(sizes.sum()) == channels and int(sizes.min()) > 0,
        set(passes.tolist()) <= set(PATTERNS),
        set(kernels.tolist()) <= {1, 3, 5, 7},
        knots >= 2 and count > 1 and (count - 1) % (knots - 1) == 0,
        bool((step > 0).all() and (step < 1 << 15).all() and (mean_scale < 1 << 16).all() and (mean_scale >= 0).all()),
        bool((zero_freq >= 0).all()) and 1 <= mean_scale_bits <= _MEAN_BITS_MAX,
        magnitude.min() >= 0 and magnitude.max() <= VALUE_MAX,
        row_of.min() >= 0 and row_of.max() < tables.rows,
    )
    mean_bias, scale_bias = (_integers(tensors, name, (knots, channels)) for name in ("mean_bias", "scale_bias"))
    bounds = _StateBounds(state, knots)
    groups = []
    for g in range(number):
        start = int(sizes[:g].sum())
        size, pass_count, kernel = int(sizes[g]), int(passes[g]), int(kernels[g])
        more = g + 1 < number
        groups.append(_group(tensors, bounds, g=g, start=start, size=size, passes=pass_count, kernel=kernel, more=more))
    return ContextWeights(
        tensors,
        groups,
        state,
        order,
        step.astype(np.int32),
        mean_scale.astype(np.int32),
        mean_scale_bits,
        zero_freq,
        _float(magnitude),
        mean_bias,
        scale_bias,
        tables,
        row_of,
    )


class _StateBounds:
    """The largest magnitude that the state can have reached, whatever was coded: (D,)."""

    def __init__(self, state: int, knots: int) -> None:
        self.state = state
        self.knots = knots
        self.reached = np.zeros(state, np.int64)

    def check(self, bias: NDArray[np.int64], own: list[NDArray[np.int64]]) -> None:
        for i in range(bias.shape[1]):
            largest = self.reached + np.abs(bias[:, i]).max(0)
            if i:
                largest = largest + VALUE_MAX * np.abs(own[i - 1]).sum((0, 1))
            _require(bool((largest < EXACT).all()))

    def advance(self, conv: NDArray[np.int64]) -> None:
        self.reached += VALUE_MAX * np.abs(conv).sum((0, 1))


def _group(
    tensors: Tensors, bounds: _StateBounds, *, g: int, start: int, size: int, passes: int, kernel: int, more: bool
) -> Group:
    prefix = f"group{g}."
    inputs, state, knots = 2 * size, bounds.state, bounds.knots
    bias = _integers(tensors, prefix + "bias", (knots, passes, state))
    taps = [known_taps(passes, number, kernel) for number in range(1, passes)]
    own = [_integers(tensors, f"{prefix}own{i + 1}", (len(taps[i]), inputs, state)) for i in range(passes - 1)]
    bounds.check(bias, own)
    conv = None
    if more:
        weights = _integers(tensors, prefix + "conv", (9, inputs, state))
        bounds.advance(weights)
        conv = _float(weights)
    heads = _heads(tensors, prefix, state, slice(start, start + size))
    return Group(g, start, size, passes, kernel, conv, [_float(weights) for weights in own], bias, heads)


def _heads(tensors: Tensors, prefix: str, state: int, columns: slice) -> Heads:
    size = columns.stop - columns.start
    width = len(tensors[prefix + "head_bias"])
    weight = _integers(tensors, prefix + "head", (state, width))
    bias = _integers(tensors, prefix + "head_bias", (width,))
    outputs = {name: _integers(tensors, prefix + name, (width, size)) for name in ("mean", "scale")}
    _require(bool((ACTIVATION_MAX * np.abs(weight).sum(0) + np.abs(bias) < EXACT).all()))
    for name, matrix in outputs.items():
        out_bias = tensors[f"{name}_bias"].astype(np.int64)[:, columns]
        largest = ACTIVATION_MAX * np.abs(matrix).sum(0) + np.abs(out_bias).max(0)
        _require(bool((largest < EXACT).all()))
    channels = len(tensors["order"])
    all_mean, all_scale = (_integers(tensors, f"{name}_bits", (channels,)) for name in ("mean", "scale"))
    return Heads(
        _power(_integers(tensors, "state_bits", (state,))),
        _float(weight),
        _float(bias),
        _power(_integers(tensors, prefix + "head_bits", (width,))),
        _float(outputs["mean"]),
        _power(all_mean[columns]),
        _float(outputs["scale"]),
        _power(all_scale[columns]),
    )

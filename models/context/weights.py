"""Reads and checks the context model's tensors: integers only, and no sum that float32 could round.

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

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.features import ACTIVATION_MAX, ACTIVATION_ZERO, EXACT, MAGNITUDES, VALUE_MAX
from models.context.matrices import IntegerMatrix, integer_matrix
from models.context.scan_order import PATTERNS, known_taps
from models.context.tables import FRACTIONS, SCALES
from models.entropy.range_coder import FrequencyTables
from models.errors import WeightsError
from models.tensors import TensorError, Tensors, given, integers, require

_MEAN_BITS_MAX = 24
_KERNELS = (1, 3, 5, 7)
_EXACT_SUMS = f"values that keep every sum below {EXACT}"


MakeMatrix = Callable[[NDArray[np.int64]], IntegerMatrix]


@dataclass(frozen=True, eq=False, kw_only=True)
class Heads:
    """A group's two layers. Their inputs are activations less ACTIVATION_ZERO, for which the biases make up.

    hidden: (D, H), hidden_bias int32 (H,). outputs: (H, 2 size), means, then scale indices; output_bias int32
    (2 size,), to which the picture's biases are added. bits: int32, what sums are shifted right by.
    """

    state_bits: Tensor
    hidden: IntegerMatrix
    hidden_bias: Tensor
    hidden_bits: Tensor
    outputs: IntegerMatrix
    output_bias: Tensor
    output_bits: Tensor


@dataclass(frozen=True, eq=False, kw_only=True)
class Group:
    """Channels start, ..., start + size - 1 of the coding order.

    conv: (9 * 2 size, D), tap after tap. own: of each pass after the first, (taps * 2 size, D).
    """

    number: int
    start: int
    size: int
    passes: int
    kernel: int
    conv: IntegerMatrix | None
    own: list[IntegerMatrix]
    pass_bias: NDArray[np.int64]
    heads: Heads


@dataclass(frozen=True, eq=False, kw_only=True)
class ContextWeights:
    """Everything the context model needs, ready to use. tensors: the source."""

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


def bias_at(bias: NDArray[np.int64], table: int, weights: ContextWeights) -> NDArray[np.int32]:
    """A bias at a table: linear between its knots, rounded down, in integers. (K, ...) -> (...)."""
    span = (weights.table_count - 1) // (len(bias) - 1)
    knot = min(table // span, len(bias) - 2)
    right = table - knot * span
    at: NDArray[np.int32] = ((bias[knot] * (span - right) + bias[knot + 1] * right) // span).astype(np.int32)
    return at


def load_context(tensors: Tensors, *, int8: bool | None = None) -> ContextWeights:
    """Check and convert. Raises WeightsError, naming the tensor that is missing, does not fit, or could pass 2^24.

    int8: as models.context.matrices.integer_matrix takes it.
    """
    try:
        return _load(tensors, partial(integer_matrix, int8=int8))
    except TensorError as error:
        raise WeightsError(f"The weights file's context model is damaged ({error}): install RateLens again.") from error


def _int32(integers: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(integers.astype(np.int32))


def _shift(bits: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    require((bits >= 0).all() and (bits <= 24).all(), name, "values from 0 to 24")
    return bits


def _load(tensors: Tensors, make: MakeMatrix) -> ContextWeights:
    channels, state = len(given(tensors, "order")), len(given(tensors, "state_bits"))
    count, knots, number = (len(given(tensors, name)) for name in ("step", "mean_bias", "sizes"))
    order = integers(tensors, "order", (channels,))
    require((np.sort(order) == np.arange(channels)).all(), "order", f"every channel from 0 to {channels - 1} once")
    sizes, passes, kernels = (integers(tensors, name, (number,)) for name in ("sizes", "passes", "kernels"))
    require((sizes > 0).all() and sizes.sum() == channels, "sizes", f"positive sizes that sum to {channels} channels")
    require(np.isin(passes, list(PATTERNS)).all(), "passes", f"each of {sorted(PATTERNS)}")
    require(np.isin(kernels, _KERNELS).all(), "kernels", f"each of {list(_KERNELS)}")
    knots_fit = knots >= 2 and count > 1 and (count - 1) % (knots - 1) == 0
    require(knots_fit, "mean_bias", f"knots that divide the {count} tables of step evenly, got {knots}")
    step, mean_scale, zero_freq = (
        integers(tensors, name, (count, channels)) for name in ("step", "mean_scale", "zero_freq")
    )
    require((step > 0).all() and (step < 1 << 15).all(), "step", "values from 1 to 32767")
    require((mean_scale >= 0).all() and (mean_scale < 1 << 16).all(), "mean_scale", "values from 0 to 65535")
    require((zero_freq >= 0).all(), "zero_freq", "no negative values")
    mean_scale_bits = int(integers(tensors, "mean_scale_bits", (1,))[0])
    require(1 <= mean_scale_bits <= _MEAN_BITS_MAX, "mean_scale_bits", f"a value from 1 to {_MEAN_BITS_MAX}")
    magnitude = integers(tensors, "magnitude", (MAGNITUDES,))
    in_range = (magnitude >= 0).all() and (magnitude <= VALUE_MAX).all()
    require(in_range, "magnitude", f"values from 0 to {VALUE_MAX}")
    tables = FrequencyTables.from_tensors(tensors)
    row_of = integers(tensors, "row_of", (SCALES, FRACTIONS))
    require((row_of >= 0).all() and (row_of < tables.rows).all(), "row_of", f"rows from 0 to {tables.rows - 1}")
    mean_bias, scale_bias = (integers(tensors, name, (knots, channels)) for name in ("mean_bias", "scale_bias"))
    bounds = _StateBounds(state, knots)
    groups = []
    for g, (size, pass_count, kernel) in enumerate(zip(sizes.tolist(), passes.tolist(), kernels.tolist(), strict=True)):
        place = _Place(g, int(sizes[:g].sum()), size, pass_count, kernel, is_last=g + 1 == number)
        groups.append(_group(tensors, bounds, place, make))
    return ContextWeights(
        tensors=tensors,
        groups=groups,
        state=state,
        order=order,
        step=step.astype(np.int32),
        mean_scale=mean_scale.astype(np.int32),
        mean_scale_bits=mean_scale_bits,
        zero_freq=zero_freq,
        magnitude=torch.from_numpy(magnitude.astype(np.int8)),
        mean_bias=mean_bias,
        scale_bias=scale_bias,
        tables=tables,
        row_of=row_of.astype(np.int16),
    )


@dataclass(frozen=True)
class _Place:
    """A group's number, first channel and architecture."""

    number: int
    start: int
    size: int
    passes: int
    kernel: int
    is_last: bool

    @property
    def prefix(self) -> str:
        return f"group{self.number}."

    @property
    def columns(self) -> slice:
        """Its channels."""
        return slice(self.start, self.start + self.size)


class _StateBounds:
    """The largest magnitude that the state can reach, whatever is coded: (D,)."""

    def __init__(self, state: int, knots: int) -> None:
        self.state = state
        self.knots = knots
        self.reached = np.zeros(state, np.int64)

    def check(self, prefix: str, bias: NDArray[np.int64], own: list[NDArray[np.int64]]) -> None:
        """Check each pass. Raises TensorError."""
        for i in range(bias.shape[1]):
            largest = self.reached + np.abs(bias[:, i]).max(0)
            if i:
                largest = largest + VALUE_MAX * np.abs(own[i - 1]).sum((0, 1))
            require((largest < EXACT).all(), f"{prefix}own{i}" if i else f"{prefix}bias", _EXACT_SUMS)

    def advance(self, prefix: str, conv: NDArray[np.int64]) -> None:
        """Add a group's contribution. Raises TensorError."""
        self.reached += VALUE_MAX * np.abs(conv).sum((0, 1))
        require((self.reached < EXACT).all(), prefix + "conv", _EXACT_SUMS)


def _group(tensors: Tensors, bounds: _StateBounds, place: _Place, make: MakeMatrix) -> Group:
    prefix, inputs, state, knots = place.prefix, 2 * place.size, bounds.state, bounds.knots
    bias = integers(tensors, prefix + "bias", (knots, place.passes, state))
    taps = [known_taps(place.passes, number, place.kernel) for number in range(1, place.passes)]
    own = [integers(tensors, f"{prefix}own{i + 1}", (len(known), inputs, state)) for i, known in enumerate(taps)]
    bounds.check(prefix, bias, own)
    conv = None
    if not place.is_last:
        weights = integers(tensors, prefix + "conv", (9, inputs, state))
        bounds.advance(prefix, weights)
        conv = make(weights.reshape(-1, state))
    return Group(
        number=place.number,
        start=place.start,
        size=place.size,
        passes=place.passes,
        kernel=place.kernel,
        conv=conv,
        own=[make(weights.reshape(-1, state)) for weights in own],
        pass_bias=bias,
        heads=_heads(tensors, place, state, make),
    )


def _heads(tensors: Tensors, place: _Place, state: int, make: MakeMatrix) -> Heads:
    prefix, columns = place.prefix, place.columns
    width = len(given(tensors, prefix + "head_bias"))
    weight = integers(tensors, prefix + "head", (state, width))
    bias = integers(tensors, prefix + "head_bias", (width,))
    outputs = {name: integers(tensors, prefix + name, (width, place.size)) for name in ("mean", "scale")}
    require((ACTIVATION_MAX * np.abs(weight).sum(0) + np.abs(bias) < EXACT).all(), prefix + "head", _EXACT_SUMS)
    for name, matrix in outputs.items():
        out_bias = tensors[f"{name}_bias"].astype(np.int64)[:, columns]
        largest = ACTIVATION_MAX * np.abs(matrix).sum(0) + np.abs(out_bias).max(0)
        require((largest < EXACT).all(), prefix + name, f"with {name}_bias, {_EXACT_SUMS}")
    channels = len(tensors["order"])
    bits = [_shift(integers(tensors, name, (channels,)), name)[columns] for name in ("mean_bits", "scale_bits")]
    both = np.concatenate([outputs["mean"], outputs["scale"]], axis=1)
    return Heads(
        state_bits=_int32(_shift(integers(tensors, "state_bits", (state,)), "state_bits")),
        hidden=make(weight),
        hidden_bias=_int32(bias + ACTIVATION_ZERO * weight.sum(0)),
        hidden_bits=_int32(_shift(integers(tensors, prefix + "head_bits", (width,)), prefix + "head_bits")),
        outputs=make(both),
        output_bias=_int32(ACTIVATION_ZERO * both.sum(0)),
        output_bits=_int32(np.concatenate(bits)),
    )

"""From a trained float context network to the integers of models/context/weights.py, and tables fitted to counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from models.context.features import ACTIVATION_MAX, EXACT, UNIT, VALUE_MAX, magnitude_table, steps
from models.context.scan_order import known_taps
from models.context.tables import LOWEST_LOG2_SCALE, MEAN_STEPS, SCALES_PER_OCTAVE, laplace_tables, row_layout
from models.entropy.range_coder import TOTAL, FrequencyTables
from models.tensors import Tensors
from models.training.context.net import ContextNet

_WEIGHT_MAX = 2047
MEAN_UNIT = 1024
_MEAN_SCALE_BITS = 15
_MARGIN = 0.98


def export(
    net: ContextNet, gains: NDArray[np.float64], zero_shares: NDArray[np.float64], order: NDArray[np.int64]
) -> Tensors:
    """All tensors but fitted tables. gains, zero_shares: (T, C), of each table, in coding order; order (C,)."""
    deviation = net.statistics.deviation.double().cpu().numpy()
    shape = net.shape
    mean_scale = np.rint(deviation * gains * (MEAN_STEPS / MEAN_UNIT) * 2.0**_MEAN_SCALE_BITS)
    row_of, _ = row_layout()
    out: Tensors = {
        "order": order.astype(np.int16),
        "sizes": np.array(shape.groups, np.int16),
        "passes": np.array(shape.passes, np.int16),
        "kernels": np.array(shape.kernels, np.int16),
        "step": steps(deviation, gains).astype(np.int16),
        "mean_scale": np.clip(mean_scale, 0, 65535).astype(np.uint16),
        "mean_scale_bits": np.array([_MEAN_SCALE_BITS], np.uint8),
        "zero_freq": np.clip(np.rint(zero_shares * TOTAL), 0, TOTAL - 1).astype(np.uint16),
        "magnitude": magnitude_table(),
        "row_of": row_of,
    }
    out.update(_state(net))
    out.update(_outputs(net))
    out.update(table_tensors(laplace_tables()))
    # safetensors writes an array's memory as it lies: a transposed one would come back scrambled.
    return {name: np.ascontiguousarray(value) for name, value in out.items()}


def table_tensors(tables: FrequencyTables) -> Tensors:
    """The tables' part of the tensors."""
    return {"tables.freq": tables.freq, "tables.offset": tables.offset, "tables.lo": tables.lo}


def _state(net: ContextNet) -> Tensors:
    """Convolutions into the state and the passes' biases: one power of two for each unit of the state."""
    shape = net.shape
    convs, owns, biases = [], [], []
    for g in range(len(shape.groups)):
        convs.append(_taps(net.conv[g].weight))  # type: ignore[arg-type]
        weights = [_taps(net.own_weight(g, number)) for number in range(1, shape.passes[g])]
        known = [known_taps(shape.passes[g], number, shape.kernels[g]) for number in range(1, shape.passes[g])]
        owns.append([weight[list(taps)] for weight, taps in zip(weights, known, strict=True)])
        # Half a step for rounding to nearest is part of the bias.
        biases.append(_numpy(net.bias[g]) * UNIT + 0.5)
    convs = convs[:-1]
    every = np.concatenate([w.reshape(-1, shape.state) for w in convs + [o for group in owns for o in group]])
    reach = np.zeros(shape.state)
    largest = np.zeros(shape.state)
    for g, bias in enumerate(biases):
        for i in range(bias.shape[1]):
            own = VALUE_MAX * np.abs(owns[g][i - 1]).sum((0, 1)) if i else 0.0
            largest = np.maximum(largest, reach + own + np.abs(bias[:, i]).max(0))
        if g < len(convs):
            reach = reach + VALUE_MAX * np.abs(convs[g]).sum((0, 1))
    bits = _bits(np.abs(every).max(0), largest)
    scale = 2.0**bits
    out: Tensors = {"state_bits": bits.astype(np.uint8)}
    for g, bias in enumerate(biases):
        out[f"group{g}.bias"] = np.rint(bias * scale).astype(np.int32)
        for i, own in enumerate(owns[g]):
            out[f"group{g}.own{i + 1}"] = np.rint(own * scale).astype(np.int16)
        if g < len(convs):
            out[f"group{g}.conv"] = np.rint(convs[g] * scale).astype(np.int16)
    return out


def _outputs(net: ContextNet) -> Tensors:
    """The heads: powers of two for each hidden unit and each channel."""
    out: Tensors = {}
    mean_bias = _numpy(net.mean_bias) * MEAN_UNIT + 0.5
    scale_bias = (_numpy(net.scale_bias) - LOWEST_LOG2_SCALE) * SCALES_PER_OCTAVE + 0.5
    parts: dict[str, list[NDArray[np.int64]]] = {"mean": [], "scale": []}
    start = 0
    for g, size in enumerate(net.shape.groups):
        head = _taps(net.head[g].weight)[0]  # type: ignore[arg-type]
        head_bias = _numpy(net.head[g].bias) * UNIT + 0.5  # type: ignore[arg-type]
        bits = _bits(np.abs(head).max(0), ACTIVATION_MAX * np.abs(head).sum(0) + np.abs(head_bias))
        out[f"group{g}.head"] = np.rint(head * 2.0**bits).astype(np.int16)
        out[f"group{g}.head_bias"] = np.rint(head_bias * 2.0**bits).astype(np.int32)
        out[f"group{g}.head_bits"] = bits.astype(np.uint8)
        columns = slice(start, start + size)
        for name, module, bias, unit in (
            ("mean", net.mean[g], mean_bias, MEAN_UNIT),
            ("scale", net.scale[g], scale_bias, SCALES_PER_OCTAVE),
        ):
            matrix = _taps(module.weight)[0] * (unit / UNIT)  # type: ignore[arg-type]
            largest = ACTIVATION_MAX * np.abs(matrix).sum(0) + np.abs(bias[:, columns]).max(0)
            bits = _bits(np.abs(matrix).max(0), largest)
            out[f"group{g}.{name}"] = np.rint(matrix * 2.0**bits).astype(np.int16)
            parts[name].append(bits)
        start += size
    for name, bias in (("mean", mean_bias), ("scale", scale_bias)):
        bits = np.concatenate(parts[name])
        out[f"{name}_bits"] = bits.astype(np.uint8)
        out[f"{name}_bias"] = np.rint(bias * 2.0**bits).astype(np.int32)
    return out


def _numpy(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.detach().double().cpu().numpy()


def _taps(weight: Tensor) -> NDArray[np.float64]:
    """A convolution's weight (out, in, k, k) -> (k * k, in, out)."""
    return _numpy(weight.detach().flatten(2).permute(2, 1, 0))


def _bits(largest_weight: NDArray[np.float64], largest_sum: NDArray[np.float64]) -> NDArray[np.int64]:
    """The finest power of two that keeps weights within 12 bits and sums below 2^24, with room for rounding."""
    by_weight = np.floor(np.log2(_WEIGHT_MAX / np.maximum(largest_weight, 1e-9)))
    by_sum = np.floor(np.log2(_MARGIN * EXACT / np.maximum(largest_sum, 1e-9)))
    return np.clip(np.minimum(by_weight, by_sum), 0, 20).astype(np.int64)

"""From a weights file's integers back to a trainable context network: the inverse of models/training/context/export.py.

Only what rounding removed is lost (0.1 % of the bits), so that training can continue from shipped weights.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor

from models.context.features import UNIT
from models.context.scan_order import known_taps
from models.context.tables import LOWEST_LOG2_SCALE, MEAN_STEPS, SCALES_PER_OCTAVE
from models.tensors import Tensors
from models.training.context.data import ChannelStatistics, statistics_of_run
from models.training.context.export import MEAN_UNIT
from models.training.context.fit import gains_of_tables
from models.training.context.net import ContextNet, ContextShape

_PREFIX = "context."
_WEIGHTS_SUFFIX = ".safetensors"
_LARGEST_MEAN_SCALE = 65535


def statistics_of(source: Path) -> ChannelStatistics:
    """What a network was trained with, from its run's state or from a weights file."""
    return restored_statistics(*read_context(source)) if source.suffix == _WEIGHTS_SUFFIX else statistics_of_run(source)


def start_from(net: ContextNet, source: Path) -> None:
    """Take a network trained for nearly the same latents: a run's state (averaged), or a weights file's."""
    if source.suffix == _WEIGHTS_SUFFIX:
        restore(net, read_context(source)[0])
    else:
        state = torch.load(source, map_location="cpu", weights_only=True)["average"]
        own = net.state_dict()
        net.load_state_dict({name: _to_knots(value, len(own[name])) for name, value in state.items()})


def _to_knots(value: Tensor, count: int) -> Tensor:
    """Extend the biases (K, ...) of a network with fewer knots linearly -> (count, ...)."""
    more = count - len(value)
    if more <= 0:
        return value
    steps = torch.arange(1, more + 1, dtype=value.dtype).view(-1, *[1] * (value.ndim - 1))
    return torch.cat([value, value[-1] + steps * (value[-1] - value[-2])])


def read_context(path: Path) -> tuple[Tensors, Tensor]:
    """The context tensors of a weights file, without their prefix, and its gains (levels, C). KeyError without them."""
    with safe_open(path, "numpy") as file:
        names = [name for name in file.keys() if name.startswith(_PREFIX)]  # noqa: SIM118 (not a dict)
        tensors = {name.removeprefix(_PREFIX): file.get_tensor(name) for name in names}
        return tensors, torch.from_numpy(file.get_tensor("gain"))


def restored_shape(tensors: Tensors) -> ContextShape:
    """The architecture that the integers are of."""
    groups, passes, kernels = (tuple(tensors[name].tolist()) for name in ("sizes", "passes", "kernels"))
    return ContextShape(groups, passes, kernels, len(tensors["state_bits"]), len(tensors["group0.head_bias"]))


def restored_statistics(tensors: Tensors, gain: Tensor) -> ChannelStatistics:
    """Order and deviations that the network was trained with. gain (levels, C), as the weights file has it."""
    order = tensors["order"].astype(np.int64)
    gains = gains_of_tables(gain.log(), torch.from_numpy(order))
    scale = tensors["mean_scale"].astype(float)
    finest = np.where(scale < _LARGEST_MEAN_SCALE, scale, 0.0).argmax(0)[None]  # the table that rounded it least
    unit = 2.0 ** float(tensors["mean_scale_bits"][0]) * MEAN_STEPS / MEAN_UNIT
    deviation = np.take_along_axis(scale, finest, 0)[0] / unit / np.take_along_axis(gains, finest, 0)[0]
    deviations = torch.from_numpy(deviation).float()
    # The mean magnitude only starts a new network; of a Laplace density it is this.
    return ChannelStatistics(torch.from_numpy(order), deviations, deviations / math.sqrt(2.0))


@torch.no_grad()
def restore(net: ContextNet, tensors: Tensors) -> None:
    """Give a network of the same shape the integers' weights. Raises KeyError or RuntimeError if they do not fit."""
    shape = net.shape
    given = {name: value.astype(np.float64) for name, value in tensors.items()}
    state_unit = 2.0 ** given["state_bits"]
    start = 0
    for g, size in enumerate(shape.groups):
        prefix = f"group{g}."
        if g + 1 < len(shape.groups):
            _set_taps(net.conv[g].weight, given[prefix + "conv"] / state_unit, range(9))  # type: ignore[arg-type]
        for number in range(1, shape.passes[g]):
            taps = known_taps(shape.passes[g], number, shape.kernels[g])
            _set_taps(net.own_weight(g, number), given[f"{prefix}own{number}"] / state_unit, taps)
        bias = _tensor((given[prefix + "bias"] / state_unit - 0.5) / UNIT)
        net.bias[g].copy_(_to_knots(bias, len(net.bias[g])))
        head_unit = 2.0 ** given[prefix + "head_bits"]
        _set_taps(net.head[g].weight, (given[prefix + "head"] / head_unit)[None], (0,))  # type: ignore[arg-type]
        net.head[g].bias.copy_(_tensor((given[prefix + "head_bias"] / head_unit - 0.5) / UNIT))  # type: ignore[operator]
        columns = slice(start, start + size)
        for name, module, unit in (("mean", net.mean[g], MEAN_UNIT), ("scale", net.scale[g], SCALES_PER_OCTAVE)):
            matrix = given[prefix + name] / 2.0 ** given[f"{name}_bits"][columns]
            _set_taps(module.weight, (matrix * (UNIT / unit))[None], (0,))  # type: ignore[arg-type]
        start += size
    mean_bias, scale_bias = (given[f"{name}_bias"] / 2.0 ** given[f"{name}_bits"] - 0.5 for name in ("mean", "scale"))
    net.mean_bias.copy_(_to_knots(_tensor(mean_bias / MEAN_UNIT), len(net.mean_bias)))
    log2_scale = _tensor(scale_bias / SCALES_PER_OCTAVE + LOWEST_LOG2_SCALE)
    net.scale_bias.copy_(_to_knots(log2_scale, len(net.scale_bias)))


def _set_taps(weight: Tensor, taps: NDArray[np.float64], which: range | tuple[int, ...]) -> None:
    """Taps (len(which), in, out) into a convolution's weight (out, in, k, k), in place; its other taps become zero."""
    flat = torch.zeros_like(weight.flatten(2))
    flat[:, :, list(which)] = _tensor(taps).permute(2, 1, 0)
    weight.copy_(flat.view_as(weight))


def _tensor(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()

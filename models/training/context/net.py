"""The context model as it is trained: float weights, but the integer features and activation ranges of the real one.

models/context/model.py computes the same in integers; export.py rounds these weights for it. Names: C
latent channels in coding order, D width of the state, H width of the heads, K knots in level, N pictures.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.context.features import ACTIVATION_MAX, STEP_BITS, STEP_MAX, UNIT, VALUE_MAX
from models.context.scan_order import Grid, known_taps, pattern
from models.context.tables import LOWEST_LOG2_SCALE, SCALES, SCALES_PER_OCTAVE

_LARGEST_ACTIVATION = ACTIVATION_MAX / UNIT
_HIGHEST_LOG2_SCALE = LOWEST_LOG2_SCALE + (SCALES - 1) / SCALES_PER_OCTAVE
_MIN_PROBABILITY = 2.0**-17
"""About what the escape costs: the loss does not reward beliefs that the tables cannot hold."""


@dataclass(frozen=True)
class ContextShape:
    """The architecture. groups sum to the number of latent channels; passes and kernels: one a group."""

    groups: tuple[int, ...] = (3, 5, 8, 16, 32, 64, 64, 128)
    passes: tuple[int, ...] = (6, 4, 4, 2, 2, 2, 2, 2)
    kernels: tuple[int, ...] = (7, 5, 3, 3, 3, 3, 3, 3)
    state: int = 128
    head: int = 96

    @classmethod
    def from_json(cls, text: str) -> ContextShape:
        """From an object with any of the fields; the others have their defaults."""
        sizes: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(text).items()}
        return cls(**sizes)


@dataclass(frozen=True, eq=False)
class LatentStatistics:
    """Of the training latents, in coding order, each (C,): standard deviation and mean magnitude of y.

    knot_levels (K,): levels at which the biases are learned, equally spaced. log_gain (K, C): log of the gains there;
    between knots they are linear, as models/nn/transforms.py has them.
    """

    deviation: Tensor
    magnitude: Tensor
    knot_levels: Tensor
    log_gain: Tensor

    def between(self, values: Tensor, level: Tensor) -> Tensor:
        """Interpolate values (K, ...) at levels (N,) -> (N, ...)."""
        first = self.knot_levels[0]
        position = (level - first) / (self.knot_levels[1] - first)
        low = position.floor().long().clamp(0, len(values) - 2)
        weight = (position - low).view(-1, *[1] * (values.ndim - 1))
        return torch.lerp(values[low], values[low + 1], weight)

    def gain(self, level: Tensor) -> Tensor:
        """Gains at levels (N,) -> (N, C)."""
        return self.between(self.log_gain, level).exp()

    def to(self, device: torch.device) -> LatentStatistics:
        moved = (t.to(device) for t in (self.deviation, self.magnitude, self.knot_levels, self.log_gain))
        return LatentStatistics(*moved)


def symbol_features(symbols: Tensor, deviation_in_symbols: Tensor, magnitude: Tensor) -> Tensor:
    """models.context.features.features for training: (N, C, h, w), (N, C) -> (N, 2, C, h, w), in units of 1.0."""
    step = (UNIT * 2.0**STEP_BITS / deviation_in_symbols).round().clamp(1, STEP_MAX)[:, :, None, None]
    scaled = symbols.clamp(-(2.0**14), 2.0**14) * step
    half = 2.0 ** (STEP_BITS - 1)
    value = ((scaled + half) / (2 * half)).floor().clamp(-VALUE_MAX, VALUE_MAX)
    index = (scaled.abs() / half).floor().clamp(max=len(magnitude) - 1).long()
    return torch.stack([value, magnitude[index]], dim=1) / UNIT


def _activation(x: Tensor) -> Tensor:
    """Clipped to what 8 bits hold; rounded forward, straight through backward."""
    clipped = x.clamp(0.0, _LARGEST_ACTIVATION)
    return clipped + ((clipped * UNIT).round() / UNIT - clipped).detach()


class ContextNet(nn.Module):
    """Symbols and levels in, Laplace mean and log2 scale of every symbol out, all passes at once."""

    def __init__(self, shape: ContextShape, statistics: LatentStatistics, magnitude: Tensor) -> None:
        super().__init__()
        self.shape = shape
        self.statistics = statistics
        self.register_buffer("magnitude", magnitude, persistent=False)
        knots = len(statistics.knot_levels)
        self.conv = nn.ModuleList()
        self.own = nn.ModuleList()
        self.bias = nn.ParameterList()
        self.head = nn.ModuleList()
        self.mean = nn.ModuleList()
        self.scale = nn.ModuleList()
        for size, passes, kernel in zip(shape.groups, shape.passes, shape.kernels, strict=True):
            self.conv.append(nn.Conv2d(2 * size, shape.state, 3, padding=1, bias=False))
            self.own.append(
                nn.ModuleList(
                    nn.Conv2d(2 * size, shape.state, kernel, padding=kernel // 2, bias=False) for _ in range(passes - 1)
                )
            )
            self.bias.append(nn.Parameter(0.1 * torch.randn(knots, passes, shape.state)))
            self.head.append(nn.Conv2d(shape.state, shape.head, 1))
            self.mean.append(nn.Conv2d(shape.head, size, 1, bias=False))
            self.scale.append(nn.Conv2d(shape.head, size, 1, bias=False))
        with torch.no_grad():
            for name, weight in self.named_parameters():
                if name.startswith(("conv", "own")):
                    weight.mul_(0.3)
                if name.startswith(("mean", "scale")):
                    weight.mul_(0.1)
        channels = sum(shape.groups)
        self.mean_bias = nn.Parameter(torch.zeros(knots, channels))
        # A Laplace density's scale is its mean magnitude; in symbols that is times the gain.
        start = statistics.magnitude.clamp_min(1e-6).log2() + statistics.log_gain / math.log(2.0)
        self.scale_bias = nn.Parameter(start.clamp(LOWEST_LOG2_SCALE, _HIGHEST_LOG2_SCALE))

    def forward(self, symbols: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
        """Symbols (N, C, h, w), whole numbers; level (N,) -> mean in symbols and log2 scale, both (N, C, h, w)."""
        n, _, height, width = symbols.shape
        statistics = self.statistics
        deviation = statistics.deviation * statistics.gain(level)
        magnitude: Tensor = self.magnitude  # type: ignore[assignment]
        seen = symbol_features(symbols, deviation, magnitude)
        state = symbols.new_zeros(n, self.shape.state, height, width)
        means, scales = [], []
        start = 0
        for g, size in enumerate(self.shape.groups):
            given = seen[:, :, start : start + size].reshape(n, 2 * size, height, width)
            hidden = _activation(self.head[g](_activation(self._inputs(g, given, state, level))))
            means.append(self.mean[g](hidden))
            scales.append(self.scale[g](hidden))
            if g + 1 < len(self.shape.groups):
                state = state + self.conv[g](given)
            start += size
        mean = torch.cat(means, 1) + statistics.between(self.mean_bias, level)[:, :, None, None]
        log2_scale = torch.cat(scales, 1) + statistics.between(self.scale_bias, level)[:, :, None, None]
        return mean * deviation[:, :, None, None], log2_scale.clamp(LOWEST_LOG2_SCALE, _HIGHEST_LOG2_SCALE)

    def _inputs(self, g: int, given: Tensor, state: Tensor, level: Tensor) -> Tensor:
        """T of every position, each in its own pass: see models/context/model.py."""
        passes, kernel = self.shape.passes[g], self.shape.kernels[g]
        height, width = given.shape[-2:]
        phases = torch.from_numpy(pattern(passes)).to(given.device)
        phases = phases.repeat(-(-height // 4), -(-width // 4))[:height, :width]
        bias = self.statistics.between(self.bias[g], level)
        inputs = state + bias[:, phases].permute(0, 3, 1, 2)
        if passes == 1:
            return inputs
        # Only the positions of a pass and the taps it can know are computed: a fifth of whole convolutions.
        grid = Grid(height, width)
        places, shares = [], []
        for number in range(1, passes):
            positions = grid.of_pass(passes, number)
            taps = known_taps(passes, number, kernel)
            places.append(torch.from_numpy(positions))
            padded = functional.pad(given * (phases < number), (1, 1, 1, 1)).flatten(2)
            neighbours = torch.from_numpy(grid.neighbours(passes, number, kernel)).to(given.device)
            columns = padded[:, :, neighbours].permute(0, 1, 3, 2).flatten(1, 2)
            weight = self.own_weight(g, number).flatten(2)[:, :, list(taps)].flatten(1)
            shares.append(weight @ columns)
        together = inputs.flatten(2).index_add(2, torch.cat(places).to(given.device), torch.cat(shares, 2))
        return together.view_as(inputs)

    def own_weight(self, g: int, number: int) -> Tensor:
        """Weight (D, 2 n, k, k) of group g's window on its own passes before pass `number`."""
        weight: Tensor = self.own[g].get_submodule(str(number - 1)).weight  # type: ignore[assignment]
        return weight


def laplace_bits(symbols: Tensor, mean: Tensor, log2_scale: Tensor) -> Tensor:
    """Code length in bits of symbols under a discretised Laplace density; all shapes alike."""
    x = (symbols - mean).abs()
    rate = torch.exp2(-log2_scale)
    # Both edges on one side of the mean where |x| >= 1/2; otherwise the symbol's interval holds the mean.
    outer = 0.5 * torch.exp(-(x + 0.5) * rate)
    inner = 0.5 * torch.exp(-(x - 0.5).abs() * rate)
    probability = torch.where(x >= 0.5, inner, 1.0 - inner) - outer
    return -torch.log2(probability.clamp_min(_MIN_PROBABILITY))

"""The context model's arithmetic on one picture: integers, group by group, pass by pass.

Every quantity is a whole number below 2^24 (models/context/weights.py refuses weights that could reach it), so that no
sum depends on its order, and each processor may multiply as it does fastest (models/context/matrices.py). Rounding
happens where it is written: a shift to the right rounds down.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.features import ACTIVATION_MAX, ACTIVATION_ZERO, features
from models.context.matrices import IntegerMatrix
from models.context.scan_order import Grid
from models.context.tables import SCALES
from models.context.weights import ContextWeights, Group, bias_at

_MEAN_MAX = 1 << 14

_ADVANCED_AT_ONCE = 512
"""Rows of the state whose neighbours are laid out for one product: they stay in the processor's cache."""


class PictureNetwork:
    """The state of one picture at one table, before the first group.

    used (C,): which channels, in coding order, have nonzero symbols. The others are skipped: their features are zero
    and add nothing to any sum.
    """

    def __init__(self, weights: ContextWeights, table: int, used: NDArray[np.bool_], grid: Grid) -> None:
        self.weights = weights
        self.grid = grid
        self.used = used
        self.step = torch.from_numpy(weights.step[table][used])
        self.mean_scale = torch.from_numpy(weights.mean_scale[table][used])
        self.mean_bias = torch.from_numpy(bias_at(weights.mean_bias, table, weights)[used])
        self.scale_bias = torch.from_numpy(bias_at(weights.scale_bias, table, weights)[used])
        self.pass_bias = [torch.from_numpy(bias_at(group.pass_bias, table, weights)) for group in weights.groups]
        self.state = torch.zeros(grid.rows, weights.state, dtype=torch.int32)
        self.row = torch.from_numpy(grid.row.reshape(-1))

    def groups(self) -> Iterator[GroupNetwork]:
        """The groups with used channels, in order. Ask for the next one only when all symbols of this one are known."""
        start = 0
        for group in self.weights.groups:
            active = np.flatnonzero(self.used[group.start : group.start + group.size])
            if len(active):
                columns = slice(start, start + len(active))
                start += len(active)
                network = GroupNetwork(self, group, active, columns)
                yield network
                if start < int(self.used.sum()):
                    network.advance()


class GroupNetwork:
    """One group's used channels: predict and see, pass by pass, then advance the state.

    active: the used channels within the group; columns: their indices among all used channels of the picture.
    """

    def __init__(self, picture: PictureNetwork, group: Group, active: NDArray[np.int64], columns: slice) -> None:
        self._picture = picture
        self._group = group
        self.columns = columns
        self.channels = len(active)
        self._all = len(active) == group.size
        self._both = np.concatenate([active, active + group.size])
        self._seen = torch.zeros(picture.grid.rows, 2 * len(active), dtype=torch.int8)
        self.positions = [picture.grid.of_pass(group.passes, number) for number in range(group.passes)]
        heads, both = group.heads, torch.from_numpy(self._both)
        self._outputs = heads.outputs if self._all else heads.outputs.columns(self._both)
        bias = torch.cat([picture.mean_bias[columns], picture.scale_bias[columns]])
        self._output_bias = bias.add_(heads.output_bias.index_select(0, both))
        self._output_bits = heads.output_bits.index_select(0, both)

    def features(self, symbols: NDArray[np.int32]) -> Tensor:
        """Of symbols (n, channels), int8 (n, 2 channels)."""
        return features(torch.from_numpy(symbols), self._picture.step[self.columns], self._picture.weights.magnitude)

    def see(self, number: int, seen: Tensor) -> None:
        """Take the features of a coded pass, (positions, 2 channels)."""
        self._seen.index_copy_(0, self._row(number), seen)

    def inputs(self, number: int) -> Tensor:
        """T of a pass, int32 (positions, D): the state, the pass's bias, and what the group's passes before it show."""
        picture, positions = self._picture, self.positions[number]
        inputs = picture.state.index_select(0, self._row(number))
        inputs += picture.pass_bias[self._group.number][number]
        if number and len(positions):
            group = self._group
            neighbours = torch.from_numpy(picture.grid.neighbours(group.passes, number, group.kernel))
            known = self._seen.index_select(0, neighbours.view(-1)).view(len(positions), -1)
            inputs += self._of_active(group.own[number - 1], neighbours.shape[1]).times(known)
        return inputs

    def predict(self, inputs: Tensor) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """T (n, D) -> mean in eighths of a symbol and scale index, int32 (n, channels). Overwrites T."""
        picture, heads = self._picture, self._group.heads
        hidden = heads.hidden.times(_activations(inputs, heads.state_bits)).add_(heads.hidden_bias)
        outputs = self._outputs.times(_activations(hidden, heads.hidden_bits)).add_(self._output_bias)
        outputs.bitwise_right_shift_(self._output_bits)
        bits = picture.weights.mean_scale_bits
        mean = outputs[:, : self.channels].clamp(-_MEAN_MAX, _MEAN_MAX).mul_(picture.mean_scale[self.columns])
        mean.add_(1 << (bits - 1)).bitwise_right_shift_(bits)
        index = outputs[:, self.channels :].clamp(0, SCALES - 1)
        return mean.contiguous().numpy(), index.contiguous().numpy()

    def advance(self) -> None:
        """Add the 3x3 convolution of the group's features to the state."""
        if self._group.conv is None:
            return
        grid, weights = self._picture.grid, self._of_active(self._group.conv, 9)
        inner = grid.inner
        for start in range(inner.start, inner.stop, _ADVANCED_AT_ONCE):
            stop = min(start + _ADVANCED_AT_ONCE, inner.stop)
            shifts = map(grid.shift, range(9))
            around = torch.cat([self._seen[start + shift : stop + shift] for shift in shifts], dim=1)
            self._picture.state[start:stop] += weights.times(around)

    def _row(self, number: int) -> Tensor:
        """Rows of a pass's positions."""
        return self._picture.row.index_select(0, torch.from_numpy(self.positions[number]))

    def _of_active(self, weights: IntegerMatrix, taps: int) -> IntegerMatrix:
        """(taps * 2 size, D) -> (taps * 2 channels, D)."""
        if self._all:
            return weights
        rows = np.arange(taps)[:, None] * (2 * self._group.size) + self._both
        return weights.rows(rows.reshape(-1))


def _activations(sums: Tensor, bits: Tensor) -> Tensor:
    """int32 -> shifted, clipped, and less ACTIVATION_ZERO, int8. Overwrites the sums."""
    return sums.bitwise_right_shift_(bits).clamp_(0, ACTIVATION_MAX).sub_(ACTIVATION_ZERO).to(torch.int8)

"""The context model's arithmetic on one picture: integers in float32, group by group, pass by pass.

Every quantity is an integer below 2^24 (models/context/weights.py rejects weights that could exceed it), so that no sum
depends on its order. Rounding is always explicit: floor after a multiplication by a power of two.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.features import ACTIVATION_MAX, features
from models.context.scan_order import Grid
from models.context.tables import SCALES
from models.context.weights import ContextWeights, Group, bias_at

_MEAN_MAX = 1 << 14


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
        self.state = torch.zeros(grid.rows, weights.state)
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
        self._active = torch.from_numpy(active)
        self._all = len(active) == group.size
        both = np.concatenate([active, active + group.size])
        self._both = torch.from_numpy(both)
        self._seen = torch.zeros(picture.grid.rows, 2 * len(active))
        self.positions = [picture.grid.of_pass(group.passes, number) for number in range(group.passes)]

    def features(self, symbols: NDArray[np.int32]) -> Tensor:
        """Features of symbols (n, channels), int32."""
        return features(torch.from_numpy(symbols), self._picture.step[self.columns], self._picture.weights.magnitude)

    def see(self, number: int, seen: Tensor) -> None:
        """Take the features of a coded pass, (positions, 2 channels)."""
        self._seen.index_copy_(0, self._row(number), seen)

    def inputs(self, number: int) -> Tensor:
        """T of a pass, (positions, D): state, the pass's bias, and the contribution of the group's earlier passes."""
        picture, positions = self._picture, self.positions[number]
        inputs = picture.state.index_select(0, self._row(number))
        inputs += picture.pass_bias[self._group.number][number]
        if number and len(positions):
            group = self._group
            neighbours = torch.from_numpy(picture.grid.neighbours(group.passes, number, group.kernel))
            weights = self._of_active(group.own[number - 1])
            known = self._seen.index_select(0, neighbours.view(-1)).view(len(positions), -1)
            inputs.addmm_(known, weights.reshape(-1, weights.shape[2]))
        return inputs

    def predict(self, inputs: Tensor) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """T (n, D) -> mean in eighths of a symbol and scale index, int32 (n, channels). Overwrites T."""
        picture, heads = self._picture, self._group.heads
        mean_weight, mean_shift, scale_weight, scale_shift = (
            heads.mean,
            heads.mean_shift,
            heads.scale,
            heads.scale_shift,
        )
        if not self._all:
            mean_weight, mean_shift = mean_weight[:, self._active], mean_shift[self._active]
            scale_weight, scale_shift = scale_weight[:, self._active], scale_shift[self._active]
        hidden = inputs.mul_(heads.state_scale).floor_().clamp_(0, ACTIVATION_MAX)
        hidden = torch.addmm(heads.bias, hidden, heads.weight)
        hidden = hidden.mul_(heads.hidden_scale).floor_().clamp_(0, ACTIVATION_MAX)
        mean = torch.addmm(picture.mean_bias[self.columns], hidden, mean_weight)
        whole = mean.mul_(mean_shift).floor_().clamp_(-_MEAN_MAX, _MEAN_MAX).int()
        bits = picture.weights.mean_scale_bits
        whole = whole.mul_(picture.mean_scale[self.columns]).add_(1 << (bits - 1)).bitwise_right_shift_(bits)
        scale = torch.addmm(picture.scale_bias[self.columns], hidden, scale_weight)
        index = scale.mul_(scale_shift).floor_().clamp_(0, SCALES - 1).int()
        return whole.numpy(), index.numpy()

    def advance(self) -> None:
        """Add the 3x3 convolution of the group's features to the state, tap by tap, by shifting rows without copies."""
        if self._group.conv is None:
            return
        grid = self._picture.grid
        inner = grid.inner
        weights = self._of_active(self._group.conv)
        state = self._picture.state[inner]
        for tap in range(9):
            shift = grid.shift(tap)
            state.addmm_(self._seen[inner.start + shift : inner.stop + shift], weights[tap])

    def _row(self, number: int) -> Tensor:
        """Rows of a pass's positions."""
        return self._picture.row.index_select(0, torch.from_numpy(self.positions[number]))

    def _of_active(self, weights: Tensor) -> Tensor:
        """(taps, 2 size, D) -> (taps, 2 channels, D)."""
        return weights if self._all else weights[:, self._both]

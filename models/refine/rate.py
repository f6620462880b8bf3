"""The bits of symbols under the context model, and their gradient: its densities, frozen, as Laplace densities.

Source of the densities: models.context.tables. They are predicted from rounded symbols; there is no gradient through
the prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.context.model import ContextModel
from models.context.scan_order import Grid
from models.context.tables import MEAN_STEPS, SCALES, scale_of

_SCALES = torch.from_numpy(scale_of(np.arange(SCALES, dtype=np.float64))).float()


@dataclass(frozen=True, eq=False)
class Densities:
    """Of symbols (positions, channels): their means and inverse scales; and the bits, at each position, (h, w), of the
    symbols that they were predicted from.
    """

    mean: Tensor
    inverse_scale: Tensor
    bits: NDArray[np.float32]

    @cached_property
    def _at_half(self) -> Tensor:
        """exp(-0.5 / b)."""
        return self.inverse_scale.mul(-0.5).exp_()

    def gradient(self, symbols: Tensor) -> Tensor:
        """Derivative of the bits of soft symbols by each of them.

        With t the distance from the mean and b the scale, the mass of [t - 1/2, t + 1/2] is
        exp(-t / b) sinh(1 / 2b) where the interval lies on one side of the mean, and 1 - exp(-1 / 2b) cosh(t / b) else.
        """
        from_mean = symbols - self.mean
        t = from_mean.abs()
        beside = self._at_half
        inner = t.clamp(max=0.5).mul_(self.inverse_scale)
        # exp(-1/2b) sinh(t/b) / (1 - exp(-1/2b) cosh(t/b)), which is 1 from t = 1/2 on.
        up = beside * inner.exp()
        down = beside * inner.neg_().exp_()
        slope = (up - down).mul_(0.5).div_(up.add_(down).mul_(-0.5).add_(1.0).clamp_min_(1e-9))
        slope.clamp_(max=1.0)  # at t = 1/2 it is 1, apart from rounding
        return slope.mul_(self.inverse_scale).mul_(from_mean.sign_()).mul_(1.0 / np.log(2.0))


def predict(
    context: ContextModel, symbols: NDArray[np.int32], used: NDArray[np.bool_], grid: Grid, table: int
) -> Densities:
    """The densities of rounded symbols (positions, used channels), channels in coding order, as decoded."""
    mean = np.empty(symbols.shape, np.float32)
    index = np.empty(symbols.shape, np.int64)
    bits, start = np.zeros(len(symbols), np.float32), 0
    for prediction, own in context.predictions(symbols, used, grid, table):
        positions, columns = prediction.all_positions(), slice(start, start + own.shape[1])
        start = columns.stop
        mean[positions, columns] = prediction.mean
        index[positions, columns] = prediction.index
        bits[positions] += context.coder.bits(own[positions], prediction)
    scale = _SCALES.take(torch.from_numpy(index))
    return Densities(
        torch.from_numpy(mean).div_(MEAN_STEPS), scale.reciprocal_(), bits.reshape(grid.height, grid.width)
    )

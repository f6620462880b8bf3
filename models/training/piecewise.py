"""The paper's density of each latent channel: piecewise linear, its samples updated along with the transforms."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.nn.factorized_prior import PROBABILITY_FLOOR, Density

SAMPLES_PER_STEP = 10
"""Sampling points in each quantiser step."""

REACH = 128
"""The density is 0 beyond this many quantiser steps from 0 on either side."""


class PiecewiseLinearDensity(nn.Module):
    """Density of y * gain + noise, the noise uniform in one quantiser step, for codecs of one lambda.

    Its value at a whole number is the probability of that symbol. It is linear between samples and integrates to 1.
    Source: Balle, Laparra, Simoncelli 2017, section 3, eq. 10 and what follows it: updated on the rate of the noisy
    values, with the optimiser of the transforms. Samples are stored as logarithms, so that they stay positive.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.log_samples = nn.Parameter(torch.zeros(channels, 2 * REACH * SAMPLES_PER_STEP + 1))

    @classmethod
    @torch.no_grad()
    def like(cls, density: Density, gain: Tensor) -> PiecewiseLinearDensity:
        """Samples of a smooth density at a gain (C,)."""
        made = cls(density.channels)
        count = made.log_samples.shape[1]
        at = torch.linspace(-REACH, REACH, count).expand(density.channels, count)
        made.log_samples.copy_(density.probability(at, gain[:, None]).log())
        return made

    def samples(self) -> Tensor:
        """The density at the sampling points, (C, K)."""
        values = self.log_samples.exp()
        area = (values.sum(1) - 0.5 * (values[:, 0] + values[:, -1])) / SAMPLES_PER_STEP
        return values / area[:, None]

    def probability(self, q: Tensor) -> Tensor:
        """Density at noisy symbols, or probability of whole ones; (C, M) to the same, floored at 1e-9."""
        samples = self.samples()
        last = samples.shape[1] - 1
        position = (q + REACH) * SAMPLES_PER_STEP
        low = position.detach().floor().clamp(0, last - 1)
        share = (position - low).clamp(0.0, 1.0)
        index = low.long()
        value = torch.lerp(samples.gather(1, index), samples.gather(1, index + 1), share)
        inside = (position >= 0) & (position <= last)
        return torch.where(inside, value, 0.0).clamp_min(PROBABILITY_FLOOR)

    def bits(self, q: Tensor, _gain: Tensor) -> Tensor:
        """Ideal code length of each symbol, in bits, (N, C, h, w) to the same. The gain is the one it was made for."""
        n, c, h, w = q.shape
        flat = q.transpose(0, 1).reshape(c, n * h * w)
        return -torch.log2(self.probability(flat)).reshape(c, n, h, w).transpose(0, 1)

    def load_effective(self, tensors: dict[str, Tensor]) -> None:
        """Load a checkpoint's tensor log_samples."""
        with torch.no_grad():
            self.log_samples.copy_(tensors["log_samples"])

    def effective_tensors(self) -> dict[str, Tensor]:
        """The inverse of load_effective."""
        return {"log_samples": self.log_samples}

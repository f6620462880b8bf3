"""Soft rounding: each latent is drawn towards the integer below or above it, the nearer one with higher probability.

Source: Yang, Bamler, Mandt, "Improving Inference for Neural Image Compression", 2020, section 3.2: stochastic Gumbel
annealing.
"""

from __future__ import annotations

import torch
from torch import Tensor

_EDGE = 1e-5
"""Latents closer to an integer count as this far from it, because atanh ends at 1."""


def relaxed_rounding(z: Tensor, temperature: float, noise: torch.Generator) -> tuple[Tensor, Tensor]:
    """A draw between floor(z) and floor(z) + 1 for each latent, and its derivative by z; both of the shape of z.

    With u uniform in (0, 1) and f the fraction of z, the share of the upper number is
    sigmoid(((atanh(f) - atanh(1 - f)) / t + log(u / (1 - u))) / t): the two-class Gumbel softmax with logits
    -atanh(distance) / t. As t falls to 0 it becomes rounding.
    """
    floor = z.floor()
    f = (z - floor).clamp_(_EDGE, 1.0 - _EDGE)
    rest = 1.0 - f
    logit = torch.atanh(f).sub_(torch.atanh(rest)).div_(temperature)
    u = torch.rand(z.shape, generator=noise).clamp_(1e-7, 1.0 - 1e-7)
    upper = logit.add_(torch.logit(u)).div_(temperature).sigmoid_()
    slope = f.square_().neg_().add_(1.0).reciprocal_().add_(rest.square_().neg_().add_(1.0).reciprocal_())
    derivative = slope.mul_(upper).mul_(1.0 - upper).div_(temperature**2)
    return floor.add_(upper), derivative

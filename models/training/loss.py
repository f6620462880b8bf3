"""Rate + lambda * distortion, with uniform noise in place of rounding, and with real rounding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor

from models.training.model import TrainableCodec

REFERENCE_LAMBDA = 0.013


@dataclass(frozen=True)
class Measured:
    """Per picture, each of shape (N,): rate in bits a pixel, mean squared error on the 0..255 scale."""

    bpp: Tensor
    mse: Tensor

    def loss(self, lambdas: Tensor, exponent: float) -> Tensor:
        """Normalised rate-distortion loss a picture: the paper's eq. 4 divided by (lambda / 0.013) ** exponent."""
        return (self.bpp + lambdas * self.mse) / (lambdas / REFERENCE_LAMBDA) ** exponent


class Quantiser(Enum):
    """What stands in for rounding. NOISE is the paper's; MIXED rates noisy symbols and synthesises rounded ones.

    MIXED passes the gradient straight through the rounding (Minnen & Singh 2020, "Channel-wise autoregressive entropy
    models", section 3.3): what is trained is then what is used.
    """

    NOISE = "noise"
    MIXED = "mixed"
    ROUND = "round"


def measure(codec: TrainableCodec, x: Tensor, level: Tensor, quantiser: Quantiser) -> Measured:
    """Code pictures x (N, 3, H, W) in [0, 1] at levels (N,)."""
    y = codec.analysis(x)
    gain, inverse_gain = codec.gains.at(level)
    scaled = y * gain[:, :, None, None]
    rounded = scaled + (torch.round(scaled) - scaled).detach()
    noisy = rounded if quantiser is Quantiser.ROUND else scaled + torch.rand_like(scaled) - 0.5
    synthesised = noisy if quantiser is Quantiser.NOISE else rounded
    reconstruction = codec.synthesis(synthesised * inverse_gain[:, :, None, None])
    pixels = x.shape[2] * x.shape[3]
    bpp = codec.density.bits(noisy, gain).sum(dim=(1, 2, 3)) / pixels
    if quantiser is Quantiser.ROUND:
        reconstruction = reconstruction.clamp(0.0, 1.0).mul(255.0).round().div(255.0)
    return Measured(bpp, (reconstruction - x).square().mean(dim=(1, 2, 3)) * 255.0**2)

"""Rate + lambda * distortion, with uniform noise in place of rounding, and with real rounding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor

from models.training.correction import corrected
from models.training.model import TrainableCodec

try:
    from pytorch_msssim import ms_ssim
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "Training needs pytorch_msssim: add it with “pip install 'ratelens[training]'”."
    ) from error

REFERENCE_LAMBDA = 0.013

MS_SSIM_SIDE = 160
"""Sides have to be longer, for its fifth scale to hold one window."""

STRUCTURAL_SCALE = 1300.0
"""What 1 - MS-SSIM is multiplied by to weigh about as much as the MSE on the 0..255 scale, at every level.

The ratio of the lambdas that CompressAI (Begaint et al. 2020) trains its MS-SSIM and its MSE models with.
"""


@dataclass(frozen=True)
class Measured:
    """Per picture, each of shape (N,): rate in bits per pixel, mean squared error on the 0..255 scale, 1 - MS-SSIM."""

    bpp: Tensor
    mse: Tensor
    structural: Tensor | None
    """None for pictures too small for five scales."""

    def loss(self, lambdas: Tensor, exponent: float, structural_share: float = 0.0) -> Tensor:
        """Normalised rate-distortion loss a picture: the paper's eq. 4 divided by (lambda / 0.013) ** exponent.

        structural_share: this share of the distortion is 1 - MS-SSIM, scaled to the size of the MSE. Raises ValueError
        for pictures too small for it.
        """
        distortion = self.mse
        if structural_share:
            if self.structural is None:
                raise ValueError(f"MS-SSIM needs patches of more than {MS_SSIM_SIDE} pixels per side.")
            distortion = torch.lerp(self.mse, STRUCTURAL_SCALE * self.structural, structural_share)
        return (self.bpp + lambdas * distortion) / (lambdas / REFERENCE_LAMBDA) ** exponent


def limited(loss: Tensor, limit: float) -> Tensor:
    """Losses (N,) whose gradient is scaled down where they exceed a limit, as that of limit * log(loss); 0: none.

    Otherwise a synthetic pattern whose error is a thousand times a photograph's would dominate the step.
    """
    if not limit:
        return loss
    return loss * (limit / loss.detach()).clamp_max(1.0)


class Quantiser(Enum):
    """What stands in for rounding. NOISE is the paper's; MIXED rates noisy symbols and synthesises rounded ones.

    MIXED passes the gradient straight through the rounding (Minnen & Singh 2020, "Channel-wise autoregressive entropy
    models", section 3.3): what is trained is then what is used.
    """

    NOISE = "noise"
    MIXED = "mixed"
    ROUND = "round"


@dataclass(frozen=True, eq=False)
class Coded:
    """Pictures on their way through the codec: symbols (N, C, h, w), gain (N, C), pictures (N, 3, H, W)."""

    noisy: Tensor
    """What the rate is taken of."""
    rounded: Tensor
    """Whole numbers; gradients pass straight through."""
    gain: Tensor
    reconstruction: Tensor

    def against(self, x: Tensor, bpp: Tensor) -> Measured:
        """Measure the distortion against the pictures x (N, 3, H, W). rate (N,): that of the symbols."""
        shown = as_clipped(self.reconstruction, x)
        mse = (shown - x).square().mean(dim=(1, 2, 3)) * 255.0**2
        structural = None
        if min(x.shape[2:]) > MS_SSIM_SIDE:
            structural = 1.0 - ms_ssim(shown, x, data_range=1.0, size_average=False)
        return Measured(bpp, mse, structural)


def as_clipped(reconstruction: Tensor, x: Tensor) -> Tensor:
    """The reconstruction without errors that clipping to [0, 1] removes: beyond black or white where x is that, too.

    Overshoots elsewhere keep their gradients, which clipping itself would remove.
    """
    below = torch.where(x <= 0.0, reconstruction.clamp_min(0.0), reconstruction)
    return torch.where(x >= 1.0, below.clamp_max(1.0), below)


def code(
    codec: TrainableCodec, x: Tensor, level: Tensor, quantiser: Quantiser, *, half_precision: bool = False
) -> Coded:
    """Code pictures x (N, 3, H, W) in [0, 1] at levels (N,).

    half_precision: transforms in bfloat16; quantiser and density stay in float32, as they need its precision.
    """
    with torch.autocast(x.device.type, torch.bfloat16, enabled=half_precision):
        y = corrected(codec, x, level)
    gain, inverse_gain = codec.gains.at(level)
    scaled = y.float() * gain[:, :, None, None]
    rounded = scaled + (torch.round(scaled) - scaled).detach()
    noisy = rounded if quantiser is Quantiser.ROUND else scaled + torch.rand_like(scaled) - 0.5
    synthesised = noisy if quantiser is Quantiser.NOISE else rounded
    with torch.autocast(x.device.type, torch.bfloat16, enabled=half_precision):
        reconstruction = codec.synthesis(synthesised * inverse_gain[:, :, None, None])
    reconstruction = reconstruction.float()
    if quantiser is Quantiser.ROUND:
        reconstruction = reconstruction.clamp(0.0, 1.0).mul(255.0).round().div(255.0)
    return Coded(noisy, rounded, gain, reconstruction)


def measure(
    codec: TrainableCodec, x: Tensor, level: Tensor, quantiser: Quantiser, *, half_precision: bool = False
) -> Measured:
    """`code` with the rate of the plain density."""
    coded = code(codec, x, level, quantiser, half_precision=half_precision)
    bits = codec.density.bits(coded.noisy, coded.gain).sum(dim=(1, 2, 3))
    return coded.against(x, bits / (x.shape[2] * x.shape[3]))

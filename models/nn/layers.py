"""The transforms of the learned codec: GDN, analysis, synthesis and gains per level.

Source: Balle, Laparra, Simoncelli, "End-to-end Optimized Image Compression", ICLR 2017 (the paper below), made
variable-rate by a gain vector per level before the quantiser and an inverse gain after it (Cui et al., "Asymmetric
Gained Deep Image Compression", CVPR 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 16
"""Side, in image pixels, of the square that a latent position represents."""

_BETA_FLOOR = 1e-6
_GAMMA_PEDESTAL = 2.0**-36


@dataclass(frozen=True)
class Widths:
    """Channels after each of the three stages; the last is the number of latent channels."""

    stage0: int = 64
    stage1: int = 192
    latent: int = 320


class GDN(nn.Module):
    """Generalised divisive normalisation, y_i = x_i / sqrt(beta_i + sum_j gamma_ij x_j^2), or its inverse.

    Shape NCHW to the same, float32. The inverse multiplies by the root (the paper's approximate inverse). beta and
    gamma are stored as square roots, so that they stay non-negative under any gradient step; the small pedestal
    preserves the gradient of a vanishing gamma. Source: the paper, eq. 1 to 3 and appendix 6.1.
    """

    def __init__(self, channels: int, *, inverse: bool = False) -> None:
        super().__init__()
        self.inverse = inverse
        self.beta_root = nn.Parameter(torch.ones(channels))
        self.gamma_root = nn.Parameter(torch.full((channels, channels), _GAMMA_PEDESTAL**0.5))
        with torch.no_grad():
            self.gamma_root.diagonal().fill_(0.03)

    def beta(self) -> Tensor:
        """Effective beta, shape (C,), positive."""
        return self.beta_root.square().clamp_min(_BETA_FLOOR)

    def gamma(self) -> Tensor:
        """Effective gamma, shape (C, C), non-negative."""
        return (self.gamma_root.square() - _GAMMA_PEDESTAL).clamp_min(0.0)

    def set_effective(self, beta: Tensor, gamma: Tensor) -> None:
        """Load effective values, as stored in a weights file."""
        with torch.no_grad():
            self.beta_root.copy_(beta.clamp_min(_BETA_FLOOR).sqrt())
            self.gamma_root.copy_((gamma.clamp_min(0.0) + _GAMMA_PEDESTAL).sqrt())

    def forward(self, x: Tensor) -> Tensor:
        norm = functional.conv2d(x.square(), self.gamma()[:, :, None, None], self.beta())
        return x * (norm.sqrt() if self.inverse else norm.rsqrt())


class Analysis(nn.Module):
    """g_a: RGB in [0, 1], shape (N, 3, H, W), H and W multiples of 16 -> y, shape (N, latent, H/16, W/16)."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(3, widths.stage0, 9, stride=4, padding=4)
        self.gdn0 = GDN(widths.stage0)
        self.conv1 = nn.Conv2d(widths.stage0, widths.stage1, 5, stride=2, padding=2)
        self.gdn1 = GDN(widths.stage1)
        self.conv2 = nn.Conv2d(widths.stage1, widths.latent, 5, stride=2, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv2(self.gdn1(self.conv1(self.gdn0(self.conv0(x - 0.5)))))
        return y


class Synthesis(nn.Module):
    """g_s: y_hat, shape (N, latent, h, w) -> RGB, shape (N, 3, 16 h, 16 w), nominally in [0, 1], not clipped."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.conv0 = nn.ConvTranspose2d(widths.latent, widths.stage1, 5, stride=2, padding=2, output_padding=1)
        self.gdn0 = GDN(widths.stage1, inverse=True)
        self.conv1 = nn.ConvTranspose2d(widths.stage1, widths.stage0, 5, stride=2, padding=2, output_padding=1)
        self.gdn1 = GDN(widths.stage0, inverse=True)
        self.conv2 = nn.ConvTranspose2d(widths.stage0, 3, 9, stride=4, padding=4, output_padding=3)

    def forward(self, y_hat: Tensor) -> Tensor:
        x: Tensor = self.conv2(self.gdn1(self.conv1(self.gdn0(self.conv0(y_hat)))))
        return x + 0.5


class Gains(nn.Module):
    """A gain and an inverse gain per level and channel: q = round(y * gain), y_hat = q * inverse_gain.

    Stored as logarithms, so that levels between two trained ones are linear interpolations (log-linear in the gain).
    """

    def __init__(self, levels: int, channels: int) -> None:
        super().__init__()
        self.log_gain = nn.Parameter(torch.zeros(levels, channels))
        self.log_inverse_gain = nn.Parameter(torch.zeros(levels, channels))

    def at(self, level: Tensor) -> tuple[Tensor, Tensor]:
        """Gain and inverse gain at fractional levels, shape (N,) in [0, levels - 1] -> two of shape (N, C)."""
        low = level.floor().long().clamp(0, self.log_gain.shape[0] - 2)
        weight = (level - low).unsqueeze(1)
        gain = torch.lerp(self.log_gain[low], self.log_gain[low + 1], weight)
        inverse = torch.lerp(self.log_inverse_gain[low], self.log_inverse_gain[low + 1], weight)
        return gain.exp(), inverse.exp()


def pad_to_stride(x: Tensor) -> Tensor:
    """Replicate the right and lower border of (N, C, H, W) until both sides are multiples of 16."""
    height, width = x.shape[-2:]
    bottom, right = -height % STRIDE, -width % STRIDE
    return functional.pad(x, (0, right, 0, bottom), mode="replicate") if bottom or right else x

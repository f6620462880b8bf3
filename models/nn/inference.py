"""The trained networks in one precision, arranged for speed; models.nn.transforms calls them tile by tile."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.nn.layers import GDN, Analysis, Synthesis

_Network = TypeVar("_Network", bound=nn.Module)


def encoder_precision() -> torch.dtype:
    """bfloat16 if the processor supports it, which takes half the time, else float32.

    Only for the encoder, because the decoder must produce the same picture everywhere. On 41 photographs the errors
    cost 0.3 % of the bits at equal PSNR and 0.4 % at equal MS-SSIM, most at the highest rates.
    """
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # there is no public name yet
    return torch.bfloat16 if supported is not None and supported() else torch.float32


UNIT_ROUNDOFF = {torch.float32: 2.0**-24, torch.bfloat16: 2.0**-8}
"""Largest relative error of rounding one number to a precision: 24 and 8 significant bits.

The effect of bfloat16 on latents follows from it. Every layer's output is rounded to 8 bits, and a layer's order of
summation depends on the shape of its input and on the processor. Two computations of one latent may therefore differ by
a few roundings: at most 4 of the largest latent, and on average 4 of the root mean square. Streams may differ, but not
decoded pictures, because the decoder uses float32, and integers for its symbols.
"""

_MIN_SIDE_BFLOAT16 = 2
"""Smallest side, in latent positions, for which bfloat16 is used: see `Networks.takes`."""


class Networks:
    """g_a and g_s. Immutable once made; safe to call from several threads, within torch.inference_mode.

    What goes in and comes out is float32.
    """

    def __init__(self, analysis: Analysis, synthesis: Synthesis) -> None:
        self._precision = torch.float32
        self._carried = torch.float32
        self._analysis, self._synthesis = (_channels_last(network, torch.float32) for network in (analysis, synthesis))
        self._gdn_a = [_norm(gdn) for gdn in (analysis.gdn0, analysis.gdn1)]
        self._gdn_s = [_norm(gdn) for gdn in (synthesis.gdn0, synthesis.gdn1)]
        self._phases, self._phase_bias = convolution_phases(synthesis.conv2)

    def in_precision(self, precision: torch.dtype) -> Networks:
        """These networks in bfloat16, where they take longest; those in float32 themselves."""
        if precision is self._precision:
            return self
        other = copy.copy(self)
        other._precision = precision
        other._analysis, other._synthesis = (
            _channels_last(network, precision) for network in (self._analysis, self._synthesis)
        )
        other._gdn_a = [_Norm(norm.gamma_t.to(precision), norm.beta.to(precision)) for norm in self._gdn_a]
        # The synthesis's errors are seen where the analysis's are not, so its norms and last layer stay. bfloat16 all
        # through would add 0.41 grey levels in 53 ms, bfloat16 in its two larger layers alone 0.26 in 66, no bfloat16
        # nothing in 104.
        return other

    def takes(self, height: int, width: int) -> bool:
        """Whether these networks may compute latents of this height and width.

        On processors with AMX, PyTorch 2.13's bfloat16 convolution reads uninitialised memory if its output is one wide
        and more than one high. float32 is always right.
        """
        return self._precision is torch.float32 or min(height, width) >= _MIN_SIDE_BFLOAT16

    def analyse(self, x: Tensor) -> Tensor:
        """g_a of pictures in [0, 1], float32 (1, 3, H, W), channels last, H and W multiples of 16: float32."""
        g_a = self._analysis
        x = g_a.conv1(_gdn(g_a.conv0((x - 0.5).to(self._precision)), self._gdn_a[0], inverse=False))
        y: Tensor = g_a.conv2(_gdn(x, self._gdn_a[1], inverse=False))
        return y.float()

    def synthesise(self, y_hat: Tensor, used: Tensor | None = None) -> Tensor:
        """g_s of latents, float32 (1, C, h, w): float32 (1, 3, 16 h, 16 w), not clipped.

        used: y_hat has only these channels; the others are zero.
        """
        g_s = self._synthesis
        kernel = g_s.conv0.weight if used is None else g_s.conv0.weight[used]
        y_hat = y_hat.to(self._precision).contiguous(memory_format=torch.channels_last)
        if y_hat.shape[1]:
            x = functional.conv_transpose2d(y_hat, kernel, g_s.conv0.bias, stride=2, padding=2, output_padding=1)
        else:
            assert g_s.conv0.bias is not None
            shape = (1, g_s.conv0.out_channels, 2 * y_hat.shape[2], 2 * y_hat.shape[3])
            x = g_s.conv0.bias[None, :, None, None].expand(shape).contiguous(memory_format=torch.channels_last)
        x = g_s.conv1(_gdn(x.to(self._carried), self._gdn_s[0], inverse=True).to(self._precision)).to(self._carried)
        x = functional.conv2d(_gdn(x, self._gdn_s[1], inverse=True), self._phases, self._phase_bias, padding=1).float()
        return functional.pixel_shuffle(x, 4).add_(0.5)

    def in_haste(self) -> Networks:
        """These networks with all of the synthesis in bfloat16, its norms and last layer too: for a picture that is
        only looked at for a moment.

        Half the time of float32, a few hundredths of a decibel, two levels of 255 at most on a photograph.
        """
        other = copy.copy(self.in_precision(torch.bfloat16))
        other._gdn_s = [_Norm(norm.gamma_t.bfloat16(), norm.beta.bfloat16()) for norm in self._gdn_s]
        other._phases, other._phase_bias = self._phases.bfloat16(), self._phase_bias.bfloat16()
        other._carried = torch.bfloat16
        return other


def _channels_last(network: _Network, precision: torch.dtype) -> _Network:
    frozen = network.eval().requires_grad_(False)
    if precision is not torch.float32:
        frozen = copy.deepcopy(frozen).to(precision)
    laid_out: _Network = frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return laid_out


@dataclass(frozen=True, eq=False)
class _Norm:
    """A GDN's effective parameters: gamma transposed, (C, C), and beta, (C,)."""

    gamma_t: Tensor
    beta: Tensor


def _norm(gdn: GDN) -> _Norm:
    return _Norm(gdn.gamma().t().contiguous(), gdn.beta())


_ROWS_AT_ONCE = 2048
"""Positions whose squares and norms are computed at a time: so few that they stay in the processor's cache."""


def _gdn(x: Tensor, norm: _Norm, *, inverse: bool) -> Tensor:
    """GDN of (1, C, h, w) in channels_last, in its place, as matrix products over positions, which avoids changes of
    layout.
    """
    rows = x.permute(0, 2, 3, 1).view(-1, x.shape[1])
    for part in torch.split(rows, _ROWS_AT_ONCE):
        norms = torch.addmm(norm.beta, part * part, norm.gamma_t)
        part.mul_(norms.sqrt_() if inverse else norms.rsqrt_())
    return x


def convolution_phases(conv: torch.nn.ConvTranspose2d) -> tuple[Tensor, Tensor]:
    """The last layer, a 9x9 transposed convolution of stride 4, as a 3x3 convolution of 16 phases, for pixel_shuffle.

    The sums of products are the same, but 48 output channels instead of 3 keep the processor's vector units busy.
    """
    stride, padding, taps = 4, 4, 9
    reached = [(phase, offset, stride * offset + phase + padding) for phase in range(stride) for offset in (-1, 0, 1)]
    kernel = conv.weight.new_zeros(conv.out_channels, stride, stride, conv.in_channels, 3, 3)
    for row, dy, ky in reached:
        for column, dx, kx in reached:
            if ky < taps and kx < taps:
                kernel[:, row, column, :, 1 - dy, 1 - dx] = conv.weight[:, :, ky, kx].T
    assert conv.bias is not None
    flat = kernel.reshape(-1, conv.in_channels, 3, 3).contiguous(memory_format=torch.channels_last)
    return flat, conv.bias.repeat_interleave(stride * stride)

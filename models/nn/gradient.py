"""The synthesis with its gradient by the latents, and by nothing else: what refinement runs again and again.

    y_hat --conv, inverse GDN, conv, inverse GDN, conv--> picture          forward
    d/dy_hat <--conv, GDN's transpose, conv, GDN's transpose, conv-- d/dpicture   back

Written out by hand: automatic differentiation keeps and lays out twice as much.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from models.nn.inference import convolution_phases
from models.nn.layers import GDN, Synthesis

Back = Callable[[Tensor], Tensor]
"""From the derivative by what came out, of its shape, to that by what went in."""


class GradientSynthesis:
    """g_s and its transpose. Immutable once made; safe to call from several threads, within torch.inference_mode.

    precision: float32, or bfloat16 all through, which adds some 0.4 grey levels to the picture.
    """

    def __init__(self, synthesis: Synthesis, precision: torch.dtype) -> None:
        g_s = copy.deepcopy(synthesis).requires_grad_(False).to(precision)
        self._g_s: Synthesis = g_s.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._precision = precision
        self._gdns = [_InverseGdn(gdn, precision) for gdn in (synthesis.gdn0, synthesis.gdn1)]
        self._phases, self._phase_bias = convolution_phases(g_s.conv2)

    def __call__(self, y_hat: Tensor, used: Tensor) -> tuple[Tensor, Back]:
        """y_hat, float32 (h, w, channels), of the channels `used` -> the picture, float32 (16 h, 16 w, 3), not clipped,
        and the way back from its derivative.
        """
        g_s = self._g_s
        kernel = g_s.conv0.weight[used]
        x = y_hat.to(self._precision).permute(2, 0, 1)[None]
        x = functional.conv_transpose2d(x, kernel, g_s.conv0.bias, stride=2, padding=2, output_padding=1)
        x, back0 = self._gdns[0](x)
        x, back1 = self._gdns[1](g_s.conv1(x))
        x = functional.conv2d(x, self._phases, self._phase_bias, padding=1)
        shown = functional.pixel_shuffle(x, 4)[0].permute(1, 2, 0).float().add_(0.5)

        def back(by_picture: Tensor) -> Tensor:
            g = by_picture.permute(2, 0, 1)[None].to(self._precision)
            g = back1(functional.conv2d(g, g_s.conv2.weight, stride=4, padding=4))
            g = back0(functional.conv2d(g, g_s.conv1.weight, stride=2, padding=2))
            return functional.conv2d(g, kernel, stride=2, padding=2)[0].permute(1, 2, 0).float()

        return shown, back


class _InverseGdn:
    """y_i = x_i n_i, n_i = sqrt(beta_i + sum_j gamma_ij x_j^2), and its transpose, of (1, C, h, w) in channels_last."""

    def __init__(self, gdn: GDN, precision: torch.dtype) -> None:
        self._beta = gdn.beta().detach().to(precision)
        self._gamma = gdn.gamma().detach().to(precision).contiguous()
        self._gamma_t = self._gamma.t().contiguous()

    def __call__(self, x: Tensor) -> tuple[Tensor, Back]:
        rows = _rows(x)
        norm = torch.addmm(self._beta, rows * rows, self._gamma_t).sqrt_()
        shape = x.shape

        def back(by_y: Tensor) -> Tensor:
            g = _rows(by_y)
            # d/dx_j = g_j n_j + x_j * sum_i (g_i x_i / n_i) gamma_ij
            through_norm = torch.mm((g * rows).div_(norm), self._gamma)
            return _picture((g * norm).add_(through_norm.mul_(rows)), shape)

        return _picture(rows * norm, shape), back


def _rows(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _picture(rows: Tensor, shape: torch.Size) -> Tensor:
    _, channels, height, width = shape
    return rows.view(1, height, width, channels).permute(0, 3, 1, 2)

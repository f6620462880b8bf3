"""The trained transforms, ready to run on whole pictures of any size: padding, tiles, gains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.network import STRIDE, Analysis, Synthesis, pad_to_stride
from models.quality import level_of

_TILE = 80
"""Latent positions a side of a tile (1280 pixels): what bounds memory on large pictures."""

_HALO = 2
"""Latent positions around a tile that its result depends on: the three kernels reach 28 pixels."""

Latents = NDArray[np.float32] | NDArray[np.float16]
"""y, float32 (C, h, w): a position stands for 16x16 pixels. Of large pictures float16, which halves their memory."""

_FLOAT16_LIMIT = 60000.0


@dataclass(frozen=True)
class _Tile:
    """Rows and columns of a tile without and with its halo, in latent positions."""

    top: int
    bottom: int
    left: int
    right: int
    outer_top: int
    outer_bottom: int
    outer_left: int
    outer_right: int


def _tiles(height: int, width: int) -> Iterator[_Tile]:
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            bottom, right = min(top + _TILE, height), min(left + _TILE, width)
            yield _Tile(
                top,
                bottom,
                left,
                right,
                max(top - _HALO, 0),
                min(bottom + _HALO, height),
                max(left - _HALO, 0),
                min(right + _HALO, width),
            )


class Transforms:
    """g_a, g_s and the gains of one trained model. Immutable once made; safe to call from several threads."""

    def __init__(self, analysis: Analysis, synthesis: Synthesis, log_gain: Tensor, log_inverse_gain: Tensor) -> None:
        self._analysis = analysis.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._synthesis = synthesis.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._gdn_a = [_Norm(g.gamma().t().contiguous(), g.beta()) for g in (analysis.gdn0, analysis.gdn1)]
        self._gdn_s = [_Norm(g.gamma().t().contiguous(), g.beta()) for g in (synthesis.gdn0, synthesis.gdn1)]
        self._phases, self._phase_bias = _phases(synthesis.conv2)
        self._log_gain = log_gain.double().numpy()
        self._log_inverse_gain = log_inverse_gain.double().numpy()

    @property
    def levels(self) -> int:
        """Trained levels."""
        return int(self._log_gain.shape[0])

    @property
    def channels(self) -> int:
        """Latent channels."""
        return int(self._log_gain.shape[1])

    def gain(self, quality: float) -> NDArray[np.float64]:
        """Gain of each channel, (C,): log-linear between levels, and on along the same line beyond them."""
        return _at_level(self._log_gain, level_of(quality))

    def inverse_gain(self, quality: float) -> NDArray[np.float64]:
        """Inverse gain of each channel, (C,)."""
        return _at_level(self._log_inverse_gain, level_of(quality))

    def analyse(self, pixels: NDArray[np.uint8], *, half: bool = False) -> Latents:
        """y of a picture, uint8 (H, W, 3) -> float32, or float16 if half, (C, ceil(H/16), ceil(W/16))."""
        height, width = -(-pixels.shape[0] // STRIDE), -(-pixels.shape[1] // STRIDE)
        shape = (self.channels, height, width)
        y: Latents = np.empty(shape, np.float16) if half else np.empty(shape, np.float32)
        with torch.inference_mode():
            for tile in _tiles(height, width):
                cut = pixels[
                    tile.outer_top * STRIDE : tile.outer_bottom * STRIDE,
                    tile.outer_left * STRIDE : tile.outer_right * STRIDE,
                ]
                x = torch.tensor(cut).permute(2, 0, 1)[None].float().div_(255.0)
                x = pad_to_stride(x).contiguous(memory_format=torch.channels_last)
                g_a = self._analysis
                x = g_a.conv1(_gdn(g_a.conv0(x - 0.5), self._gdn_a[0], inverse=False))
                part = g_a.conv2(_gdn(x, self._gdn_a[1], inverse=False))[0].numpy()
                if half:
                    np.clip(part, -_FLOAT16_LIMIT, _FLOAT16_LIMIT, out=part)
                top, left = tile.top - tile.outer_top, tile.left - tile.outer_left
                y[:, tile.top : tile.bottom, tile.left : tile.right] = part[
                    :, top : top + tile.bottom - tile.top, left : left + tile.right - tile.left
                ]
        return y

    def quantise(self, y: Latents, quality: int) -> NDArray[np.int32]:
        """q = round(y * gain), int32 (C, h, w)."""
        scaled = y * self.gain(quality).astype(np.float32)[:, None, None]
        q: NDArray[np.int32] = np.rint(scaled, out=scaled).astype(np.int32)
        return q

    def synthesise(self, q: NDArray[np.int32], quality: int, height: int, width: int) -> NDArray[np.uint8]:
        """The picture of symbols q (C, h, w): uint8 (height, width, 3)."""
        # Channels that are zero everywhere add nothing to the first layer: at low rates that is most of them.
        used = np.flatnonzero(q.any(axis=(1, 2)))
        pixels = np.empty((height, width, 3), np.uint8)
        with torch.inference_mode():
            for tile in _tiles(*q.shape[1:]):
                self._paint(pixels, tile, q[:, tile.outer_top : tile.outer_bottom], used, quality)
        return pixels

    def synthesise_rows(
        self, rows: Callable[[int, int], NDArray[np.int32]], quality: int, height: int, width: int
    ) -> NDArray[np.uint8]:
        """As synthesise, of symbols that are asked for as needed: rows(top, bottom) are (C, bottom - top, w)."""
        pixels = np.empty((height, width, 3), np.uint8)
        top, symbols = -1, np.empty((0, 0, 0), np.int32)
        with torch.inference_mode():
            for tile in _tiles(-(-height // STRIDE), -(-width // STRIDE)):
                if tile.top != top:
                    top, symbols = tile.top, rows(tile.outer_top, tile.outer_bottom)
                    used = np.flatnonzero(symbols.any(axis=(1, 2)))
                self._paint(pixels, tile, symbols, used, quality)
        return pixels

    def _paint(
        self,
        pixels: NDArray[np.uint8],
        tile: _Tile,
        symbols: NDArray[np.int32],
        used: NDArray[np.intp],
        quality: int,
    ) -> None:
        """Fill a tile of a picture from its rows of symbols, those of the halo included, (C, rows, w)."""
        cut = symbols[used, :, tile.outer_left : tile.outer_right].astype(np.float32)
        cut *= self.inverse_gain(quality).astype(np.float32)[used, None, None]
        part = self._render(torch.from_numpy(cut)[None], self._synthesis.conv0.weight[torch.from_numpy(used)])
        top, left = tile.top * STRIDE, tile.left * STRIDE
        bottom, right = min(tile.bottom * STRIDE, pixels.shape[0]), min(tile.right * STRIDE, pixels.shape[1])
        inner_top, inner_left = (tile.top - tile.outer_top) * STRIDE, (tile.left - tile.outer_left) * STRIDE
        pixels[top:bottom, left:right] = part[
            inner_top : inner_top + bottom - top, inner_left : inner_left + right - left
        ]

    def _render(self, y_hat: Tensor, kernel: Tensor) -> NDArray[np.uint8]:
        g_s = self._synthesis
        y_hat = y_hat.contiguous(memory_format=torch.channels_last)
        if y_hat.shape[1]:
            x = functional.conv_transpose2d(y_hat, kernel, g_s.conv0.bias, stride=2, padding=2, output_padding=1)
        else:
            assert g_s.conv0.bias is not None
            shape = (1, g_s.conv0.out_channels, 2 * y_hat.shape[2], 2 * y_hat.shape[3])
            x = g_s.conv0.bias[None, :, None, None].expand(shape)
        x = g_s.conv1(_gdn(x, self._gdn_s[0], inverse=True))
        x = functional.conv2d(_gdn(x, self._gdn_s[1], inverse=True), self._phases, self._phase_bias, padding=1)
        x = functional.pixel_shuffle(x, 4)
        rounded = x.add_(0.5).mul_(255.0).round_().clamp_(0.0, 255.0).to(torch.uint8)
        pixels: NDArray[np.uint8] = rounded[0].permute(1, 2, 0).contiguous().numpy()
        return pixels


def _at_level(logs: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    low = min(max(int(np.floor(level)), 0), len(logs) - 2)
    weight = level - low
    interpolated: NDArray[np.float64] = np.exp(logs[low] * (1.0 - weight) + logs[low + 1] * weight)
    return interpolated


@dataclass(frozen=True, eq=False)
class _Norm:
    """A GDN's effective parameters: gamma transposed, (C, C), and beta, (C,)."""

    gamma_t: Tensor
    beta: Tensor


def _gdn(x: Tensor, norm: _Norm, *, inverse: bool) -> Tensor:
    """GDN of (1, C, h, w) in channels_last as one matrix product over positions, so that nothing is laid out anew."""
    _, channels, height, width = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(-1, channels)
    norms = torch.addmm(norm.beta, rows * rows, norm.gamma_t)
    factors = norms.sqrt_() if inverse else norms.rsqrt_()
    return factors.mul_(rows).view(1, height, width, channels).permute(0, 3, 1, 2)


def _phases(conv: torch.nn.ConvTranspose2d) -> tuple[Tensor, Tensor]:
    """The last 9x9 transposed convolution of stride 4 as a 3x3 convolution of 16 phases, for pixel_shuffle.

    The same sums of products, but 48 output channels instead of 3 keep the processor's vector units busy.
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

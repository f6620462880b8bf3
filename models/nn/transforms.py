"""The trained transforms for whole pictures of any size: padding, tiles, gains."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.errors import CodecError
from models.nn.gradient import GradientSynthesis
from models.nn.inference import Networks, encoder_precision
from models.nn.layers import STRIDE, Analysis, Synthesis, pad_to_stride
from models.parallel import do_all
from models.quality import PRODUCT_HELD_ABOVE, level_of
from models.threads import transform_threads

_TILE = 64
"""Longest side of a tile in latent positions (1024 pixels); tiles bound the memory of large pictures."""

_HALO = 2
"""Latent positions around a tile that its result depends on: the three kernels reach 28 pixels in all."""

Latents = NDArray[np.float32] | NDArray[np.float16]
"""y, float32 (C, h, w): a position represents 16x16 pixels. float16 for large pictures, to halve their memory."""

_FLOAT16_LIMIT = 60000.0


@dataclass(frozen=True)
class _Tile:
    """Rows and columns of a tile, without and with its halo, in latent positions."""

    top: int
    bottom: int
    left: int
    right: int
    outer_top: int
    outer_bottom: int
    outer_left: int
    outer_right: int

    @property
    def inside(self) -> tuple[slice, slice, slice]:
        """Of the whole picture's latents, those of the tile."""
        return slice(None), slice(self.top, self.bottom), slice(self.left, self.right)

    def inner(self, part: NDArray[Any]) -> NDArray[Any]:
        """Remove the halo from a result (C, rows, columns)."""
        top, left = self.top - self.outer_top, self.left - self.outer_left
        return part[:, top : top + self.bottom - self.top, left : left + self.right - self.left]


def _tiles(height: int, width: int) -> Iterator[_Tile]:
    for top, bottom in _spans(height):
        for left, right in _spans(width):
            yield _Tile(top, bottom, left, right, *_grown(top, bottom, height), *_grown(left, right, width))


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """As few spans as _TILE allows, of about equal length: a narrow rest is mostly halo, and leaves a core idle."""
    count = -(-length // _TILE)
    borders = [length * part // count for part in range(count + 1)]
    return itertools.pairwise(borders)


def _do_tiles(work: Callable[[_Tile], None], height: int, width: int) -> None:
    """Call it with each tile of so many latent positions, within torch.inference_mode. Where there is only one, torch
    has for it all the threads that were asked for.
    """
    tiles = list(_tiles(height, width))
    inferring = torch.inference_mode()(work)
    if len(tiles) > 1:
        do_all(inferring, tiles)
    else:
        with transform_threads():
            inferring(tiles[0])


def _grown(start: int, stop: int, length: int) -> tuple[int, int]:
    """A span with its halo."""
    return max(start - _HALO, 0), min(stop + _HALO, length)


class Transforms:
    """g_a, g_s and the gains of one trained model. Immutable once made; safe to call from several threads."""

    def __init__(self, analysis: Analysis, synthesis: Synthesis, log_gain: Tensor, log_inverse_gain: Tensor) -> None:
        self._decoder = Networks(analysis, synthesis)
        self._precision = encoder_precision()
        self._synthesis = synthesis
        self._log_gain = log_gain.double().numpy()
        self._log_inverse_gain = log_inverse_gain.double().numpy()

    @cached_property
    def _encoder(self) -> Networks:
        # When the first picture is analysed: who only decodes needs none. Two threads may both make it, the same.
        return self._decoder.in_precision(self._precision)

    @cached_property
    def _hasty(self) -> Networks:
        return self._decoder if self._precision is torch.float32 else self._encoder.in_haste()

    @property
    def levels(self) -> int:
        """Trained levels."""
        return int(self._log_gain.shape[0])

    @property
    def channels(self) -> int:
        """Latent channels."""
        return int(self._log_gain.shape[1])

    def gain(self, quality: float) -> NDArray[np.float64]:
        """Gain of each channel, (C,): log-linear between levels, and extrapolated beyond them."""
        return _at_level(self._log_gain, level_of(quality))

    def inverse_gain(self, quality: float) -> NDArray[np.float64]:
        """Inverse gain of each channel, (C,): extrapolated too, but far above the last level with that level's product
        of both.
        """
        if level_of(quality) > self.levels - 1 + PRODUCT_HELD_ABOVE:
            return self._last_product / self.gain(quality)
        return _at_level(self._log_inverse_gain, level_of(quality))

    @property
    def _last_product(self) -> NDArray[np.float64]:
        """Gain times inverse gain of the last trained level, (C,)."""
        product: NDArray[np.float64] = np.exp(self._log_gain[-1] + self._log_inverse_gain[-1])
        return product

    def _encoder_of(self, tile: _Tile) -> Networks:
        """The encoder's networks, or the exact ones if a tile is too narrow for them."""
        height, width = tile.outer_bottom - tile.outer_top, tile.outer_right - tile.outer_left
        return self._encoder if self._encoder.takes(height, width) else self._decoder

    def analyse(self, pixels: NDArray[np.uint8], *, half: bool = False) -> Latents:
        """y of a picture, uint8 (H, W, 3) -> float32, or float16 if half, (C, ceil(H/16), ceil(W/16)).

        Raises CodecError if the processor's arithmetic gives invalid numbers.
        """
        height, width = -(-pixels.shape[0] // STRIDE), -(-pixels.shape[1] // STRIDE)
        shape = (self.channels, height, width)
        y: Latents = np.empty(shape, np.float16) if half else np.empty(shape, np.float32)
        self._encoder  # noqa: B018 (made here, by one thread)

        def analyse(tile: _Tile) -> None:
            part = _clipped_to_float16(self._encoder_of(tile).analyse(_cut(pixels, tile)))
            y[tile.inside] = tile.inner(part)

        _do_tiles(analyse, height, width)
        return y

    def correction(self, pixels: NDArray[np.uint8], y: Latents) -> Latents:
        """A correction to add to a picture's latents y, so that they represent it better: shape and dtype of y.

        One step towards solving g_s(y) = x for y: the error of the synthesis of the unrounded y is added to x, and the
        sum is analysed, g_a(x + (x - g_s(y))) - y. The correction does not depend on the rate, and the decoder is not
        affected. It costs a synthesis and an analysis.
        """
        correction = np.empty_like(y)
        # Unrounded latents are scaled as at the highest trained level.
        scale = self._last_product.astype(np.float32)[:, None, None]

        def correct(tile: _Tile) -> None:
            x = _cut(pixels, tile)
            networks = self._encoder_of(tile)
            missing = x.sub(_shown(networks, y, scale, tile))
            part = _clipped_to_float16(networks.analyse(x.add_(missing)))
            correction[tile.inside] = tile.inner(part) - y[tile.inside]

        _do_tiles(correct, *y.shape[1:])
        return correction

    @cached_property
    def _gradient(self) -> GradientSynthesis:
        return GradientSynthesis(self._synthesis, encoder_precision())

    @cached_property
    def _exact_gradient(self) -> GradientSynthesis:
        return GradientSynthesis(self._synthesis, torch.float32)

    def gradient_synthesis(self, height: int, width: int) -> GradientSynthesis:
        """The synthesis with its gradient, of latents of so many rows and columns."""
        return self._gradient if self._encoder.takes(height, width) else self._exact_gradient

    def quantise(self, y: Latents, quality: int) -> NDArray[np.int32]:
        """q = round(y * gain), int32 (C, h, w)."""
        scaled = y * self.gain(quality).astype(np.float32)[:, None, None]
        q: NDArray[np.int32] = np.rint(scaled, out=scaled).astype(np.int32)
        return q

    def synthesise(
        self, q: NDArray[np.int32], quality: int, height: int, width: int, *, in_haste: bool = False
    ) -> NDArray[np.uint8]:
        """The picture of symbols q (C, h, w): uint8 (height, width, 3).

        in_haste: about that picture, in bfloat16 where the processor has it. Never what is measured or kept.
        """
        # Channels that are zero everywhere, which at low rates are most of them, add nothing to the first layer.
        used = np.flatnonzero(q.any(axis=(1, 2)))
        pixels = np.empty((height, width, 3), np.uint8)

        def paint(tile: _Tile) -> None:
            self._paint(pixels, tile, q[:, tile.outer_top : tile.outer_bottom], used, quality, in_haste=in_haste)

        _do_tiles(paint, *q.shape[1:])
        return pixels

    def synthesise_rows(
        self, rows: Callable[[int, int], NDArray[np.int32]], quality: int, height: int, width: int
    ) -> NDArray[np.uint8]:
        """Like synthesise, but requests symbols as needed: rows(top, bottom) returns (C, bottom - top, w)."""
        pixels = np.empty((height, width, 3), np.uint8)

        def with_symbols() -> Iterator[tuple[_Tile, NDArray[np.int32], NDArray[np.intp]]]:
            top = -1
            for tile in _tiles(-(-height // STRIDE), -(-width // STRIDE)):
                if tile.top != top:
                    top, symbols = tile.top, rows(tile.outer_top, tile.outer_bottom)
                    used = np.flatnonzero(symbols.any(axis=(1, 2)))
                yield tile, symbols, used

        @torch.inference_mode()
        def paint(part: tuple[_Tile, NDArray[np.int32], NDArray[np.intp]]) -> None:
            self._paint(pixels, *part, quality)

        do_all(paint, with_symbols())
        return pixels

    def _paint(
        self,
        pixels: NDArray[np.uint8],
        tile: _Tile,
        symbols: NDArray[np.int32],
        used: NDArray[np.intp],
        quality: int,
        *,
        in_haste: bool = False,
    ) -> None:
        """Fill a tile of a picture from its rows of symbols, including the halo's, (C, rows, w)."""
        cut = symbols[used, :, tile.outer_left : tile.outer_right].astype(np.float32)
        cut *= self.inverse_gain(quality).astype(np.float32)[used, None, None]
        networks = self._hasty if in_haste and self._hasty.takes(*cut.shape[1:]) else self._decoder
        shown = networks.synthesise(torch.from_numpy(cut)[None], torch.from_numpy(used))
        rounded = shown.mul_(255.0).round_().clamp_(0.0, 255.0).to(torch.uint8)
        part: NDArray[np.uint8] = rounded[0].permute(1, 2, 0).contiguous().numpy()
        top, left = tile.top * STRIDE, tile.left * STRIDE
        bottom, right = min(tile.bottom * STRIDE, pixels.shape[0]), min(tile.right * STRIDE, pixels.shape[1])
        inner_top, inner_left = (tile.top - tile.outer_top) * STRIDE, (tile.left - tile.outer_left) * STRIDE
        pixels[top:bottom, left:right] = part[
            inner_top : inner_top + bottom - top, inner_left : inner_left + right - left
        ]


def _cut(pixels: NDArray[np.uint8], tile: _Tile) -> Tensor:
    """A tile of a picture with its halo, padded to whole latent positions, in [0, 1]: (1, 3, H, W), channels last."""
    rows = slice(tile.outer_top * STRIDE, tile.outer_bottom * STRIDE)
    cut = pixels[rows, tile.outer_left * STRIDE : tile.outer_right * STRIDE]
    x = torch.tensor(cut).permute(2, 0, 1)[None].float().div_(255.0)
    return pad_to_stride(x).contiguous(memory_format=torch.channels_last)


def _shown(networks: Networks, y: Latents, scale: NDArray[np.float32], tile: _Tile) -> Tensor:
    """Synthesis of y for the tile and its halo, clipped to [0, 1]: (1, 3, H, W)."""
    top, bottom = _grown(tile.outer_top, tile.outer_bottom, y.shape[1])
    left, right = _grown(tile.outer_left, tile.outer_right, y.shape[2])
    y_hat = torch.from_numpy(y[:, top:bottom, left:right] * scale)[None]
    shown = networks.synthesise(y_hat).clamp_(0.0, 1.0)
    rows = slice((tile.outer_top - top) * STRIDE, (tile.outer_bottom - top) * STRIDE)
    return shown[:, :, rows, (tile.outer_left - left) * STRIDE : (tile.outer_right - left) * STRIDE]


def _clipped_to_float16(y: Tensor) -> NDArray[np.float32]:
    """Latents (1, C, h, w) as (C, h, w). Raises CodecError if they are not finite."""
    part: NDArray[np.float32] = y[0].numpy()
    if not np.isfinite(part).all():
        raise CodecError(
            "The learned codec's networks computed invalid numbers, so nothing was encoded. Please report this and "
            "attach the log; setting ONEDNN_MAX_CPU_ISA=AVX2 in the environment may help."
        )
    return np.clip(part, -_FLOAT16_LIMIT, _FLOAT16_LIMIT, out=part)


def _at_level(logs: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    low = min(max(int(np.floor(level)), 0), len(logs) - 2)
    weight = level - low
    interpolated: NDArray[np.float64] = np.exp(logs[low] * (1.0 - weight) + logs[low + 1] * weight)
    return interpolated

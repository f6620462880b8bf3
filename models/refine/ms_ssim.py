"""1 - MS-SSIM of a picture against a fixed original, with its gradient, as pytorch_msssim defines it.

Differentiated by hand rather than automatically: the original's moments are computed once, and OpenCV filters five
times as fast as a grouped convolution.

Source: Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment", 2003.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
"""(H, W, 3), in [0, 1]."""

_SCALE_WEIGHTS: Final = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW: Final = 11
_SIGMA: Final = 1.5
_C1: Final = np.float32(0.01**2)
_C2: Final = np.float32(0.03**2)
_LOWEST: Final = 1e-3
"""Lower limit of a scale's mean similarity, because its root has no gradient at zero."""

SMALLEST_SIDE: Final = (_WINDOW - 1) * 2 ** (len(_SCALE_WEIGHTS) - 1) + 1
"""The smallest side at which the fifth scale holds a window."""


@dataclass(frozen=True, eq=False)
class _Scale:
    """The original at one scale: x, its mean and variance in each window, and the weight of each window (sum 1)."""

    x: Picture
    mean: Picture
    variance: Picture
    weight: Picture


class MsSsim:
    """Compares pictures with one original. Safe to use from several threads.

    weight: of each pixel, (H, W), if they are not all equal. Raises ValueError for an original with a side under
    SMALLEST_SIDE.
    """

    def __init__(self, original: Picture, weight: NDArray[np.float32] | None = None) -> None:
        if min(original.shape[:2]) < SMALLEST_SIDE:
            raise ValueError(f"MS-SSIM needs sides of at least {SMALLEST_SIDE} pixels.")
        self._scales: list[_Scale] = []
        x = np.ascontiguousarray(original, np.float32)
        for scale in range(len(_SCALE_WEIGHTS)):
            if scale:
                x = _halved(x)
                weight = None if weight is None else _halved(weight)
            mean = _filtered(x)
            variance = _filtered(x * x) - mean * mean
            self._scales.append(_Scale(x, mean, variance, _window_weights(weight, mean.shape)))

    def loss_and_gradient(self, shown: Picture) -> tuple[float, Picture]:
        """1 - MS-SSIM, mean over the channels, of shown (H, W, 3), and its derivative by each value of shown."""
        pictures = [shown]
        for _ in self._scales[1:]:
            pictures.append(_halved(pictures[-1]))
        compared = [
            _compare(scale, y, with_luminance=scale is self._scales[-1])
            for scale, y in zip(self._scales, pictures, strict=True)
        ]
        similarity = np.stack([np.maximum(one.similarity, _LOWEST) for one in compared])
        powers = np.array(_SCALE_WEIGHTS)[:, None]
        product = np.prod(similarity**powers, axis=0)
        by_scale = -product * powers / similarity / len(product)  # derivative of the loss by each scale and channel
        gradient: Picture | None = None
        for one, factor in zip(reversed(compared), reversed(by_scale), strict=True):
            own = one.gradient(factor.astype(np.float32))
            gradient = own if gradient is None else own + _spread(gradient, own.shape)
        assert gradient is not None
        return float(1.0 - product.mean()), gradient


@dataclass(frozen=True, eq=False)
class _Compared:
    """One scale's comparison. similarity: of each channel, (3,)."""

    scale: _Scale
    y: Picture
    similarity: NDArray[np.float64]
    by_covariance: Picture
    by_variance: Picture
    by_mean: Picture

    def gradient(self, factor: Picture) -> Picture:
        """Derivative of sum(factor * similarity) by y."""
        moved = _filtered_back(self.by_covariance * factor) * self.scale.x
        moved += _filtered_back(self.by_variance * factor) * (2.0 * self.y)
        moved += _filtered_back(self.by_mean * factor)
        return moved


def _compare(scale: _Scale, y: Picture, *, with_luminance: bool) -> _Compared:
    two = np.float32(2.0)
    mean = _filtered(y)
    variance = _filtered(y * y) - mean * mean
    covariance = _filtered(scale.x * y) - scale.mean * mean
    spread = np.float32(1.0) / (scale.variance + variance + _C2)
    contrast = (two * covariance + _C2) * spread
    by_contrast = scale.weight
    by_mean = np.zeros_like(mean)
    similarity = contrast
    if with_luminance:
        level = np.float32(1.0) / (scale.mean * scale.mean + mean * mean + _C1)
        luminance = (two * scale.mean * mean + _C1) * level
        similarity = contrast * luminance
        by_contrast = scale.weight * luminance
        by_mean = scale.weight * contrast * two * (scale.mean - mean * luminance) * level
    by_covariance = two * by_contrast * spread
    by_variance = -by_contrast * contrast * spread
    by_mean -= by_covariance * scale.mean + two * by_variance * mean
    total = (similarity * scale.weight).sum(axis=(0, 1), dtype=np.float64)
    return _Compared(scale, y, total, by_covariance, by_variance, by_mean)


def _window_weights(weight: NDArray[np.float32] | None, shape: tuple[int, ...]) -> Picture:
    """Weights of the windows around the pixels, which sum to 1, to be broadcast."""
    if weight is None:
        return np.full((1, 1, 1), 1.0 / (shape[0] * shape[1]), np.float32)
    around = _filtered(weight)
    return np.asarray(around / around.sum(dtype=np.float64), np.float32)[:, :, None]


def _kernel() -> NDArray[np.float32]:
    at = np.arange(_WINDOW) - _WINDOW // 2
    kernel = np.exp(-(at**2) / (2.0 * _SIGMA**2))
    return np.asarray(kernel / kernel.sum(), np.float32)


_KERNEL: Final = _kernel()
_REACH: Final = _WINDOW // 2


def _filtered(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted means where the window fits inside: each side is _WINDOW - 1 shorter."""
    whole = cv2.sepFilter2D(x, cv2.CV_32F, _KERNEL, _KERNEL, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(whole, np.float32)[_REACH:-_REACH, _REACH:-_REACH]


def _filtered_back(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The transpose of `_filtered`: each side is _WINDOW - 1 longer."""
    padded = cv2.copyMakeBorder(x, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.sepFilter2D(padded, cv2.CV_32F, _KERNEL, _KERNEL, borderType=cv2.BORDER_CONSTANT), np.float32)


def _halved(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of 2 x 2 pixels; an odd side is padded with zeros at its start, as in pytorch_msssim."""
    height, width = x.shape[:2]
    even = np.asarray(cv2.copyMakeBorder(x, height % 2, 0, width % 2, 0, cv2.BORDER_CONSTANT, value=0), np.float32)
    size = (even.shape[1] // 2, even.shape[0] // 2)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)


def _spread(gradient: Picture, shape: tuple[int, ...]) -> Picture:
    """The transpose of `_halved`: to the shape that was halved."""
    size = (2 * gradient.shape[1], 2 * gradient.shape[0])
    spread = cv2.resize(gradient * np.float32(0.25), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(spread, np.float32)[shape[0] % 2 :, shape[1] % 2 :]

"""MS-SSIM of a plane, from its difference to a reference plane whose own statistics are computed once.

Definition: Wang, Simoncelli and Bovik 2003, "Multi-scale structural similarity for image quality assessment", with the
constants and borders of `pytorch_msssim`, by which published figures are computed: a Gaussian window of 11 taps and
sigma 1.5 inside the picture only ("valid"), K1 = 0.01, K2 = 0.03, 2x2 means between scales (a row or column of zeros
leads an odd side), each scale's mean contrast-structure and the last one's mean SSIM clipped at zero.

Computed from the difference d = y - x instead of y. With the local means m = F(x) and e = F(d), and

    P = 2 cov(x, y) + C2        = 2 var(x) + C2 + 2 (F(x d) - m e)
    V = var(x) + var(y) - 2 cov(x, y)    = F(d^2) - e^2
    B = 2 m (m + e) + C1

contrast-structure is P / (P + V) and luminance is B / (B + e^2). That takes three filterings a scale, F(d), F(x d) and
F(d^2), where the plain form takes five; the pyramid of d follows from d alone; and nothing cancels: V and e^2 are small
where the pictures are close, so 1 - SSIM = V / (P + V) ..., which decibels are made of, keeps its digits in float32.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from cv2.typing import MatLike

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_C1 = (0.01 * 255.0) ** 2
_C2 = (0.03 * 255.0) ** 2
_TAPS = 11
_SIGMA = 1.5

_STRIP_VALUES = 1 << 16
"""Work goes strip by strip, so that the half dozen buffers of a strip stay in the second-level cache of one core."""
_MIN_STRIP_ROWS = 32
_MAX_CACHED_VALUES = 1 << 22
"""Statistics of larger planes are not kept. Computing them again costs half the time more and saves half the memory."""

# Codecs are measured at the same time in workers of their own: OpenCV's pool would only compete with them.
cv2.setNumThreads(1)


class ReferencePlane:
    """A plane of the original with its pyramid and local statistics. Never changes: threads may share it."""

    def __init__(self, plane: MatLike) -> None:
        """plane: (h, w), 0..255, uint8 or float32."""
        height, width = plane.shape
        levels = [_Level(plane)]
        while len(levels) < scale_count(height, width):
            levels.append(_Level(_halve(levels[-1].plane.astype(np.float32, copy=False))))
        self._levels = tuple(levels)

    @property
    def map_shape(self) -> tuple[int, int]:
        """Shape of the local SSIM at the finest scale: (h - 10, w - 10), as the window has to fit."""
        return self._levels[0].valid_shape

    def ms_ssim(self, difference: MatLike, *, loss_sum: MatLike | None = None) -> float:
        """MS-SSIM, 0..1, of original + difference (float32, of the original's size).

        loss_sum, float32 of map_shape: is added 1 - SSIM at the finest scale.
        """
        product = 1.0
        for index, (level, weight) in enumerate(zip(self._levels, scale_weights(len(self._levels)), strict=True)):
            if index:
                difference = _halve(difference)
            last = index == len(self._levels) - 1
            loss = level.loss(difference, luminance=last, loss_sum=None if index else loss_sum)
            product *= max(0.0, 1.0 - loss) ** weight
        return min(product, 1.0)


def scale_count(height: int, width: int) -> int:
    """Scales that fit: five where both sides are over 160 px, four over 80, three over 40, two over 20, else one."""
    return 1 + sum(min(height, width) > (_TAPS - 1) << scale for scale in range(1, len(_WEIGHTS)))


def scale_weights(scales: int) -> tuple[float, ...]:
    """Exponents, finest scale first: the published five, or fewer of them scaled to sum 1 (one scale is plain SSIM)."""
    if scales == len(_WEIGHTS):
        return _WEIGHTS
    return tuple(weight / sum(_WEIGHTS[:scales]) for weight in _WEIGHTS[:scales])


class _Level:
    """A reference plane at one scale: the window that fits it, and the strips that it is worked on in."""

    def __init__(self, plane: MatLike) -> None:
        height, width = plane.shape
        self.plane = plane
        self._column, self._row = _window(height), _window(width)
        self._margin_y, self._margin_x = len(self._column) // 2, len(self._row) // 2
        self._valid_rows, self._valid_columns = height - 2 * self._margin_y, width - 2 * self._margin_x
        self._statistics = None if plane.size > _MAX_CACHED_VALUES else self._measure(plane)

    @property
    def valid_shape(self) -> tuple[int, int]:
        return self._valid_rows, self._valid_columns

    def loss(self, difference: MatLike, *, luminance: bool, loss_sum: MatLike | None) -> float:
        """Mean of 1 - contrast-structure, or with luminance of 1 - SSIM. Adds 1 - SSIM to loss_sum if there is one."""
        total = 0.0
        columns = slice(self._margin_x, self._margin_x + self._valid_columns)
        for rows, rows_under_window in self._strips():
            x, d = self.plane[rows_under_window], difference[rows_under_window]
            mean, spread = self._statistics_of(rows)
            e = self._filter(d)
            two_me = cv2.multiply(mean, e, scale=2)
            p = cv2.scaleAdd(self._filter(cv2.multiply(x, d, dtype=cv2.CV_32F)), 2, spread)
            cv2.subtract(p, two_me, dst=p)
            ee = cv2.multiply(e, e)
            v = cv2.subtract(self._filter(cv2.multiply(d, d)), ee)
            contrast_loss = cv2.divide(v, cv2.add(p, v, dst=p), dst=v)
            if luminance or loss_sum is not None:
                b = cv2.addWeighted(cv2.multiply(mean, mean), 2, two_me, 1, _C1)
                luminance_loss = cv2.divide(ee, cv2.add(b, ee, dst=b), dst=ee)
                # 1 - (1 - u) (1 - v) = u + v - u v
                loss = cv2.subtract(
                    cv2.add(contrast_loss, luminance_loss), cv2.multiply(contrast_loss, luminance_loss, dst=b)
                )[:, columns]
                if loss_sum is not None:
                    cv2.add(loss_sum[rows], loss, dst=loss_sum[rows])
            total += cv2.sumElems(loss if luminance else contrast_loss[:, columns])[0]
        return float(total / (self._valid_rows * self._valid_columns))

    def _strips(self) -> Iterator[tuple[slice, slice]]:
        """Rows of the result, and the rows of the plane that they are computed from."""
        rows = max(_MIN_STRIP_ROWS, _STRIP_VALUES // self.plane.shape[1])
        for first in range(0, self._valid_rows, rows):
            last = min(first + rows, self._valid_rows)
            yield slice(first, last), slice(first, last + 2 * self._margin_y)

    def _filter(self, strip: MatLike) -> MatLike:
        """Local means, over all columns (the outer ones are not used) and the rows where the window fits."""
        filtered = cv2.sepFilter2D(strip, cv2.CV_32F, self._row, self._column, borderType=cv2.BORDER_REPLICATE)
        return filtered[self._margin_y : len(strip) - self._margin_y]

    def _statistics_of(self, rows: slice) -> tuple[MatLike, MatLike]:
        if self._statistics is not None:
            mean, spread = self._statistics
            return mean[rows], spread[rows]
        return self._measure(self.plane[rows.start : rows.stop + 2 * self._margin_y])

    def _measure(self, strip: MatLike) -> tuple[MatLike, MatLike]:
        """F(x) and 2 var(x) + C2. About mid-grey, because F(x^2) - F(x)^2 loses digits to a large mean."""
        centred = strip.astype(np.float32) - np.float32(128)
        mean = self._filter(centred)
        variance = self._filter(centred * centred) - mean * mean
        return mean + np.float32(128), 2 * variance + np.float32(_C2)


def _window(side: int) -> MatLike:
    """Gaussian of 11 taps and sum 1; on a side too short for it, of as many as fit (an odd number)."""
    return cv2.getGaussianKernel(min(_TAPS, side - 1 + side % 2), _SIGMA, cv2.CV_32F)


def _halve(plane: MatLike) -> MatLike:
    """2x2 means. A row or column of zeros leads an odd side, as avg_pool2d(2, padding=1) has it."""
    height, width = plane.shape
    if height % 2 or width % 2:
        plane = cv2.copyMakeBorder(plane, height % 2, 0, width % 2, 0, cv2.BORDER_CONSTANT, value=0)
    return cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)

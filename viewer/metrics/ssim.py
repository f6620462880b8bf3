"""SSIM of planes at one scale, from their difference to a reference whose statistics are computed once.

Definition: Wang, Simoncelli and Bovik 2003, "Multi-scale structural similarity for image quality assessment", with the
constants and borders of `pytorch_msssim`, which published figures use: a Gaussian window of 11 taps and
sigma 1.5 inside the picture only ("valid"), K1 = 0.01, K2 = 0.03, 2x2 means between scales (a row or column of zeros
leads an odd side), each scale's mean contrast-structure and the last one's mean SSIM clipped at zero.

Computed from the difference d = y - x instead of y. With the local means m = F(x) and e = F(d), and

    P = 2 cov(x, y) + C2        = 2 var(x) + C2 + 2 (F(x d) - m e)
    V = var(x) + var(y) - 2 cov(x, y)    = F(d^2) - e^2
    B = 2 m (m + e) + C1

contrast-structure is P / (P + V) and luminance is B / (B + e^2). That takes three filterings, F(d), F(x d) and F(d^2),
where the plain form takes five; the pyramid of d follows from d alone; and nothing cancels: V and e^2 are small if the
pictures are close, so that float32 keeps the digits of the losses V / (P + V) and e^2 / (B + e^2), which the decibels
are computed from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_C1 = (0.01 * 255.0) ** 2
_C2 = (0.03 * 255.0) ** 2
_TAPS = 11
_SIGMA = 1.5

_STRIP_VALUES = 3 << 14
"""Values per plane and strip, so that a strip's dozen buffers fit in the second-level cache of one core."""
_MIN_STRIP_ROWS = 32
"""For wide planes: every strip filters ten extra rows, so it should not be too thin."""
_MAX_CACHED_VALUES = 1 << 22
"""Statistics of larger planes are not kept: recomputing them takes half as long again, but saves half the memory."""

# Codecs are measured in parallel by their own workers: OpenCV's thread pool would only compete with them.
cv2.setNumThreads(1)


Statistics = tuple[MatLike, MatLike]
"""F(x) and 2 var(x) + C2, where the window fits."""


@dataclass(frozen=True)
class Strip:
    """values: rows of local values. window: rows of pixels that they are computed from. own: rows of pixels that belong
    to this strip only; together they make up the plane, and each strip's begin with a pair that `halve` merges.
    """

    values: slice
    window: slice
    own: slice


class Window:
    """The window for planes of a size, (h, w), and local values of any of their rows. Immutable."""

    def __init__(self, height: int, width: int) -> None:
        self._column, self._row = _gaussian(height), _gaussian(width)
        self.margin_y, self.margin_x = len(self._column) // 2, len(self._row) // 2
        self.value_count = (height - 2 * self.margin_y) * (width - 2 * self.margin_x)
        """How many local values a plane has."""

    def statistics(self, x: MatLike) -> Statistics:
        """F(x) and 2 var(x) + C2 for some rows."""
        # Relative to mid-grey, because F(x^2) - F(x)^2 loses digits if the mean is large.
        centred = x.astype(np.float32) - np.float32(128)
        mean = self._filter(centred)
        variance = self._filter(centred * centred) - mean * mean
        return mean + np.float32(128), 2 * variance + np.float32(_C2)

    def losses(
        self, x: MatLike, statistics: Statistics, d: MatLike, *, luminance: bool
    ) -> tuple[MatLike, MatLike | None]:
        """1 - contrast-structure, and with luminance 1 - SSIM, where the window fits into the rows.

        x, d: those rows of the original and of the difference, all columns.
        """
        mean, spread = statistics
        e = self._filter(d)
        two_me = cv2.multiply(mean, e, scale=2)
        p = cv2.scaleAdd(self._filter(cv2.multiply(x, d, dtype=cv2.CV_32F)), 2, spread)
        cv2.subtract(p, two_me, dst=p)
        ee = cv2.multiply(e, e, dst=e)
        v = self._filter(cv2.multiply(d, d))
        cv2.subtract(v, ee, dst=v)
        contrast_loss = cv2.divide(v, cv2.add(p, v, dst=p), dst=v)
        columns = slice(self.margin_x, x.shape[1] - self.margin_x)
        if not luminance:
            return contrast_loss[:, columns], None
        b = cv2.addWeighted(cv2.multiply(mean, mean, dst=p), 2, two_me, 1, _C1, dst=two_me)
        luminance_loss = cv2.divide(ee, cv2.add(b, ee, dst=b), dst=ee)
        # 1 - (1 - u) (1 - v) = u + v - u v
        product = cv2.multiply(contrast_loss, luminance_loss, dst=b)
        loss = cv2.subtract(cv2.add(contrast_loss, luminance_loss, dst=p), product, dst=p)
        return contrast_loss[:, columns], loss[:, columns]

    def _filter(self, strip: MatLike) -> MatLike:
        """Local means, over all columns (the outer ones are not used) and the rows where the window fits."""
        filtered = cv2.sepFilter2D(strip, cv2.CV_32F, self._row, self._column, borderType=cv2.BORDER_REPLICATE)
        return filtered[self.margin_y : len(strip) - self.margin_y]


class Level:
    """Planes of the original at one scale, uint8 or float32 (h, w), with their local statistics. Immutable."""

    def __init__(self, planes: Sequence[MatLike]) -> None:
        self.planes = tuple(planes)
        self.height, self.width = planes[0].shape[:2]
        self._window = Window(self.height, self.width)
        self.margin_y, self.margin_x = self._window.margin_y, self._window.margin_x
        self.value_count = self._window.value_count
        cached = planes[0].size <= _MAX_CACHED_VALUES
        self._statistics = [self._window.statistics(plane) for plane in planes] if cached else None

    def strips(self) -> Iterator[Strip]:
        """The whole plane, from the top. Working in strips is faster, because memory bandwidth limits the speed."""
        rows = max(_MIN_STRIP_ROWS, _STRIP_VALUES // self.width) // 2 * 2
        end = self.height - 2 * self.margin_y
        shift = self.margin_y + (self.margin_y + self.height) % 2
        for first in range(0, end, rows):
            last = min(first + rows, end)
            own = slice(first + shift if first else 0, last + shift if last < end else self.height)
            yield Strip(slice(first, last), slice(first, last + 2 * self.margin_y), own)

    def centres(self, strip: Strip) -> tuple[slice, slice]:
        """Rows and columns of the pixels at the centres of a strip's windows."""
        first = strip.values.start + self.margin_y
        rows = slice(first, first + strip.values.stop - strip.values.start)
        return rows, slice(self.margin_x, self.width - self.margin_x)

    def mean_loss(self, plane: int, difference: MatLike, *, luminance: bool) -> float:
        """Mean of 1 - contrast-structure; with luminance, of 1 - SSIM. difference: float32 (h, w), the whole plane."""
        total = 0.0
        for strip in self.strips():
            contrast_loss, loss = self.losses(plane, strip, difference[strip.window], luminance=luminance)
            total += cv2.sumElems(contrast_loss if loss is None else loss)[0]
        return float(total / self.value_count)

    def losses(self, plane: int, strip: Strip, d: MatLike, *, luminance: bool) -> tuple[MatLike, MatLike | None]:
        """1 - contrast-structure, and with luminance 1 - SSIM, of a strip. d: the difference, rows of strip.window."""
        x = self.planes[plane][strip.window]
        return self._window.losses(x, self._statistics_of(plane, strip), d, luminance=luminance)

    def _statistics_of(self, plane: int, strip: Strip) -> Statistics:
        if self._statistics is not None:
            mean, spread = self._statistics[plane]
            return mean[strip.values], spread[strip.values]
        return self._window.statistics(self.planes[plane][strip.window])


def scale_count(height: int, width: int) -> int:
    """Scales that fit: five where both sides are over 160 px, four over 80, three over 40, two over 20, else one."""
    return 1 + sum(min(height, width) > (_TAPS - 1) << scale for scale in range(1, len(_WEIGHTS)))


def scale_weights(scales: int) -> tuple[float, ...]:
    """Exponents, finest scale first: the published five, or fewer scaled to sum to 1 (one scale is plain SSIM)."""
    if scales == len(_WEIGHTS):
        return _WEIGHTS
    return tuple(weight / sum(_WEIGHTS[:scales]) for weight in _WEIGHTS[:scales])


def halve(plane: MatLike) -> MatLike:
    """2x2 means, float32. An odd side begins with a row or column of zeros, as in avg_pool2d(2, padding=1)."""
    height, width = plane.shape[:2]
    if height % 2 or width % 2:
        plane = cv2.copyMakeBorder(plane, height % 2, 0, width % 2, 0, cv2.BORDER_CONSTANT, value=0)
    return cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _gaussian(side: int) -> MatLike:
    """Gaussian of 11 taps with sum 1; if the side is too short, of as many as fit (an odd number)."""
    return cv2.getGaussianKernel(min(_TAPS, side - 1 + side % 2), _SIGMA, cv2.CV_32F)

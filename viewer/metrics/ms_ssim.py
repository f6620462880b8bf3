"""One pass over a reconstruction: squared errors, and MS-SSIM at every scale, of R, G, B and luma."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from viewer.imaging.image import Pixels
from viewer.metrics.ssim import Level, halve, scale_count, scale_weights

LUMA = (0.299, 0.587, 0.114)
"""BT.601, full range."""

LUMA_PLANE = 3
"""Index of luma, after R, G and B."""


@dataclass(frozen=True, eq=False)
class Measured:
    """ms_ssim: of R, G, B and luma, 0..1. Sums of squared errors: of R, G and B together, and of luma.

    squared_error: (H, W), mean over R, G, B. ssim: (H, W), SSIM at the finest scale, mean over R, G, B; where the
    window does not fit, the value of the nearest pixel where it does. map_scale: side, in pixels, of the square that
    each value of the maps is the mean of.
    """

    ms_ssim: tuple[float, ...]
    squared_error_rgb: float
    squared_error_luma: float
    squared_error: NDArray[np.float32]
    ssim: NDArray[np.float32]
    map_scale: int = 1


class Pyramid:
    """The original's R, G, B and luma at every scale. Immutable, so threads may share it."""

    def __init__(self, pixels: Pixels) -> None:
        channels = cv2.split(pixels)
        luma = luma_of([channel.astype(np.float32) for channel in channels])
        levels = [Level([*channels, luma])]
        while len(levels) < scale_count(*pixels.shape[:2]):
            levels.append(Level([halve(plane.astype(np.float32, copy=False)) for plane in levels[-1].planes]))
        self._finest, *self._coarser = levels

    @property
    def scales(self) -> int:
        return 1 + len(self._coarser)

    def measure(self, pixels: Pixels) -> Measured:
        """Compare a picture, uint8 (H, W, 3) of the original's size."""
        finest = _measure_finest(self._finest, pixels, last=not self._coarser)
        losses = [finest.mean_losses]
        differences = finest.halved
        for level in self._coarser:
            last = level is self._coarser[-1]
            losses.append([level.mean_loss(i, difference, luminance=last) for i, difference in enumerate(differences)])
            differences = [] if last else [halve(difference) for difference in differences]
        return Measured(combined(losses), *finest.errors, finest.squared_error, finest.ssim)


def combined(losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """MS-SSIM of each plane, from its mean losses at each scale, finest scale first."""
    terms = np.maximum(0.0, 1.0 - np.array(losses))
    ms_ssim = np.prod(terms ** np.array(scale_weights(len(losses)))[:, None], axis=0)
    return tuple(np.minimum(ms_ssim, 1.0).tolist())


@dataclass(frozen=True, eq=False)
class _Finest:
    """mean_losses: of each plane. halved: the planes' differences at the next scale. errors: Measured's two sums."""

    mean_losses: list[float]
    halved: list[MatLike]
    errors: tuple[float, float]
    squared_error: NDArray[np.float32]
    ssim: NDArray[np.float32]


def _measure_finest(level: Level, pixels: Pixels, *, last: bool) -> _Finest:
    """Everything at full size, strip by strip with all planes: only the maps and the halved planes are kept."""
    height, width = level.height, level.width
    squared_error, ssim = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    halved = [] if last else [np.empty(((height + 1) // 2, (width + 1) // 2), np.float32) for _ in level.planes]
    totals = [0.0] * len(level.planes)
    error_rgb = error_luma = 0.0
    for strip in level.strips():
        differences = differences_of([plane[strip.window] for plane in level.planes[:LUMA_PLANE]], pixels[strip.window])
        own = slice(strip.own.start - strip.window.start, strip.own.stop - strip.window.start)
        error_rgb += square_mean([rows[own] for rows in differences[:LUMA_PLANE]], squared_error[strip.own])
        error_luma += cv2.norm(differences[LUMA_PLANE][own], cv2.NORM_L2SQR)
        local = ssim[level.centres(strip)]
        for i, difference in enumerate(differences):
            contrast_loss, loss = level.losses(i, strip, difference, luminance=last or i < LUMA_PLANE)
            totals[i] += cv2.sumElems(loss if last and loss is not None else contrast_loss)[0]
            if i < LUMA_PLANE and loss is not None:
                cv2.add(local, loss, dst=local)
            if halved:
                half = halve(difference[own])
                first = (strip.own.start + height % 2) // 2
                halved[i][first : first + len(half)] = half
        cv2.addWeighted(local, -1 / 3, local, 0, 1, dst=local)
    _extend(ssim, level.margin_y, level.margin_x)
    losses = [total / level.value_count for total in totals]
    return _Finest(losses, halved, (error_rgb, error_luma), squared_error, ssim)


def differences_of(channels: Sequence[MatLike], pixels: Pixels) -> list[MatLike]:
    """Reconstruction, uint8 (h, w, 3), minus the original's R, G and B, float32: R, G, B and luma."""
    differences = [
        cv2.subtract(channel, plane, dtype=cv2.CV_32F)
        for channel, plane in zip(cv2.split(pixels), channels, strict=True)
    ]
    return [*differences, luma_of(differences)]


def luma_of(channels: Sequence[MatLike]) -> MatLike:
    """Unrounded luma of R, G and B, float32."""
    red, green, blue = channels
    red_green = cv2.addWeighted(red, LUMA[0], green, LUMA[1], 0)
    return cv2.scaleAdd(blue, LUMA[2], red_green, dst=red_green)


def square_mean(differences: Sequence[MatLike], mean: NDArray[np.float32]) -> float:
    """Fill in the mean of the squares, and return their sum, which is exact: float32 and float64 hold these
    integers.
    """
    for difference in differences:
        cv2.accumulateSquare(difference, mean)
    total = float(cv2.sumElems(mean)[0])
    np.divide(mean, len(differences), out=mean)
    return total


def _extend(values: MatLike, margin_y: int, margin_x: int) -> None:
    """Fill the margins by repeating the outermost rows and columns inside them."""
    height, width = values.shape[:2]
    values[:margin_y] = values[margin_y]
    values[height - margin_y :] = values[height - margin_y - 1]
    values[:, :margin_x] = values[:, margin_x, None]
    values[:, width - margin_x :] = values[:, width - margin_x - 1, None]

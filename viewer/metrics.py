"""PSNR and MS-SSIM of a reconstruction, with the maps that they are averages of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.image import Pixels

_LUMA_WEIGHTS = (0.299, 0.587, 0.114)
"""BT.601, full range."""


@dataclass(frozen=True)
class Metrics:
    """PSNR in dB (infinite when lossless), MS-SSIM raw in 0..1. ms_ssim_scales: 5, fewer if a side is under 161 px."""

    psnr_rgb_db: float
    psnr_luma_db: float
    ms_ssim_rgb: float
    ms_ssim_luma: float
    ms_ssim_scales: int


@dataclass(frozen=True, eq=False)
class Measurement:
    """Metrics, and from the same pass the maps: squared_error, float32 (H, W), mean over R, G, B on the 0..255 scale;
    ssim, float32 (H, W), local SSIM at the finest scale, mean over R, G, B.

    The window has no value within half its width of the picture's edge: there the ssim map repeats the nearest one.
    """

    metrics: Metrics
    squared_error: NDArray[np.float32]
    ssim: NDArray[np.float32]


class Reference:
    """An original, with everything that depends on it alone computed once. Safe to use from several threads.

    PSNR is 10 log10(255^2 / mean squared error), over R, G and B together or over unrounded luma,
    0.299 R + 0.587 G + 0.114 B. MS-SSIM is that of `pytorch_msssim.ms_ssim(data_range=255)` to 1e-5: the mean of the
    three channels' values, or the value of luma. Its five scales need a side of 161 px. Shorter ones get as many of the
    finest scales as fit (four from 81 px, three from 41, two from 21, else one), their exponents scaled to sum 1; below
    11 px the window is cut to the largest odd length that fits, so even 1x1 has a value (one scale, no variance).
    """

    def __init__(self, pixels: Pixels) -> None:
        # OpenCV takes 0.2 s to load, and the window is to be up before that.
        import cv2

        from viewer.ssim import ReferencePlane, scale_count

        self._channels = tuple(cv2.split(np.ascontiguousarray(pixels)))
        luma = np.zeros(pixels.shape[:2], np.float32)
        for channel, weight in zip(self._channels, _LUMA_WEIGHTS, strict=True):
            cv2.scaleAdd(channel.astype(np.float32), weight, luma, dst=luma)
        self._planes = tuple(ReferencePlane(channel) for channel in self._channels)
        self._luma_plane = ReferencePlane(luma)
        self._scales = scale_count(*pixels.shape[:2])

    def measure(self, reconstruction: Pixels) -> Measurement:
        """Compare a reconstruction, uint8 (H, W, 3) of the original's size. ValueError if it is of another."""
        import cv2

        height, width = self._channels[0].shape
        if reconstruction.shape != (height, width, 3) or reconstruction.dtype != np.uint8:
            raise ValueError(f"not uint8 {(height, width, 3)}: {reconstruction.dtype} {reconstruction.shape}")
        squared_error = np.zeros((height, width), np.float32)
        luma_difference = np.zeros((height, width), np.float32)
        loss = np.zeros(self._planes[0].map_shape, np.float32)
        ms_ssim_rgb = 0.0
        channels = cv2.split(np.ascontiguousarray(reconstruction))
        for channel, original, plane, weight in zip(channels, self._channels, self._planes, _LUMA_WEIGHTS, strict=True):
            difference = cv2.subtract(channel, original, dtype=cv2.CV_32F)
            cv2.accumulateSquare(difference, squared_error)
            cv2.scaleAdd(difference, weight, luma_difference, dst=luma_difference)
            ms_ssim_rgb += plane.ms_ssim(difference, loss_sum=loss) / 3
        # Sums of three squares of integers under 256 are exact in float32, so a lossless picture is seen to be one.
        metrics = Metrics(
            psnr_rgb_db=_psnr_db(cv2.sumElems(squared_error)[0] / (3 * height * width)),
            psnr_luma_db=_psnr_db(cv2.norm(luma_difference, cv2.NORM_L2SQR) / (height * width)),
            ms_ssim_rgb=min(ms_ssim_rgb, 1.0),
            ms_ssim_luma=self._luma_plane.ms_ssim(luma_difference),
            ms_ssim_scales=self._scales,
        )
        squared_error /= 3
        loss /= 3
        ssim = np.empty_like(squared_error)
        margin_y, margin_x = (height - loss.shape[0]) // 2, (width - loss.shape[1]) // 2
        cv2.copyMakeBorder(1 - loss, margin_y, margin_y, margin_x, margin_x, cv2.BORDER_REPLICATE, dst=ssim)
        return Measurement(metrics, squared_error, ssim)


def decibels(ms_ssim: float) -> float:
    """MS-SSIM in dB, -10 log10(1 - x); infinite at 1."""
    return float("inf") if ms_ssim >= 1.0 else float(-10.0 * np.log10(1.0 - ms_ssim))


def _psnr_db(mean_squared_error: float) -> float:
    return float("inf") if mean_squared_error == 0.0 else float(10.0 * np.log10(255.0**2 / mean_squared_error))

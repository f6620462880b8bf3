"""PSNR and MS-SSIM of a reconstruction, with maps of squared error and SSIM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels
from viewer.system.memory import is_large

_STRIP = 256
_LUMA = np.array([[0.299, 0.587, 0.114]])


@dataclass(frozen=True)
class Metrics:
    """PSNR in dB (infinite if lossless), MS-SSIM raw, 0..1. ms_ssim_scales: 5, or fewer if a side is under 161 px."""

    psnr_rgb_db: float
    psnr_luma_db: float
    ms_ssim_rgb: float
    ms_ssim_luma: float
    ms_ssim_scales: int


@dataclass(frozen=True, eq=False)
class Measurement:
    """Metrics, and maps from the same pass: squared_error, float32 (H, W), mean over R, G, B on the 0..255 scale; ssim,
    float32 (H, W), local SSIM at the finest scale, mean over R, G, B.

    SSIM is undefined within half a window of the picture's edge, so the map repeats the nearest value there. The maps
    of large pictures are smaller: each value is the mean over map_scale x map_scale pixels.
    """

    metrics: Metrics
    squared_error: NDArray[np.float32]
    ssim: NDArray[np.float32]
    map_scale: int = 1


class Reference:
    """An original, with everything that depends only on it computed once. Safe to use from several threads.

    PSNR is 10 log10(255^2 / mean squared error), over R, G and B together or over unrounded luma,
    0.299 R + 0.587 G + 0.114 B. MS-SSIM is that of `pytorch_msssim.ms_ssim(data_range=255)` to 1e-5: the mean of the
    three channels' values, or the value of luma. Its five scales need a side of 161 px. Shorter ones get as many of the
    finest scales as fit (four from 81 px, three from 41, two from 21, else one), their exponents scaled to sum 1; below
    11 px the window is cut to the largest odd length that fits, so even 1x1 has a value (one scale, no variance).
    """

    def __init__(self, pixels: Pixels) -> None:
        # Imported late: OpenCV takes 0.2 s to load, and the window should open before that.
        from viewer.metrics.ms_ssim import Pyramid
        from viewer.metrics.ms_ssim_tiled import StreamedPicture

        self._shape = pixels.shape
        large = is_large(pixels.shape[0] * pixels.shape[1])
        self._original = StreamedPicture(pixels) if large else Pyramid(np.ascontiguousarray(pixels))

    def measure(self, reconstruction: Pixels) -> Measurement:
        """Compare a reconstruction, uint8 (H, W, 3). Raises ValueError if its size is not the original's."""
        if reconstruction.shape != self._shape or reconstruction.dtype != np.uint8:
            raise ValueError(f"not uint8 {self._shape}: {reconstruction.dtype} {reconstruction.shape}")
        measured = self._original.measure(np.ascontiguousarray(reconstruction))
        height, width, _ = self._shape
        *rgb, luma = measured.ms_ssim
        metrics = Metrics(
            psnr_rgb_db=_psnr_db(measured.squared_error_rgb / (3 * height * width)),
            psnr_luma_db=_psnr_db(measured.squared_error_luma / (height * width)),
            ms_ssim_rgb=min(sum(rgb) / 3, 1.0),
            ms_ssim_luma=luma,
            ms_ssim_scales=self._original.scales,
        )
        return Measurement(metrics, measured.squared_error, measured.ssim, measured.map_scale)


def quick_psnr_db(original: Pixels, reconstruction: Pixels, *, luma: bool) -> float:
    """PSNR alone, as Reference defines it, in a tenth of the time. Both uint8 (H, W, 3)."""
    import cv2  # late, as in Reference

    total = 0.0
    for top in range(0, original.shape[0], _STRIP):
        rows = slice(top, top + _STRIP)
        if luma:
            difference = cv2.subtract(original[rows], reconstruction[rows], dtype=cv2.CV_32F)
            total += cv2.norm(cv2.transform(difference, _LUMA), cv2.NORM_L2SQR)
        else:
            total += cv2.norm(original[rows], reconstruction[rows], cv2.NORM_L2SQR)
    return _psnr_db(total / (original.size // 3 if luma else original.size))


def _psnr_db(mean_squared_error: float) -> float:
    return float("inf") if mean_squared_error == 0.0 else float(10.0 * np.log10(255.0**2 / mean_squared_error))

"""PSNR and MS-SSIM of a reconstruction, with the maps that they are averages of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.image import Pixels


@dataclass(frozen=True)
class Metrics:
    """PSNR in dB (infinite when lossless), MS-SSIM raw in 0..1. ms_ssim_scales: 5, fewer where a side is under 161 px."""

    psnr_rgb_db: float
    psnr_luma_db: float
    ms_ssim_rgb: float
    ms_ssim_luma: float
    ms_ssim_scales: int


@dataclass(frozen=True, eq=False)
class Measurement:
    """Metrics, and from the same pass the maps: squared_error, float32 (H, W), mean over R, G, B on the 0..255 scale;
    ssim, float32 (H, W), local SSIM at the finest scale, mean over R, G, B.
    """

    metrics: Metrics
    squared_error: NDArray[np.float32]
    ssim: NDArray[np.float32]


class Reference:
    """An original, with everything that depends on it alone computed once. Safe to use from several threads."""

    def __init__(self, pixels: Pixels) -> None:
        raise NotImplementedError

    def measure(self, reconstruction: Pixels) -> Measurement:
        """Compare a reconstruction, uint8 (H, W, 3) of the original's size."""
        raise NotImplementedError


def decibels(ms_ssim: float) -> float:
    """MS-SSIM in dB, -10 log10(1 - x); infinite at 1."""
    return float("inf") if ms_ssim >= 1.0 else float(-10.0 * np.log10(1.0 - ms_ssim))

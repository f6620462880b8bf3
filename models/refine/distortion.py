"""The distortion that a refinement lowers, with its gradient."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.refine.ms_ssim import SMALLEST_SIDE, MsSsim
from models.refine.settings import Aim

STRUCTURAL_SCALE: Final = 1300.0
"""Factor that makes 1 - MS-SSIM about as large as the MSE on the 0..255 scale; see models.training.loss."""


class Distortion:
    """The distortion of pictures against one original, uint8 (H, W, 3). Safe to use from several threads.

    weights: of each pixel, (H, W), with mean 1 over the whole picture, of which the original may be a part. Pictures
    too small for MS-SSIM are compared by squared error. grey: the decoder replaces R, G and B by their mean.
    """

    def __init__(
        self, original: NDArray[np.uint8], aim: Aim, weights: NDArray[np.float32] | None = None, *, grey: bool = False
    ) -> None:
        self._grey = grey
        self._x = original.astype(np.float32) / np.float32(255.0)
        self._weights = None if weights is None else weights[:, :, None]
        self._mean_weight = 1.0 if weights is None else float(weights.mean(dtype=np.float64))
        share = aim.structural_share if min(original.shape[:2]) >= SMALLEST_SIDE else 0.0
        self._squared_share, self._structural_share = 1.0 - share, share
        self._ms_ssim = MsSsim(self._x, weights) if share else None

    def __call__(self, shown: NDArray[np.uint8]) -> float:
        """The distortion of a decoded picture, on the scale of the MSE on 0..255."""
        return self._measure(shown.astype(np.float32) / np.float32(255.0))[0]

    def gradient(self, shown: NDArray[np.float32]) -> NDArray[np.float32]:
        """Derivative by each value of a picture (H, W, 3), nominally in [0, 1].

        Values beyond black and white are clipped for display; the gradient pulls them back unless the original is
        black or white there.
        """
        if self._grey:
            shown = np.repeat(shown.mean(axis=2, keepdims=True), 3, axis=2)
        gradient = self._measure(np.clip(shown, 0.0, 1.0))[1]
        gradient[((shown < 0.0) & (self._x <= 0.0)) | ((shown > 1.0) & (self._x >= 1.0))] = 0.0
        return np.repeat(gradient.mean(axis=2, keepdims=True), 3, axis=2) if self._grey else gradient

    def _measure(self, shown: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        error = shown - self._x
        gradient = error if self._weights is None else error * self._weights
        factor = self._squared_share * 255.0**2 / error.size
        distortion = factor * float(np.vdot(error, gradient))
        gradient = gradient * np.float32(2.0 * factor)
        if self._ms_ssim is not None:
            structural, by_shown = self._ms_ssim.loss_and_gradient(shown)
            scale = self._structural_share * STRUCTURAL_SCALE * self._mean_weight
            distortion += scale * structural
            gradient += by_shown * np.float32(scale)
        return distortion, gradient

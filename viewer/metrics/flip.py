"""FLIP: the difference that a viewer sees when two pictures are shown alternately in the same place.

0 is no difference, 1 the largest; the score is the mean of the map. Computed by the package flip-evaluator. Source:
Andersson et al. 2020, "FLIP: A Difference Evaluator for Alternating Images", at its usual 67 pixels per degree (0.7 m
from a 0.7 m wide screen of 3840 pixels).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels
from viewer.metrics.base import Direction


@dataclass(frozen=True)
class Flip:
    """The metric."""

    name: str = "flip"
    label: str = "FLIP"
    unit: str = ""
    direction: Direction = "lower"
    range: tuple[float, float] = (0.0, 1.0)
    usual_range: tuple[float, float] = (0.005, 0.4)
    bytes_per_pixel: float = 160.0
    map_high: float = 1.0

    @property
    def version(self) -> str:
        return metadata.version("flip-evaluator")

    def prepare(self, original: Pixels) -> _Prepared:
        return _Prepared(original)


@dataclass(frozen=True, eq=False)
class _Prepared:
    original: Pixels

    def score(self, pixels: Pixels) -> float:
        return float(self.error_map(pixels).mean(dtype=np.float64))

    def error_map(self, pixels: Pixels) -> NDArray[np.float32]:
        from flip_evaluator import evaluate

        errors, _mean, _parameters = evaluate(_unit(self.original), _unit(pixels), "LDR", applyMagma=False)
        return np.asarray(errors, np.float32)[:, :, 0]


def _unit(pixels: Pixels) -> NDArray[np.float32]:
    """On the scale 0..1, still sRGB."""
    return pixels.astype(np.float32) / np.float32(255)

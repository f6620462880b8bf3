"""SSIMULACRA2: structural similarity in the XYB colour space of JPEG XL, weighted to agree with people's opinions.

100 is lossless, 90 cannot be told apart in a flicker test, 70 is high quality, 50 medium, 30 low; very bad pictures
are below 0. Computed by the package ssimulacra2, after Jon Sneyers' reference in libjxl, version 2.1.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from importlib import metadata

from PIL import Image as PillowImage

from models.errors import MetricError
from viewer.imaging.image import Pixels
from viewer.metrics.base import Direction

_MIN_SIDE = 8
"""Below, the package compares nothing, and calls any picture perfect."""


@dataclass(frozen=True)
class Ssimulacra2:
    """The metric. Of pictures with a side under 225 pixels it has fewer scales, as the reference has."""

    name: str = "ssimulacra2"
    label: str = "SSIMULACRA2"
    unit: str = ""
    direction: Direction = "higher"
    range: tuple[float, float] = (-math.inf, 100.0)
    usual_range: tuple[float, float] = (10.0, 95.0)
    bytes_per_pixel: float = 520.0

    @property
    def version(self) -> str:
        return metadata.version("ssimulacra2")

    def prepare(self, original: Pixels) -> _Prepared:
        if min(original.shape[:2]) < _MIN_SIDE:
            raise MetricError(f"{self.label} needs sides of {_MIN_SIDE} pixels or more.")
        return _Prepared(original)


@dataclass(frozen=True, eq=False)
class _Prepared:
    original: Pixels

    def score(self, pixels: Pixels) -> float:
        from ssimulacra2 import compute_ssimulacra2

        return float(compute_ssimulacra2(_file(self.original), _file(pixels)))


def _file(pixels: Pixels) -> io.BytesIO:
    """A picture as the package takes it. BMP takes no time."""
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "BMP")
    buffer.seek(0)
    return buffer

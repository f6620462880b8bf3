"""Settings and results of a refinement: plain values, without torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

DEFAULT_STEPS = 60
SIZE_TOLERANCE: Final = 0.01
"""A stream is on target when its size is within this share of it."""


class Aim(Enum):
    """What refinement lowers: the squared error, 1 - MS-SSIM, or half of each."""

    PSNR = "psnr"
    MS_SSIM = "ms-ssim"
    BOTH = "both"

    @property
    def structural_share(self) -> float:
        """Share of 1 - MS-SSIM in the distortion."""
        return {Aim.PSNR: 0.0, Aim.MS_SSIM: 1.0, Aim.BOTH: 0.5}[self]


@dataclass(frozen=True)
class Region:
    """A rectangle of pixels whose errors count `weight` times as much as those outside."""

    left: int
    top: int
    width: int
    height: int
    weight: float = 4.0

    def weights(self, height: int, width: int) -> NDArray[np.float32]:
        """The weight of every pixel of a picture, (H, W), 1 on average."""
        out = np.ones((height, width), np.float32)
        out[self.top : self.top + self.height, self.left : self.left + self.width] = self.weight
        out /= out.mean(dtype=np.float64)
        return out


@dataclass(frozen=True)
class RefineSettings:
    """How much to refine, and for what.

    steps: for each part of the picture. seconds: instead of steps; the number of steps, and so the stream, depends on
    the machine. region: where errors count for more. seed: of the noise; the same seed, steps and number of threads
    give the same stream on the same machine.
    """

    steps: int = DEFAULT_STEPS
    seconds: float | None = None
    aim: Aim = Aim.BOTH
    region: Region | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Start:
    """The starting point: a stream, its quality, and the target size of it and its successors."""

    stream: bytes
    quality: int
    target_bytes: int


@dataclass(frozen=True, eq=False)
class Refined:
    """A stream that is better than those before it: the weighted sum of its bits and its distortion is lower.

    steps, seconds: spent on it. on_target: its size is within 1 % of the target.
    """

    stream: bytes
    quality: int
    steps: int
    seconds: float
    on_target: bool

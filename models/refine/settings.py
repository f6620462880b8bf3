"""What a refinement is asked for and what it gives: plain values, without torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

DEFAULT_STEPS = 60


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
    """How much is to be done, and for what.

    steps: of each part of the picture. seconds: instead of steps; how many steps that makes, and so the stream, depends
    on the machine. region: whose errors count for more. seed: of the noise; the same seed, steps and number of threads
    give the same stream on the same machine.
    """

    steps: int = DEFAULT_STEPS
    seconds: float | None = None
    aim: Aim = Aim.BOTH
    region: Region | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Start:
    """What there is before: a stream, the quality that it was made at, and the size that it and its successors are to
    have.
    """

    stream: bytes
    quality: int
    target_bytes: int


@dataclass(frozen=True, eq=False)
class Refined:
    """A stream that is better than those before it: its bits and its distortion, weighed as at its quality, are less.

    steps, seconds: that went into it. on_target: its size is within 1 % of what was asked for.
    """

    stream: bytes
    quality: int
    steps: int
    seconds: float
    on_target: bool

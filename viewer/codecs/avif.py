"""AVIF (AV1) through Pillow's libavif and libaom: one thread, tuned as libavif tunes it by default; 4:4:4 and speed 6
unless a variant says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import features

from viewer.codecs.files import pillow_io
from viewer.imaging.image import Image, Pixels
from viewer.system.memory import MemoryEstimate

_MAX_SIDE = 65535
"""AV1's sequence header has 16 bits for each side."""

SPEED = 6
"""libavif's default. Speed 8 takes a third of the time and 13 to 20 % more bits at equal PSNR or MS-SSIM."""

SUBSAMPLING = "4:4:4"

_LEVELS = 101
_TYPICAL_BPP = (0.06, 0.08, 0.17, 0.41, 0.9, 1.9, 4.5)
_TYPICAL_LEVEL = (0, 10, 30, 50, 70, 90, 100)

_NEUTRAL_STRENGTH = 100


@dataclass(frozen=True)
class _Grid:
    """How levels are divided. reach: largest change of the variance boost from libaom's default, up and down, in
    percent. sharpness: libaom's, None for the tuning's default.
    """

    reach: int
    sharpness: int | None = None

    @property
    def steps_per_level(self) -> int:
        return 2 * self.reach + 1


_GRIDS = (_Grid(16), _Grid(60), _Grid(60, 3))
"""libavif's quality moves the rate in steps of 4 to 6 %, some of 11. libaom's variance boost (deltaq-strength), which
shifts bits between flat and busy blocks, moves it in steps of about 0.3 %, along the same curve of PSNR and MS-SSIM.
The first grid covers most rates; the others fill its gaps."""


@dataclass(frozen=True, eq=False)
class AvifEncoder:
    """One picture on one grid. Its quality counts steps of the variance boost within levels of libavif's quality."""

    pixels: Pixels
    grid: _Grid
    speed: int = SPEED
    subsampling: str = SUBSAMPLING

    @property
    def detail(self) -> str:
        sharpness = self.grid.sharpness
        return self.subsampling if sharpness is None else f"{self.subsampling}, sharpness {sharpness}"

    @property
    def qualities(self) -> range:
        return range(_LEVELS * self.grid.steps_per_level)

    def guess(self, target_bytes: int) -> int:
        bpp = max(1e-3, 8.0 * target_bytes / (self.pixels.shape[0] * self.pixels.shape[1]))
        level = float(np.interp(np.log(bpp), np.log(_TYPICAL_BPP), _TYPICAL_LEVEL))
        return round(level * self.grid.steps_per_level)

    def encode(self, quality: int) -> bytes:
        level, step = divmod(quality, self.grid.steps_per_level)
        advanced = {"deltaq-strength": str(_NEUTRAL_STRENGTH - self.grid.reach + step)}
        if self.grid.sharpness is not None:
            advanced["sharpness"] = str(self.grid.sharpness)
        # One thread: libavif uses one tile per thread, so streams would depend on the machine.
        return pillow_io.encode(
            self.pixels,
            "AVIF",
            quality=level,
            speed=self.speed,
            subsampling=self.subsampling,
            codec="aom",
            max_threads=1,
            advanced=advanced,
        )


@dataclass(frozen=True)
class AvifCodec:
    """4:4:4 was closer to the original than 4:2:0 at every rate measured. AV1 carries no checksum.

    speed: libaom's, 0 to 10.
    """

    name: str = "avif"
    label: str = "AVIF"
    suffix: str = ".avif"
    tries_every_encoder: bool = False
    speed: int = SPEED
    subsampling: str = SUBSAMPLING

    @property
    def settings(self) -> str:
        return f"libaom via libavif, speed {self.speed}, {self.subsampling}, tuned for visual quality"

    @property
    def version(self) -> str:
        return f"libavif {features.version_module('avif')}"

    @property
    def memory(self) -> MemoryEstimate | None:
        return MemoryEstimate(64.0) if self.speed < SPEED else None

    def encoders(self, image: Image) -> Sequence[AvifEncoder]:
        pillow_io.check_side_length(image, _MAX_SIDE, self.label)
        return tuple(AvifEncoder(image.pixels, grid, self.speed, self.subsampling) for grid in _GRIDS)

    def recognises(self, stream: bytes) -> bool:
        return stream[4:12] == b"ftypavif"

    def decode(self, stream: bytes) -> Pixels:
        return pillow_io.decode(stream, "AVIF", self.label)

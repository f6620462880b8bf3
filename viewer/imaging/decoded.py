"""The results of a format's reader: the header of a file, and its decoded colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging.colours.cicp import ColourEncoding


@dataclass(frozen=True, eq=False)
class Decoded:
    """colours: 8 bits, as stored, in any of Pillow's modes. alpha: mode L, 0 is transparent. notes: conversions.

    orientation: EXIF's, not yet applied; orientation_source: the metadata it comes from. profile: an ICC profile.
    colour_encoding: set if no profile defines the colours. deep: the colours before their reduction to 8 bits, uint16
    (height, width, 3) up to 65535, if their conversion depends on it.
    """

    colours: PillowImage.Image
    alpha: PillowImage.Image | None = None
    notes: tuple[str, ...] = ()
    orientation: int = 1
    orientation_source: str = "EXIF"
    profile: bytes | None = None
    colour_encoding: ColourEncoding | None = None
    deep: NDArray[np.uint16] | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """A file whose header has been read. width, height: as stored. colours, bits, floating: of its samples, for the
    information panel. is_plain: decoding needs no second copy of the picture. bytes_per_pixel: peak memory of decoding
    if it may exceed the default estimate. decode: reads the pixels.
    """

    file_format: str
    width: int
    height: int
    colours: str
    bits: int
    decode: Callable[[], Decoded]
    floating: bool = False
    frames: int = 1
    more_frames: bool = False
    orientation: int = 1
    is_plain: bool = False
    bytes_per_pixel: float = 0.0

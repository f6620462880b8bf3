"""A picture as the codecs receive it, a frozen value, and the state of its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.source import Source

Pixels = NDArray[np.uint8]
"""8-bit sRGB, shape (H, W, 3)."""


@dataclass(frozen=True)
class Stamp:
    """What changes when a file is written or replaced: modification time in ns, size in bytes, and inode number."""

    modified_ns: int
    byte_count: int
    number: int


def stamp_of(path: Path) -> Stamp | None:
    """A file's current stamp; None if the file is gone or inaccessible."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a name that contains a null character
        return None
    return Stamp(status.st_mtime_ns, status.st_size, status.st_ino)


@dataclass(frozen=True, eq=False)
class Image:
    """A picture. pixels: uint8 (H, W, 3) sRGB, read-only. Equal and hashed by content.

    name: for display ("kodim07.png"). path: of its file, if it has one. notes: conversions made on reading, one
    sentence each ("Transparency placed on white."). source: the content of its file, or None. stamp: of its file, taken
    before reading.
    """

    pixels: Pixels
    name: str
    path: Path | None = None
    notes: tuple[str, ...] = field(default=())
    source: Source | None = None
    stamp: Stamp | None = None

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8 or not self.pixels.size:
            raise ValueError(f"pixels must be uint8 (H, W, 3), not {self.pixels.dtype} {self.pixels.shape}")
        self.pixels.flags.writeable = False

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def pixel_count(self) -> int:
        return self.width * self.height

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the size and the pixels, hexadecimal."""
        hasher = hashlib.sha256(f"{self.width}x{self.height}:".encode())
        hasher.update(np.ascontiguousarray(self.pixels).data)
        return hasher.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def bpp(self, byte_count: int) -> float:
        """Bits per pixel of a stream of this size, header included."""
        return 8.0 * byte_count / self.pixel_count

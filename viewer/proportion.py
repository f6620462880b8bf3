"""Headers that lie, and files that were made to fill memory: refused before anything is allocated for them."""

from __future__ import annotations

ALWAYS_PIXELS = 2**24
"""So many are let through whatever the file's size: a blank screen of 5120 x 2880 takes some hundred bytes in WebP."""
PIXELS_A_BYTE = 10_000
"""Beyond that. Deflate, the strongest of the plain packers, cannot exceed 1032 bytes from one, 8256 pixels of 1 bit."""


def is_out_of_proportion(width: int, height: int, byte_count: int) -> bool:
    """Whether a file of so many bytes claims a picture that it can hardly hold."""
    return width * height > max(ALWAYS_PIXELS, PIXELS_A_BYTE * byte_count)

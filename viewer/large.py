"""What counts as a large picture: one of which not everything is kept in memory at full size."""

from __future__ import annotations

LARGE_PIXELS = 1 << 24
"""16.8 megapixels. Above, metrics are computed in strips, maps are kept at half the size, pictures lie on the disk."""


def is_large(pixel_count: int) -> bool:
    """Whether a picture of so many pixels is large."""
    return pixel_count > LARGE_PIXELS

"""The visible part of a picture, and its metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.session.state import MAX_ZOOM, Size, View, place

if TYPE_CHECKING:  # it imports the numerical libraries
    from viewer.metrics.measurement import Measurement

MAX_PREVIEW_PIXELS = 1 << 20
"""Size that the codecs bring to a rate within a second or two."""
PREVIEW_MARGIN = 32
"""How far the view can move, in pixels, before the part has to be compressed again."""
_GRID = 16


@dataclass(frozen=True)
class Rect:
    """Pixels from left, top to before right, bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def overlaps(self, other: Rect) -> bool:
        """Whether the two have a pixel in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def contains(self, other: Rect) -> bool:
        """Whether another rectangle lies entirely inside this one."""
        inside = self.left <= other.left and self.top <= other.top
        return inside and other.right <= self.right and other.bottom <= self.bottom


@dataclass(frozen=True)
class PartMetrics:
    """psnr_rgb_db: infinite if lossless. ssim: mean of the local SSIM at the finest scale (not MS-SSIM)."""

    psnr_rgb_db: float
    ssim: float


def visible_rect(view: View, image: Size, area: Size) -> Rect | None:
    """The pixels that are at least partly visible in an area, given in device pixels; None if there are none."""
    at = place(view, image, area)
    rect = Rect(
        max(0, math.floor(-at.left / at.zoom)),
        max(0, math.floor(-at.top / at.zoom)),
        min(int(image[0]), math.ceil((area[0] - at.left) / at.zoom)),
        min(int(image[1]), math.ceil((area[1] - at.top) / at.zoom)),
    )
    return rect if rect.left < rect.right and rect.top < rect.bottom else None


def preview_rect(visible: Rect, image: Size) -> Rect:
    """The part of the picture that is compressed before the whole.

    The visible rectangle and a margin, aligned to 16 pixels because codecs work in blocks; only its middle if that
    exceeds MAX_PREVIEW_PIXELS.
    """
    width, height = visible.size
    shrunk = min(1.0, math.sqrt(MAX_PREVIEW_PIXELS / (width * height)))
    spans = []
    for start, length, side in ((visible.left, width, image[0]), (visible.top, height, image[1])):
        middle, half = start + length / 2, length * shrunk / 2
        margin = PREVIEW_MARGIN if shrunk == 1.0 else 0
        first = max(0, math.floor((middle - half - margin) / _GRID) * _GRID)
        spans.append((first, min(int(side), math.ceil((middle + half + margin) / _GRID) * _GRID)))
    (left, right), (top, bottom) = spans
    return Rect(left, top, right, bottom)


def still_covers(part: Rect, visible: Rect) -> bool:
    """Whether a part that was made for another view still covers what is visible, or its middle if that is larger than
    a part may be.
    """
    width, height = visible.size
    if width * height <= MAX_PREVIEW_PIXELS:
        return part.contains(visible)
    x, y = (visible.left + visible.right) // 2, (visible.top + visible.bottom) // 2
    reach_x, reach_y = part.size[0] // 4, part.size[1] // 4
    middle = Rect(x - reach_x, y - reach_y, x + reach_x, y + reach_y)
    return part.contains(middle) and part.size[0] * part.size[1] >= MAX_PREVIEW_PIXELS // 2


def region_view(left: int, top: int, side: int, area: Size) -> View:
    """A view with a square of the picture in the middle, filling about a third of the area."""
    zoom = min(max(min(area) / 3 / side, 1.0), MAX_ZOOM)
    return View(zoom, (left + side / 2, top + side / 2))


def part_metrics(measurement: Measurement, rect: Rect) -> PartMetrics:
    """PSNR over R, G and B, and mean SSIM, of a part of a picture, from the maps."""
    scale = measurement.map_scale
    part = slice(rect.top // scale, -(-rect.bottom // scale)), slice(rect.left // scale, -(-rect.right // scale))
    error = float(measurement.squared_error[part].mean(dtype="float64"))
    psnr_db = math.inf if error == 0.0 else 10.0 * math.log10(255.0**2 / error)
    return PartMetrics(psnr_db, float(measurement.ssim[part].mean(dtype="float64")))

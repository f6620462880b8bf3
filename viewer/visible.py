"""The part of a picture that is seen, and the metrics of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.session import MAX_ZOOM, Size, View, place

if TYPE_CHECKING:  # it brings the numerical libraries in
    from viewer.metrics import Measurement


@dataclass(frozen=True)
class Rect:
    """Pixels from left, top to before right, bottom."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class PartMetrics:
    """psnr_rgb_db: infinite where nothing is lost. ssim: mean of the local SSIM at the finest scale (not MS-SSIM)."""

    psnr_rgb_db: float
    ssim: float


def visible_rect(view: View, image: Size, area: Size) -> Rect | None:
    """The pixels of which at least a part is seen in an area of so many device pixels; None if there is none."""
    at = place(view, image, area)
    rect = Rect(
        max(0, math.floor(-at.left / at.zoom)),
        max(0, math.floor(-at.top / at.zoom)),
        min(int(image[0]), math.ceil((area[0] - at.left) / at.zoom)),
        min(int(image[1]), math.ceil((area[1] - at.top) / at.zoom)),
    )
    return rect if rect.left < rect.right and rect.top < rect.bottom else None


def region_view(left: int, top: int, side: int, area: Size) -> View:
    """A view in which a square of the picture lies in the middle and fills about a third of an area."""
    zoom = min(max(min(area) / 3 / side, 1.0), MAX_ZOOM)
    return View(zoom, (left + side / 2, top + side / 2))


def part_metrics(measurement: Measurement, rect: Rect) -> PartMetrics:
    """PSNR over R, G and B, and mean SSIM, of a part of a picture, from the maps; to their whole values."""
    scale = measurement.map_scale
    part = slice(rect.top // scale, -(-rect.bottom // scale)), slice(rect.left // scale, -(-rect.right // scale))
    error = float(measurement.squared_error[part].mean(dtype="float64"))
    psnr_db = math.inf if error == 0.0 else 10.0 * math.log10(255.0**2 / error)
    return PartMetrics(psnr_db, float(measurement.ssim[part].mean(dtype="float64")))

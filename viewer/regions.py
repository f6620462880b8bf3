"""The worst regions of a picture, found from the maps: where to look first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


@dataclass(frozen=True)
class Region:
    """A square of the picture, in pixels. codec: whose fault it is, or the worst codec where codecs differ most.

    score: mean loss of structural similarity in it (1 - SSIM), or its spread between codecs; larger is worse.
    """

    left: int
    top: int
    side: int
    codec: str
    score: float

    def overlaps(self, other: Region) -> bool:
        """Whether two regions share a pixel."""
        return (
            self.left < other.left + other.side
            and other.left < self.left + self.side
            and self.top < other.top + other.side
            and other.top < self.top + self.side
        )


def region_side(height: int, width: int) -> int:
    """Side of the regions of a picture: an eighth of its shorter side, 32 to 256 pixels, at most the picture."""
    shorter = min(height, width)
    return max(1, min(shorter, max(32, min(256, shorter // 8))))


def worst_regions(ssim: Map, codec: str, count: int) -> list[Region]:
    """Up to `count` regions of one codec with the lowest mean local SSIM, worst first, without overlaps."""
    side = region_side(*ssim.shape)
    return _pick(1.0 - _box_means(ssim, side), side, lambda _top, _left: codec, count)


def most_different_regions(ssim: Mapping[str, Map], count: int) -> list[Region]:
    """Up to `count` regions where the codecs' local SSIM is farthest apart, without overlaps; codec: the worst."""
    names = list(ssim)
    side = region_side(*ssim[names[0]].shape)
    means = np.stack([_box_means(ssim[name], side) for name in names])
    spread = means.max(axis=0) - means.min(axis=0)
    worst = means.argmin(axis=0)
    return _pick(spread, side, lambda top, left: names[int(worst[top, left])], count)


def _box_means(values: Map, side: int) -> NDArray[np.float64]:
    """Mean over the square whose upper left corner is each position, (H - side + 1, W - side + 1)."""
    sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=sums[1:, 1:])
    boxes = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(boxes / side**2)


def _pick(score: NDArray[np.float64], side: int, codec_at: Callable[[int, int], str], count: int) -> list[Region]:
    left_over = score.copy()
    found: list[Region] = []
    while len(found) < count:
        top, left = np.unravel_index(int(left_over.argmax()), left_over.shape)
        best = float(left_over[top, left])
        if not best > 1e-6:
            break
        found.append(Region(int(left), int(top), side, codec_at(int(top), int(left)), best))
        left_over[max(0, top - side + 1) : top + side, max(0, left - side + 1) : left + side] = -np.inf
    return found

"""Finds the worst regions of a picture from the maps: where to look first."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.imaging.image import Pixels

Map = NDArray[np.float32]


@dataclass(frozen=True)
class Region:
    """A square of the picture, in pixels. codec: the codec that is bad here, or the worst one where codecs differ most.

    score: mean loss of structural similarity (1 - SSIM), or its spread between codecs; larger is worse.
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

    def nearest(self, others: Sequence[Region]) -> int | None:
        """The index of the region that is about the same place: its middle lies in this one. None if there is none."""
        away = [
            max(
                abs(2 * (one.left - self.left) + one.side - self.side),
                abs(2 * (one.top - self.top) + one.side - self.side),
            )
            for one in others
        ]
        return away.index(min(away)) if away and min(away) <= self.side else None


def region_side(height: int, width: int) -> int:
    """Side of a picture's regions: an eighth of its shorter side, 32 to 256 pixels, but not more than that side."""
    shorter = min(height, width)
    return max(1, min(shorter, max(32, min(256, shorter // 8))))


_FLAT_WEIGHT = 0.3
_SHARP_LEVELS = 3.0
"""A region without detail counts this share; one whose neighbouring pixels differ by so many levels, halfway to all."""


def detail_of(original: Pixels, map_scale: int) -> Map:
    """How much neighbouring pixels of a picture differ, 8-bit levels, at the size of its SSIM maps: little where it is
    out of focus. Green only, and of a large picture every map_scale-th pixel.
    """
    green = original[::map_scale, ::map_scale, 1].astype(np.int16)
    detail = np.zeros(green.shape, np.float32)
    detail[:, :-1] += np.abs(np.diff(green, axis=1))
    detail[:-1] += np.abs(np.diff(green, axis=0))
    return np.asarray(detail / 2, np.float32)


def find_regions(
    ssim: Mapping[str, Map], map_scale: int, height: int, width: int, count: int, *, detail: Map | None = None
) -> tuple[list[Region], dict[str, list[Region]]]:
    """Where the codecs differ most (empty for a single codec), and each codec's worst regions; in picture pixels.

    ssim: maps by codec, of a picture height x width; a map value covers map_scale x map_scale pixels.
    detail: of `detail_of`; regions are ranked with less weight on those that have little of it. None: by score alone.
    """
    coarse = {codec: coarser(values) for codec, values in ssim.items()}
    maps = {codec: values for codec, (values, _step) in coarse.items()}
    scale = map_scale * next(step for _values, step in coarse.values())
    sharp = None
    if detail is not None:
        rows, columns = (min(sides) for sides in zip(detail.shape, *(m.shape for m in ssim.values()), strict=True))
        sharp = coarser(detail[:rows, :columns])[0]
        maps = {codec: values[: sharp.shape[0], : sharp.shape[1]] for codec, values in maps.items()}
    different = most_different_regions(maps, count, detail=sharp) if len(maps) > 1 else []
    worst = {codec: worst_regions(values, codec, count, detail=sharp) for codec, values in maps.items()}
    return (
        enlarged(different, scale, height, width),
        {codec: enlarged(found, scale, height, width) for codec, found in worst.items()},
    )


def worst_regions(ssim: Map, codec: str, count: int, *, detail: Map | None = None) -> list[Region]:
    """Up to `count` regions of one codec with the lowest mean local SSIM, worst first, without overlaps.

    In map pixels, like those of most_different_regions: see `enlarged`. detail: of the map's size, as in find_regions.
    """
    side = region_side(*ssim.shape)
    return _pick(1.0 - _box_means(ssim, side), _weights(detail, side), side, lambda _top, _left: codec, count)


def most_different_regions(ssim: Mapping[str, Map], count: int, *, detail: Map | None = None) -> list[Region]:
    """Up to `count` regions where the codecs' local SSIM differs most, without overlaps; codec: the worst one. detail:
    as in worst_regions.
    """
    names = list(ssim)
    side = region_side(*ssim[names[0]].shape)
    means = np.stack([_box_means(ssim[name], side) for name in names])
    spread = means.max(axis=0) - means.min(axis=0)
    worst = means.argmin(axis=0)
    return _pick(spread, _weights(detail, side), side, lambda top, left: names[int(worst[top, left])], count)


def coarser(ssim: Map, most_values: int = 1 << 22) -> tuple[Map, int]:
    """A map averaged over squares so that it has at most `most_values` values, and the side of those squares."""
    step = max(1, math.ceil(math.sqrt(ssim.size / most_values)))
    height, width = ssim.shape[0] // step, ssim.shape[1] // step
    if step == 1 or not height or not width:
        return ssim, 1
    squares = ssim[: height * step, : width * step].reshape(height, step, width, step)
    return squares.mean(axis=(1, 3), dtype=np.float32), step


def enlarged(regions: Sequence[Region], scale: int, height: int, width: int) -> list[Region]:
    """Regions of a map, in pixels of a picture height x width; a map value covers scale x scale pixels."""
    found = []
    for region in regions:
        side = min(region.side * scale, height, width)
        left, top = min(region.left * scale, width - side), min(region.top * scale, height - side)
        found.append(replace(region, left=left, top=top, side=side))
    return found


def _box_means(values: Map, side: int) -> NDArray[np.float64]:
    """Mean over the square with its upper left corner at each position, (H - side + 1, W - side + 1)."""
    sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=sums[1:, 1:])
    boxes = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(boxes / side**2)


def _weights(detail: Map | None, side: int) -> NDArray[np.float64] | float:
    """What each square counts, 0.3 to 1."""
    if detail is None:
        return 1.0
    means = _box_means(detail, side)
    return np.asarray(_FLAT_WEIGHT + (1.0 - _FLAT_WEIGHT) * means / (means + _SHARP_LEVELS))


def _pick(
    score: NDArray[np.float64],
    weights: NDArray[np.float64] | float,
    side: int,
    codec_at: Callable[[int, int], str],
    count: int,
) -> list[Region]:
    left_over = score * weights
    found: list[Region] = []
    while len(found) < count:
        top, left = np.unravel_index(int(left_over.argmax()), left_over.shape)
        if not float(left_over[top, left]) > 1e-6:
            break
        found.append(Region(int(left), int(top), side, codec_at(int(top), int(left)), float(score[top, left])))
        left_over[max(0, top - side + 1) : top + side, max(0, left - side + 1) : left + side] = -np.inf
    return found

"""The crops that a report shows at 1:1: the worst regions and their surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from viewer.imaging.image import Image, Pixels
from viewer.maps.regions import Region, find_regions
from viewer.matching.result import Result

SIDE = 264
"""Side of a crop, in pixels, if the picture is large enough: four fit side by side."""

_CANDIDATES = 6
"""Regions to choose from, to find one that overlaps no other crop."""


@dataclass(frozen=True)
class Part:
    """A rectangle from left, top, in pixels of the picture or of a crop."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, pixels: Pixels) -> Pixels:
        """This part of a picture."""
        return np.ascontiguousarray(pixels[self.top : self.top + self.height, self.left : self.left + self.width])


@dataclass(frozen=True)
class Crop:
    """A place in the picture. codec: whose worst region it is; None where the codecs differ most. area: shown at 1:1.
    detail: the region and its surroundings, which fill the same space when magnified; the whole crop if the region is
    larger than that.
    """

    codec: str | None
    region: Region
    area: Part
    detail: Part
    magnification: int


def find_crops(image: Image, results: Sequence[Result]) -> tuple[Crop, ...]:
    """Where the codecs differ most, then the worst region of each codec, unless it overlaps an earlier crop."""
    maps = {result.request.codec: result.measurement.ssim for result in results}
    map_scale = results[0].measurement.map_scale
    different, worst = find_regions(maps, map_scale, image.height, image.width, _CANDIDATES)
    wanted: list[tuple[str | None, list[Region]]] = [(None, different), *worst.items()]
    crops: list[Crop] = []
    for codec, regions in wanted:
        free = (region for region in regions if not any(region.overlaps(crop.region) for crop in crops))
        region = next(free, None)
        if region is not None:
            crops.append(_crop(image, codec, region))
    return tuple(crops)


def _crop(image: Image, codec: str | None, region: Region) -> Crop:
    magnification = max(1, SIDE // region.side)
    return Crop(
        codec, region, _around(image, region, SIDE), _around(image, region, SIDE // magnification), magnification
    )


def _around(image: Image, region: Region, side: int) -> Part:
    """A square of this side around a region's middle, moved and clipped to lie in the picture."""
    width, height = min(side, image.width), min(side, image.height)
    left = round(region.left + (region.side - width) / 2)
    top = round(region.top + (region.side - height) / 2)
    return Part(min(max(left, 0), image.width - width), min(max(top, 0), image.height - height), width, height)

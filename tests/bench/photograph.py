"""The pictures that everything is measured on: 768x512, cut from a sample photograph, and a large one of them all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging.image import Image, Pixels
from viewer.imaging.reader import load_image
from viewer.system.resources import sample_images

WIDTH, HEIGHT = 768, 512


def photograph(name: str) -> Image:
    """The sample scaled and cropped to 768x512."""
    (sample,) = (sample for sample in sample_images() if sample.name == name)
    picture = PillowImage.fromarray(load_image(sample.path).pixels)
    scale = max(WIDTH / picture.width, HEIGHT / picture.height)
    size = (max(WIDTH, round(picture.width * scale)), max(HEIGHT, round(picture.height * scale)))
    left, top = (size[0] - WIDTH) // 2, (size[1] - HEIGHT) // 2
    scaled = picture.resize(size, PillowImage.Resampling.LANCZOS).crop((left, top, left + WIDTH, top + HEIGHT))
    return Image(np.array(scaled), name)


def enlarged(megapixels: float) -> Pixels:
    """A picture of so many megapixels, 3:2, tiled from the samples at twice their size."""
    width, height = round((megapixels * 1.5e6) ** 0.5), round((megapixels / 1.5e-6) ** 0.5)
    pictures = [PillowImage.fromarray(load_image(sample.path).pixels) for sample in sample_images()]
    side = (1536, 1024)
    tiles = [np.asarray(picture.resize(side, PillowImage.Resampling.LANCZOS)) for picture in pictures]
    pixels = np.empty((height, width, 3), np.uint8)
    for row, top in enumerate(range(0, height, side[1])):
        for column, left in enumerate(range(0, width, side[0])):
            cut = pixels[top : top + side[1], left : left + side[0]]
            cut[:] = tiles[(row + 2 * column) % len(tiles)][: cut.shape[0], : cut.shape[1]]
    return pixels


def save_photograph(name: str, path: Path) -> None:
    """Write it as PNG."""
    PillowImage.fromarray(photograph(name).pixels).save(path)

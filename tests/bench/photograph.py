"""The picture that everything is measured on: 768x512, cut from a sample photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from viewer.image import Image
from viewer.read import load_image
from viewer.resources import sample_images

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


def save_photograph(name: str, path: Path) -> None:
    """Write it as PNG."""
    PillowImage.fromarray(photograph(name).pixels).save(path)

"""One labelled picture of a comparison: the original and every codec's reconstruction at native pixel scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from viewer.compare import Result
from viewer.image import Image, Pixels
from viewer.target import format_bytes

_SURROUND = (119, 119, 119)
_INK = (255, 255, 255)
_MARGIN = 12
_LABEL_LINES = 2


def composite(image: Image, results: Sequence[tuple[str, Result]]) -> Pixels:
    """Original and results (label, result) on neutral grey, uint8 (H, W, 3); nearest to 3:2 of all grids."""
    cells = [(image.name, "Original", image.pixels)]
    for label, result in results:
        metrics = result.measurement.metrics
        title = f"{label}   {result.bpp:.4f} bpp   {format_bytes(len(result.stream))}"
        figures = f"PSNR {metrics.psnr_rgb_db:.2f} dB   MS-SSIM {metrics.ms_ssim_rgb:.4f}"
        cells.append((title, figures, result.reconstruction))
    size = min(max(image.width // 36, 11), 40)
    font = ImageFont.load_default(size)
    label_height = round(size * 1.35 * _LABEL_LINES) + _MARGIN
    label_width = max(math.ceil(font.getlength(line)) for cell in cells for line in cell[:2])
    cell_width, cell_height = max(image.width, label_width), image.height + label_height
    columns = _columns(len(cells), cell_width, cell_height)
    rows = math.ceil(len(cells) / columns)
    canvas = PillowImage.new(
        "RGB",
        (columns * (cell_width + _MARGIN) + _MARGIN, rows * (cell_height + _MARGIN) + _MARGIN),
        _SURROUND,
    )
    draw = ImageDraw.Draw(canvas)
    for i, (title, figures, pixels) in enumerate(cells):
        left = _MARGIN + i % columns * (cell_width + _MARGIN)
        top = _MARGIN + i // columns * (cell_height + _MARGIN)
        draw.text((left, top), title, _INK, font)
        draw.text((left, top + round(size * 1.35)), figures, _INK, font)
        canvas.paste(PillowImage.fromarray(pixels), (left, top + label_height))
    return np.asarray(canvas)


def _columns(count: int, width: int, height: int) -> int:
    def distance(columns: int) -> float:
        return abs(math.log(columns * width / (math.ceil(count / columns) * height) / 1.5))

    return min(range(1, count + 1), key=distance)

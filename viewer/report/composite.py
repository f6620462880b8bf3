"""Combines several labelled pictures into one, at their native pixel scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from viewer.codecs.palette import CORNERS, CodecLook, Marker, look_of
from viewer.codecs.registry import known_codecs
from viewer.imaging.image import Image, Pixels
from viewer.imaging.image_info import format_bytes
from viewer.matching.reconstruction import Reconstruction
from viewer.matching.result import Result
from viewer.metrics.base import Metric
from viewer.metrics.measurement import Metrics
from viewer.metrics.scoring import Score, format_score, score_in

_SURROUND = (119, 119, 119)
_INK = (255, 255, 255)
_MARGIN = 12
_SMALLEST, _LARGEST = 11, 40
"""Font sizes, in pixels."""
_LINE = 1.35
"""Height of a line, in font sizes."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A picture and the lines above it. look: whose marker stands before the first line, if any does."""

    lines: tuple[str, ...]
    pixels: Pixels
    look: CodecLook | None = None


@dataclass(frozen=True, eq=False)
class Scale:
    """The key to a map's colours: text before and after a bar, uint8 (height, width, 3)."""

    low: str
    bar: Pixels
    high: str


def composite(
    image: Image,
    results: Sequence[tuple[str, Result]],
    reconstructions: Sequence[Reconstruction] = (),
    metrics: Sequence[Metric] = (),
) -> Pixels:
    """Original, results (label, result) and pictures decoded elsewhere on neutral grey, uint8 (H, W, 3); nearest to 3:2
    of all grids. metrics: those whose scores are written, too.
    """
    cells = [Cell((image.name, "Original"), image.pixels)]
    codecs = [result.request.codec for _label, result in results]
    names = list(dict.fromkeys((*(codec.name for codec in known_codecs()), *codecs)))
    for label, result in results:
        title = f"{label}   {result.bpp:.4f} bpp   {format_bytes(len(result.stream))}"
        figures = _figures(result.measurement.metrics, result.scores, metrics)
        cells.append(Cell((title, figures), result.reconstruction, look_of(result.request.codec, names)))
    for given in reconstructions:
        bpp = given.bpp(image)
        rate = f"   {bpp:.4f} bpp   {format_bytes(given.byte_count or 0)}" if bpp is not None else ""
        figures = _figures(given.measurement.metrics, given.scores, metrics)
        cells.append(Cell((f"{given.title}{rate}", figures), given.pixels))
    return labelled(cells)


def _figures(measured: Metrics, scores: Mapping[str, Score], metrics: Sequence[Metric]) -> str:
    others = (f"   {metric.label} {format_score(metric, score_in(metric, measured, scores))}" for metric in metrics)
    return f"PSNR {measured.psnr_rgb_db:.2f} dB   MS-SSIM {measured.ms_ssim_rgb:.4f}{''.join(others)}"


def labelled(cells: Sequence[Cell], columns: int | None = None, scale: Scale | None = None) -> Pixels:
    """Cells of equal size on neutral grey, uint8 (H, W, 3), row by row; columns: None for the grid nearest to 3:2."""
    height, width = cells[0].pixels.shape[:2]
    size = _font_size(cells, width)
    font, bold = _font("DejaVuSans.ttf", size), _font("DejaVuSans-Bold.ttf", size)
    line_count = max(len(cell.lines) for cell in cells)
    label_height = round(size * _LINE * line_count) + _MARGIN
    label_width = _label_width(cells, size)
    cell_width, cell_height = max(width, label_width), height + label_height
    columns = columns or _columns(len(cells), cell_width, cell_height)
    rows = math.ceil(len(cells) / columns)
    foot = 0 if scale is None else round(size * _LINE) + _MARGIN
    canvas = PillowImage.new(
        "RGB",
        (columns * (cell_width + _MARGIN) + _MARGIN, rows * (cell_height + _MARGIN) + _MARGIN + foot),
        _SURROUND,
    )
    draw = ImageDraw.Draw(canvas)
    for i, cell in enumerate(cells):
        left = _MARGIN + i % columns * (cell_width + _MARGIN)
        top = _MARGIN + i // columns * (cell_height + _MARGIN)
        indent = 0
        if cell.look is not None:
            marker = _marker(cell.look.marker, size)
            canvas.paste(cell.look.colour, (left, round(top + size * 0.6 - marker.height / 2)), marker)
            indent = size + size // 4
        for number, line in enumerate(cell.lines):
            x, y = left + (indent if number == 0 else 0), top + round(number * size * _LINE)
            draw.text((x, y), line, _INK, bold if number == 0 else font)
        canvas.paste(PillowImage.fromarray(cell.pixels), (left, top + label_height))
    if scale is not None:
        top = canvas.height - foot
        draw.text((_MARGIN, top), scale.low, _INK, font)
        left = round(_MARGIN + font.getlength(scale.low) + size / 2)
        canvas.paste(PillowImage.fromarray(scale.bar).resize((12 * size, size)), (left, top + size // 5))
        draw.text((left + 12.5 * size, top), scale.high, _INK, font)
    return np.asarray(canvas)


def _marker(marker: Marker, size: int) -> PillowImage.Image:
    """A marker as a mask, for letters of this size."""
    fine = 8 * size  # drawn large and made smaller, as Pillow's polygons have no smooth edges
    large = PillowImage.new("L", (fine, fine))
    points = [(fine / 2 + 0.36 * fine * x, fine / 2 + 0.36 * fine * y) for x, y in CORNERS[marker]]
    ImageDraw.Draw(large).polygon(points, fill=255)
    return large.resize((size, size), PillowImage.Resampling.LANCZOS)


def _font_size(cells: Sequence[Cell], width: int) -> int:
    """The largest readable size at which every label fits the pictures' width."""
    size = min(max(width // 40, _SMALLEST), _LARGEST)
    while size > _SMALLEST and _label_width(cells, size) > width:
        size -= 1
    return size


def _label_width(cells: Sequence[Cell], size: int) -> int:
    bold = _font("DejaVuSans-Bold.ttf", size)
    return max(math.ceil(bold.getlength(line)) for cell in cells for line in cell.lines) + size + size // 4


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl  # its fonts have every character; Pillow's own lacks some

    return ImageFont.truetype(Path(mpl.get_data_path(), "fonts", "ttf", name), size)


def _columns(count: int, width: int, height: int) -> int:
    def distance(columns: int) -> float:
        return abs(math.log(columns * width / (math.ceil(count / columns) * height) / 1.5))

    return min(range(1, count + 1), key=distance)

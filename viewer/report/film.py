"""Films of a comparison, frame by frame: a wipe between two pictures, and a sweep of the rate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from viewer.imaging.image import Pixels
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP

MOST_WIDTH, MOST_HEIGHT = 1920, 1080
"""Larger pictures are made smaller, by averaging, so that a film plays everywhere."""
RATES = 24
"""Of a sweep, from the lowest to the highest."""
_MARGIN = 12
_LINE = 1.35
"""Height of a line, in font sizes."""
_SMALLEST, _LARGEST = 10, 30
_GROUND, _INK, _QUIET = (29, 29, 29), (255, 255, 255), (190, 190, 190)
_SURROUND = (119, 119, 119)
_TURN = 0.08
"""How near to the edges the line of a wipe turns back, as a share of the width."""


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture, uint8 (H, W, 3), with its name and what is said of it. colour: of the name, #rrggbb or empty."""

    pixels: Pixels
    name: str
    note: str
    colour: str = ""


def film_rates(bpp: float) -> tuple[float, ...]:
    """The rates of a sweep around a rate: from 0.4 to 5 times it, evenly on a logarithmic axis, within the slider's."""
    low, high = max(MIN_BPP, 0.4 * bpp), min(MAX_BPP, 5.0 * bpp)
    return tuple(low * (high / low) ** (index / (RATES - 1)) for index in range(RATES))


def wipe(left: Shot, right: Shot, count: int) -> Iterator[Pixels]:
    """So many frames, uint8 (H, W, 3), of even width and height: a line goes from side to side and back, with the one
    picture left of it and the other right.
    """
    left, right = _fitted(left, 1), _fitted(right, 1)
    height, width = left.pixels.shape[:2]
    canvas, top = _titled((left, right), (0, 0), width, width, height)
    for index in range(count):
        share = 0.5 - 0.5 * math.cos(math.tau * index / count)
        line = round(width * (_TURN + (1 - 2 * _TURN) * share))
        frame = canvas.copy()
        frame[top : top + height, :line] = left.pixels[:, :line]
        frame[top : top + height, line:width] = right.pixels[:, line:]
        frame[top : top + height, max(0, line - 2) : line + 1] = (0, 0, 0)
        frame[top : top + height, line - 1 : line] = _INK
        yield frame


def sweep(shots: Sequence[tuple[Shot, Shot]]) -> Iterator[Pixels]:
    """Frames, uint8 (H, W, 3), of even width and height: two pictures side by side at each rate, up and down again."""
    size = None
    for pair in (*shots, *shots[-2:0:-1]):
        left, right = _fitted(pair[0], 2), _fitted(pair[1], 2)
        height, width = left.pixels.shape[:2]
        second = width + _MARGIN
        canvas, top = _titled((left, right), (0, second), second + width, width, height)
        canvas[top : top + height, width:second] = _SURROUND
        canvas[top : top + height, :width] = left.pixels
        canvas[top : top + height, second : second + width] = right.pixels
        assert size in (None, canvas.shape)
        size = canvas.shape
        yield canvas


def _fitted(shot: Shot, across: int) -> Shot:
    """A shot no larger than fits a film in which so many are side by side."""
    height, width = shot.pixels.shape[:2]
    share = min(1.0, (MOST_WIDTH - (across - 1) * _MARGIN) / across / width, MOST_HEIGHT * 0.9 / height)
    if share == 1.0:
        return shot
    size = max(1, round(width * share)), max(1, round(height * share))
    scaled = PillowImage.fromarray(shot.pixels).resize(size, PillowImage.Resampling.BOX)
    return replace(shot, pixels=np.asarray(scaled))


def _titled(shots: tuple[Shot, Shot], lefts: tuple[int, int], width: int, room: int, height: int) -> tuple[Pixels, int]:
    """An empty frame with both titles above the pictures' place, and the row at which that begins.

    lefts: of the pictures; where they are the same, the second title is on the right. room: of a picture.
    """
    apart = lefts[0] != lefts[1]
    size = _font_size(shots, room if apart else room // 2)
    bold, plain = _font("DejaVuSans-Bold.ttf", size), _font("DejaVuSans.ttf", size)
    top = round(2 * _LINE * size) + _MARGIN
    total = width + width % 2, top + height + (top + height) % 2
    canvas = PillowImage.new("RGB", total, _GROUND)
    draw = ImageDraw.Draw(canvas)
    for number, (shot, left) in enumerate(zip(shots, lefts, strict=True)):
        for text, font, ink, line in ((shot.name, bold, shot.colour or _INK, 0), (shot.note, plain, _QUIET, 1)):
            at = left + _MARGIN // 2 if apart or number == 0 else width - _MARGIN // 2 - font.getlength(text)
            draw.text((at, _MARGIN / 3 + line * _LINE * size), text, ink, font)
    return np.array(canvas), top


def _font_size(shots: Sequence[Shot], room: int) -> int:
    """The largest readable size at which each title fits."""
    size = min(max(room // 22, _SMALLEST), _LARGEST)
    while size > _SMALLEST and _widest(shots, size) > room - _MARGIN:
        size -= 1
    return size


def _widest(shots: Sequence[Shot], size: int) -> float:
    bold = _font("DejaVuSans-Bold.ttf", size)
    return max(bold.getlength(text) for shot in shots for text in (shot.name, shot.note))


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl  # its fonts have every character; Pillow's own lacks some

    return ImageFont.truetype(Path(mpl.get_data_path(), "fonts", "ttf", name), size)

"""Synthetic pictures: flat colours, text, drawings, interfaces, patterns.

    python -m models.training.pictures.synthetic OUT --count 20

The same seed gives the same pictures with the same versions of Pillow and matplotlib, whose fonts they use. OUT
with the usual options is the third validation set.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.training.pictures.colours import without_colour

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
_Rng = np.random.Generator

VALIDATION_SEED = 20_000
"""Of the kept set. Training draws its pictures from other streams of random numbers."""

_GREY_SHARE = 0.2
_SYLLABLES = tuple(
    "a an be co da e en er fi go ha i in ka la le ma mi na ne no o on pa re ri sa se ta te to u un ve we".split()  # noqa: SIM905
)
_MARKS = ("", "", "", "", "", ",", ".", ":", "?", "!")


def synthetic_picture(rng: _Rng, height: int, width: int, kind: int | None = None) -> Pixels:
    """One picture, uint8 (height, width, 3). kind: index into KINDS, instead of any of them."""
    make = KINDS[int(rng.integers(len(KINDS))) if kind is None else kind % len(KINDS)]
    pixels = make(rng, height, width)
    return without_colour(pixels) if rng.random() < _GREY_SHARE else pixels


def _flat(rng: _Rng, height: int, width: int) -> Pixels:
    """One colour, or a few coloured rectangles."""
    image, draw = _canvas(_colour(rng), height, width)
    for _ in range(int(rng.choice([0, 0, 1, 4, 12]))):
        draw.rectangle(_box(rng, height, width), fill=_colour(rng))
    return np.array(image)


def _gradient(rng: _Rng, height: int, width: int) -> Pixels:
    """A linear or radial gradient."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    if rng.random() < 0.6:
        angle = rng.choice([0.0, math.pi / 2, rng.uniform(0, 2 * math.pi)])
        t = x * math.cos(angle) + y * math.sin(angle)
    else:
        t = np.hypot(x - rng.uniform(0, width), y - rng.uniform(0, height))
    t = (t - t.min()) / max(float(np.ptp(t)), 1.0)
    stops = np.array([_colour(rng) for _ in range(int(rng.integers(2, 5)))], np.float32)
    at = np.linspace(0, 1, len(stops))
    channels = [np.interp(t, at, stops[:, channel]) for channel in range(3)]
    pixels: Pixels = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return pixels


def _text(rng: _Rng, height: int, width: int) -> Pixels:
    """A page of text in one or two columns."""
    paper, ink = _paper_and_ink(rng)
    image, draw = _canvas(paper, height, width)
    columns = int(rng.integers(1, 3))
    step = width // columns
    for column in range(columns):
        _paragraph(rng, draw, (column * step + 6, 4, (column + 1) * step - 6, height), ink)
    return np.array(image)


def _line_art(rng: _Rng, height: int, width: int) -> Pixels:
    """Lines, curves and outlines, smooth at the edges or not."""
    fine = 2 if rng.random() < 0.6 else 1
    paper, ink = _paper_and_ink(rng)
    image, draw = _canvas(paper, height * fine, width * fine)
    for _ in range(int(rng.integers(6, 40))):
        colour = ink if rng.random() < 0.6 else _colour(rng)
        weight = fine * int(rng.choice([1, 1, 2, 3, 6]))
        box = _box(rng, height * fine, width * fine)
        match int(rng.integers(5)):
            case 0:
                draw.line(box, fill=colour, width=weight)
            case 1:
                draw.ellipse(box, outline=colour, width=weight)
            case 2:
                draw.arc(box, rng.uniform(0, 360), rng.uniform(0, 360), fill=colour, width=weight)
            case 3:
                x = np.linspace(box[0], box[2], 40)
                bend = (box[3] - box[1]) / 2 * np.sin(np.linspace(0, rng.uniform(3, 30), 40))
                y = (box[1] + box[3]) / 2 + bend
                draw.line(np.stack([x, y], axis=1).ravel().tolist(), fill=colour, width=weight)
            case _:
                draw.polygon(_polygon(rng, box), outline=colour, fill=_colour(rng) if rng.random() < 0.4 else None)
    return np.array(image.resize((width, height), Image.Resampling.BOX))


def _windows(rng: _Rng, height: int, width: int) -> Pixels:
    """A desktop: windows with a title, a column of entries, buttons, fields and text."""
    image, draw = _canvas(_colour(rng), height, width)
    for _ in range(int(rng.integers(1, 4))):
        left, top = int(rng.integers(-20, width // 2)), int(rng.integers(-20, height // 2))
        right, bottom = left + int(rng.integers(width // 2, width)), top + int(rng.integers(height // 2, height))
        paper, ink = _paper_and_ink(rng)
        accent = _colour(rng)
        radius = int(rng.choice([0, 4, 10]))
        draw.rounded_rectangle(
            (left, top, right, bottom), radius, fill=paper, outline=ink if rng.random() < 0.5 else None
        )
        draw.rounded_rectangle((left, top, right, top + 24), radius, fill=accent)
        draw.text((left + 8, top + 5), _words(rng, 3), fill=_readable_on(accent), font=_font(rng, 13))
        side = left + int(rng.integers(40, 110))
        draw.rectangle((left + 1, top + 25, side, bottom - 1), fill=_near(rng, paper))
        for y in range(top + 32, bottom - 12, 20):
            draw.text((left + 8, y), _words(rng, 1), fill=ink, font=_font(rng, 12))
        _paragraph(rng, draw, (side + 8, top + 30, right - 8, bottom - 40), ink)
        for x in range(side + 8, right - 70, 80):
            button = accent if rng.random() < 0.5 else _near(rng, paper)
            draw.rounded_rectangle((x, bottom - 32, x + 70, bottom - 8), 4, fill=button, outline=ink)
            draw.text((x + 10, bottom - 28), _words(rng, 1), fill=_readable_on(button), font=_font(rng, 12))
    return np.array(image)


def _chat(rng: _Rng, height: int, width: int) -> Pixels:
    """A chat: bubbles on either side, some with a round avatar."""
    paper, ink = _paper_and_ink(rng)
    image, draw = _canvas(paper, height, width)
    own, other = _colour(rng), _near(rng, paper)
    y = int(rng.integers(-20, 12))
    while y < height:
        mine = rng.random() < 0.5
        lines = int(rng.integers(1, 5))
        size = int(rng.integers(11, 17))
        across = int(rng.integers(width // 3, max(width // 3 + 1, width - 60)))
        left = width - across - 8 if mine else 40
        bubble = own if mine else other
        draw.rounded_rectangle((left, y, left + across, y + lines * (size + 5) + 12), 12, fill=bubble)
        _paragraph(
            rng, draw, (left + 10, y + 6, left + across - 10, y + 6 + lines * (size + 5)), _readable_on(bubble), size
        )
        if not mine:
            draw.ellipse((6, y, 32, y + 26), fill=_colour(rng))
        y += lines * (size + 5) + 12 + int(rng.integers(4, 16))
    draw.rectangle((0, height - 30, width, height), fill=_near(rng, paper))
    draw.text((10, height - 24), _words(rng, 4), fill=ink, font=_font(rng, 13))
    return np.array(image)


def _grid(rng: _Rng, height: int, width: int) -> Pixels:
    """Graph paper, or a table with text in its cells."""
    paper, ink = _paper_and_ink(rng)
    image, draw = _canvas(paper, height, width)
    step_x, step_y = int(rng.integers(4, 64)), int(rng.integers(4, 48))
    weight = int(rng.choice([1, 1, 2, 3]))
    colour = ink if rng.random() < 0.5 else _colour(rng)
    for x in range(int(rng.integers(step_x)), width, step_x):
        draw.line((x, 0, x, height), fill=colour, width=weight)
    for y in range(int(rng.integers(step_y)), height, step_y):
        draw.line((0, y, width, y), fill=colour, width=weight)
        if step_x > 30 and step_y > 14:
            for x in range(0, width, step_x):
                draw.text((x + 4, y + 2), str(rng.integers(1000)), fill=ink, font=_font(rng, 11))
    return np.array(image)


def _checkerboard(rng: _Rng, height: int, width: int) -> Pixels:
    """A checkerboard with fields of one pixel or more, over all or part of the picture."""
    field = int(rng.choice([1, 1, 2, 3, 4, 8, 16]))
    y, x = np.mgrid[:height, :width] // field
    return _two_colours(rng, (x + y) % 2 == 0)


def _stripes(rng: _Rng, height: int, width: int) -> Pixels:
    """Horizontal, vertical or diagonal stripes, one pixel wide or more."""
    y, x = np.mgrid[:height, :width]
    period = int(rng.choice([2, 2, 3, 4, 6, 8, 16, 32]))
    across = [x, y, x + y, x - y, 2 * x + y][int(rng.integers(5))]
    return _two_colours(rng, across % period < max(1, period // 2))


def _black_and_white(rng: _Rng, height: int, width: int) -> Pixels:
    """One of the other kinds in two tones: thresholded or dithered."""
    make = (_gradient, _text, _line_art, _windows)[int(rng.integers(4))]
    grey = Image.fromarray(make(rng, height, width)).convert("L")
    if rng.random() < 0.4:
        return np.array(grey.convert("1").convert("RGB"))
    return np.array(grey.point(lambda value: 255 if value > 127 else 0).convert("RGB"))


KINDS: tuple[Callable[[_Rng, int, int], Pixels], ...] = (
    _flat,
    _gradient,
    _text,
    _line_art,
    _windows,
    _chat,
    _grid,
    _checkerboard,
    _stripes,
    _black_and_white,
)


def _canvas(colour: Colour, height: int, width: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (width, height), colour)
    return image, ImageDraw.Draw(image)


def _colour(rng: _Rng) -> Colour:
    """Black, white, a grey, a pure colour, or any."""
    match int(rng.integers(6)):
        case 0:
            red = green = blue = int(rng.choice([0, 255]))
        case 1:
            red = green = blue = int(rng.integers(256))
        case 2:
            red, green, blue = rng.choice([0, 255], 3).tolist()
        case _:
            red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def _near(rng: _Rng, colour: Colour) -> Colour:
    """A little lighter or darker."""
    red, green, blue = np.clip(np.array(colour) + int(rng.integers(-30, 31)), 0, 255).tolist()
    return red, green, blue


def _readable_on(colour: Colour) -> Colour:
    return (0, 0, 0) if sum(colour) > 382 else (255, 255, 255)


def _paper_and_ink(rng: _Rng) -> tuple[Colour, Colour]:
    """Mostly black on white or white on black."""
    paper = [(255, 255, 255), (0, 0, 0), (245, 245, 245), (32, 33, 36), _colour(rng)][int(rng.integers(5))]
    return paper, _readable_on(paper) if rng.random() < 0.7 else _colour(rng)


def _box(rng: _Rng, height: int, width: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom, in order."""
    left, right = sorted(rng.integers(0, width, 2).tolist())
    top, bottom = sorted(rng.integers(0, height, 2).tolist())
    return left, top, right, bottom


def _polygon(rng: _Rng, box: tuple[int, int, int, int]) -> list[tuple[float, float]]:
    count = int(rng.integers(3, 7))
    x, y = rng.uniform(box[0], box[2] + 1, count), rng.uniform(box[1], box[3] + 1, count)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _two_colours(rng: _Rng, first: NDArray[np.bool_]) -> Pixels:
    """A pattern in two colours, sometimes close ones, sometimes with a flat part."""
    one = np.array(_colour(rng))
    other = np.array(_colour(rng))
    if rng.random() < 0.4:  # a faint pattern
        other = np.rint(one + (other - one) * rng.uniform(0.05, 0.4))
    pixels = np.where(first[..., None], one, other).astype(np.uint8)
    if rng.random() < 0.3:
        left, top, right, bottom = _box(rng, *first.shape)
        pixels[top:bottom, left:right] = one
    return pixels


def _words(rng: _Rng, count: int) -> str:
    words = ("".join(rng.choice(_SYLLABLES, int(rng.integers(1, 5)))) + str(rng.choice(_MARKS)) for _ in range(count))
    return " ".join(words).capitalize()


def _paragraph(
    rng: _Rng, draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], ink: Colour, size: int | None = None
) -> None:
    """Fill a box (left, top, right, bottom) with lines of text, some of them short."""
    left, top, right, bottom = box
    chosen = int(rng.choice([9, 11, 12, 14, 16, 22, 36])) if size is None else size
    font = _font(rng, chosen)
    for y in range(top, bottom - chosen, chosen + max(3, chosen // 3)):
        room = (right - left) * (1.0 if rng.random() < 0.8 else rng.uniform(0.2, 0.9))
        line = _words(rng, max(1, int(room / (chosen * 3))))
        draw.text((left, y), line[: max(1, int(room / (chosen * 0.55)))], fill=ink, font=font)


def _font(rng: _Rng, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font or one of matplotlib's, so that none has to be installed."""
    names = ("", "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono")
    return _loaded_font(names[int(rng.integers(len(names)))], size)


@lru_cache(maxsize=64)
def _loaded_font(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if not name:
        return ImageFont.load_default(size)
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf", size)


def write_pictures(folder: Path, count: int, seed: int, height: int, width: int) -> None:
    """Write PNG pictures, each kind in its turn; a picture depends on the seed and its number alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        kind = number % len(KINDS)
        pixels = synthetic_picture(np.random.default_rng((seed, number)), height, width, kind)
        name = KINDS[kind].__name__.strip("_").replace("_", "-")
        Image.fromarray(pixels).save(folder / f"{number:03d}-{name}.png")


def main(arguments: list[str]) -> int:
    """Write pictures as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.pictures.synthetic",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("out", type=Path, help="folder that the pictures go to")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=VALIDATION_SEED)
    parser.add_argument("--size", type=int, nargs=2, default=(640, 448), metavar=("WIDTH", "HEIGHT"))
    parsed = parser.parse_args(arguments)
    width, height = parsed.size
    write_pictures(parsed.out, parsed.count, parsed.seed, height, width)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The labelled picture marks each codec as the window does."""

from __future__ import annotations

import numpy as np

from tests.photographs import flat
from viewer.codecs.palette import look_of
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Pixels
from viewer.matching.comparison import Comparison
from viewer.report.composite import Cell, composite, labelled


def reddish(pixels: Pixels, colour: str) -> int:
    """How many pixels are of a colour, but for smooth edges."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return int(np.sum(np.all(np.abs(pixels.astype(int) - wanted) < 12, axis=2)))


def test_every_codec_has_its_own_marker_in_its_own_colour() -> None:
    image = flat(96, 400, (119, 119, 119))
    comparison = Comparison(image, [codec_named("jpeg"), codec_named("jpeg2000")])
    drawn = composite(image, [("JPEG", comparison.result("jpeg", 1.0)), ("2000", comparison.result("jpeg2000", 1.0))])
    square, triangle = (reddish(drawn, look_of(name, (name,)).colour) for name in ("jpeg", "jpeg2000"))
    assert square > 20
    assert triangle > 10
    assert triangle < 0.8 * square  # of the same size, a triangle covers less


def test_the_original_has_no_marker() -> None:
    image = flat(60, 300)
    plain = labelled([Cell(("Original",), image.pixels)])
    marked = labelled([Cell(("Original",), image.pixels, look_of("learned", ("learned",)))])
    colour = look_of("learned", ("learned",)).colour
    assert reddish(plain, colour) == 0
    assert reddish(marked, colour) > 20

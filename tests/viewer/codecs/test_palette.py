"""Every codec looks like no other, however many there are; its name can be read, and no pin looks like a codec."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.codecs.palette import CODEC_COLOURS, CORNERS, NAME_CONTRAST, Marker, contrast, look_of, name_colour
from viewer.session.pins import PIN_COLOURS
from viewer.ui.common.theme import DARK, LIGHT, Colours

NAMES = [*CODEC_COLOURS, *(f"other-{i}" for i in range(20))]


def lab(colour: str) -> NDArray[np.float32]:
    """CIELAB of #rrggbb."""
    rgb = np.array([[[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]]], np.float32)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0], np.float32)


def test_built_in_codecs_and_twenty_others_look_different_without_their_dash() -> None:
    looks = [look_of(name, NAMES) for name in NAMES]
    assert len({(look.colour, look.marker) for look in looks}) == len(NAMES)


def test_the_first_others_hardly_share_a_colour_or_a_marker() -> None:
    names = [f"other-{i}" for i in range(7)]
    looks = [look_of(name, names) for name in names]
    assert min(len({look.colour for look in looks}), len({look.marker for look in looks})) >= 6


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_name_in_a_codecs_or_pins_colour_can_be_read(theme: Colours) -> None:
    for colour in (*(look_of(name, NAMES).colour for name in NAMES), *PIN_COLOURS):
        for ground in (theme.panel, theme.window):
            assert contrast(name_colour(colour, ground), ground) >= NAME_CONTRAST, (colour, ground)
        assert contrast(colour, theme.panel) >= 3  # as a line or a marker


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert name_colour("#ffffff", "#272727") == "#ffffff"
    assert name_colour("#2b8cd6", "#ffffff") != "#2b8cd6"


def test_pins_differ_from_codecs_and_from_one_another() -> None:
    """By the distance in CIELAB; 10 is what nobody confuses side by side."""
    colours = [*{look_of(name, NAMES).colour for name in NAMES}, *PIN_COLOURS]
    for pin in PIN_COLOURS:
        others = [colour for colour in colours if colour != pin]
        assert min(float(np.linalg.norm(lab(pin) - lab(colour))) for colour in others) > 15, pin


def test_every_marker_has_an_outline_of_about_the_same_size() -> None:
    assert set(CORNERS) == set(Marker)
    for corners in CORNERS.values():
        assert 0.85 <= max(max(abs(x), abs(y)) for x, y in corners) <= 1.25

"""Pictures of differences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.photographs import noise
from viewer.maps.difference import DifferenceMode, colour_bar, difference_picture, error_in_levels, map_picture

A, B = noise(20, 30, 1).pixels, noise(20, 30, 2).pixels


@pytest.mark.parametrize("gain", [0.5, 1.0, 4.0])
def test_differences_are_what_the_formula_says(gain: float) -> None:
    exact = (B.astype(float) - A.astype(float)) * gain
    signed = difference_picture(A, B, DifferenceMode.SIGNED, gain)
    absolute = difference_picture(A, B, DifferenceMode.ABSOLUTE, gain)
    assert np.array_equal(signed, np.clip(np.rint(exact + 128), 0, 255))
    assert np.array_equal(absolute, np.clip(np.rint(np.abs(exact)), 0, 255))


def test_no_difference_is_mid_grey_or_black() -> None:
    assert (difference_picture(A, A, DifferenceMode.SIGNED, 8.0) == 128).all()
    assert (difference_picture(A, A, DifferenceMode.ABSOLUTE, 8.0) == 0).all()


def test_maps_brighten_with_their_values() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    lightness = map_picture(ramp, 0.0, 1.0)[0].astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) > -1.5).all()
    assert lightness[-1] - lightness[0] > 200
    assert np.array_equal(map_picture(ramp + 5, 0.0, 1.0)[0, 0], map_picture(ramp, 0.0, 1.0)[0, -1])


def test_a_constant_range_is_no_division_by_zero() -> None:
    assert map_picture(np.zeros((3, 3), np.float32), 1.0, 1.0).shape == (3, 3, 3)


def test_the_bar_has_the_colours_of_the_map() -> None:
    bar = colour_bar(256, 8)
    assert np.array_equal(bar[:, 0], map_picture(np.linspace(1, 0, 256, dtype=np.float32)[:, None], 0, 1)[:, 0])


def test_errors_are_in_grey_levels() -> None:
    assert error_in_levels(np.array([[0.0, 16.0]], np.float32)).tolist() == [[0.0, 4.0]]

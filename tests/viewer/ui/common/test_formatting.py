"""Figures as people read them."""

from __future__ import annotations

import math

import pytest

from viewer.ui.common.formatting import format_bpp, format_count, format_db, format_deviation


@pytest.mark.parametrize(
    ("bpp", "text"), [(0.0612, "0.0612"), (0.25, "0.250"), (1.2504, "1.250"), (24.0, "24.000"), (160.0, "160.0")]
)
def test_rates(bpp: float, text: str) -> None:
    assert format_bpp(bpp) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0012, "+0.12 %"),
        (-0.0048, "\N{MINUS SIGN}0.48 %"),
        (0.0, "0.00 %"),
        (-0.00001, "0.00 %"),
        (1.07, "+107 %"),
        (639.0, "+63,900 %"),
    ],
)
def test_deviations_carry_a_sign_unless_nothing_is_left_of_them(share: float, text: str) -> None:
    assert format_deviation(share) == text


def test_a_lossless_picture_has_infinite_decibels() -> None:
    assert format_db(math.inf) == "∞"
    assert format_db(31.416) == "31.42"
    assert format_count(1843200) == "1,843,200"

"""Rates as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TargetError
from tests.photographs import flat
from viewer.imaging.image_info import format_bytes
from viewer.matching.rate_target import clamp_bpp, format_ratio, parse_target

IMAGE = flat(100, 200)  # 20 000 pixels, 60 000 bytes raw


@pytest.mark.parametrize(
    ("text", "bpp"),
    [
        ("0.25", 0.25),
        (" 0,25 ", 0.25),
        (".5", 0.5),
        ("0.25 bpp", 0.25),
        ("1 bit/px", 1.0),
        ("500 B", 0.2),
        ("500 bytes", 0.2),
        ("1 kB", 0.4),
        ("1kb", 0.4),
        ("1 KiB", 0.4096),
        ("0.001 MB", 0.4),
        ("1:60", 0.4),
        ("1 : 60", 0.4),
        ("60:1", 0.4),
        ("1/24", 1.0),
    ],
)
def test_what_people_write(text: str, bpp: float) -> None:
    assert parse_target(text, IMAGE) == pytest.approx(bpp)


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "0", "0 kB", "1:0", "1e9", "nan", "inf", "40 GB", "1:", "0.2.5", "kB"]
)
def test_what_is_no_rate_gets_a_sentence(text: str) -> None:
    with pytest.raises(TargetError, match=r"is not a rate\. Try .*40 kB .*1:60"):
        parse_target(text, IMAGE)


@given(st.floats(0.001, 100))
def test_numbers_come_back(bpp: float) -> None:
    assert parse_target(f"{bpp:.6f}", IMAGE) == pytest.approx(bpp, abs=1e-6)


@given(st.floats(allow_nan=False))
def test_clamped_to_the_slider(bpp: float) -> None:
    assert 0.05 <= clamp_bpp(bpp) <= 3.0


def test_sizes_and_ratios_for_people() -> None:
    assert [format_bytes(n) for n in (812, 40_200, 1_310_000)] == ["812 B", "40.2 kB", "1.31 MB"]
    assert [format_ratio(b) for b in (0.25, 3.0)] == ["1:96", "1:8.0"]

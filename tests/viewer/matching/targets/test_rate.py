"""Rates as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TargetError
from tests.photographs import flat
from viewer.imaging.image_info import format_bytes
from viewer.matching.targets.rate import clamp_bpp, format_ratio, parse_target

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
        ("1,000 B", 0.4),
        ("1.000 B", 0.4),
        ("1\N{NARROW NO-BREAK SPACE}000 bytes", 0.4),
        ("1’000 B", 0.4),
        ("0,5 kB", 0.2),
        ("1,250 bpp", 1.25),
        ("1.250", 1.25),
        ("1\N{RATIO}60", 0.4),
    ],
)
def test_what_people_write(text: str, bpp: float) -> None:
    assert parse_target(text, IMAGE) == pytest.approx(bpp)


@pytest.mark.parametrize(
    "text",
    [
        *("", "abc", "-1", "0", "0 kB", "1:0", "1e9", "nan", "inf", "40 GB", "1:", "0.2.5", "kB"),
        *("1,2,3 B", "1.2.3", "1,23,456 B", "1 2 kB", "12 34", "1,234.5.6 kB", "\N{MINUS SIGN}1"),
    ],
)
def test_what_is_no_rate_gets_a_sentence(text: str) -> None:
    with pytest.raises(TargetError, match=r"is not a rate\. Try .*40 kB .*1:60"):
        parse_target(text, IMAGE)


@pytest.mark.parametrize("text", ["1,250", "1,250 kB", "1:1,250"])
def test_what_can_be_read_in_two_ways_is_asked_about(text: str) -> None:
    with pytest.raises(TargetError, match=r"“1,250” may mean 1\.250 or 1250: write it without the comma\."):
        parse_target(text, IMAGE)


LOCALES = (
    (",", "."),
    (".", ","),
    ("\N{NARROW NO-BREAK SPACE}", ","),
    ("\N{NO-BREAK SPACE}", ","),
    ("\N{THIN SPACE}", "."),
    (" ", ","),
    ("’", "."),
    ("'", "."),
)
"""How people set thousands apart, and decimals."""


def localised(text: str, thousands: str, decimal: str) -> str:
    """A text as the program writes it, in the way of another place."""
    return "".join({",": thousands, ".": decimal}.get(mark, mark) for mark in text)


@given(st.integers(1, 10**8), st.sampled_from(LOCALES))
def test_every_size_that_is_printed_can_be_typed(byte_count: int, marks: tuple[str, str]) -> None:
    exact = f"{byte_count:,} B"  # as tables and panes write it
    assert parse_target(localised(exact, *marks), IMAGE) == pytest.approx(8 * byte_count / IMAGE.pixel_count)
    rounded = parse_target(localised(format_bytes(byte_count), *marks), IMAGE)
    assert rounded == pytest.approx(8 * byte_count / IMAGE.pixel_count, rel=0.051)  # 1.0 kB is 950 to 1050 B


@given(st.floats(0.01, 24.0), st.sampled_from(LOCALES))
def test_every_rate_that_is_printed_can_be_typed(bpp: float, marks: tuple[str, str]) -> None:
    for digits in (3, 4):
        text = localised(f"{bpp:.{digits}f} bpp", *marks)
        if float(f"{bpp:.{digits}f}"):
            assert parse_target(text, IMAGE) == pytest.approx(bpp, abs=0.51 * 10**-digits)
    ratio = 24.0 / parse_target(localised(format_ratio(bpp), *marks), IMAGE)
    assert ratio == pytest.approx(24.0 / bpp, rel=0.051)


@given(st.floats(0.001, 100))
def test_numbers_come_back(bpp: float) -> None:
    assert parse_target(f"{bpp:.6f}", IMAGE) == pytest.approx(bpp, abs=1e-6)


@given(st.floats(allow_nan=False))
def test_clamped_to_the_slider(bpp: float) -> None:
    assert 0.05 <= clamp_bpp(bpp) <= 3.0


def test_sizes_and_ratios_for_people() -> None:
    assert [format_bytes(n) for n in (812, 40_200, 1_310_000)] == ["812 B", "40.2 kB", "1.31 MB"]
    assert [format_ratio(b) for b in (0.25, 3.0)] == ["1:96", "1:8.0"]

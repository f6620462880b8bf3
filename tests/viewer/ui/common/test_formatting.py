"""Figures as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.photographs import flat
from viewer.matching.targets.quality import QualityMetric, ms_ssim_raw, parse_quality
from viewer.matching.targets.rate import parse_target
from viewer.ui.common.formatting import (
    format_bpp,
    format_bpp_short,
    format_count,
    format_db,
    format_deviation,
    format_duration,
    format_raw,
)
from viewer.ui.common.slider_scale import RATE_SCALE, QualityScale


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


@given(st.floats(0.05, 3.0), st.integers(1, 10**8), st.sampled_from((".", ",")))
def test_what_the_window_prints_can_be_typed_into_its_field(bpp: float, byte_count: int, decimal: str) -> None:
    image = flat(100, 200)
    typed = f"{format_bpp(bpp)} bpp".replace(".", decimal)
    assert parse_target(typed, image) == pytest.approx(bpp, rel=0.005)
    assert format_bpp(parse_target(typed, image)) == format_bpp(bpp)
    assert parse_target(format_bpp_short(bpp), image) == pytest.approx(bpp, rel=1e-5)
    assert parse_target(f"{format_count(byte_count)} B", image) == pytest.approx(8 * byte_count / image.pixel_count)
    assert RATE_SCALE.text(parse_target(RATE_SCALE.text(bpp), image)) == RATE_SCALE.text(bpp)


@given(st.floats(20.0, 26.0))
def test_qualities_that_the_window_prints_can_be_typed_into_its_field(value_db: float) -> None:
    metrics: tuple[QualityMetric, ...] = ("psnr", "ms_ssim")
    for metric in metrics:
        for in_db in (True, False):
            printed = QualityScale(metric, "rgb", in_db).text(value_db)
            assert QualityScale(metric, "rgb", in_db).text(parse_quality(printed, metric)) == printed
    assert parse_quality(f"{format_db(value_db)} dB", "psnr") == pytest.approx(value_db, abs=0.0051)
    assert format_raw(ms_ssim_raw(parse_quality(format_raw(ms_ssim_raw(value_db)), "ms_ssim"))) == format_raw(
        ms_ssim_raw(value_db)
    )


@pytest.mark.parametrize(
    ("duration_ms", "text"), [(0.42, "0.4 ms"), (9.96, "10 ms"), (312.4, "312 ms"), (999.6, "1.0 s"), (2130.0, "2.1 s")]
)
def test_durations(duration_ms: float, text: str) -> None:
    assert format_duration(duration_ms) == text

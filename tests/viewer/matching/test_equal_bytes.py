"""Bytes for a quality, interpolated on a measured curve."""

from __future__ import annotations

import math

import pytest

from viewer.matching.curve import RatePoint
from viewer.matching.equal_bytes import bytes_for
from viewer.matching.quality_target import PSNR_RGB
from viewer.metrics.measurement import Metrics


def point(byte_count: int, psnr_db: float, variant: str = "") -> RatePoint:
    metrics = Metrics(psnr_db, psnr_db, 0.9, 0.9, 5)
    return RatePoint("jpeg", byte_count / 1000, byte_count, metrics, byte_count / 1000, "", 1.0, 1.0, variant)


def test_a_measured_point_has_its_own_bytes() -> None:
    curve = (point(1000, 30.0), point(4000, 36.0))
    assert bytes_for(curve, PSNR_RGB, 30.0) == pytest.approx(1000)
    assert bytes_for(curve, PSNR_RGB, 36.0) == pytest.approx(4000)


def test_between_two_points_it_is_linear_in_decibels_and_the_logarithm_of_the_size() -> None:
    curve = (point(1000, 30.0), point(4000, 36.0))
    assert bytes_for(curve, PSNR_RGB, 33.0) == pytest.approx(2000)


def test_nothing_is_said_beyond_the_curve_or_without_one() -> None:
    curve = (point(1000, 30.0), point(4000, 36.0))
    assert bytes_for(curve, PSNR_RGB, 29.9) is None
    assert bytes_for(curve, PSNR_RGB, 36.1) is None
    assert bytes_for(curve[:1], PSNR_RGB, 30.0) is None
    assert bytes_for((), PSNR_RGB, 30.0) is None


def test_a_lossless_point_ends_what_can_be_interpolated() -> None:
    assert bytes_for((point(1000, 30.0), point(4000, math.inf)), PSNR_RGB, 40.0) is None


def test_of_a_curve_that_reaches_the_value_twice_the_smaller_size_counts() -> None:
    curve = (point(1000, 30.0), point(2000, 34.0), point(3000, 32.0), point(4000, 36.0))
    needed = bytes_for(curve, PSNR_RGB, 33.0)
    assert needed is not None
    assert 1000 < needed < 2000

"""BD-rates of curves whose answer is known."""

from __future__ import annotations

import math

import pytest

from viewer.metrics.bd_rate import bd_rate

pytestmark = pytest.mark.filterwarnings("error")

RATES = (0.1, 0.2, 0.4, 0.8, 1.6)


def curve(factor: float = 1.0) -> list[tuple[float, float]]:
    return [(bpp * factor, 30 + 10 * math.log10(bpp) + bpp) for bpp in RATES]


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25])
def test_a_curve_that_needs_so_many_times_the_bits(factor: float) -> None:
    found = bd_rate(curve(), curve(factor))
    assert found is not None
    assert found.percent == pytest.approx(100 * (factor - 1), abs=0.01)
    assert (found.low_db, found.high_db) == (curve()[0][1], curve()[-1][1])


def test_points_in_any_order_lossless_or_no_better_do_not_disturb() -> None:
    found = bd_rate(curve(), [*reversed(curve(0.8)), (3.0, math.inf), (0.3, 0.0)])
    assert found is not None
    assert found.percent == pytest.approx(-20, abs=0.01)


def test_too_few_points_or_no_common_quality_give_none() -> None:
    assert bd_rate(curve()[:3], curve()) is None
    assert bd_rate(curve(), [(bpp, quality + 100) for bpp, quality in curve()]) is None


def line(low_db: float, high_db: float, points: int, factor: float = 1.0) -> list[tuple[float, float]]:
    """log rate rises evenly with quality."""
    qualities = [low_db + (high_db - low_db) * i / (points - 1) for i in range(points)]
    return [(factor * 10 ** ((quality - 30) / 10), quality) for quality in qualities]


def test_a_bd_rate_says_the_qualities_that_it_is_over() -> None:
    found = bd_rate(line(25, 37, 5), line(26, 38, 5, 0.5))
    assert found is not None
    assert found.percent == pytest.approx(-50, abs=1e-6)
    assert (found.low_db, found.high_db) == (26.0, 37.0)


@pytest.mark.parametrize("low_db", [39.98, 35.1])
def test_less_than_half_of_the_narrower_range_in_common_is_too_little(low_db: float) -> None:
    assert bd_rate(line(30, 40, 9), line(low_db, low_db + 12, 13, 0.25)) is None


def test_half_of_the_narrower_range_in_common_is_enough() -> None:
    found = bd_rate(line(30, 40, 9), line(34.9, 46.9, 13, 0.25))
    assert found is not None
    assert found.percent == pytest.approx(-75, abs=1e-6)


def test_fewer_than_four_points_about_what_is_shared_are_too_little() -> None:
    wide = [(0.01, 10.0), (0.02, 20.0), (4.0, 60.0), (8.0, 80.0)]  # three of them within or next to 25 to 80
    assert bd_rate(line(25, 85, 9), wide) is None
    assert bd_rate(line(25, 85, 9), [*wide, (1.0, 50.0)]) is not None

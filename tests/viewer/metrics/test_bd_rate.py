"""BD-rates of curves whose answer is known."""

from __future__ import annotations

import math

import pytest

from viewer.metrics.bd_rate import bd_rate_percent

RATES = (0.1, 0.2, 0.4, 0.8, 1.6)


def curve(factor: float = 1.0) -> list[tuple[float, float]]:
    return [(bpp * factor, 30 + 10 * math.log10(bpp) + bpp) for bpp in RATES]


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25])
def test_a_curve_that_needs_so_many_times_the_bits(factor: float) -> None:
    assert bd_rate_percent(curve(), curve(factor)) == pytest.approx(100 * (factor - 1), abs=0.01)


def test_points_in_any_order_lossless_or_no_better_do_not_disturb() -> None:
    disturbed = [*reversed(curve(0.8)), (3.0, math.inf), (0.3, 0.0)]
    assert bd_rate_percent(curve(), disturbed) == pytest.approx(-20, abs=0.01)


def test_too_few_points_or_no_common_quality_give_none() -> None:
    assert bd_rate_percent(curve()[:3], curve()) is None
    assert bd_rate_percent(curve(), [(bpp, quality + 100) for bpp, quality in curve()]) is None

"""Curves: no line falls back where a codec goes from one variant to another, and what more bits lose is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.photographs import sample_crop
from viewer.matching.comparison import Comparison
from viewer.matching.curve import (
    RatePoint,
    best_points,
    better_with_fewer,
    curve_targets,
    every_point,
    point_of,
    rated_qualities,
    with_point,
    worse_sentence,
)
from viewer.matching.targets.quality import MEASURES, PSNR_RGB, QualityMeasure
from viewer.metrics.measurement import Metrics

_GRAIN_DB = 0.05
"""Going from 4:2:0 to 4:4:4 costs luma up to 2 dB."""
_OWN_GRAIN_DB = 0.2
"""Each subsampling by itself is not even: tables are rounded, and MS-SSIM of flat colours hangs on first entries."""


@pytest.fixture(scope="module", params=["heron", "spices", "dandelions", "shrike"])
def jpeg(request: pytest.FixtureRequest) -> tuple[RatePoint, ...]:
    """JPEG's points on a sample, about where it goes from one subsampling to the next: as close as a drag of the slider
    leaves them.
    """
    comparison = Comparison(sample_crop(256, 320, request.param))
    points: tuple[RatePoint, ...] = ()
    for target_bpp in curve_targets(0.3, 1.6, 25):
        points = with_point(points, point_of(comparison.result("jpeg", target_bpp)))
    return points


def fallback_db(points: tuple[RatePoint, ...], measure: QualityMeasure) -> float:
    """The most that a line through points loses from one to the next."""
    return max(measure.of(low.metrics) - measure.of(high.metrics) for low, high in pairwise(points))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.title())
def test_jpegs_curve_never_falls_back(jpeg: tuple[RatePoint, ...], measure: QualityMeasure) -> None:
    best = best_points(jpeg, measure)
    changes = [pair for pair in pairwise(best) if pair[0].variant != pair[1].variant]
    assert all(fallback_db(pair, measure) <= _GRAIN_DB for pair in changes)
    assert fallback_db(best, measure) <= _OWN_GRAIN_DB
    assert len(best) >= 20
    values = rated_qualities(jpeg, measure)
    assert values == [(point.bpp, measure.of(point.metrics)) for point in best]
    for point in every_point(jpeg):  # and nothing that was measured lies far above the line
        reached = [value for bpp, value in values if bpp <= 1.02 * point.bpp]
        if reached and point.bpp > 1.02 * values[0][0]:
            above = [value for bpp, value in values if bpp >= 0.98 * point.bpp]
            assert measure.of(point.metrics) <= max(*above[:1], *reached[-1:]) + 0.3


def test_a_line_through_what_is_best_over_rgb_does_fall_back_in_luma() -> None:
    """What the choice by squared error of R, G and B did to the other plots: the test above can fail."""
    comparison = Comparison(sample_crop(256, 320, "shrike"))
    targets = sorted(curve_targets(0.4, 1.0, 15))
    points = tuple(point_of(comparison.result("jpeg", target_bpp)) for target_bpp in targets)
    assert max(fallback_db(points, measure) for measure in MEASURES) > 2 * _GRAIN_DB


def point(bpp: float, value_db: float, variant: str = "") -> RatePoint:
    ms_ssim = 1 - 10 ** (-value_db / 20)
    metrics = Metrics(value_db, value_db, ms_ssim, ms_ssim, 5)
    return RatePoint("jpeg", bpp, round(1000 * bpp), metrics, bpp, variant, 1.0, 1.0, variant)


def test_the_envelope_of_two_variants_is_found_wherever_their_points_lie() -> None:
    low = [point(bpp, 30 + 2 * i, "4:2:0") for i, bpp in enumerate((0.1, 0.2, 0.4, 0.8))]
    high = [point(bpp, 26 + 4 * i, "4:4:4") for i, bpp in enumerate((0.11, 0.22, 0.44, 0.88))]
    best = best_points([*low, *high], PSNR_RGB)
    assert best == (low[0], low[1], low[2], high[3])
    one, other = replace(low[0], others=tuple(high)), low[1:]
    assert best_points([one, *other], PSNR_RGB) == (one, *best[1:])


def test_a_codec_that_is_better_with_fewer_bits_is_said_to_be() -> None:
    points = [point(0.1, 30.0), point(0.25, 38.0), point(0.5, 36.0), point(0.94, 35.0)]
    better = better_with_fewer(points, points[-1], [PSNR_RGB])
    assert better == {PSNR_RGB: points[1]}
    assert worse_sentence("Learned", better) == (
        "Learned is better with fewer bits on this picture: PSNR RGB 38.00 dB at 0.2500 bpp."
    )
    assert better_with_fewer(points, points[1], MEASURES) == {}
    assert better_with_fewer([point(0.1, 30.05), point(0.2, 30.0)], point(0.2, 30.0), MEASURES) == {}
    assert worse_sentence("Learned", {}) == ""

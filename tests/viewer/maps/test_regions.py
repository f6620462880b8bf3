"""Where to look first."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.photographs import sample_crop
from viewer.maps.regions import detail_of, find_regions, most_different_regions, region_side, worst_regions
from viewer.matching.comparison import Comparison


def test_the_damaged_spot_is_found_first() -> None:
    ssim = np.full((400, 600), 0.95, np.float32)
    side = region_side(400, 600)
    ssim[100 : 100 + side, 333 : 333 + side] = 0.2
    worst = worst_regions(ssim, "jpeg", 5)
    assert (worst[0].left, worst[0].top, worst[0].codec) == (333, 100, "jpeg")
    assert abs(worst[0].score - 0.8) < 1e-4


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 8), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_regions_lie_inside_do_not_overlap_and_fall_in_score(height: int, width: int, count: int, seed: int) -> None:
    ssim = np.random.default_rng(seed).random((height, width), np.float32)
    regions = worst_regions(ssim, "jpeg", count)
    assert len(regions) <= count
    for region in regions:
        assert 0 <= region.left <= region.left + region.side <= width
        assert 0 <= region.top <= region.top + region.side <= height
        inside = ssim[region.top : region.top + region.side, region.left : region.left + region.side]
        assert abs(region.score - (1 - inside.mean(dtype=float))) < 1e-5
    assert not any(a.overlaps(b) for a, b in combinations(regions, 2))
    assert [r.score for r in regions] == sorted((r.score for r in regions), reverse=True)


def test_a_perfect_picture_has_none() -> None:
    assert worst_regions(np.ones((64, 64), np.float32), "jpeg", 5) == []


def test_where_codecs_differ_most_the_worse_one_is_named() -> None:
    good = np.full((256, 256), 0.9, np.float32)
    bad = good.copy()
    bad[64:96, 128:160] = 0.1
    regions = most_different_regions({"learned": good, "jpeg": bad}, 1)
    assert (regions[0].left, regions[0].top, regions[0].codec) == (128, 64, "jpeg")


def test_on_a_photograph_each_codec_has_its_own() -> None:
    comparison = Comparison(sample_crop(256, 256))
    maps = {name: comparison.result(name, 0.3).measurement.ssim for name in ("jpeg", "jpeg2000")}
    for name, ssim in maps.items():
        regions = worst_regions(ssim, name, 4)
        assert len(regions) == 4
        assert regions[0].score > 1 - float(ssim.mean())


def test_a_blurred_background_counts_less_than_what_is_in_focus() -> None:
    """Both halves lose structure, the blurred one a little more."""
    picture = np.full((256, 512, 3), 128, np.uint8)
    picture[:, 256:] = np.random.default_rng(3).integers(60, 200, (256, 256, 1), np.uint8)
    ssim = np.full((256, 512), 0.5, np.float32)
    ssim[:, 256:] = 0.6
    detail = detail_of(picture, 1)
    assert worst_regions(ssim, "jpeg", 1)[0].left < 256
    (weighted,) = worst_regions(ssim, "jpeg", 1, detail=detail)
    assert weighted.left + weighted.side > 256
    square = ssim[weighted.top : weighted.top + weighted.side, weighted.left : weighted.left + weighted.side]
    assert weighted.score == pytest.approx(1.0 - float(square.mean()))  # what is lost, not its rank


def test_a_large_loss_is_found_in_a_blurred_background_too() -> None:
    picture = np.full((256, 512, 3), 128, np.uint8)
    picture[:, 256:] = np.random.default_rng(3).integers(60, 200, (256, 256, 1), np.uint8)
    ssim = np.ones((256, 512), np.float32)
    ssim[64:128, 64:128] = 0.1
    ssim[:, 256:] = 0.9
    (region,) = worst_regions(ssim, "jpeg", 1, detail=detail_of(picture, 1))
    assert region.left < 128


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_detail_fits_the_maps_of_pictures_of_any_size(scale: int) -> None:
    picture = sample_crop(97, 131).pixels
    ssim = {"jpeg": np.full((97 // scale, 131 // scale), 0.5, np.float32)}
    _different, worst = find_regions(ssim, scale, 97, 131, 3, detail=detail_of(picture, scale))
    for region in worst["jpeg"]:
        assert region.left + region.side <= 131
        assert region.top + region.side <= 97

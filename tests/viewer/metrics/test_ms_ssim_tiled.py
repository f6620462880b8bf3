"""Large pictures are measured in strips: the same values, and maps at half the size."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import models.cpu
import viewer.metrics.ms_ssim_tiled
import viewer.system.memory
from tests.viewer.metrics.test_measurement import add_noise, blocks, photograph
from viewer.maps.regions import Region, coarser, enlarged
from viewer.metrics.measurement import Reference
from viewer.metrics.ms_ssim import Pyramid
from viewer.metrics.ms_ssim_tiled import StreamedPicture
from viewer.session.viewport import Rect, part_metrics

SHAPES = [(259, 207), (330, 206), (513, 511), (700, 40), (20, 20), (1000, 9), (1, 1)]


def halved(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over 2x2, over fewer at the end of an odd side."""
    even = np.pad(values, [(0, side % 2) for side in values.shape], mode="edge").astype(np.float64)
    rows, columns = even.shape
    means: NDArray[np.float32] = even.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)).astype(np.float32)
    return means


@pytest.mark.parametrize("rows", [1, 7, 32])
@pytest.mark.parametrize("shape", SHAPES)
def test_strips_equal_the_whole(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], rows: int) -> None:
    monkeypatch.setattr(viewer.metrics.ms_ssim_tiled, "_STRIP_PIXELS", 1)
    monkeypatch.setattr(viewer.metrics.ms_ssim_tiled, "_MIN_STRIP_ROWS", rows)
    original = photograph(*shape)
    reconstruction = add_noise(original, 10)
    whole, strips = Pyramid(original).measure(reconstruction), StreamedPicture(original).measure(reconstruction)
    np.testing.assert_allclose(strips.ms_ssim, whole.ms_ssim, rtol=0, atol=1e-10)
    assert strips.squared_error_rgb == whole.squared_error_rgb
    assert strips.squared_error_luma == pytest.approx(whole.squared_error_luma, rel=1e-12)
    np.testing.assert_allclose(strips.squared_error, halved(whole.squared_error), rtol=1e-5)
    np.testing.assert_allclose(strips.ssim, halved(whole.ssim), atol=1e-6)


@pytest.mark.parametrize("columns", [1, 7, 64])
def test_blocks_of_columns_equal_the_whole(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    original = photograph(60, 207)
    reconstruction = add_noise(original, 10)
    whole = StreamedPicture(original).measure(reconstruction)
    monkeypatch.setattr(viewer.metrics.ms_ssim_tiled, "_BLOCK_VALUES", 1)
    monkeypatch.setattr(viewer.metrics.ms_ssim_tiled, "_MIN_BLOCK_COLUMNS", columns)
    blocks = StreamedPicture(original).measure(reconstruction)
    np.testing.assert_allclose(
        blocks.ms_ssim, whole.ms_ssim, rtol=0, atol=1e-8
    )  # float32, summed in another order at the edges
    np.testing.assert_allclose(blocks.ssim, whole.ssim, atol=1e-5)


@pytest.mark.parametrize("shape", [(330, 206), (20, 20), (165, 1500)])
def test_any_number_of_threads_measures_the_same(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int]) -> None:
    monkeypatch.setattr(viewer.metrics.ms_ssim_tiled, "_STRIP_PIXELS", 1)
    original = photograph(*shape)
    reconstruction = add_noise(original, 10)
    measured = []
    for count in (1, 2, 5):
        monkeypatch.setattr(models.cpu, "_chosen", count)
        measured.append(StreamedPicture(original).measure(reconstruction))
    one = measured[0]
    for other in measured[1:]:
        assert other.ms_ssim == one.ms_ssim
        assert other.squared_error_luma == one.squared_error_luma
        assert np.array_equal(other.ssim, one.ssim)


def test_a_panorama_is_measured_lying_on_its_side() -> None:
    original = photograph(165, 1500)
    reconstruction = blocks(original)
    whole, strips = Pyramid(original).measure(reconstruction), StreamedPicture(original).measure(reconstruction)
    np.testing.assert_allclose(strips.ms_ssim, whole.ms_ssim, rtol=0, atol=1e-6)
    np.testing.assert_allclose(strips.squared_error, halved(whole.squared_error), rtol=1e-5)
    np.testing.assert_allclose(strips.ssim, halved(whole.ssim), atol=1e-4)


def test_parts_of_a_large_picture_are_measured_from_its_smaller_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    original = photograph(261, 333)
    reconstruction = add_noise(original, 10)
    whole = Reference(original).measure(reconstruction)
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)
    large = Reference(original).measure(reconstruction)
    assert large.metrics.ms_ssim_rgb == pytest.approx(whole.metrics.ms_ssim_rgb, abs=1e-10)
    assert (large.map_scale, large.ssim.shape) == (2, (131, 167))
    for rect in (Rect(40, 60, 140, 180), Rect(101, 31, 333, 261)):
        expected, part = part_metrics(whole, rect), part_metrics(large, rect)
        assert part.psnr_rgb_db == pytest.approx(expected.psnr_rgb_db, abs=0.02)
        assert part.ssim == pytest.approx(expected.ssim, abs=1e-3)


def test_regions_of_a_smaller_map_lie_in_the_picture() -> None:
    ssim = np.arange(101 * 53, dtype=np.float32).reshape(101, 53)
    coarse, step = coarser(ssim, 1000)
    assert coarse.size <= 1000
    assert coarse[2, 3] == pytest.approx(ssim[2 * step : 3 * step, 3 * step : 4 * step].mean())
    assert coarser(ssim, 101 * 53) == (ssim, 1)
    (region,) = enlarged([Region(30, 70, 20, "jpeg", 0.5)], 2, 175, 99)
    assert (region.left, region.top, region.side) == (59, 135, 40)

"""PSNR and MS-SSIM against the reference library, and against the formulas written out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pytorch_msssim import ms_ssim

import viewer.metrics.ssim
from viewer.imaging.image import Pixels
from viewer.matching.targets.quality import ms_ssim_db
from viewer.metrics.measurement import Reference

Floats = NDArray[np.float64]
LUMA = np.array([0.299, 0.587, 0.114])
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def as_pixels(values: NDArray[Any]) -> Pixels:
    pixels: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    return pixels


def photograph(height: int, width: int) -> Pixels:
    """Something like one: a smooth gradient, edges, and a texture whose contrast varies."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    gradient = 40 + 150 * x / max(width - 1, 1)
    edges = 60 * ((x // 23 + y // 17) % 2)
    texture = 30 * np.sin(x * 1.7 + y * 0.9) * np.sin(y / 40) ** 2
    planes = [gradient + edges, 220 - 0.7 * gradient + texture, 128 + 0.5 * edges - texture]
    return as_pixels(np.stack(planes, axis=-1))


def add_noise(pixels: Pixels, amplitude: int) -> Pixels:
    noise = np.random.default_rng(7).integers(-amplitude, amplitude + 1, pixels.shape)
    return as_pixels(pixels + noise)


def blocks(pixels: Pixels) -> Pixels:
    """Each 8x8 block replaced by its first pixel: a codec at the end of its rate."""
    rows, columns = (np.arange(side) // 8 * 8 for side in pixels.shape[:2])
    return pixels[rows][:, columns]


DISTORTIONS: dict[str, Callable[[Pixels], Pixels]] = {
    "one level of noise": lambda pixels: add_noise(pixels, 1),
    "noise": lambda pixels: add_noise(pixels, 40),
    "blocks": blocks,
    "coarse levels": lambda pixels: pixels // 32 * 32,
    "brighter": lambda pixels: as_pixels(pixels + 20.0),
    "flat": lambda pixels: np.full_like(pixels, 128),
    "negative": lambda pixels: 255 - pixels,
}


def published_ms_ssim(original: Floats, reconstruction: Floats) -> float:
    """pytorch_msssim on (H, W, channels), in its own precision, float32."""
    x, y = (torch.from_numpy(a.transpose(2, 0, 1)[None].astype(np.float32)) for a in (original, reconstruction))
    return float(ms_ssim(x, y, data_range=255))


def local_means(plane: Floats) -> Floats:
    for axis, side in enumerate(plane.shape):
        taps = min(11, side if side % 2 else side - 1)
        gaussian = np.exp(-((np.arange(taps) - taps // 2) ** 2) / (2 * 1.5**2))
        plane = sliding_window_view(plane, taps, axis=axis) @ (gaussian / gaussian.sum())
    return plane


def ssim_terms(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Luminance and contrast-structure, as Wang et al. 2004 have them (equations 6 and 13 with C3 = C2 / 2)."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_x, mean_y = local_means(x), local_means(y)
    variance_x, variance_y = local_means(x * x) - mean_x**2, local_means(y * y) - mean_y**2
    covariance = local_means(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return luminance, (2 * covariance + c2) / (variance_x + variance_y + c2)


def halve(plane: Floats) -> Floats:
    padded = np.pad(plane, [(side % 2, 0) for side in plane.shape])
    height, width = padded.shape
    halved: Floats = padded.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    return halved


def direct_ms_ssim(x: Floats, y: Floats, scales: int) -> float:
    value = 1.0
    for scale in range(scales):
        luminance, contrast = ssim_terms(x, y)
        term = (luminance * contrast if scale == scales - 1 else contrast).mean()
        value *= max(term, 0.0) ** (WEIGHTS[scale] / (1 if scales == 5 else sum(WEIGHTS[:scales])))
        x, y = halve(x), halve(y)
    return value


@pytest.fixture
def one_torch_thread() -> Iterator[None]:
    """On a busy machine torch's threads wait for each other far longer than these small pictures take one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_torch_thread")
@pytest.mark.parametrize("distort", DISTORTIONS.values(), ids=DISTORTIONS.keys())
@pytest.mark.parametrize(
    ("height", "width"), [(161, 161), (162, 333), (175, 163), (512, 165), (161, 640), (240, 256), (333, 417)]
)
def test_ms_ssim_is_the_published_one(height: int, width: int, distort: Callable[[Pixels], Pixels]) -> None:
    original = photograph(height, width)
    reconstruction = distort(original)
    metrics = Reference(original).measure(reconstruction).metrics
    x, y = original.astype(np.float64), reconstruction.astype(np.float64)
    assert metrics.ms_ssim_scales == 5
    assert metrics.ms_ssim_rgb == pytest.approx(published_ms_ssim(x, y), abs=2e-5)
    assert metrics.ms_ssim_luma == pytest.approx(
        published_ms_ssim((x @ LUMA)[..., None], (y @ LUMA)[..., None]), abs=2e-5
    )


@pytest.mark.parametrize(
    ("height", "width", "scales"),
    [
        *[(161, 700, 5), (160, 700, 4), (81, 90, 4), (300, 80, 3), (41, 41, 3), (40, 64, 2), (33, 21, 2)],
        *[(20, 20, 1), (11, 11, 1), (11, 300, 1), (10, 10, 1), (300, 3, 1), (2, 2, 1), (1, 9, 1), (1, 1, 1)],
    ],
)
@pytest.mark.parametrize("distort", DISTORTIONS.values(), ids=DISTORTIONS.keys())
def test_short_sides_get_fewer_scales(
    height: int, width: int, scales: int, distort: Callable[[Pixels], Pixels]
) -> None:
    original = photograph(height, width)
    reconstruction = distort(original)
    metrics = Reference(original).measure(reconstruction).metrics
    x, y = original.astype(np.float64), reconstruction.astype(np.float64)
    rgb = np.mean([direct_ms_ssim(x[..., channel], y[..., channel], scales) for channel in range(3)])
    assert metrics.ms_ssim_scales == scales
    assert metrics.ms_ssim_rgb == pytest.approx(rgb, abs=1e-5)
    assert metrics.ms_ssim_luma == pytest.approx(direct_ms_ssim(x @ LUMA, y @ LUMA, scales), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 255), st.integers(1, 255), st.integers(0, 2**32))
def test_any_pixels_have_metrics(height: int, width: int, base: int, amplitude: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    original, reconstruction = (
        as_pixels(base + rng.integers(-amplitude, amplitude + 1, (height, width, 3))) for _ in range(2)
    )
    measurement = Reference(original).measure(reconstruction)
    x, y = original.astype(np.float64), reconstruction.astype(np.float64)
    scales = measurement.metrics.ms_ssim_scales
    rgb = np.mean([direct_ms_ssim(x[..., channel], y[..., channel], scales) for channel in range(3)])
    assert measurement.metrics.ms_ssim_rgb == pytest.approx(rgb, abs=5e-5)
    assert measurement.squared_error.shape == measurement.ssim.shape == (height, width)
    assert np.isfinite(measurement.ssim).all()


@pytest.mark.parametrize("amplitude", [1, 3, 100])
def test_decibels_keep_their_digits_near_lossless(amplitude: int) -> None:
    """1 - MS-SSIM is what decibels show; float32 rounds it away where the pictures are close."""
    original = photograph(200, 200)
    reconstruction = original.copy()
    reconstruction[100, 100, 1] -= amplitude
    metrics = Reference(original).measure(reconstruction).metrics
    x, y = original.astype(np.float64), reconstruction.astype(np.float64)
    luma = direct_ms_ssim(x @ LUMA, y @ LUMA, 5)
    assert ms_ssim_db(metrics.ms_ssim_luma) == pytest.approx(ms_ssim_db(luma), abs=0.01)
    assert metrics.ms_ssim_rgb < 1.0


@pytest.mark.parametrize("shape", [(1, 1), (7, 30), (161, 170), (203, 300)])
def test_identical_pictures(shape: tuple[int, int]) -> None:
    original = photograph(*shape)
    measurement = Reference(original).measure(original.copy())
    assert measurement.metrics.psnr_rgb_db == measurement.metrics.psnr_luma_db == float("inf")
    assert measurement.metrics.ms_ssim_rgb == measurement.metrics.ms_ssim_luma == 1.0
    assert not measurement.squared_error.any()
    assert (measurement.ssim == 1.0).all()


@pytest.mark.parametrize("distort", DISTORTIONS.values(), ids=DISTORTIONS.keys())
def test_psnr(distort: Callable[[Pixels], Pixels]) -> None:
    original = photograph(123, 177)
    reconstruction = distort(original)
    metrics = Reference(original).measure(reconstruction).metrics
    difference = reconstruction.astype(np.float64) - original
    assert metrics.psnr_rgb_db == pytest.approx(10 * np.log10(255**2 / (difference**2).mean()), abs=1e-6)
    assert metrics.psnr_luma_db == pytest.approx(10 * np.log10(255**2 / ((difference @ LUMA) ** 2).mean()), abs=1e-5)


@pytest.mark.parametrize("shape", [(190, 211), (64, 12), (5, 8), (1, 1)])
def test_maps_line_up_with_the_pixels_and_average_to_the_metrics(shape: tuple[int, int]) -> None:
    original = photograph(*shape)
    reconstruction = add_noise(original, 25)
    measurement = Reference(original).measure(reconstruction)
    x, y = original.astype(np.float64), reconstruction.astype(np.float64)

    assert measurement.squared_error.dtype == measurement.ssim.dtype == np.float32
    np.testing.assert_allclose(measurement.squared_error, ((x - y) ** 2).mean(axis=-1), rtol=1e-6)
    mean_squared_error = measurement.squared_error.mean(dtype=np.float64)
    assert measurement.metrics.psnr_rgb_db == pytest.approx(10 * np.log10(255**2 / mean_squared_error), abs=1e-5)

    terms = [ssim_terms(x[..., channel], y[..., channel]) for channel in range(3)]
    local_ssim = np.mean([luminance * contrast for luminance, contrast in terms], axis=0)
    margins = [((full - valid) // 2,) * 2 for full, valid in zip(shape, local_ssim.shape, strict=True)]
    np.testing.assert_allclose(measurement.ssim, np.pad(local_ssim, margins, mode="edge"), atol=2e-5)
    if measurement.metrics.ms_ssim_scales == 1:
        assert measurement.metrics.ms_ssim_rgb == pytest.approx(local_ssim.mean(), abs=1e-5)


@pytest.mark.parametrize(("name", "value"), [("_MAX_CACHED_VALUES", 0), ("_STRIP_VALUES", 1), ("_STRIP_VALUES", 10**9)])
@pytest.mark.parametrize("shape", [(259, 207), (330, 206), (161, 500)])
def test_neither_strips_nor_large_pictures_change_anything(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], name: str, value: int
) -> None:
    original = photograph(*shape)
    reconstruction = add_noise(original, 10)
    expected = Reference(original).measure(reconstruction)
    monkeypatch.setattr(viewer.metrics.ssim, name, value)
    measured = Reference(original).measure(reconstruction)
    assert measured.metrics.psnr_rgb_db == pytest.approx(expected.metrics.psnr_rgb_db, abs=1e-9)
    assert measured.metrics.psnr_luma_db == pytest.approx(expected.metrics.psnr_luma_db, abs=1e-9)
    assert measured.metrics.ms_ssim_rgb == pytest.approx(expected.metrics.ms_ssim_rgb, abs=1e-7)
    assert measured.metrics.ms_ssim_luma == pytest.approx(expected.metrics.ms_ssim_luma, abs=1e-7)
    np.testing.assert_array_equal(measured.squared_error, expected.squared_error)
    np.testing.assert_allclose(measured.ssim, expected.ssim, atol=1e-6)


def test_threads_share_a_reference() -> None:
    original = photograph(200, 240)
    reconstructions = [add_noise(original, amplitude) for amplitude in range(1, 13)]
    reference = Reference(original)
    expected = [reference.measure(reconstruction).metrics for reconstruction in reconstructions]
    with ThreadPoolExecutor(4) as pool:
        measured = [measurement.metrics for measurement in pool.map(reference.measure, reconstructions)]
    assert measured == expected


def test_pictures_of_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="not uint8"):
        Reference(photograph(20, 30)).measure(photograph(30, 20))


def test_pixels_may_be_read_only_and_strided() -> None:
    original = photograph(60, 70)
    reconstruction = add_noise(original, 9)
    expected = Reference(original).measure(reconstruction).metrics
    original.flags.writeable = False
    strided = np.repeat(reconstruction, 2, axis=1)[:, ::2]
    assert Reference(original).measure(strided).metrics == expected


@pytest.mark.parametrize(("ms_ssim_raw", "expected"), [(0.0, 0.0), (0.9, 10.0), (0.99, 20.0), (1.0, float("inf"))])
def test_decibels(ms_ssim_raw: float, expected: float) -> None:
    assert ms_ssim_db(ms_ssim_raw) == pytest.approx(expected)


def test_importing_the_metrics_does_not_load_opencv() -> None:
    """The window imports them before it is shown."""
    code = "import sys, viewer.metrics.measurement; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

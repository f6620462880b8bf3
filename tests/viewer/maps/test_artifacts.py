"""Artefact maps: each finds its own artefact, where it is, and nothing in an untouched picture."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

import viewer.maps.error_maps
from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.maps.artifacts import Plane, blocking, blur, luma, ringing
from viewer.maps.error_maps import shown_pixels
from viewer.matching.comparison import Comparison
from viewer.session.pane_layout import Show

MAPS: dict[str, Callable[[Plane, Plane], Plane]] = {"blocking": blocking, "ringing": ringing, "blur": blur}


@pytest.fixture(scope="module")
def original() -> Plane:
    return luma(sample_crop(256, 320, "rooftops").pixels)


@pytest.mark.parametrize("name", MAPS)
def test_the_original_has_none(name: str, original: Plane) -> None:
    found = MAPS[name](original, original)
    assert found.shape == original.shape
    assert found.dtype == np.float32
    assert not found.any()


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (40, 3), (17, 19)])
def test_any_size(name: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.random(shape, np.float32) * 255 for _ in range(2))
    assert MAPS[name](a, b).shape == shape


def block_means(plane: Plane, side: int = 8) -> Plane:
    h, w = plane.shape[0] // side * side, plane.shape[1] // side * side
    means = plane[:h, :w].reshape(h // side, side, w // side, side).mean(axis=(1, 3))
    return np.kron(means, np.ones((side, side), np.float32)).astype(np.float32)


def test_blocks_are_blocking_and_a_smooth_picture_is_not(original: Plane) -> None:
    smooth = cv2.GaussianBlur(original, (0, 0), 3)
    assert blocking(original, block_means(original)).mean() > 5 * blocking(original, smooth).mean()


def test_blocking_is_where_the_blocks_are(original: Plane) -> None:
    half = original.copy()
    half[:, :160] = block_means(original)[:, :160]
    found = blocking(original, half)
    assert found[:, :150].mean() > 20 * found[:, 170:].mean()


def test_a_step_has_its_own_height() -> None:
    flat = np.full((64, 64), 100, np.float32)
    step = flat.copy()
    step[:, 32:] = 110
    found = blocking(flat, step)
    assert found[:, 30:34].max() == pytest.approx(5.0, abs=2.6)
    assert not found[:, :20].any()


def test_a_step_off_the_grid_is_no_block() -> None:
    flat = np.full((64, 64), 100, np.float32)
    step = flat.copy()
    step[:, 35:] = 110
    assert not blocking(flat, step).any()


def test_waves_beside_an_edge_ring_and_waves_elsewhere_do_not() -> None:
    scene = np.full((96, 192), 40, np.float32)
    scene[:, 48:] = 200
    waves = 12 * np.sin(np.arange(192, dtype=np.float32) * 2)
    near, far = scene.copy(), scene.copy()
    near[:, 51:56] += waves[51:56]
    far[:, 120:140] += waves[120:140]
    assert ringing(scene, near).max() > 3
    assert not ringing(scene, far).any()


@pytest.mark.parametrize("sigma", [1.0, 2.0, 4.0])
def test_more_blur_is_more_blur(sigma: float, original: Plane) -> None:
    less = blur(original, cv2.GaussianBlur(original, (0, 0), sigma / 2)).mean()
    more = blur(original, cv2.GaussianBlur(original, (0, 0), sigma)).mean()
    assert 0 < less < more <= 1


def test_jpeg_blocks_more_than_jpeg2000_which_blurs_more() -> None:
    image = sample_crop(320, 320)
    comparison = Comparison(image)
    before = luma(image.pixels)
    jpeg, jpeg2000 = (luma(comparison.result(name, 0.25).reconstruction) for name in ("jpeg", "jpeg2000"))
    assert blocking(before, jpeg).mean() > 2 * blocking(before, jpeg2000).mean()
    assert blur(before, jpeg2000).mean() > 0.01


@pytest.mark.parametrize("show", [Show.SIGNED, Show.ABSOLUTE, Show.BLOCKING, Show.RINGING, Show.BLUR])
def test_large_pictures_are_compared_in_strips(monkeypatch: pytest.MonkeyPatch, show: Show) -> None:
    image = sample_crop(230, 160)
    result = Comparison(image, [codec_named("jpeg")]).result("jpeg", 0.3)
    whole = shown_pixels(show, 4, image.pixels, result)
    monkeypatch.setattr(viewer.maps.error_maps, "_STRIP_PIXELS", 160 * 48)
    strips = shown_pixels(show, 4, image.pixels, result)
    # Edges may be told apart farther away than a strip looks: only of these few pixels may differ.
    assert np.mean((strips != whole).any(axis=2)) <= (0.01 if show is Show.RINGING else 0.0)

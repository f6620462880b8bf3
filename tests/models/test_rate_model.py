"""Guesses of the learned codec's quality: close at once, and the same whatever was asked before."""

from __future__ import annotations

import numpy as np
import pytest

from models.rate_model import sample
from tests.photographs import flat, noise, sample_crop
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image

TARGETS_BPP = (0.12, 0.2, 0.35, 0.6, 1.0, 1.7)


@pytest.mark.parametrize("name", ["heron", "spices", "rooftops"])
def test_the_first_stream_is_nearly_always_within_a_percent(name: str) -> None:
    image = sample_crop(384, 512, name)
    encoder = codec_named("learned").encoders(image)[0]
    off = []
    for bpp in TARGETS_BPP:
        size = round(bpp * image.pixel_count / 8)
        off.append(abs(len(encoder.encode(encoder.guess(size))) / size - 1))
    assert sorted(off)[-2] < 0.01
    assert max(off) < 0.05


def test_a_guess_does_not_depend_on_those_before_it() -> None:
    image = sample_crop(160, 200)
    sizes = [round(bpp * image.pixel_count / 8) for bpp in TARGETS_BPP]
    codec = codec_named("learned")
    upwards, downwards = codec.encoders(image)[0], codec.encoders(image)[0]
    up = [upwards.guess(size) for size in sizes]
    down = [downwards.guess(size) for size in reversed(sizes)]
    assert up == down[::-1]
    assert up == sorted(up)


def nearly_flat() -> Image:
    pixels = flat(32, 32).pixels.copy()
    pixels[0, 0] += 1  # of one colour there is one quality only
    return Image(pixels, "nearly flat")


def test_what_no_quality_reaches_is_guessed_at_the_ends() -> None:
    codec = codec_named("learned")
    for image in (nearly_flat(), noise(48, 32), sample_crop(64, 64)):
        encoder = codec.encoders(image)[0]
        assert encoder.qualities[0] <= encoder.guess(1) < encoder.guess(10**9) == encoder.qualities[-1]


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ((2, 200, 300), 48),
        ((2, 300, 500), 96),
        ((2, 50, 4000), 96),
        ((2, 1, 4000), 48),
        ((2, 49, 50), 48),
        ((2, 1, 1), 1),
    ],
)
def test_the_sample_comes_from_all_over(shape: tuple[int, int, int], side: int) -> None:
    y = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    part = sample(y)
    assert max(part.shape[1:]) == side
    assert set(part.ravel()) <= set(y.ravel())
    assert len(set(part.ravel())) == part.size
    assert abs(part.mean() - y.mean()) < 0.05 * (y.max() + 1)


def test_what_is_small_enough_is_sampled_whole() -> None:
    y = np.random.default_rng(0).random((3, 32, 48), np.float32)
    assert np.array_equal(sample(y), y)


def test_pictures_whose_middle_is_unlike_the_rest_are_guessed_well() -> None:
    pixels = np.tile(sample_crop(256, 256).pixels, (4, 5, 1))
    pixels[300:700, 400:900] = 127
    encoder = codec_named("learned").encoders(Image(pixels, "a hole"))[0]
    size = round(0.3 * pixels[..., 0].size / 8)
    assert len(encoder.encode(encoder.guess(size))) == pytest.approx(size, rel=0.1)

"""Guesses of the learned codec's quality: close at once, and the same whatever was asked before."""

from __future__ import annotations

import pytest

from tests.photographs import flat, noise, sample_crop
from viewer.codecs import codec_named

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


def test_what_no_quality_reaches_is_guessed_at_the_ends() -> None:
    codec = codec_named("learned")
    for image in (flat(32, 32), noise(48, 32), sample_crop(64, 64)):
        encoder = codec.encoders(image)[0]
        assert encoder.qualities[0] <= encoder.guess(1) < encoder.guess(10**9) == encoder.qualities[-1]

"""Refinement: better pictures for the same bytes, which any decoder of the format reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import models.refine.parts
from models.codec import EntropyMode, LearnedCodec, PreparedImage
from models.errors import CodecError
from models.quality import lagrangian
from models.refine.distortion import Distortion
from models.refine.parts import parts_of
from models.refine.settings import Aim, Refined, RefineSettings, Region, Start
from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.learned import WEIGHTS, LearnedEncoder
from viewer.matching.rate_search import match
from viewer.system.resources import weights_path

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def codec() -> LearnedCodec:
    return LearnedCodec.load(weights_path(WEIGHTS))


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    return sample_crop(176, 192).pixels


@pytest.fixture(scope="module")
def prepared(codec: LearnedCodec, pixels: Pixels) -> PreparedImage:
    return codec.prepare(pixels)


def start_at(prepared: PreparedImage, bpp: float) -> Start:
    size = bpp * prepared.height * prepared.width / 8
    found = match(LearnedEncoder(prepared), size)
    return Start(found.stream, found.quality, round(size))


def run(
    codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels, start: Start, settings: RefineSettings
) -> list[Refined]:
    return list(codec.refiner(prepared, pixels).run(start, settings))


def cost(pixels: Pixels, shown: Pixels, start: Start, stream: bytes, aim: Aim = Aim.BOTH) -> float:
    exchange = lagrangian(start.quality) * pixels.shape[0] * pixels.shape[1]
    return 8.0 * len(stream) + float(exchange * Distortion(pixels, aim)(shown))


@pytest.mark.parametrize("bpp", [0.12, 0.6])
def test_the_same_bytes_show_more(codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels, bpp: float) -> None:
    start = start_at(prepared, bpp)
    refined = [one for one in run(codec, prepared, pixels, start, RefineSettings(steps=40)) if one.on_target]
    assert refined
    best = refined[-1]
    assert len(best.stream) == pytest.approx(start.target_bytes, rel=0.01)
    before, after = codec.decode(start.stream), codec.decode(best.stream)
    assert cost(pixels, after, start, best.stream) < 0.99 * cost(pixels, before, start, start.stream)
    assert mean_squared_error(after, pixels) < mean_squared_error(before, pixels)


def test_every_stream_that_is_given_out_is_better_than_those_before_it(
    codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels
) -> None:
    start = start_at(prepared, 0.4)
    best = cost(pixels, codec.decode(start.stream), start, start.stream)
    for one in run(codec, prepared, pixels, start, RefineSettings(steps=40)):
        if one.on_target:
            now = cost(pixels, codec.decode(one.stream), start, one.stream)
            assert now < best
            best = now


def test_the_same_seed_and_steps_give_the_same_stream(
    codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels
) -> None:
    start = start_at(prepared, 0.4)
    first, again, other = (
        run(codec, prepared, pixels, start, RefineSettings(steps=12, seed=seed))[-1].stream for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_what_is_aimed_at_gains_most(codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels) -> None:
    start = start_at(prepared, 0.4)
    shown = {}
    for aim in (Aim.PSNR, Aim.MS_SSIM):
        streams = run(codec, prepared, pixels, start, RefineSettings(steps=40, aim=aim))
        shown[aim] = codec.decode([one for one in streams if one.on_target][-1].stream)
    squared, structural = Distortion(pixels, Aim.PSNR), Distortion(pixels, Aim.MS_SSIM)
    assert squared(shown[Aim.PSNR]) < squared(shown[Aim.MS_SSIM])
    assert structural(shown[Aim.MS_SSIM]) < structural(shown[Aim.PSNR])


def test_a_region_gets_a_larger_share_of_the_bits(codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels) -> None:
    start = start_at(prepared, 0.4)
    region = Region(32, 48, 80, 80, 6.0)
    even, drawn = (
        [one for one in run(codec, prepared, pixels, start, RefineSettings(40, region=r)) if one.on_target][-1]
        for r in (None, region)
    )
    inside = (slice(48, 128), slice(32, 112))
    errors = [mean_squared_error(codec.decode(one.stream)[inside], pixels[inside]) for one in (even, drawn)]
    assert errors[1] < 0.9 * errors[0]
    assert len(drawn.stream) == pytest.approx(len(even.stream), rel=0.02)


def test_a_run_that_is_told_to_stop_ends_at_the_target(
    codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels
) -> None:
    start = start_at(prepared, 0.4)
    done: list[float] = []
    streams = list(
        codec.refiner(prepared, pixels).run(
            start, RefineSettings(steps=10_000), progress=done.append, stop=lambda: len(done) > 25
        )
    )
    assert len(done) < 25 + 40
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert any(one.on_target for one in streams)


def test_seconds_bound_the_time(codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels) -> None:
    start = start_at(prepared, 0.4)
    ticks = iter(range(10_000))
    refiner = replace(codec.refiner(prepared, pixels), clock=lambda: 0.1 * next(ticks))
    streams = list(refiner.run(start, RefineSettings(seconds=4.0)))
    assert streams
    assert 10 <= streams[-1].steps <= 40 + 32  # a look at the clock a step, and what brings it to the size


def test_a_large_picture_is_refined_in_parts_that_fit_together(
    codec: LearnedCodec, prepared: PreparedImage, pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.refine.parts, "WHOLE_UP_TO", 10)
    monkeypatch.setattr(models.refine.parts, "_SIDE", 8)
    start = start_at(prepared, 0.6)
    streams = run(codec, prepared, pixels, start, RefineSettings(steps=30))
    assert all(one.on_target for one in streams)
    before, after = codec.decode(start.stream), codec.decode(streams[-1].stream)
    assert cost(pixels, after, start, streams[-1].stream) < cost(pixels, before, start, start.stream)
    for rows in (slice(0, 88), slice(88, 176)):  # not only where it began
        assert mean_squared_error(after[rows], pixels[rows]) < mean_squared_error(before[rows], pixels[rows])


def test_parts_move_each_position_once_and_compare_every_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.refine.parts, "WHOLE_UP_TO", 10)
    monkeypatch.setattr(models.refine.parts, "_SIDE", 8)
    height, width = 333, 500
    moved, compared = np.zeros((21, 32), int), np.zeros((height, width), int)
    for part in parts_of(height, width):
        moved[part.rows, part.columns][part.window.moving] += 1
        compared[part.pixels] += 1
        rows, columns = part.window.compared
        assert compared[part.pixels].shape == (rows.stop - rows.start, columns.stop - columns.start)
    assert (moved == 1).all()
    assert (compared >= 1).all()


def test_the_plain_density_is_not_refined(codec: LearnedCodec, pixels: Pixels) -> None:
    prepared = codec.prepare(pixels, EntropyMode.PLAIN)
    with pytest.raises(CodecError, match="context model"):
        codec.refiner(prepared, pixels)


def test_a_picture_of_one_colour_is_left_as_it_is_or_better(codec: LearnedCodec) -> None:
    pixels = np.full((40, 56, 3), 90, np.uint8)
    prepared = codec.prepare(pixels)
    start = start_at(prepared, 0.3)
    for one in run(codec, prepared, pixels, start, RefineSettings(steps=10)):
        assert codec.decode(one.stream).shape == pixels.shape

"""Qualities above those that have tables of their own."""

from __future__ import annotations

import numpy as np
import pytest

from models.codec import EntropyMode, LearnedCodec
from models.quality import LEVELS_BEYOND_TABLES, STEPS_PER_LEVEL
from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.learned import LearnedViewerCodec

_TABLED_BY = round(LEVELS_BEYOND_TABLES * STEPS_PER_LEVEL)


@pytest.fixture(scope="module")
def codec() -> LearnedCodec:
    return LearnedViewerCodec().model()


@pytest.mark.parametrize("mode", list(EntropyMode))
def test_more_bits_go_on_giving_a_better_picture(codec: LearnedCodec, mode: EntropyMode) -> None:
    pixels = sample_crop(160, 192).pixels
    prepared = codec.prepare(pixels, mode)
    tabled = codec.qualities[-1] - _TABLED_BY
    chosen = [tabled, *range(tabled + 1, codec.qualities[-1] + 1, _TABLED_BY // 3), codec.qualities[-1]]
    streams = [prepared.encode(quality) for quality in chosen]
    sizes = [len(stream) for stream in streams]
    errors = [mean_squared_error(codec.decode(stream), pixels) for stream in streams]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 1.6 * sizes[0]
    assert errors == sorted(errors, reverse=True)
    for quality, stream in zip(chosen, streams, strict=True):
        assert np.array_equal(codec.decode_symbols(stream)[1], prepared.symbols(quality))


def test_a_size_up_there_is_guessed_well(codec: LearnedCodec) -> None:
    prepared = codec.prepare(sample_crop(160, 192).pixels)
    wanted = codec.qualities[-1] - _TABLED_BY // 2
    size = len(prepared.encode(wanted))
    assert len(prepared.encode(prepared.guess(size))) == pytest.approx(size, rel=0.02)

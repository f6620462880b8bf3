"""Pictures without colour come back without colour, and pictures of one colour come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models import bitstream
from models.codec import EntropyMode, LearnedCodec
from models.errors import StreamError
from models.greyscale import is_grey, is_one_colour, make_grey
from models.refine.settings import RefineSettings, Start
from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.learned import WEIGHTS, LearnedEncoder
from viewer.matching.rate_search import match
from viewer.system.resources import weights_path

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def codec() -> LearnedCodec:
    return LearnedCodec.load(weights_path(WEIGHTS))


@pytest.fixture(scope="module")
def grey() -> Pixels:
    return np.repeat(sample_crop(160, 144).pixels[:, :, 1:2], 3, axis=2)


@pytest.mark.parametrize("mode", list(EntropyMode))
@pytest.mark.parametrize("bpp", [0.1, 0.8])
def test_a_grey_picture_has_no_tint(codec: LearnedCodec, grey: Pixels, mode: EntropyMode, bpp: float) -> None:
    encoder = LearnedEncoder(codec.prepare(grey, mode))
    stream = match(encoder, bpp * grey[..., 0].size / 8).stream
    header, payload = bitstream.unpack(stream)
    assert header.grey
    decoded = codec.decode(stream)
    assert is_grey(decoded)
    plain = bitstream.pack(bitstream.Header(mode, header.model_id, header.quality, *grey.shape[1::-1]), payload)
    assert len(plain) == len(stream)
    tinted = codec.decode(plain)
    assert not is_grey(tinted)
    assert mean_squared_error(decoded, grey) < mean_squared_error(tinted, grey)


def test_one_pixel_of_colour_makes_a_picture_of_the_usual_version(codec: LearnedCodec, grey: Pixels) -> None:
    nearly = grey.copy()
    nearly[100, 30, 2] ^= 1
    stream = codec.prepare(nearly).encode(700)
    assert stream[3] >> 4 == 1
    assert not bitstream.unpack(stream)[0].grey


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 60, 40)])
@pytest.mark.parametrize("size", [(1, 1), (33, 20), (300, 200)])
def test_one_colour_is_exact_in_a_few_bytes(
    codec: LearnedCodec, colour: tuple[int, int, int], size: tuple[int, int]
) -> None:
    pixels = np.full((*size, 3), colour, np.uint8)
    prepared = codec.prepare(pixels)
    found = match(LearnedEncoder(prepared), 1000)
    assert len(found.stream) <= 24 + 3
    assert np.array_equal(codec.decode(found.stream), pixels)
    assert found.ceiling_bytes == len(found.stream)
    bits = codec.bits_map(found.stream)
    assert bits.shape == (-(-size[0] // 16), -(-size[1] // 16))
    assert float(bits.sum()) == pytest.approx(24.0, rel=1e-4)
    start = Start(found.stream, found.quality, len(found.stream))
    assert not list(codec.refiner(prepared, pixels).run(start, RefineSettings(steps=3)))


def test_a_stream_of_one_colour_is_checked(codec: LearnedCodec) -> None:
    for mode, grey, payload in ((0, False, b"ab"), (0, False, b"abcd"), (1, False, b"abc"), (0, True, b"abc")):
        header = bitstream.Header(mode, codec.model_id, 5, 30, 20, grey=grey, one_colour=True)
        with pytest.raises(StreamError, match="damaged"):
            codec.decode(bitstream.pack(header, payload))


def test_a_grey_picture_is_refined_as_it_is_decoded(codec: LearnedCodec, grey: Pixels) -> None:
    prepared = codec.prepare(grey)
    found = match(LearnedEncoder(prepared), 0.5 * grey[..., 0].size / 8)
    start = Start(found.stream, found.quality, len(found.stream))
    refined = [one for one in codec.refiner(prepared, grey).run(start, RefineSettings(steps=25)) if one.on_target]
    decoded = codec.decode(refined[-1].stream)
    assert is_grey(decoded)
    assert mean_squared_error(decoded, grey) < mean_squared_error(codec.decode(found.stream), grey)


def test_what_is_grey_and_what_is_one_colour() -> None:
    assert is_grey(np.full((70, 3, 3), 9, np.uint8))
    pixels = np.full((200, 3, 3), 9, np.uint8)
    pixels[199, 2] = 10
    assert is_grey(pixels)
    assert not is_one_colour(pixels)
    pixels[199, 2, 0] = 11
    assert not is_grey(pixels)
    make_grey(pixels)
    assert is_grey(pixels)
    assert pixels[199, 2].tolist() == [10, 10, 10]

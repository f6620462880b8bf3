"""What a dragged slider shows is about the result, made of a real stream, and leaves nothing behind."""

from __future__ import annotations

import numpy as np
import pytest

from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.provisional import provisional
from viewer.matching.targets.quality import PSNR_RGB
from viewer.metrics.measurement import quick_psnr_db


@pytest.mark.parametrize("name", ["learned", "jpeg", "jpeg2000", "webp"])
def test_it_is_about_the_result_and_the_result_is_the_same_afterwards(name: str) -> None:
    image = sample_crop(176, 240)
    comparison = Comparison(image, [codec_named(name)])
    for bpp in (0.4, 1.5):
        made = provisional(comparison, name, bpp, PSNR_RGB, None)
        assert comparison.known(name, bpp) is None
        result = comparison.result(name, bpp)
        assert (made.target_bpp, made.pixels.shape) == (bpp, image.pixels.shape)
        assert made.bpp == pytest.approx(bpp, rel=0.1)
        about_db, db = (
            quick_psnr_db(image.pixels, pixels, luma=False) for pixels in (made.pixels, result.reconstruction)
        )
        assert about_db == pytest.approx(db, abs=0.6)
        alone = Comparison(image, [codec_named(name)]).result(name, bpp)
        assert result.stream == alone.stream
        assert np.array_equal(result.reconstruction, codec_named(name).decode(alone.stream))
        assert comparison.known(name, bpp) is result


def test_its_bytes_are_those_of_a_stream_and_it_shows_about_what_that_decodes_to() -> None:
    image = sample_crop(173, 240)
    comparison = Comparison(image, [codec_named("learned")])
    made = provisional(comparison, "learned", 0.5, PSNR_RGB, None)
    (encoder,) = comparison.encoders("learned")
    stream = encoder.encode(encoder.guess(round(0.5 * image.pixel_count / 8)))
    assert made.byte_count == len(stream)
    decoded = codec_named("learned").decode(stream)
    assert mean_squared_error(made.pixels, decoded) < 0.5
    assert np.abs(made.pixels.astype(int) - decoded).max() <= 8


def test_a_first_guess_that_is_far_off_is_corrected_once(monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = Comparison(sample_crop(128, 128), [codec_named("jpeg2000")])
    encoder = comparison.encoders("jpeg2000")[0]
    right, tried = encoder.guess(1000), []
    encode = type(encoder).encode

    def noted(self: object, quality: int) -> bytes:
        tried.append(quality)
        return encode(self, quality)  # type: ignore[arg-type]

    monkeypatch.setattr(type(encoder), "encode", noted)
    provisional(comparison, "jpeg2000", 8 * 1000 / 128**2, PSNR_RGB, None)
    assert tried == [right]
    guess = type(encoder).guess
    monkeypatch.setattr(type(encoder), "guess", lambda self, size: guess(self, 2 * size))
    made = provisional(comparison, "jpeg2000", 8 * 1000 / 128**2, PSNR_RGB, None)
    assert len(tried) == 3
    assert made.byte_count == pytest.approx(1000, rel=0.2)


def test_grey_pictures_and_pictures_of_one_colour_stay_so() -> None:
    from models.codec import LearnedCodec
    from viewer.codecs.learned import WEIGHTS
    from viewer.system.resources import weights_path

    codec = LearnedCodec.load(weights_path(WEIGHTS))
    grey = np.ascontiguousarray(np.repeat(sample_crop(64, 80).pixels[:, :, :1], 3, 2))
    shown = codec.prepare(grey).approximated(500)
    assert np.array_equal(shown[:, :, 0], shown[:, :, 2])
    plain = np.full((20, 30, 3), (10, 200, 90), np.uint8)
    assert np.array_equal(codec.prepare(plain).approximated(codec.qualities[0]), plain)

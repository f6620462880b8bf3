"""The grid of known sizes saves work, and changes nothing about what is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import viewer.codecs.jpeg
import viewer.system.memory
from tests.photographs import flat, sample_crop
from viewer.codecs.jpeg import JpegEncoder
from viewer.codecs.registry import codec_named
from viewer.imaging.image import Image
from viewer.matching.comparison import Comparison
from viewer.matching.curve import point_of, with_point
from viewer.matching.targets.quality import PSNR_LUMA, PSNR_RGB, QualityMeasure
from viewer.metrics.measurement import Reference, quick_psnr_db

_RATES = (0.3, 0.9, 2.5)


@pytest.mark.parametrize("measure", [PSNR_RGB, PSNR_LUMA], ids=lambda measure: measure.title())
def test_what_is_spared_would_not_have_been_kept(measure: QualityMeasure) -> None:
    image = sample_crop(256, 384, "spices")
    for bpp in _RATES:
        every = Comparison(image).result("jpeg", bpp, best_in=measure)
        best = Comparison(image).result("jpeg", bpp, best_in=measure, every_variant=False)
        assert (best.stream, best.detail) == (every.stream, every.detail)
        assert best.measurement.metrics == every.measurement.metrics
        assert (len(every.others), len(best.others)) == (2, 0)


@pytest.fixture
def judged_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)
    monkeypatch.setattr(viewer.codecs.jpeg, "_PART_TILE", 32)
    monkeypatch.setattr(viewer.codecs.jpeg, "_PART_SIDE", 160)


@pytest.mark.usefixtures("judged_by_part")
@pytest.mark.parametrize("measure", [PSNR_RGB, PSNR_LUMA], ids=lambda measure: measure.title())
def test_a_part_of_a_large_picture_tells_what_to_spare(measure: QualityMeasure) -> None:
    image = sample_crop(333, 500, "spices")
    for bpp in _RATES:
        every = Comparison(image).result("jpeg", bpp, best_in=measure)
        best = Comparison(image).result("jpeg", bpp, best_in=measure, every_variant=False)
        assert best.stream == every.stream
        assert best.reachable


@pytest.mark.usefixtures("judged_by_part")
def test_the_whole_of_a_large_picture_is_coded_at_its_rate_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    image = sample_crop(333, 500)
    coded: list[bool] = []
    file = JpegEncoder._file

    def counted(encoder: JpegEncoder, quality: int, *, progressive: bool) -> bytes:
        coded.append(encoder.pixels is image.pixels)
        return file(encoder, quality, progressive=progressive)

    monkeypatch.setattr(JpegEncoder, "_file", counted)
    comparison = Comparison(image)
    comparison.encoders("jpeg")
    outlooks = comparison.outlooks("jpeg", 8_000, PSNR_RGB, lambda: None)
    assert coded
    assert not any(coded)
    for encoder, outlook in zip(comparison.encoders("jpeg"), outlooks, strict=True):
        assert len(encoder.encode(outlook.guess(8_000))) == pytest.approx(8_000, rel=0.2)


def test_nothing_is_spared_for_ms_ssim() -> None:
    measure = QualityMeasure("ms_ssim", "rgb")
    result = Comparison(sample_crop(176, 200)).result("jpeg", 0.5, best_in=measure, every_variant=False)
    assert len(result.others) == 2


def test_a_stream_does_not_depend_on_what_was_asked_before() -> None:
    image = sample_crop(200, 300)
    upwards, downwards = Comparison(image), Comparison(image)
    streams = [upwards.result("jpeg", bpp).stream for bpp in _RATES]
    assert [downwards.result("jpeg", bpp, every_variant=False).stream for bpp in reversed(_RATES)] == streams[::-1]


def test_a_jpeg_encoder_makes_the_same_file_whatever_it_made_before() -> None:
    # Of a gradient, now the one kind of scans takes fewer bytes, now the other.
    rows, columns = np.mgrid[:96, :96]
    pixels = np.stack([columns * 2, rows * 2, rows + columns], 2).astype(np.uint8)
    image = Image(pixels, "gradient")
    for quality in (1900, 1930, 3850, 4100):
        used, fresh = (codec_named("jpeg").encoders(image)[2] for _ in range(2))
        for other in range(1600, 4400, 200):
            used.encode(other)
        assert used.encode(quality) == fresh.encode(quality)


def test_a_whole_result_serves_whoever_asks_for_less() -> None:
    comparison = Comparison(sample_crop(64, 64))
    every = comparison.result("jpeg", 1.0)
    assert comparison.result("jpeg", 1.0, every_variant=False) is every


def test_a_point_keeps_the_variants_that_are_known_of_it() -> None:
    image = sample_crop(128, 128)
    every = point_of(Comparison(image).result("jpeg", 1.0))
    assert len(every.others) == 2
    assert with_point((every,), replace(every, others=()))[0].others == every.others


def test_a_flat_picture_has_a_result() -> None:
    best = Comparison(flat(64, 64)).result("jpeg", 0.5, every_variant=False)
    assert best.stream == Comparison(flat(64, 64)).result("jpeg", 0.5).stream


@pytest.mark.parametrize("measure", [PSNR_RGB, PSNR_LUMA], ids=lambda measure: measure.title())
def test_the_quick_psnr_is_that_of_a_measurement(measure: QualityMeasure) -> None:
    original = sample_crop(300, 200).pixels
    other = np.ascontiguousarray(np.roll(original, 1, 1))
    quick_db = quick_psnr_db(original, other, luma=measure is PSNR_LUMA)
    assert quick_db == pytest.approx(measure.of(Reference(original).measure(other).metrics), abs=1e-4)
    assert quick_psnr_db(original, original, luma=measure is PSNR_LUMA) == float("inf")

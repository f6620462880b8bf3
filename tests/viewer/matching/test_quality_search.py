"""Quality matching: on made-up curves, on photographs with every codec, and as people write qualities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import viewer.system.disk_array
import viewer.system.memory
from models.errors import CodecError, TargetError
from tests.photographs import flat, sample_crop
from viewer.codecs.base import Codec, Encoder
from viewer.codecs.registry import CODECS, DEFAULT_CODECS, codec_named
from viewer.imaging.image import Image, Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.limits import quality_limit_sentence
from viewer.matching.quality_search import EqualQuality
from viewer.matching.size_ratios import byte_ratios, fall_sentence, reference_codec, size_ratio_sentence
from viewer.matching.targets.quality import (
    TOLERANCE_DB,
    QualityMeasure,
    QualityMetric,
    QualityTarget,
    format_quality,
    ms_ssim_db,
    ms_ssim_raw,
    parse_quality,
)
from viewer.matching.value_search import search
from viewer.metrics.measurement import Reference
from viewer.system.disk_array import is_on_disk


@given(st.lists(st.floats(0.001, 2.0), min_size=1, max_size=400), st.floats(0.0, 60.0))
@settings(max_examples=200)
def test_on_rising_values_the_nearest_is_found(steps: list[float], target_db: float) -> None:
    values = (10.0 + np.cumsum(steps)).tolist()
    found = search(range(len(values)), lambda quality: (values[quality], quality + 1), target_db)
    assert found.value == values[found.quality]
    nearest = min(abs(value - target_db) for value in values)
    away = abs(found.value - target_db)
    assert away <= TOLERANCE_DB or away == pytest.approx(nearest)
    assert found.below_floor == (values[0] - target_db > TOLERANCE_DB)
    assert found.above_ceiling == (target_db - values[-1] > TOLERANCE_DB)


@given(st.lists(st.floats(10.0, 60.0) | st.just(math.inf), min_size=1, max_size=300), st.floats(10.0, 60.0))
@settings(max_examples=200)
def test_on_any_values_it_ends_and_is_honest(values: list[float], target_db: float) -> None:
    seen: list[int] = []

    def measured(quality: int) -> tuple[float, int]:
        seen.append(quality)
        return values[quality], 1

    found = search(range(len(values)), measured, target_db)
    assert len(seen) == len(set(seen)) <= 30
    assert found.value == values[found.quality]
    assert abs(found.value - target_db) == min(abs(values[quality] - target_db) for quality in seen)


@given(
    st.lists(st.tuples(st.floats(10.0, 60.0), st.booleans()), min_size=2, max_size=300),
    st.floats(10.0, 60.0),
)
@settings(max_examples=100)
def test_nothing_that_is_found_is_worse_than_what_fewer_bits_give(
    made: list[tuple[float, bool]], target_db: float
) -> None:
    """Any values, and qualities that fail: what is measured decides, and what fails is passed over."""
    seen: dict[int, float] = {}

    def measured(quality: int) -> tuple[float, int]:
        value_db, works = made[quality]
        if not works:
            raise CodecError("This one fails.")
        seen[quality] = value_db
        return value_db, 100 + quality

    try:
        found = search(range(len(made)), measured, target_db)
    except CodecError:
        assert not seen
        return
    assert found.value >= max(seen[quality] for quality in seen if quality <= found.quality) - TOLERANCE_DB
    if found.above_ceiling:
        assert found.value >= max(seen.values()) - TOLERANCE_DB
    reached = [quality for quality in seen if abs(seen[quality] - target_db) <= TOLERANCE_DB]
    if reached and found.quality > min(reached):  # unless it takes about the same bits
        assert 100 + min(reached) >= 0.98 * (100 + found.quality) or seen[min(reached)] < max(
            seen[quality] for quality in seen if quality <= min(reached)
        )


def rising_and_falling(quality: int) -> tuple[float, int]:
    """As the learned codec on a screenshot: MS-SSIM of 27 dB at a quarter of the rate, 23.4 at the end."""
    top = 300
    value_db = 10.0 + 17.0 * quality / top if quality <= top else 27.0 - 3.6 * (quality - top) / 900
    return value_db, 1000 + 10 * quality


def test_where_more_bits_are_worse_the_fewer_are_found() -> None:
    found = search(range(1200), rising_and_falling, 25.0)
    assert abs(found.value - 25.0) <= TOLERANCE_DB
    assert found.quality == pytest.approx(300 * 15 / 17, abs=5), "and not 800, on the way down"
    assert found.falls_from is not None
    assert found.falls_from == pytest.approx(1000 + 10 * 300, abs=800)


def test_a_ceiling_is_the_best_value_and_not_that_of_the_most_bits() -> None:
    found = search(range(1200), rising_and_falling, 28.0)
    assert found.above_ceiling
    assert found.value == pytest.approx(27.0, abs=0.05)
    assert found.falls_from is not None


def test_where_more_bits_are_never_worse_nothing_is_said_of_it() -> None:
    assert search(range(1200), lambda quality: (10.0 + quality / 50, 100 + quality), 25.0).falls_from is None


@pytest.mark.parametrize("target_db", [15.0, 30.0, 33.9])
def test_a_quality_that_fails_takes_no_match_with_it(target_db: float) -> None:
    """As JPEG above 16 bits a pixel did: the highest qualities fail."""

    def measured(quality: int) -> tuple[float, int]:
        if quality > 1200:
            raise CodecError("Too much for the encoder.")
        return 10.0 + quality / 50, 100 + quality

    found = search(range(3000), measured, target_db)
    assert abs(found.value - target_db) <= TOLERANCE_DB
    beyond = search(range(3000), measured, 50.0)
    assert beyond.above_ceiling
    assert beyond.value == pytest.approx(34.0)


@pytest.fixture(scope="module")
def equal() -> EqualQuality:
    return EqualQuality(Comparison(sample_crop(256, 320, "rooftops")))


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
@pytest.mark.parametrize(
    "target",
    [
        QualityTarget("psnr", "rgb", 28.0),
        QualityTarget("psnr", "luma", 33.0),
        QualityTarget("ms_ssim", "rgb", 13.0),
        QualityTarget("ms_ssim", "luma", 18.0),
    ],
    ids=lambda target: f"{target.title()} {target.value_db:g}",
)
def test_photographs_are_matched_by_what_is_measured_on_the_decoded_stream(
    equal: EqualQuality, codec: Codec, target: QualityTarget
) -> None:
    match = equal.match(codec.name, target)
    assert match.reached == (abs(match.value_db - target.value_db) <= TOLERANCE_DB)
    if not match.reached:  # a codec of few steps may have none there
        assert codec.name not in DEFAULT_CODECS
        assert "cannot come closer than" in quality_limit_sentence("It", match, in_db=True)
    image = match.result.request.image
    decoded = codec.decode(match.result.stream)
    assert np.array_equal(decoded, match.result.reconstruction)
    metrics = Reference(image.pixels).measure(decoded).metrics
    assert target.of(metrics) == match.value_db
    assert match.result.bpp == 8 * len(match.result.stream) / image.pixel_count == match.result.request.target_bpp
    assert equal.match(codec.name, target) is match


@pytest.mark.parametrize("name", ["learned", "jpeg"])
def test_floors_and_ceilings_are_named(equal: EqualQuality, name: str) -> None:
    low = equal.match(name, QualityTarget("psnr", "rgb", 10.0))
    assert low.floor_db == low.value_db > 10.0
    assert not low.reached
    assert f"cannot go below PSNR {low.value_db:.2f} dB" in quality_limit_sentence("It", low, in_db=True)
    high = equal.match(name, QualityTarget("psnr", "rgb", 80.0))
    assert high.ceiling_db == high.value_db < 80.0
    assert "cannot go above PSNR" in quality_limit_sentence("It", high, in_db=True)
    assert byte_ratios({"learned": high, "jpeg": low}, "learned") == {}


@pytest.mark.parametrize("metric", ["psnr", "ms_ssim"])
def test_on_flat_colour_no_ceiling_is_below_what_fewer_bits_give(metric: QualityMetric) -> None:
    """There the learned codec has 52 dB at 0.103 bpp, 48 at 0.116 and 57.6 at most bits, say: weights may change that,
    and not the rule.
    """
    pixels = flat(192, 256, (255, 0, 0)).pixels.copy()
    pixels[0, 0] = (254, 0, 0)  # a single colour has one stream, without loss
    comparison = Comparison(Image(pixels, "nearly flat"), [codec_named("learned")])
    measure = QualityMeasure(metric, "rgb")
    match = EqualQuality(comparison).match("learned", QualityTarget(metric, "rgb", 90.0))
    assert match.ceiling_db == match.value_db
    (encoder,) = comparison.encoders("learned")
    last = len(encoder.qualities) - 1
    values = []
    for i in range(17):
        stream = encoder.encode(encoder.qualities[round(last * i / 16)])
        metrics = comparison.reference().measure(comparison.decoded("learned", stream)).metrics
        values.append((len(stream), measure.of(metrics)))
    falls = any(
        few_db > many_db + 2 * TOLERANCE_DB and few < many for few, few_db in values for many, many_db in values[::2]
    )
    if falls:
        assert match.value_db >= max(value_db for _, value_db in values) - TOLERANCE_DB
        assert match.falls_from_bpp is not None
        sentence = quality_limit_sentence("It", match, in_db=True)
        assert "at most on this picture, where more bits can make it worse" in sentence
        assert fall_sentence("It", match).startswith("More bits than ")


def test_an_answer_does_not_depend_on_what_was_asked_before(equal: EqualQuality) -> None:
    target = QualityTarget("psnr", "rgb", 31.3)
    for value_db in (25.0, 31.2, 31.4):
        equal.match("jpeg", QualityTarget("psnr", "rgb", value_db))
    fresh = EqualQuality(Comparison(sample_crop(256, 320, "rooftops"), [codec_named("jpeg")]))
    assert equal.match("jpeg", target).result.stream == fresh.match("jpeg", target).result.stream


def test_of_jpegs_subsamplings_the_one_with_fewer_bytes_is_kept(equal: EqualQuality) -> None:
    target = QualityTarget("psnr", "luma", 33.0)
    match = equal.match("jpeg", target)
    image = match.result.request.image
    reference = Reference(image.pixels)
    codec = codec_named("jpeg")
    for encoder in codec.encoders(image):

        def measured(quality: int, encoder=encoder) -> tuple[float, int]:  # type: ignore[no-untyped-def]
            stream = encoder.encode(quality)
            return target.of(reference.measure(codec.decode(stream)).metrics), len(stream)

        found = search(encoder.qualities, measured, target.value_db)
        assert len(match.result.stream) <= found.byte_count


def test_bytes_are_said_against_the_reference(equal: EqualQuality) -> None:
    target = QualityTarget("psnr", "rgb", 28.0)
    matches = {codec: equal.match(codec, target) for codec in DEFAULT_CODECS}
    ratios = byte_ratios(matches, "learned")
    assert set(ratios) == {"jpeg", "jpeg2000"}
    expected = len(matches["jpeg"].result.stream) / len(matches["learned"].result.stream)
    assert ratios["jpeg"] == expected
    assert size_ratio_sentence("JPEG", 1.9, "Learned") == "JPEG needs 1.90 times the bytes of Learned"
    assert reference_codec(matches, tuple(matches)) == "learned"
    ceiling = equal.match("learned", QualityTarget("psnr", "rgb", 80.0))
    assert reference_codec(matches | {"learned": ceiling}, tuple(matches)) == "jpeg"
    other = equal.match("jpeg", QualityTarget("psnr", "rgb", 31.3))
    assert "jpeg" not in byte_ratios(matches | {"jpeg": other}, "learned")


@pytest.mark.parametrize(
    ("text", "metric", "value_db"),
    [
        ("35", "psnr", 35.0),
        (" 35,5 dB ", "psnr", 35.5),
        ("0.97", "ms_ssim", 15.2288),
        (".9", "ms_ssim", 10.0),
        ("15dB", "ms_ssim", 15.0),
        ("15", "ms_ssim", 15.0),
        ("0.9975", "ms_ssim", 26.0),  # what the sentence of a refusal names as the end
    ],
)
def test_qualities_are_read_as_people_write_them(text: str, metric: str, value_db: float) -> None:
    assert parse_quality(text, metric) == pytest.approx(value_db, abs=1e-4)  # type: ignore[arg-type]


@given(st.floats(4.01, 25.99), st.sampled_from([".", ","]))
def test_every_quality_that_is_printed_can_be_typed(value_db: float, decimal: str) -> None:
    psnr = format_quality("psnr", 16.0 + value_db, in_db=True).replace(".", decimal)
    assert parse_quality(psnr, "psnr") == pytest.approx(16.0 + value_db, abs=0.0051)
    in_db = format_quality("ms_ssim", value_db, in_db=True).replace(".", decimal)
    assert parse_quality(in_db, "ms_ssim") == pytest.approx(value_db, abs=0.0051)
    raw = format_quality("ms_ssim", value_db, in_db=False).replace(".", decimal)
    assert ms_ssim_raw(parse_quality(raw, "ms_ssim")) == pytest.approx(ms_ssim_raw(value_db), abs=0.0000051)


@pytest.mark.parametrize("metric", ["psnr", "ms_ssim"])
@pytest.mark.parametrize("text", ["", "good", "0", "-3", "99", "1.0", "0.97 bpp", "nan"])
def test_what_is_no_quality_is_refused_with_a_sentence(text: str, metric: str) -> None:
    with pytest.raises(TargetError, match=r"such as .*\.$"):
        parse_quality(text, metric)  # type: ignore[arg-type]


def test_decibels_and_raw_values_belong_together() -> None:
    for raw in (0.6, 0.97, 0.999):
        assert ms_ssim_raw(ms_ssim_db(raw)) == pytest.approx(raw)
    assert math.isinf(ms_ssim_db(1.0))
    assert format_quality("ms_ssim", 15.2288, in_db=False) == "0.97000"
    assert format_quality("psnr", 35.0, in_db=False) == "35.00 dB"


@dataclass(frozen=True)
class _Cropping:
    """JPEG, but for the last column of what it decodes."""

    name: str = "jpeg"
    label: str = "Cropping"
    suffix: str = ".jpg"
    tries_every_encoder: bool = False

    def encoders(self, image: Image) -> Sequence[Encoder]:
        return codec_named("jpeg").encoders(image)

    def recognises(self, stream: bytes) -> bool:
        return codec_named("jpeg").recognises(stream)

    def decode(self, stream: bytes) -> Pixels:
        return codec_named("jpeg").decode(stream)[:, :-1]


def test_a_codec_that_decodes_to_another_size_is_a_sentence() -> None:
    equal = EqualQuality(Comparison(sample_crop(64, 80), [_Cropping()]))
    with pytest.raises(CodecError, match="Cropping decoded its own stream to 79 x 64 pixels, not 80 x 64"):
        equal.match("jpeg", QualityTarget("psnr", "rgb", 30.0))


def test_what_is_called_between_the_steps_can_end_the_search() -> None:
    equal = EqualQuality(Comparison(sample_crop(64, 80), [codec_named("jpeg")]))
    called: list[None] = []

    def pause() -> None:
        called.append(None)
        if len(called) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        equal.match("jpeg", QualityTarget("psnr", "rgb", 30.0), pause)
    assert len(called) == 3
    assert equal.match("jpeg", QualityTarget("psnr", "rgb", 30.0)).reached


def test_of_a_large_picture_what_is_found_lies_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 30_000)
    monkeypatch.setattr(viewer.system.disk_array, "_MIN_FREE_BYTES", 0)
    image = sample_crop(192, 200)
    result = EqualQuality(Comparison(image)).match("jpeg", QualityTarget("psnr", "rgb", 30.0)).result
    assert is_on_disk(result.reconstruction)
    assert is_on_disk(result.measurement.squared_error)
    assert is_on_disk(result.measurement.ssim)
    assert np.array_equal(result.reconstruction, codec_named("jpeg").decode(result.stream))

"""Comparison: what a result says must be true of its bytes."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image as PillowImage

from models.errors import StreamError
from tests.photographs import flat, mean_squared_error, sample_crop
from viewer.codecs.base import Codec, Encoder
from viewer.codecs.registry import CODECS, codec_named
from viewer.imaging.image import Image, Pixels
from viewer.matching.comparison import Comparison
from viewer.matching.curve import point_of
from viewer.matching.quality_search import EqualQuality
from viewer.matching.result import Result
from viewer.matching.targets.quality import MEASURES, QualityMeasure, QualityTarget

each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)


@each_codec
@pytest.mark.parametrize("bpp", [0.3, 1.2])
def test_a_result_is_what_its_bytes_say(codec: Codec, bpp: float) -> None:
    image = sample_crop(176, 200)
    result = Comparison(image).result(codec.name, bpp)
    assert result.bpp == 8 * len(result.stream) / (176 * 200)
    assert np.array_equal(codec.decode(result.stream), result.reconstruction)
    assert abs(result.deviation) <= 0.01
    psnr_db = 10 * np.log10(255**2 / mean_squared_error(result.reconstruction, image.pixels))
    assert result.measurement.metrics.psnr_rgb_db == pytest.approx(psnr_db, abs=1e-3)
    assert result.measurement.squared_error.shape == (176, 200)
    assert result.measurement.ssim.shape == (176, 200)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.title())
def test_jpeg_keeps_the_subsampling_that_is_best_in_the_metric_that_is_asked_for(measure: QualityMeasure) -> None:
    image = sample_crop(200, 200, "spices")
    comparison = Comparison(image)
    for bpp in (0.3, 3.0):
        result = comparison.result("jpeg", bpp, best_in=measure)
        assert {point.variant for point in result.others} | {result.variant} == {"4:2:0", "4:2:2", "4:4:4"}
        for encoder in comparison.encoders("jpeg"):
            matched = Comparison(image, [_Only(encoder)]).result("jpeg", bpp)
            assert measure.of(result.measurement.metrics) >= measure.of(matched.measurement.metrics)
            if encoder.detail == result.variant:
                assert matched.stream == result.stream
            else:
                (other,) = (point for point in result.others if point.variant == encoder.detail)
                assert (other.byte_count, other.metrics) == (len(matched.stream), matched.measurement.metrics)


def test_jpeg_is_matched_above_16_bits_a_pixel() -> None:
    grain = np.random.default_rng(1).normal(0, 60, (256, 256, 3))
    image = Image((sample_crop(256, 256, "spices").pixels + grain).clip(0, 255).astype(np.uint8), "grain")
    assert Comparison(image).result("jpeg", 18.0).reachable
    match = EqualQuality(Comparison(image)).match("jpeg", QualityTarget("psnr", "rgb", 49.0))
    assert match.reached
    assert match.result.bpp > 16


@dataclass(frozen=True)
class _Only:
    """JPEG with one of its encoders."""

    encoder: Encoder
    name: str = "jpeg"
    label: str = "JPEG"
    suffix: str = ".jpg"
    tries_every_encoder: bool = True

    def encoders(self, image: Image) -> Sequence[Encoder]:  # noqa: ARG002 (made for one picture)
        return (self.encoder,)

    def recognises(self, stream: bytes) -> bool:
        return codec_named("jpeg").recognises(stream)

    def decode(self, stream: bytes) -> Pixels:
        return codec_named("jpeg").decode(stream)


@dataclass(frozen=True)
class _Broken(_Only):
    """JPEG whose streams of 4:2:0 do not decode."""

    def encoders(self, image: Image) -> Sequence[Encoder]:
        return codec_named("jpeg").encoders(image)

    def decode(self, stream: bytes) -> Pixels:
        with PillowImage.open(io.BytesIO(stream)) as picture:
            if picture.layer[0][1:3] == (2, 2):  # type: ignore[attr-defined]
                raise StreamError("This one is damaged.")
        return super().decode(stream)


def test_a_variant_that_fails_takes_no_other_with_it() -> None:
    image = sample_crop(128, 128)
    comparison = Comparison(image, [_Broken(codec_named("jpeg").encoders(image)[0])])
    result = comparison.result("jpeg", 0.3)
    assert result.reachable
    assert {point.variant for point in result.others} | {result.variant} == {"4:2:2", "4:4:4"}


@dataclass(frozen=True)
class _Slow(_Only):
    """One that takes a hundred seconds to load, by the clock that it moves."""

    clock: list[float] = field(default_factory=list)

    def load(self) -> None:
        self.clock[0] += 100.0


def test_loading_a_codec_is_no_part_of_its_encoding_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("viewer.matching.comparison.time.perf_counter", lambda: clock[0])
    image = sample_crop(64, 64)
    encoder = Comparison(image).encoders("jpeg")[0]
    result = Comparison(image, [_Slow(encoder, clock=clock)]).result("jpeg", 1.0)
    assert clock[0] >= 100.0
    assert result.encode_ms == result.prepare_ms == result.search_ms == 0.0


@dataclass(frozen=True)
class _Preparing:
    """An encoder that prepares for thirty seconds, and for ten more where quality is above a bound; each stream takes
    one second, by the clock that it moves.
    """

    inner: Encoder
    clock: list[float]
    done: list[int] = field(default_factory=list)
    detail: str = "preparing"

    @property
    def qualities(self) -> range:
        return self.inner.qualities

    def guess(self, target_bytes: int) -> int:
        return self.inner.guess(target_bytes)

    def prepare(self, quality: int | None = None) -> None:
        level = 0 if quality is None or quality < self.inner.guess(3000) else 1
        if level not in self.done:
            self.clock[0] += (30.0, 10.0)[level]
            self.done.append(level)

    def encode(self, quality: int) -> bytes:
        self.clock[0] += 1.0
        return self.inner.encode(quality)


def test_times_mean_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("viewer.matching.comparison.time.perf_counter", lambda: clock[0])
    image = sample_crop(128, 128)
    comparison = Comparison(image, [_Only(_Preparing(codec_named("jpeg").encoders(image)[0], clock))])
    first = comparison.result("jpeg", 0.5)
    again = comparison.result("jpeg", 0.7)
    for result in (first, again):
        assert (result.prepare_ms, result.encode_ms) == (30_000.0, 1000.0)
        assert result.search_ms == pytest.approx(1000.0 * round(result.search_ms / 1000.0))
        assert result.search_ms >= 1000.0
        assert (point_of(result).prepare_ms, point_of(result).encode_ms) == (30_000.0, 1000.0)
    finer = comparison.result("jpeg", 4.0)
    assert (finer.prepare_ms, finer.encode_ms) == (40_000.0, 1000.0)
    match = EqualQuality(comparison).match("jpeg", QualityTarget("psnr", "rgb", 32.0))
    assert (match.result.prepare_ms, match.result.encode_ms) == (40_000.0, 1000.0)


def test_an_unreachable_target_carries_its_floor_or_ceiling() -> None:
    comparison = Comparison(flat(32, 32))
    low = comparison.result("jpeg", 0.05)
    assert not low.reachable
    assert low.floor_bpp == low.bpp > 0.05
    assert low.ceiling_bpp is None
    high = comparison.result("jpeg2000", 3.0)
    assert not high.reachable
    assert high.ceiling_bpp == high.bpp < 3.0


@dataclass(frozen=True)
class _Steps:
    """An encoder that pads JPEG streams to multiples of a step, and notes what it was asked for."""

    inner: Encoder
    step: int
    asked: list[int]

    @property
    def detail(self) -> str:
        return f"steps of {self.step}"

    @property
    def qualities(self) -> range:
        return self.inner.qualities

    def guess(self, target_bytes: int) -> int:
        return self.inner.guess(target_bytes)

    def encode(self, quality: int) -> bytes:
        self.asked.append(self.step)
        stream = self.inner.encode(quality)
        return stream + bytes(-len(stream) % self.step)


@dataclass(frozen=True)
class _Stepped:
    """A codec whose first encoder leaves gaps that its second one fills, as JPEG 2000's code blocks do."""

    asked: list[int]
    name: str = "stepped"
    label: str = "Stepped"
    suffix: str = ".jpg"
    tries_every_encoder: bool = False

    def encoders(self, image: Image) -> Sequence[Encoder]:
        inner = codec_named("jpeg").encoders(image)[0]
        return tuple(_Steps(inner, step, self.asked) for step in (1000, 1))

    def recognises(self, stream: bytes) -> bool:
        return codec_named("jpeg").recognises(stream)

    def decode(self, stream: bytes) -> Pixels:
        return codec_named("jpeg").decode(stream)


def test_a_gap_is_left_to_the_next_encoder_after_a_few_probes() -> None:
    image = sample_crop(200, 200)
    asked: list[int] = []
    result = Comparison(image, [_Stepped(asked)]).result("stepped", 8 * 4500 / image.pixel_count)
    assert result.reachable
    assert result.detail == "steps of 1"
    assert asked.count(1000) <= 6


def test_where_no_encoder_reaches_the_target_all_are_searched_to_the_end() -> None:
    image = sample_crop(200, 200)
    asked: list[int] = []
    result = Comparison(image, [_Stepped(asked)]).result("stepped", 0.05)
    assert result.floor_bpp == result.bpp > 0.05
    assert set(asked) == {1000, 1}


def test_what_is_called_between_the_steps_can_end_the_work() -> None:
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise InterruptedError

    asked: list[int] = []
    comparison = Comparison(sample_crop(64, 64), [_Stepped(asked)])
    with pytest.raises(InterruptedError):
        comparison.result("stepped", 0.05, pause)
    assert len(asked) == 1
    assert comparison.cached("stepped", 0.05) is None


def test_the_second_time_is_from_the_cache() -> None:
    comparison = Comparison(sample_crop(64, 64))
    assert comparison.cached("jpeg", 0.8) is None
    first = comparison.result("jpeg", 0.8)
    assert comparison.result("jpeg", 0.8) is first
    assert comparison.cached("jpeg", 0.8) is first


def test_many_threads_share_one_comparison() -> None:
    comparison = Comparison(sample_crop(96, 96))
    results: dict[tuple[str, float], list[Result]] = {}
    lock = threading.Lock()

    def work(codec: str, bpp: float) -> None:
        result = comparison.result(codec, bpp)
        with lock:
            results.setdefault((codec, bpp), []).append(result)

    threads = [
        threading.Thread(target=work, args=(codec.name, bpp))
        for codec in CODECS
        for bpp in (0.5, 1.0)
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2 * len(CODECS)
    for same in results.values():
        assert len(same) == 3
        assert len({result.stream for result in same}) == 1

"""Comparison: what a result says must be true of its bytes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from tests.photographs import flat, mean_squared_error, sample_crop
from viewer.codecs import CODECS, codec_named
from viewer.codecs.base import Codec, Encoder
from viewer.compare import Comparison, Result
from viewer.image import Image, Pixels

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


def test_jpeg_keeps_the_better_subsampling() -> None:
    image = sample_crop(200, 200, "spices")
    comparison = Comparison(image)
    for bpp in (0.3, 3.0):
        result = comparison.result("jpeg", bpp)
        for encoder in comparison.encoders("jpeg"):
            if encoder.detail == result.detail:
                continue
            matched = Comparison(image, [_Only(encoder)]).result("jpeg", bpp)
            if matched.reachable:
                assert mean_squared_error(result.reconstruction, image.pixels) <= mean_squared_error(
                    matched.reconstruction, image.pixels
                )


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


def test_an_unreachable_target_carries_its_floor_or_ceiling() -> None:
    comparison = Comparison(flat(32, 32))
    low = comparison.result("jpeg", 0.05)
    assert not low.reachable
    assert low.floor_bpp == low.bpp > 0.05
    assert low.ceiling_bpp is None
    high = comparison.result("jpeg2000", 3.0)
    assert not high.reachable
    assert high.ceiling_bpp == high.bpp < 3.0


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

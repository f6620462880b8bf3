"""The second analysis: latents that show more of the picture where bits are many; the decoder knows nothing of it."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

import models.latents
import models.nn.transforms
from models.codec import EntropyMode, LearnedCodec
from models.latents import PictureLatents
from models.nn.inference import UNIT_ROUNDOFF
from models.nn.transforms import Latents
from models.quality import correction_share, quality_of_table, table_count
from models.training.correction import corrected
from models.training.correction import correction_share as trained_share
from models.training.model import load_checkpoint
from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.learned import WEIGHTS, LearnedEncoder, LearnedViewerCodec
from viewer.imaging.image import Pixels
from viewer.matching.rate_search import match
from viewer.system.resources import weights_path

LEVEL_8 = 11 * 128


@pytest.fixture(scope="module")
def codec() -> LearnedCodec:
    return LearnedViewerCodec().model()


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=str)
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[LearnedCodec, float]:
    """The codec in either of the precisions that encoders have, and how far its latents may be off, relatively."""
    monkeypatch.setattr(models.nn.transforms, "encoder_precision", lambda: request.param)
    return LearnedCodec.load(weights_path(WEIGHTS)), max(1e-4, 4 * UNIT_ROUNDOFF[request.param])


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    return sample_crop(173, 250).pixels


@pytest.mark.parametrize("name", ["heron", "spices", "rooftops"])
def test_more_of_the_picture_at_the_same_rate(codec: LearnedCodec, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = sample_crop(256, 256, name).pixels
    corrected_stream = codec.prepare(picture).encode(LEVEL_8)
    for module in ("models.latents", "models.rate_model"):
        monkeypatch.setattr(f"{module}.correction_share", lambda _quality: 0.0)
    plain_stream = match(LearnedEncoder(codec.prepare(picture)), len(corrected_stream)).stream
    assert len(corrected_stream) == pytest.approx(len(plain_stream), rel=0.01)
    errors = [mean_squared_error(codec.decode(stream), picture) for stream in (corrected_stream, plain_stream)]
    assert errors[0] < 0.9 * errors[1]


def test_the_share_grows_with_the_quality(codec: LearnedCodec) -> None:
    shares = [correction_share(quality) for quality in codec.qualities]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert max(np.diff(shares)) < 0.01  # neighbouring qualities stay neighbours


def test_the_precision_of_the_encoder_matters_little(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = sample_crop(173, 250).pixels
    sizes, errors = [], []
    for precision in (torch.float32, torch.bfloat16):
        monkeypatch.setattr(models.nn.transforms, "encoder_precision", lambda precision=precision: precision)
        codec = LearnedCodec.load(weights_path(WEIGHTS))
        stream = codec.prepare(picture).encode(LEVEL_8)
        sizes.append(len(stream))
        errors.append(mean_squared_error(codec.decode(stream), picture))
    assert sizes[1] == pytest.approx(sizes[0], rel=0.005)
    assert errors[1] == pytest.approx(errors[0], rel=0.05)
    assert errors[1] != errors[0]


def test_low_rates_wait_for_no_correction(codec: LearnedCodec, pixels: Pixels) -> None:
    prepared = codec.prepare(pixels)
    match(LearnedEncoder(prepared), 0.2 * pixels[..., 0].size / 8)
    assert len(prepared.latents.kept) == 1
    match(LearnedEncoder(prepared), 1.2 * pixels[..., 0].size / 8)
    assert len(prepared.latents.kept) == 2


@pytest.mark.parametrize("side", [4, 5])
@pytest.mark.parametrize("mode", [EntropyMode.CONTEXT, EntropyMode.TILES])
def test_the_correction_of_tiles_is_that_of_the_whole(
    either: tuple[LearnedCodec, float], pixels: Pixels, side: int, mode: EntropyMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec, tolerance = either
    latents = codec.prepare(pixels, mode).latents
    whole = latents.correction
    monkeypatch.setattr(models.nn.transforms, "_TILE", side)
    tiles = codec.prepare(pixels, mode).latents.correction
    assert tiles.dtype == whole.dtype
    # Relative to the latents, whose difference the correction is: that is what the sums' order may change.
    off = float(np.sqrt(np.square(tiles.astype(float) - whole).mean() / np.square(latents.y.astype(float)).mean()))
    assert off < max(tolerance, 2e-3 if mode is EntropyMode.TILES else 0.0)  # float16


def test_what_is_trained_is_what_is_coded(either: tuple[LearnedCodec, float]) -> None:
    codec, tolerance = either
    picture = sample_crop(96, 128).pixels
    prepared, trained = codec.prepare(picture), load_checkpoint(weights_path(WEIGHTS))
    x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255.0
    for table in range(16, table_count(trained.gains.log_gain.shape[0]), 32):
        level = torch.tensor([table / 16 - 3.0])
        with torch.no_grad():
            expected = corrected(trained, x, level)[0].numpy()
        found = prepared.latents.at(quality_of_table(table))
        assert np.abs(found - expected).max() < tolerance * np.abs(expected).max()
        assert float(trained_share(level)[0]) == pytest.approx(correction_share(quality_of_table(table)))


def test_threads_that_ask_at_once_wait_for_one_correction() -> None:
    made, both = [], threading.Barrier(2)

    def correct() -> Latents:
        made.append(1)
        return np.ones((2, 3, 4), np.float32)

    latents = PictureLatents(np.zeros((2, 3, 4), np.float32), correct)

    def ask() -> Latents:
        both.wait(30)
        return latents.at(LEVEL_8)

    with ThreadPoolExecutor(2) as pool:
        found = [job.result() for job in [pool.submit(ask) for _ in range(2)]]
    assert made == [1]
    assert all((latent == 1.0).all() for latent in found)
    assert (latents.at(0) == 0.0).all()


def test_nothing_of_a_picture_stays_when_its_user_is_gone(codec: LearnedCodec) -> None:
    """At once, and not when the interpreter next looks for cycles: a folder of pictures may be opened by then."""
    prepared = codec.prepare(sample_crop(64, 64).pixels)
    prepared.encode(prepared.guess(1500))
    assert len(prepared.latents.kept) == 2
    kept = [weakref.ref(array) for array in prepared.latents.kept]
    del prepared
    assert [ref() for ref in kept] == [None, None]


def test_a_correction_of_a_large_picture_lies_where_its_latents_lie(codec: LearnedCodec, tmp_path: Path) -> None:
    def keep(latents: Latents) -> Latents:
        np.save(tmp_path / f"{len(list(tmp_path.iterdir()))}.npy", latents)
        return latents

    prepared = codec.prepare(sample_crop(64, 64).pixels, keep=keep)
    prepared.encode(LEVEL_8)
    kept = [np.load(tmp_path / name) for name in ("0.npy", "1.npy")]
    assert all(np.array_equal(*pair) for pair in zip(kept, prepared.latents.kept, strict=True))

"""What the learned codec may take, as far as it needs no clock; times are measured by tests/bench/learned.py."""

from __future__ import annotations

import numpy as np
import pytest

import models.nn.transforms
from models.codec import LearnedCodec
from models.nn.inference import UNIT_ROUNDOFF, encoder_precision
from models.rate_model import sample
from tests.photographs import sample_crop
from viewer.codecs.learned import WEIGHTS, LearnedEncoder, LearnedViewerCodec
from viewer.imaging.image import Pixels
from viewer.matching.rate_search import match
from viewer.system.memory import result_bytes
from viewer.system.resources import weights_path

MB = 1_000_000
PROGRAM_BYTES = 500 * MB
"""What the process takes besides: torch, the weights, the picture."""


@pytest.fixture(scope="module")
def codec() -> LearnedCodec:
    return LearnedViewerCodec().model()


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    return sample_crop(173, 250).pixels


def test_the_weights_file_is_small() -> None:
    assert weights_path(WEIGHTS).stat().st_size <= 16 * MB


def test_twelve_megapixels_are_estimated_to_fit_into_two_gigabytes() -> None:
    """That no estimate is below what is taken: tests/viewer/system/test_memory.py."""
    assert PROGRAM_BYTES + result_bytes("learned", 12 * MB, prepared=False, measured=False) < 2000 * MB


@pytest.mark.parametrize("side", [4, 5])
def test_latents_of_tiles_are_those_of_the_whole(
    codec: LearnedCodec, pixels: Pixels, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = codec.prepare(pixels).latents.y
    assert max(whole.shape[1:]) <= models.nn.transforms._TILE  # one tile
    monkeypatch.setattr(models.nn.transforms, "_TILE", side)
    off = np.abs(codec.prepare(pixels).latents.y - whole).max() / np.abs(whole).max()
    assert off < max(1e-4, 4 * UNIT_ROUNDOFF[encoder_precision()])  # sums in another order


@pytest.mark.parametrize("side", [4, 5])
@pytest.mark.parametrize("bpp", [0.15, 1.0])
def test_a_picture_of_tiles_is_the_whole_to_one_grey_level(
    codec: LearnedCodec, pixels: Pixels, bpp: float, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = match(LearnedEncoder(codec.prepare(pixels)), bpp * pixels[..., 0].size / 8).stream
    whole = codec.decode(stream).astype(int)
    monkeypatch.setattr(models.nn.transforms, "_TILE", side)
    tiles = codec.decode(stream)
    assert np.abs(tiles - whole).max() <= 1
    assert (tiles != whole).mean() < 0.001


@pytest.mark.parametrize("height", [512, 1024])
def test_a_rate_takes_few_codings(codec: LearnedCodec, height: int) -> None:
    """What encoding takes is the analysis, estimates on at most 48 x 48 positions, and these."""
    prepared = codec.prepare(np.tile(sample_crop(256, 256).pixels, (height // 256, 3, 1)))
    assert max(sample(prepared.latents.y).shape[1:]) <= 48
    for bpp in (0.4, 0.6, 0.9):
        assert match(LearnedEncoder(prepared), bpp * height * 768 / 8).probes <= 3

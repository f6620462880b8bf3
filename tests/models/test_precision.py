"""The encoder's bfloat16: as right as eight bits can be at every width, and never a reason to show garbage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

import models.nn.transforms
from models.codec import LearnedCodec
from models.errors import CodecError
from models.nn.inference import UNIT_ROUNDOFF, Networks
from tests.photographs import sample_crop
from viewer.codecs.learned import WEIGHTS
from viewer.system.resources import weights_path

MakeCodec = Callable[[torch.dtype], LearnedCodec]


@pytest.fixture
def codec_in(monkeypatch: pytest.MonkeyPatch) -> MakeCodec:
    def load(precision: torch.dtype) -> LearnedCodec:
        monkeypatch.setattr(models.nn.transforms, "encoder_precision", lambda: precision)
        return LearnedCodec.load(weights_path(WEIGHTS))

    return load


def test_latents_in_bfloat16_are_those_in_float32_at_every_width(codec_in: MakeCodec) -> None:
    exact, half = codec_in(torch.float32), codec_in(torch.bfloat16)
    for width in (*range(1, 20), 31, 32, 33, 47, 48, 49, 63, 64):
        pixels = sample_crop(64, width).pixels
        expected, found = (codec.prepare(pixels).latents for codec in (exact, half))
        bound = 4 * UNIT_ROUNDOFF[torch.bfloat16] * np.abs(expected.y).max()
        assert np.abs(found.y - expected.y).max() < bound, width
        # Two analyses and a synthesis, each of them off by so much.
        assert np.abs(found.correction - expected.correction).max() < 4 * bound, width


def test_a_narrow_picture_is_computed_in_float32(codec_in: MakeCodec) -> None:
    """The processor's bfloat16 convolution may be wrong where its output is one wide."""
    pixels = sample_crop(256, 16).pixels
    exact, half = (codec_in(precision).prepare(pixels).latents for precision in (torch.float32, torch.bfloat16))
    assert np.array_equal(exact.y, half.y)
    assert np.array_equal(exact.correction, half.correction)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_an_error_and_no_picture(
    codec_in: MakeCodec, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    codec = codec_in(torch.float32)
    analyse = Networks.analyse

    def broken(self: Networks, x: torch.Tensor) -> torch.Tensor:
        y = analyse(self, x)
        y[0, 0, 0, 0] = value
        return y

    monkeypatch.setattr(Networks, "analyse", broken)
    with pytest.raises(CodecError, match="invalid numbers"):
        codec.prepare(sample_crop(64, 64).pixels)

"""Golden streams: bytes written once must decode for ever, and the same symbols must give the same bytes."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch

from models import bitstream
from models.codec import LearnedCodec
from models.entropy.factorized import encode_plain
from models.greyscale import is_grey
from models.weights import load_weights
from tests.golden.make import CASES, FOLDER, digest, flagged, symbols
from tests.photographs import mean_squared_error, sample_crop
from viewer.codecs.registry import codec_named

GOLDEN = json.loads((FOLDER / "golden.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_the_stream_decodes_to_its_symbols(name: str) -> None:
    stream = (FOLDER / f"{name}.gdn").read_bytes()
    assert hashlib.sha256(stream).hexdigest() == GOLDEN[name]["stream"]
    header, values = LearnedCodec.load(FOLDER / "tiny.safetensors").decode_symbols(stream)
    seed, quality, height, width = CASES[name]
    assert (header.quality, header.height, header.width) == (quality, height, width)
    assert digest(values) == GOLDEN[name]["symbols"] == digest(symbols(seed, height, width))


@pytest.mark.parametrize("name", CASES)
def test_the_same_symbols_give_the_same_bytes(name: str) -> None:
    weights = load_weights(FOLDER / "tiny.safetensors")
    seed, quality, height, width = CASES[name]
    payload = encode_plain(symbols(seed, height, width), weights.tables, weights.table_of(quality))
    stream = bitstream.pack(bitstream.Header(0, weights.model_id, quality, width, height), payload)
    assert stream == (FOLDER / f"{name}.gdn").read_bytes()


def test_streams_of_version_2_decode_and_are_made_again() -> None:
    codec = LearnedCodec.load(FOLDER / "tiny.safetensors")
    made = flagged(load_weights(FOLDER / "tiny.safetensors"))
    for name, stream in made.items():
        assert (FOLDER / f"{name}.gdn").read_bytes() == stream
        assert hashlib.sha256(stream).hexdigest() == GOLDEN[name]["stream"]
    _, values = codec.decode_symbols(made["grey"])
    assert digest(values) == GOLDEN["odd"]["symbols"]
    assert is_grey(codec.decode(made["grey"]))
    decoded = codec.decode(made["colour"])
    assert decoded.shape == (200, 300, 3)
    assert (decoded == (200, 60, 40)).all()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_symbols_do_not_depend_on_the_number_of_threads(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        codec = LearnedCodec.load(FOLDER / "tiny.safetensors")
        for name in CASES:
            _, values = codec.decode_symbols((FOLDER / f"{name}.gdn").read_bytes())
            assert digest(values) == GOLDEN[name]["symbols"]
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("name", ["jpeg", "jpeg2000"])
def test_streams_of_the_other_codecs_decode(name: str) -> None:
    codec = codec_named(name)
    decoded = codec.decode((FOLDER / f"heron{codec.suffix}").read_bytes())
    assert decoded.dtype == np.uint8
    assert mean_squared_error(decoded, sample_crop(48, 64).pixels) < 400

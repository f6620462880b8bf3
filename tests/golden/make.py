"""Make the golden files anew, after a change of the stream version: python -m tests.golden.make.

The learned streams hold made-up symbols coded with the tables of a tiny untrained model, so that no floating-point
arithmetic decides about their bytes. The others are this machine's, kept to be decoded.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models import bitstream
from models.entropy.factorized import encode_plain
from models.nn.layers import Widths
from models.training.export import weights_tensors
from models.training.model import TrainableCodec
from models.weights import Weights, load_weights, save_weights
from tests.photographs import sample_crop
from viewer.codecs.registry import codec_named
from viewer.matching.rate_search import match

FOLDER = Path(__file__).parent
CHANNELS = 8


def symbols(seed: int, height: int, width: int) -> NDArray[np.int32]:
    """Made-up symbols (8, ceil(height / 16), ceil(width / 16)): mostly small, some far outside every table."""
    rng = np.random.default_rng(seed)
    shape = (CHANNELS, -(-height // 16), -(-width // 16))
    out = np.rint(rng.laplace(0.0, 1.5, shape)).astype(np.int32)
    out[rng.random(shape) < 0.02] += 70_000
    out[seed % CHANNELS] = 0
    return out


CASES = {"one": (1, 700, 1, 1), "odd": (2, 300, 100, 37), "wide": (3, 890, 16, 400)}
"""name: seed, quality, height, width."""


def flagged(weights: Weights) -> dict[str, bytes]:
    """Streams of version 2: one of a grey picture, with the symbols of “odd”, and one of a single colour."""
    seed, quality, height, width = CASES["odd"]
    payload = encode_plain(symbols(seed, height, width), weights.tables, weights.table_of(quality))
    grey = bitstream.Header(0, weights.model_id, quality, width, height, grey=True)
    colour = bitstream.Header(0, weights.model_id, 0, 300, 200, one_colour=True)
    return {"grey": bitstream.pack(grey, payload), "colour": bitstream.pack(colour, bytes((200, 60, 40)))}


def digest(values: NDArray[np.int32]) -> str:
    """SHA-256 of little-endian int32 symbols."""
    return hashlib.sha256(values.astype("<i4").tobytes()).hexdigest()


def main() -> None:
    """Write tiny.safetensors, the streams and golden.json beside this file."""
    torch.manual_seed(1)
    codec = TrainableCodec(Widths(4, 6, CHANNELS), levels=3)
    with torch.no_grad():
        codec.gains.log_gain.copy_(torch.linspace(0.5, 2.0, 3)[:, None].expand(3, CHANNELS))
        codec.gains.log_inverse_gain.copy_(-codec.gains.log_gain)
    save_weights(FOLDER / "tiny.safetensors", weights_tensors(codec), {})
    weights = load_weights(FOLDER / "tiny.safetensors")
    golden: dict[str, dict[str, str]] = {}
    for name, (seed, quality, height, width) in CASES.items():
        values = symbols(seed, height, width)
        payload = encode_plain(values, weights.tables, weights.table_of(quality))
        stream = bitstream.pack(bitstream.Header(0, weights.model_id, quality, width, height), payload)
        (FOLDER / f"{name}.gdn").write_bytes(stream)
        golden[name] = {"stream": hashlib.sha256(stream).hexdigest(), "symbols": digest(values)}
    for name, stream in flagged(weights).items():
        (FOLDER / f"{name}.gdn").write_bytes(stream)
        golden[name] = {"stream": hashlib.sha256(stream).hexdigest()}
    image = sample_crop(48, 64)
    for name in ("jpeg", "jpeg2000"):
        other = codec_named(name)
        (FOLDER / f"heron{other.suffix}").write_bytes(match(other.encoders(image)[0], 900).stream)
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""What is given damaged input, and what has to hold of the answer."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from models import bitstream
from models.codec import LearnedCodec
from models.errors import ImageError, MemoryLimitError, RateLensError, StreamError, WeightsError
from models.weights import load_weights
from tests.fuzz.seeds import OWN, PICTURES, picture_file, stream_of
from tests.golden.make import CASES, FOLDER
from viewer.codecs.files.sniff import check_plausible_size
from viewer.codecs.registry import BUILT_IN, DEFAULT_CODECS, codec_named
from viewer.imaging.image import Pixels
from viewer.imaging.reader import image_from_bytes


@dataclass(frozen=True)
class Target:
    """One reader. check: True if it took the input, False if it refused it with a sentence; raises if it did neither,
    or took what it must not. guided: written in Python, so that a fuzzer can watch which lines an input reaches.
    """

    name: str
    wholes: tuple[Callable[[], bytes], ...]
    check: Callable[[bytes], bool]
    guided: bool = False

    def whole(self, number: int) -> bytes:
        """One of the undamaged files, turn by turn."""
        return self.wholes[number % len(self.wholes)]()


class BrokenPromiseError(AssertionError):
    """An answer that is neither a picture nor a sentence, or a picture that must not be."""


def _sentence(error: RateLensError) -> bool:
    text = str(error)
    if not text.endswith(".") or len(text) < 20:
        raise BrokenPromiseError(f"no sentence: {text!r}")
    return False


def _picture(pixels: Pixels) -> bool:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise BrokenPromiseError(f"no picture: {pixels.dtype} {pixels.shape}")
    return True


def _check_picture_file(data: bytes) -> bool:
    try:
        image = image_from_bytes(data, "damaged")
    except (ImageError, MemoryLimitError) as error:  # what may not fit is refused before it is decoded
        return _sentence(error)
    return _picture(image.pixels)


def _check_stream_of(codec: str) -> Callable[[bytes], bool]:
    def check(data: bytes) -> bool:
        try:
            check_plausible_size(data)
            return _picture(codec_named(codec).decode(data))
        except StreamError as error:
            return _sentence(error)

    return check


@lru_cache
def _tiny() -> LearnedCodec:
    return LearnedCodec.load(FOLDER / "tiny.safetensors")


@lru_cache
def _golden(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def with_checksum(data: bytes) -> bytes:
    """A learned stream whose lengths and checksum are made right, so that what comes after them is reached."""
    at = 9
    for longest in (3, 3, 5):
        end = next((i + 1 for i in range(at, min(at + longest, len(data))) if data[i] < 0x80), None)
        if end is None:
            return data
        last, at = at, end
    payload = data[at + 4 :]
    head = data[:last] + _varint(len(payload))
    return head + zlib.crc32(payload, zlib.crc32(head)).to_bytes(4, "big") + payload


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _check_container(data: bytes) -> bool:
    """What is taken is what it says it is: packed again it gives the same bytes. Also where the checksum is right."""
    taken = [_packs_again(one) for one in (data, with_checksum(data))]
    return taken[0]


def _packs_again(data: bytes) -> bool:
    try:
        header, payload = bitstream.unpack(data)
    except StreamError as error:
        return _sentence(error)
    if bitstream.pack(header, payload) != data:
        raise BrokenPromiseError("two streams for one content")
    return True


def _check_damaged_stream(data: bytes) -> bool:
    """A stream that is not one of ours, byte for byte, is refused: its checksum tells."""
    try:
        check_plausible_size(data)
        pixels = _tiny().decode(data)
    except StreamError as error:
        return _sentence(error)
    if data not in {_golden(f"{name}.gdn") for name in CASES}:
        raise BrokenPromiseError("a damaged stream was decoded")
    return _picture(pixels)


def _check_forged_stream(data: bytes) -> bool:
    """With a right checksum anything may be inside: a picture of the size that the header says, or a sentence."""
    try:
        header, _ = bitstream.unpack(with_checksum(data))
        pixels = _tiny().decode(with_checksum(data), max_pixels=2**20)
    except StreamError as error:
        return _sentence(error)
    if pixels.shape != (header.height, header.width, 3):
        raise BrokenPromiseError(f"{pixels.shape} instead of {header.height} x {header.width}")
    return _picture(pixels)


def _check_weights(data: bytes) -> bool:
    with tempfile.TemporaryDirectory(prefix="ratelens-fuzz-") as folder:
        path = Path(folder) / "weights.safetensors"
        path.write_bytes(data)
        try:
            weights = load_weights(path)
        except WeightsError as error:
            return _sentence(error)
    codec = LearnedCodec(weights)
    try:  # what is taken has to work, too
        prepared = codec.prepare(np.full((20, 33, 3), 127, np.uint8))
        stream = prepared.encode(codec.qualities[len(codec.qualities) // 2])
        if codec.decode(stream).shape != (20, 33, 3):
            raise BrokenPromiseError("weights that were taken give another size")
    except RateLensError as error:
        return _sentence(error)
    return True


def _golden_streams() -> tuple[Callable[[], bytes], ...]:
    return tuple(partial(_golden, f"{name}.gdn") for name in CASES)


TARGETS = {
    target.name: target
    for target in (
        Target("container", _golden_streams(), _check_container, guided=True),
        Target("learned stream", _golden_streams(), _check_damaged_stream, guided=True),
        Target("learned stream, forged", _golden_streams(), _check_forged_stream, guided=True),
        Target("weights", (lambda: _golden("tiny.safetensors"),), _check_weights, guided=True),
        Target("jpeg stream", (lambda: _golden("heron.jpg"),), _check_stream_of("jpeg")),
        Target("jpeg2000 stream", (lambda: _golden("heron.j2k"),), _check_stream_of("jpeg2000")),
        *(
            Target(f"{codec.name} stream", (partial(stream_of, codec.name),), _check_stream_of(codec.name))
            for codec in BUILT_IN
            if codec.name not in DEFAULT_CODECS
        ),
        *(Target(name, (partial(picture_file, name),), _check_picture_file) for name in (*PICTURES, *OWN)),
    )
}

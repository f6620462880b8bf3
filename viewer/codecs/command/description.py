"""The description of a codec by command, read from its TOML file. assets/guide/codecs-by-command.md lists every key."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

from models.errors import CodecError
from viewer.codecs.command.keys import LONGEST_LABEL, NAME, Keys, read_toml, text_of

PictureFormat = Literal["png", "ppm", "y4m"]
Chroma = Literal["420", "444"]
"""For Y4M: 4:2:0 or 4:4:4."""

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,15}")

_KEYS = (
    "name",
    "label",
    "suffix",
    "input",
    "decoded",
    "chroma",
    "encode",
    "decode",
    "version",
    "quality",
    "time_limit_s",
    "memory_bytes_per_pixel",
    "install",
    "folder",
)
_QUALITY_KEYS = ("min", "max", "step", "better")

_LIMIT_S = Decimal(60)
_BYTES_PER_PIXEL = Decimal(72)
"""The largest of the built-in codecs' needs."""
_MAX_STEPS = 100_000
_LARGEST_QUALITY = Decimal(10**6)
_RATIO_RANGE = 10


@dataclass(frozen=True)
class QualityScale:
    """The qualities of an encoder, from lowest to highest in steps; indices are in order of rising rate."""

    lowest: Decimal
    highest: Decimal
    step: Decimal
    better_is_higher: bool

    @property
    def count(self) -> int:
        """Number of qualities."""
        return int((self.highest - self.lowest) / self.step) + 1

    def text(self, index: int) -> str:
        """The quality at an index, for a command line: “75”, “0.1”."""
        value = self.lowest + index * self.step if self.better_is_higher else self.highest - index * self.step
        return f"{value.normalize():f}"

    @property
    def is_ratio(self) -> bool:
        """Whether qualities are like compression ratios or distances, whose logarithm is linear in the rate's."""
        return not self.better_is_higher and 0 < self.lowest * _RATIO_RANGE <= self.highest


@dataclass(frozen=True)
class Description:
    """A codec by command. encode, decode, version: words of command lines, the program first; version may be empty.

    input_format, decoded_format: of the encoder's input and the decoder's output. chroma: for Y4M. folder: value of
    {folder}, and base of relative program paths. memory_bytes_per_pixel: peak memory, in its programs and this process.
    install: how to get the programs, may be empty. file: that this was read from.
    """

    name: str
    label: str
    suffix: str
    input_format: PictureFormat
    decoded_format: PictureFormat
    chroma: Chroma
    encode: tuple[str, ...]
    decode: tuple[str, ...]
    version: tuple[str, ...]
    quality: QualityScale
    limit_s: float
    memory_bytes_per_pixel: float
    install: str
    folder: str
    file: str

    @property
    def digest(self) -> str:
        """Of what its streams and pictures depend on, hexadecimal: two files may describe the same codec."""
        formats = self.input_format, self.decoded_format, self.chroma
        return hashlib.sha256(repr((self.encode, self.decode, self.quality, formats)).encode()).hexdigest()[:8]


def load_description(path: Path) -> Description:
    """Read a codec's description. Raises CodecError, which names the file and the invalid key."""
    return parse_description(text_of(path, "codec", CodecError), path)


def parse_description(text: str, path: Path) -> Description:
    """A description from its text. path: of its file, for messages and for {folder}. Raises CodecError."""
    keys = read_toml(text, path.name, CodecError)
    keys.refuse_others(_KEYS)
    input_format = keys.one_of("input", get_args(PictureFormat), "png")
    decoded_format = keys.one_of("decoded", get_args(PictureFormat), input_format)
    if "chroma" in keys and "y4m" not in (input_format, decoded_format):
        raise keys.wrong("chroma", 'is only for Y4M: remove it, or set input = "y4m"')
    return Description(
        name=keys.matching("name", NAME, "1 to 40 lower-case letters, digits, - and _"),
        label=keys.printable("label", 1, LONGEST_LABEL),
        suffix=keys.matching("suffix", _SUFFIX, "a dot followed by letters or digits"),
        input_format=input_format,
        decoded_format=decoded_format,
        chroma=keys.one_of("chroma", get_args(Chroma), "420"),
        encode=keys.command("encode", ("input", "output", "quality"), ("threads", "folder")),
        decode=keys.command("decode", ("input", "output"), ("threads", "folder")),
        version=keys.command("version", (), ("folder",)) if "version" in keys else (),
        quality=_quality(keys.table("quality")),
        limit_s=keys.time_limit_s(_LIMIT_S),
        memory_bytes_per_pixel=keys.bytes_per_pixel(_BYTES_PER_PIXEL),
        install=keys.text("install", ""),
        folder=keys.text("folder", str(path.absolute().parent)),
        file=path.name,
    )


def _quality(keys: Keys) -> QualityScale:
    keys.refuse_others(_QUALITY_KEYS)
    lowest = keys.number("min", -_LARGEST_QUALITY, _LARGEST_QUALITY)
    highest = keys.number("max", -_LARGEST_QUALITY, _LARGEST_QUALITY)
    step = keys.number("step", Decimal("1e-6"), _LARGEST_QUALITY, Decimal(1))
    if highest <= lowest:
        raise keys.wrong("max", f"must be more than min, which is {lowest:f}")
    if (highest - lowest) % step:
        raise keys.wrong("step", f"must divide the range from min to max: {step:f} does not")
    if (highest - lowest) / step >= _MAX_STEPS:
        raise keys.wrong("step", f"makes more than {_MAX_STEPS:,} qualities: make it larger")
    return QualityScale(lowest, highest, step, keys.one_of("better", ("higher", "lower"), "higher") == "higher")

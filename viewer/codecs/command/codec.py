"""A codec by command: its programs run for every stream, each time in a new temporary folder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.errors import StreamError
from viewer.codecs.command.description import Description
from viewer.codecs.command.jobs import Job, ProgramError, command_line, version_of
from viewer.codecs.command.pictures import PictureFileError, picture_file, pixels_in
from viewer.imaging.file_guard import MAX_FILE_BYTES
from viewer.imaging.image import Image, Pixels
from viewer.system.disk_array import on_disk
from viewer.system.memory import MemoryEstimate, is_large

_LONGEST_STREAM = 16
"""A stream may be this many times as large as the raw picture, plus _SMALL_STREAM."""
_SMALL_STREAM = 1 << 20
_TRIED = (0.25, 0.75)
"""Positions in the range of qualities whose sizes are measured first, for guesses."""


@dataclass(frozen=True, eq=False)
class CommandEncoder:
    """One picture, as the encoder's input file. sizes: bytes at some qualities, by index, for guesses."""

    description: Description
    picture: NDArray[np.uint8]
    pixel_count: int
    sizes: Mapping[int, int] = field(default_factory=dict)
    detail: str = ""

    @classmethod
    def of(cls, description: Description, image: Image) -> CommandEncoder:
        """For a picture, without any sizes yet."""
        data = picture_file(image.pixels, description.input_format, description.chroma)
        picture = np.frombuffer(data, np.uint8)
        return cls(description, on_disk(picture) if is_large(image.pixel_count) else picture, image.pixel_count)

    @property
    def qualities(self) -> range:
        return range(self.description.quality.count)

    def guess(self, target_bytes: int) -> int:
        """Linear interpolation between the measured sizes; depends only on the picture."""
        tried = sorted((self._place(index), math.log(size)) for index, size in self.sizes.items())
        if len(tried) < 2 or tried[0][1] >= tried[-1][1]:
            return self.qualities[-1] // 2
        (low, small), (high, large) = tried[0], tried[-1]
        return self._index(low + (math.log(max(1, target_bytes)) - small) / (large - small) * (high - low))

    def encode(self, quality: int) -> bytes:
        description = self.description
        job = Job(
            description,
            description.encode,
            f".{description.input_format}",
            description.suffix,
            _LONGEST_STREAM * 3 * self.pixel_count + _SMALL_STREAM,
            description.quality.text(quality),
        )
        return job.run(self.picture.data)

    def tried(self) -> CommandEncoder:
        """Measure the sizes at some qualities. Raises CodecError if the programs cannot be run at all."""
        sizes = {}
        for index in dict.fromkeys(map(self._index, _TRIED)):
            try:
                sizes[index] = len(self.encode(index))
            except ProgramError:
                continue  # perhaps only at this quality
        return replace(self, sizes=sizes)

    def _place(self, index: int) -> float:
        """A quality's position in the range, 0 to 1 with rising rate, roughly linear in the size's logarithm."""
        scale = self.description.quality
        if not scale.is_ratio:
            return index / self.qualities[-1]
        highest = float(scale.highest)
        return math.log(highest / (highest - index * float(scale.step))) / math.log(highest / float(scale.lowest))

    def _index(self, place: float) -> int:
        """The quality nearest to a position."""
        scale, last = self.description.quality, self.qualities[-1]
        place = min(max(place, 0.0), 1.0)
        if not scale.is_ratio:
            return round(place * last)
        highest, lowest = float(scale.highest), float(scale.lowest)
        return min(round(highest * (1.0 - math.pow(lowest / highest, place)) / float(scale.step)), last)


@dataclass(frozen=True)
class CommandCodec:
    """The codec of a description. Nothing runs until there is a picture."""

    description: Description
    tries_every_encoder: bool = False

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def label(self) -> str:
        return self.description.label

    @property
    def suffix(self) -> str:
        return self.description.suffix

    @property
    def version(self) -> str:
        """What its program says of itself, which takes a run of it, and a digest of the description."""
        return f"{version_of(self.description)} ({self.description.digest})".lstrip()

    @property
    def memory(self) -> MemoryEstimate:
        """Memory of encoding and decoding, in the programs and in this process."""
        return MemoryEstimate(self.description.memory_bytes_per_pixel)

    def encoders(self, image: Image) -> Sequence[CommandEncoder]:
        self.require_programs()
        return (CommandEncoder.of(self.description, image).tried(),)

    def recognises(self, stream: bytes) -> bool:
        """Never, because another codec may have the same format: the file's suffix or the user decides."""
        del stream
        return False

    def decode(self, stream: bytes) -> Pixels:
        description = self.description
        suffix = f".{description.decoded_format}"
        job = Job(description, description.decode, description.suffix, suffix, MAX_FILE_BYTES)
        data = job.run(stream)
        try:
            return pixels_in(data, description.decoded_format)
        except PictureFileError as problem:
            raise StreamError(
                f"{self.label}: its decoder wrote {problem}: check “decode” and “decoded” in “{description.file}”."
            ) from problem

    def require_programs(self) -> None:
        """Raise CodecError if one of its programs is missing."""
        for command in (self.description.encode, self.description.decode):
            command_line(command[:1], self.description, {})

"""Pictures decoded elsewhere, read from files to compare them with the codecs' results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import ImageError, TargetError
from viewer.imaging.image import Image, Pixels
from viewer.matching.rate_target import parse_size
from viewer.metrics.measurement import Measurement, Reference
from viewer.metrics.scoring import Score, Scorer


@dataclass(frozen=True)
class Given:
    """A reconstruction as the user gives it. size: a size, or the path of the stream's file; empty if unknown."""

    path: Path
    size: str = ""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """A picture decoded elsewhere, measured. name: of its file. byte_count: of the stream, None if unknown.

    file_digest: SHA-256 of its file, hexadecimal. notes: what was converted on reading it, a sentence each. scores: as
    a Result's.
    """

    name: str
    path: Path
    pixels: Pixels
    byte_count: int | None
    measurement: Measurement
    file_digest: str = ""
    notes: tuple[str, ...] = ()
    scores: Mapping[str, Score] = field(default_factory=dict)

    @property
    def reconstruction(self) -> Pixels:
        """Its pixels, as a Result has them."""
        return self.pixels

    def bpp(self, original: Image) -> float | None:
        """The rate of its stream."""
        return None if self.byte_count is None else original.bpp(self.byte_count)


def parse_given(text: str) -> Given:
    """Parse “a.png”, “a.png=a.bin” or “a.png=12.3kB”. A file with “=” in its own name takes precedence."""
    path, sign, size = text.rpartition("=")
    if not sign or Path(text).is_file():
        return Given(Path(text))
    return Given(Path(path), size.strip())


def load_reconstruction(
    given: Given, original: Image, reference: Reference, scorer: Scorer | None = None
) -> Reconstruction:
    """Read and measure it. reference: the original's. Raises ImageError, also if its dimensions differ; TargetError if
    the size of its stream cannot be parsed.
    """
    byte_count = stream_size(given, original)
    from viewer.imaging.reader import load_image

    image = load_image(given.path)
    if image.pixels.shape != original.pixels.shape:
        raise ImageError(
            f"“{given.path.name}” is {image.width} x {image.height} pixels, and “{original.name}” {original.width} x "
            f"{original.height}: give a reconstruction of the original's size."
        )
    return Reconstruction(
        given.path.name,
        given.path,
        image.pixels,
        byte_count,
        reference.measure(image.pixels),
        "" if image.source is None else image.source.digest,
        image.notes,
        {} if scorer is None else scorer.scores(image.pixels),
    )


def stream_size(given: Given, original: Image) -> int | None:
    """Bytes of the stream: the size of its file, or the number that is given. Raises TargetError."""
    if not given.size:
        return None
    path = Path(given.size)
    try:
        if path.is_file():
            return path.stat().st_size
        return parse_size(given.size, original)
    except (OSError, TargetError) as error:
        raise TargetError(
            f"“{given.size}”, the size of “{given.path.name}”, is neither an existing file nor a size: give the "
            "stream's file, bytes (12300), 12.3kB or 0.25bpp, or leave it out."
        ) from error

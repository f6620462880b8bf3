"""Pictures decoded elsewhere, read from files to compare them with the codecs' results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import ImageError, TargetError
from viewer.imaging.image import Image, Pixels
from viewer.matching.curve import RatePoint, with_point
from viewer.matching.targets.rate import parse_size
from viewer.metrics.measurement import Measurement, Reference
from viewer.metrics.scoring import Score, Scorer

_NAMED = re.compile(r"([^:/\\=]{2,40}):(.+)", re.DOTALL)
"""The name of a series before a path; one letter would be a drive."""


@dataclass(frozen=True)
class Given:
    """A reconstruction as the user gives it. size: a size, or the path of the stream's file; empty if unknown. series:
    what it was made by, a name that several share; empty if it is not said.
    """

    path: Path
    size: str = ""
    series: str = ""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """A picture decoded elsewhere, measured. name: of its file. byte_count: of the stream, None if unknown.

    file_digest: SHA-256 of its file, hexadecimal. notes: what was converted on reading it, a sentence each. scores: as
    a Result's. series: as of a Given.
    """

    name: str
    path: Path
    pixels: Pixels
    byte_count: int | None
    measurement: Measurement
    file_digest: str = ""
    notes: tuple[str, ...] = ()
    scores: Mapping[str, Score] = field(default_factory=dict)
    series: str = ""

    @property
    def title(self) -> str:
        """What it is called: "VVC: a.png", or the file's name alone."""
        return f"{self.series}: {self.name}" if self.series else self.name

    @property
    def reconstruction(self) -> Pixels:
        """Its pixels, as a Result has them."""
        return self.pixels

    def bpp(self, original: Image) -> float | None:
        """The rate of its stream."""
        return None if self.byte_count is None else original.bpp(self.byte_count)


def parse_given(text: str) -> Given:
    """Parse “a.png”, “a.png=a.bin” or “a.png=12.3kB”, each with the name of a series before it, “VVC:a.png=a.bin”. A
    file with “=” or “:” in its own name takes precedence.
    """
    path, sign, size = text.rpartition("=")
    if not sign or Path(text).is_file():
        path, size = text, ""
    named = None if Path(path).is_file() else _NAMED.fullmatch(path)
    series, path = (named[1].strip(), named[2]) if named else ("", path)
    return Given(Path(path), size.strip(), series)


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
        given.series,
    )


def curves_of(reconstructions: Iterable[Reconstruction], original: Image) -> dict[str, tuple[RatePoint, ...]]:
    """The points of each series, by its name, rate ascending: of the pictures whose streams' sizes are known."""
    curves: dict[str, tuple[RatePoint, ...]] = {}
    for one in reconstructions:
        bpp = one.bpp(original)
        if one.series and one.byte_count is not None and bpp is not None:
            name, metrics = one.series, one.measurement.metrics
            point = RatePoint(name, bpp, one.byte_count, metrics, bpp, one.name, 0.0, 0.0, scores=one.scores)
            curves[name] = with_point(curves.get(name, ()), point)
    return curves


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

"""The workers' jobs: functions from frozen values to frozen values. They load heavy libraries when they run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColorSpace, QImage, QPainter

from models.cpu import thread_count
from models.errors import ImageError, RateLensError, TargetError
from models.threads import transforms_on
from viewer.imaging.image import Image
from viewer.matching.targets.quality import PSNR_RGB, QualityMeasure
from viewer.session.pane_layout import FILE_PANES
from viewer.system.memory import measuring_bytes, process_budget
from viewer.ui.engine.image_pyramid import Picture, picture_of

if TYPE_CHECKING:
    from viewer.matching.comparison import Comparison
    from viewer.matching.provisional import Provisional
    from viewer.matching.quality_search import QualityMatch
    from viewer.matching.reconstruction import Given, Reconstruction
    from viewer.matching.result import Result
    from viewer.matching.score_search import Equaliser, ScoreMatch
    from viewer.matching.targets.score import EqualTarget
    from viewer.metrics.scoring_process import PictureScoring, ScoringProcess
    from viewer.session.pins import KeptStream
    from viewer.session.session_file import FoundSession


log = logging.getLogger("ratelens.worker")

REPORT_EVERY_S = 1.0
"""A search that is over sooner says nothing of its progress."""


@dataclass(frozen=True)
class OpenFile:
    """A file to open. session: to be shown with it. of_several: files that came together. is_step: to the next or
    previous file of the folder. given: reconstructions of it, decoded elsewhere, to be shown beside the codecs.
    is_sample: it is to be seen as samples first are.
    """

    path: Path
    session: FoundSession | None = None
    of_several: int = 1
    is_step: bool = False
    given: tuple[Given, ...] = ()
    is_sample: bool = False

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, eq=False)
class OpenPasted:
    """A picture that is not a file, pasted or dropped."""

    picture: QImage
    name: str = "Pasted picture"


OpenRequest = OpenFile | OpenPasted


@dataclass(frozen=True, eq=False)
class DisplayedFile:
    """A picture decoded elsewhere, ready to be painted. given: by which it was asked for."""

    result: Reconstruction
    picture: Picture
    given: Given


@dataclass(frozen=True, eq=False)
class Opened:
    """A picture with what compares codecs on it, and ready to be painted.

    files: reconstructions of it, decoded elsewhere. refused: a sentence about each of those that cannot be shown.
    """

    image: Image
    comparison: Comparison
    equal: Equaliser
    picture: Picture
    files: tuple[DisplayedFile, ...] = ()
    refused: tuple[str, ...] = ()
    scoring: PictureScoring | None = None


@dataclass(frozen=True)
class EncodeRequest:
    """What a pane is to show of an opened picture: a codec at a rate or, where there is a quality, at that instead.

    pane: the codec's own or a pin's. attempt: one that is asked again after a failure is another request. best_in: what
    decides between a codec's variants. kept: a refined stream, to be shown in the place of what the codec makes.
    in_haste: where requests follow each other faster than they can be met, as in a drag, provisional pictures are
    shown, and a request that is overtaken is given up.
    """

    opened: Opened
    codec: str
    target_bpp: float
    quality: EqualTarget | None
    pane: str
    attempt: int = 0
    best_in: QualityMeasure = PSNR_RGB
    kept: KeptStream | None = None
    in_haste: bool = field(default=False, compare=False)


@dataclass(frozen=True, eq=False)
class DisplayedProvisional:
    """A picture ready to be painted, which is shown until the result is there and no longer."""

    provisional: Provisional
    picture: Picture


@dataclass(frozen=True)
class SearchProgress:
    """How many streams the search for a request's quality has tried so far."""

    request: EncodeRequest
    tried: int


@dataclass(frozen=True, eq=False)
class DisplayedResult:
    """A result, ready to be painted. match: what came of a quality target, None where a rate was asked for."""

    result: Result
    picture: Picture
    match: QualityMatch | ScoreMatch | None = None


def open_picture(request: OpenRequest, scoring: ScoringProcess) -> Opened:
    """Read a picture. scoring: scores its reconstructions where they are to be equal in a slow metric. Raises
    ImageError.
    """
    from viewer.imaging.reader import load_image
    from viewer.matching.comparison import Comparison
    from viewer.matching.score_search import Equaliser
    from viewer.metrics.scoring_process import PictureScoring

    image = load_image(request.path) if isinstance(request, OpenFile) else _pasted_image(request)
    log.info("opened %s: %d x %d; %s", image.path or image.name, image.width, image.height, " ".join(image.notes))
    hash(image)  # the hash is computed once, here, because for a large picture it takes long
    comparison = Comparison(image)
    given = request.given if isinstance(request, OpenFile) else ()
    files, refused = _files(given, comparison)
    in_process = PictureScoring(scoring, image)
    equal = Equaliser(comparison, in_process)
    return Opened(image, comparison, equal, picture_of(image.pixels), files, refused, in_process)


def _files(given: Sequence[Given], comparison: Comparison) -> tuple[tuple[DisplayedFile, ...], tuple[str, ...]]:
    """The reconstructions that there are panes for, and a sentence about each of the others."""
    files: list[DisplayedFile] = []
    refused: list[str] = []
    for one in given:
        if len(files) == len(FILE_PANES):
            refused.append(f"There is room for {len(FILE_PANES)} reconstructions: “{one.path.name}” is not shown.")
            continue
        try:
            files.append(_file(one, comparison))
        except TargetError as error:  # the picture itself can be shown
            refused.append(str(error))
            files.append(_file(replace(one, size=""), comparison))
        except RateLensError as error:
            refused.append(str(error))
    return tuple(files), tuple(refused)


def _file(given: Given, comparison: Comparison) -> DisplayedFile:
    from viewer.matching.reconstruction import load_reconstruction

    image = comparison.image
    with process_budget().granted(measuring_bytes(image.pixel_count), f"“{given.path.name}”"):
        found = load_reconstruction(given, image, comparison.reference())
        pixels, measurement = comparison.offloaded(found.pixels, found.measurement)
    return DisplayedFile(replace(found, pixels=pixels, measurement=measurement), picture_of(pixels), given)


def compress(
    request: EncodeRequest, wait: Callable[[], None], report: Callable[[SearchProgress], None]
) -> DisplayedResult:
    """Run one codec at one rate or one quality. Raises CodecError; MemoryLimitError.

    wait: called between steps; it lets other work go first, and may raise to end this work. report: called now and then
    in a search that takes long.
    """
    wait()
    told_s = time.monotonic()

    def tried(number: int) -> None:
        nonlocal told_s
        if (now_s := time.monotonic()) >= told_s + REPORT_EVERY_S:
            told_s = now_s
            report(SearchProgress(request, number))

    with transforms_on(thread_count()):  # the learned codec comes last: by then the others' cores are free
        if request.quality is not None:
            match = request.opened.equal.match(request.codec, request.quality, wait, tried)
            return DisplayedResult(match.result, picture_of(match.result.reconstruction), match)
        result = request.opened.comparison.result(
            request.codec, request.target_bpp, wait, request.best_in, every_variant=False
        )
    if request.kept is not None:
        from viewer.matching.refinement import kept_result

        result = kept_result(request.opened.comparison, result, request.kept.stream, request.kept.seconds)
    return DisplayedResult(result, picture_of(result.reconstruction))


def compress_in_haste(request: EncodeRequest, wait: Callable[[], None]) -> DisplayedProvisional | None:
    """About what a codec shows at a rate; None if the request is not in haste, or its result is there already.

    wait: as in `compress`. Raises CodecError; MemoryLimitError.
    """
    from viewer.matching.provisional import provisional

    comparison = request.opened.comparison
    if not request.in_haste or comparison.known(request.codec, request.target_bpp, request.best_in) is not None:
        return None
    made = provisional(comparison, request.codec, request.target_bpp, request.best_in, wait)
    return DisplayedProvisional(made, picture_of(made.pixels))


def _pasted_image(request: OpenPasted) -> Image:
    from viewer.imaging.reader import MAX_PIXELS

    width, height = request.picture.width(), request.picture.height()
    if not width * height:
        raise ImageError("The clipboard has no usable picture: copy one, or open a file.")
    if width * height > MAX_PIXELS:
        raise ImageError(f"The picture has {width} x {height} pixels, which is over the limit: scale it down first.")
    picture, notes = _in_srgb(request.picture)
    opaque = picture
    if picture.hasAlphaChannel():
        notes = (*notes, "Transparency placed on white.")
        opaque = QImage(width, height, QImage.Format.Format_RGB32)
        opaque.fill(Qt.GlobalColor.white)
        painter = QPainter(opaque)
        painter.drawImage(0, 0, picture)
        painter.end()
    rgb = opaque.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(height, rgb.bytesPerLine())
    return Image(rows[:, : 3 * width].reshape(height, width, 3).copy(), request.name, notes=notes)


def _in_srgb(picture: QImage) -> tuple[QImage, tuple[str, ...]]:
    """A picture in sRGB, and notes about its conversion, as for files."""
    space, srgb = picture.colorSpace(), QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if not space.isValid() or space == srgb:
        return picture, ()
    converted = picture.convertedToColorSpace(srgb)
    if converted.isNull():
        return picture, ("Its colour profile cannot be used: the colours are taken as sRGB.",)
    return converted, (f"Colours converted from {space.description() or 'an unnamed profile'} to sRGB.",)

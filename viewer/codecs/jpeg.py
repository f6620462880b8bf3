"""JPEG through Pillow's libjpeg-turbo: optimised Huffman tables, continuously scaled quantisation tables, baseline or
progressive scans, whichever take fewer bytes.
"""

from __future__ import annotations

import io
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFile, features

from viewer.codecs.files import pillow_io
from viewer.codecs.files.temporary_files import check_complete, temporary_file_errors
from viewer.imaging.image import Image, Pixels
from viewer.system.memory import is_large

_MAX_SIDE = 65500
"""libjpeg's JPEG_MAX_DIMENSION."""
_LARGEST_BLOCK = 16
"""Side of what is coded together with halved chroma, in pixels."""

_STEPS_PER_OCTAVE = 512
_FINEST_LOG2_SCALE = -8.0
_COARSEST_LOG2_SCALE = 4.75
_QUALITIES = range(int((_COARSEST_LOG2_SCALE - _FINEST_LOG2_SCALE) * _STEPS_PER_OCTAVE) + 1)

_SPREAD = 0.001
"""Relative growth of a table from one zigzag entry to the next. Entries that are equal in the standard tables then
round up at different scales, so that the rate moves in small steps instead of jumping."""

SUBSAMPLINGS = ("4:2:0", "4:2:2", "4:4:4")
SCANS = (False, True)
"""Baseline and progressive."""

_PROGRESSIVE = b"\xff\xc2"
"""The marker that begins a progressive frame (SOF2)."""
_SCAN = b"\xff\xda"
"""The marker that begins a scan (SOS): what precedes the first one is header."""

_GRID_STEP = 128
"""Between the qualities at which both scans are tried: a quarter of an octave of the tables' scale."""
_CLEAR = 1.005
"""The ratio of the two sizes from which one need not be tried nearby. On photographs it moves by 0.3 % over half a step
in the median; at none of 1,072 qualities half a step away was the kind not tried the smaller."""

_TRIED_LOG2_SCALES = (4.75, 4.25, 3.75, 3.0, 2.25, 1.5, 0.75, 0.0, -0.75, -1.5, -3.0, -4.5, -8.0)
"""Where a sample of a picture is coded, so that a rate can be guessed."""
_SAMPLE_TILE = 64
_SAMPLE_SIDE = 384

_PART_TILE = 256
_PART_SIDE = 2048
"""Of a large picture, subsamplings and scans are judged by four megapixels from all over it."""

_BUFFER_BYTES_PER_PIXEL = 2
"""What Pillow gives libjpeg room for."""
_MOST_BYTES_PER_PIXEL = 8
"""No picture takes more: 27 bits a coefficient at worst, two or three coefficients a pixel, and most far less."""
_buffer_lock = threading.Lock()

# ITU-T T.81, tables K.1 and K.2, natural order.
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMINANCE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
)  # fmt: skip


def _scaled(table: Sequence[int], log2_scale: float) -> list[int]:
    entries: NDArray[np.float64] = np.array(table, float).reshape(8, 8)
    rows, columns = np.mgrid[:8, :8]
    spread = 1.0 + _SPREAD * (8.0 * (rows + columns) / 2.0 + columns)
    # Entries over 255 would need 16-bit tables, which baseline decoders do not support.
    return [int(v) for v in np.clip(np.rint(entries * spread * 2.0**log2_scale), 1, 255).ravel()]


@lru_cache(maxsize=4096)
def _tables(quality: int) -> tuple[list[int], list[int]]:
    log2_scale = _COARSEST_LOG2_SCALE - quality / _STEPS_PER_OCTAVE
    return _scaled(_LUMINANCE, log2_scale), _scaled(_CHROMINANCE, log2_scale)


def _quality_of(log2_scale: float) -> int:
    return round((_COARSEST_LOG2_SCALE - log2_scale) * _STEPS_PER_OCTAVE)


def _save(pixels: Pixels, file: IO[bytes], quality: int, subsampling: str, *, progressive: bool) -> None:
    """Write a JPEG file. Raises OSError, which has an errno where it is about the file.

    From a picture of its own for each call: save() keeps its settings in the picture, where threads would mix them up.
    """
    PillowImage.fromarray(pixels).save(
        file, "JPEG", qtables=list(_tables(quality)), subsampling=subsampling, optimize=True, progressive=progressive
    )


def _save_with_room(pixels: Pixels, file: IO[bytes], quality: int, subsampling: str, *, progressive: bool) -> None:
    """The same for files of over two bytes a pixel, for which Pillow's buffer is too small.

    It takes a larger one only as a setting for the whole process, which does no harm to others meanwhile.
    """
    with _buffer_lock:
        before, ImageFile.MAXBLOCK = ImageFile.MAXBLOCK, 65536 + _MOST_BYTES_PER_PIXEL * (pixels.size // 3)
        try:
            _save(pixels, file, quality, subsampling, progressive=progressive)
        finally:
            ImageFile.MAXBLOCK = before


def _sample(pixels: Pixels, tile: int, side: int, step: int = 1) -> Pixels:
    """What stands for a picture: tiles spread over it evenly, from every step-th row and column; or all of a small
    one.
    """
    spans = []
    for length in pixels.shape[:2]:
        if length <= side:
            spans.append(np.arange(length))
        else:
            starts = np.linspace(0, length - tile, side // tile).astype(int) // step * step
            spans.append((starts[:, None] + np.arange(tile)).ravel())
    return np.ascontiguousarray(pixels[np.ix_(*spans)])


@dataclass(frozen=True, eq=False)
class JpegEncoder:
    """One picture at one chroma subsampling ("4:2:0", "4:2:2" or "4:4:4"). scans: as `JpegCodec.scans`. part: the same
    of a part, where the picture is large.
    """

    pixels: Pixels
    detail: str
    scans: tuple[bool, ...] = SCANS
    part: JpegEncoder | None = None
    _grid_scans: dict[int, tuple[bool, ...]] = field(default_factory=dict, init=False, repr=False)

    @property
    def qualities(self) -> range:
        return _QUALITIES

    def prepare(self, quality: int | None = None) -> None:  # noqa: ARG002 (it serves all)
        self._sizes  # noqa: B018 (computed by being asked for)

    @cached_property
    def _sizes(self) -> tuple[list[float], list[int]]:
        """The logarithm of the sizes, in bytes, that some qualities are likely to give; both ascending."""
        sample = _sample(self.pixels, _SAMPLE_TILE, _SAMPLE_SIDE)
        share = self.pixels.size / sample.size
        sizes, qualities = [], [_quality_of(log2_scale) for log2_scale in _TRIED_LOG2_SCALES]
        for quality in qualities:
            buffer = io.BytesIO()
            with pillow_io.encode_errors("JPEG"):
                _save_with_room(sample, buffer, quality, self.detail, progressive=False)
            header = buffer.getvalue().index(_SCAN)
            sizes.append(float(np.log(header + share * (buffer.tell() - header))))
        return [float(size) for size in np.maximum.accumulate(sizes)], qualities

    def guess(self, target_bytes: int) -> int:
        sizes, qualities = self._sizes
        return round(float(np.interp(np.log(max(target_bytes, 1)), sizes, qualities)))

    def encode(self, quality: int) -> bytes:
        """The smaller of a baseline and a progressive file; progressive wins above about 1 bit per pixel.

        Unless only one of them was asked for. Where one is clearly smaller at the nearest quality of a fixed grid, the
        other is not made: it would not be kept. Of a large picture, its part tells.
        """
        node = min(round(quality / _GRID_STEP) * _GRID_STEP, _QUALITIES[-1])
        if quality != node or self.part is not None:
            return self._smallest(quality, self._scans_near(node))
        return self._both(node)

    def _both(self, node: int) -> bytes:
        """A file at a quality of the grid, whose sizes are kept in mind."""
        files = {progressive: self._file(node, progressive=progressive) for progressive in self.scans}
        smallest = min(files.values(), key=len)
        self._grid_scans[node] = tuple(scan for scan, file in files.items() if len(file) <= _CLEAR * len(smallest))
        return smallest

    def _scans_near(self, node: int) -> tuple[bool, ...]:
        if self.part is not None:
            return self.part._scans_near(node)
        if len(self.scans) > 1 and node not in self._grid_scans:
            self._both(node)
        return self._grid_scans.get(node, self.scans)

    def _smallest(self, quality: int, scans: tuple[bool, ...]) -> bytes:
        return min((self._file(quality, progressive=progressive) for progressive in scans), key=len)

    def detail_of(self, stream: bytes) -> str:
        header = stream[: stream.find(_SCAN)]
        return f"{self.detail}, {'progressive' if _PROGRESSIVE in header else 'baseline'}"

    def _file(self, quality: int, *, progressive: bool) -> bytes:
        # To a real file, because Pillow then releases the GIL. Otherwise it holds it throughout (81 of 82 ms at 12
        # megapixels, 2 of 73 with a file), and the window would freeze.
        with pillow_io.encode_errors("JPEG"), temporary_file_errors("JPEG"), tempfile.TemporaryFile() as file:
            sizes, qualities = self._sizes
            likely_bytes = np.exp(np.interp(quality, qualities, sizes))
            save = _save if likely_bytes < 0.7 * _BUFFER_BYTES_PER_PIXEL * (self.pixels.size // 3) else _save_with_room
            try:
                save(self.pixels, file, quality, self.detail, progressive=progressive)
            except OSError as error:
                if error.errno is not None:
                    raise
                file.seek(0)
                file.truncate()
                _save_with_room(self.pixels, file, quality, self.detail, progressive=progressive)
            file.seek(0)
            return check_complete(file.read(), "JPEG")


@dataclass(frozen=True)
class JpegCodec:
    """All subsamplings are tried at the target rate. In luma 4:2:0 is the best at any rate. Over R, G and B the others
    overtake it somewhere between 0.4 and 2 bits per pixel, or never, and at other rates by PSNR than by MS-SSIM.

    scans: whether they are progressive; of several the smaller file is kept.
    """

    name: str = "jpeg"
    label: str = "JPEG"
    suffix: str = ".jpg"
    tries_every_encoder: bool = True
    subsamplings: tuple[str, ...] = SUBSAMPLINGS
    scans: tuple[bool, ...] = SCANS

    @property
    def settings(self) -> str:
        scans = "baseline or progressive, whichever is smaller"
        if len(self.scans) == 1:
            scans = "progressive" if self.scans[0] else "baseline"
        subsampling = self.subsamplings[0]
        if len(self.subsamplings) > 1:
            subsampling = "4:2:0, 4:2:2 or 4:4:4, whichever is best in the metric shown"
        return f"libjpeg-turbo, scaled standard tables, {scans}; {subsampling}"

    @property
    def version(self) -> str:
        return f"libjpeg-turbo {features.version_feature('libjpeg_turbo') or features.version_codec('jpg')}"

    def encoders(self, image: Image) -> Sequence[JpegEncoder]:
        pillow_io.check_side_length(image, _MAX_SIDE, self.label)
        if not is_large(image.pixel_count):
            return tuple(JpegEncoder(image.pixels, subsampling, self.scans) for subsampling in self.subsamplings)
        part = _sample(image.pixels, _PART_TILE, _PART_SIDE, _LARGEST_BLOCK)
        return tuple(
            JpegEncoder(image.pixels, subsampling, self.scans, JpegEncoder(part, subsampling, self.scans))
            for subsampling in self.subsamplings
        )

    def recognises(self, stream: bytes) -> bool:
        return stream.startswith(b"\xff\xd8")

    def decode(self, stream: bytes) -> Pixels:
        return pillow_io.decode(stream, "JPEG", self.label)

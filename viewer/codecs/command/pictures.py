"""The programs' input and output pictures: PNG, PPM and Y4M, from and to RGB.

Y4M holds 8-bit Y'CbCr: BT.601, full range, as in JPEG; chroma samples are centred on their pixels. Programs may write
10 bits.
"""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from models.bitstream import MAX_PIXELS
from viewer.codecs.command.description import Chroma, PictureFormat
from viewer.imaging.image import Pixels
from viewer.imaging.pillow_arrays import pixels_of

_Plane = NDArray[Any]
"""float32 (H, W)."""

_TO_YCC = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]],
    np.float32,
)
_TO_RGB = np.array([[1.0, 0.0, 1.402], [1.0, -0.344136, -0.714136], [1.0, 1.772, 0.0]], np.float32)
"""ITU-T T.871, section 7."""

_CHROMA = {"420": "420jpeg", "444": "444"}
_Y4M_CHROMA = re.compile(rb"(420|444)(?:jpeg|mpeg2|paldv)?(p10)?")
_LONGEST_HEADER = 256


class PictureFileError(ValueError):
    """A program's output is not a usable picture; the message continues after “wrote”."""


def picture_file(pixels: Pixels, picture_format: PictureFormat, chroma: Chroma) -> bytes:
    """Encode a picture, uint8 (H, W, 3), in a file format."""
    if picture_format == "y4m":
        return _y4m(pixels, chroma)
    if picture_format == "ppm":
        height, width = pixels.shape[:2]
        return b"P6\n%d %d\n255\n" % (width, height) + pixels.tobytes()
    buffer = io.BytesIO()
    # The file is read immediately and only once, so speed matters, not size.
    PillowImage.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def pixels_in(data: bytes, picture_format: PictureFormat) -> Pixels:
    """The picture in a file, uint8 (H, W, 3). Raises PictureFileError."""
    return _from_y4m(data) if picture_format == "y4m" else _from_pillow(data, picture_format.upper())


def _from_pillow(data: bytes, name: str) -> Pixels:
    try:
        with PillowImage.open(io.BytesIO(data), formats=[name]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureFileError(f"a picture of {picture.width} x {picture.height} pixels, which cannot be right")
            if picture.mode.startswith(("I", "F")):
                raise PictureFileError(f"a grey {name} with more than 8 bits instead of 8-bit RGB")
            return pixels_of(picture if picture.mode == "RGB" else picture.convert("RGB"))
    except PictureFileError:
        raise
    except Exception as error:  # Pillow may raise anything on damaged files
        raise PictureFileError(f"an incomplete or invalid {name} file") from error


def _y4m(pixels: Pixels, chroma: Chroma) -> bytes:
    import cv2

    height, width = pixels.shape[:2]
    ycc = cv2.transform(pixels.astype(np.float32), _TO_YCC)
    planes = [ycc[..., 0], ycc[..., 1] + 128, ycc[..., 2] + 128]
    if chroma == "420":
        planes[1:] = [_halved(plane) for plane in planes[1:]]
    header = f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C{_CHROMA[chroma]} XCOLORRANGE=FULL\nFRAME\n"
    return b"".join([header.encode(), *(_rounded(plane).tobytes() for plane in planes)])


def _halved(plane: _Plane) -> _Plane:
    """Means of 2x2 samples; those at an odd edge count twice."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    means: _Plane = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    return means


def _rounded(plane: _Plane) -> NDArray[np.uint8]:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)


def _from_y4m(data: bytes) -> Pixels:
    import cv2

    header, newline, rest = data[:_LONGEST_HEADER].partition(b"\n")
    if not newline or not header.startswith(b"YUV4MPEG2"):
        raise PictureFileError("something other than Y4M")
    words = {word[:1]: word[1:] for word in reversed(header.split()[1:])}
    frame, newline, _ = rest.partition(b"\n")
    chroma = _Y4M_CHROMA.fullmatch(words.get(b"C", b"420"))
    if chroma is None:
        raise PictureFileError("Y4M that is not 4:2:0 or 4:4:4 with 8 or 10 bits")
    try:
        width, height = int(words[b"W"]), int(words[b"H"])
    except (KeyError, ValueError) as error:
        raise PictureFileError("Y4M without a size") from error
    if not newline or not frame.startswith(b"FRAME") or not 0 < width * height <= MAX_PIXELS or width < 0:
        raise PictureFileError("Y4M without a readable frame")
    halved, deep = chroma[1] == b"420", chroma[2] is not None
    small = (-(-height // 2), -(-width // 2)) if halved else (height, width)
    samples = np.frombuffer(data, np.uint8, offset=len(header) + len(frame) + 2)
    shapes = ((height, width), small, small)
    counts = [rows * columns for rows, columns in shapes]
    if len(samples) < sum(counts) * (2 if deep else 1):
        raise PictureFileError("Y4M that is cut short")
    wide = samples[: 2 * sum(counts)].view("<u2") if deep else samples
    starts = (0, counts[0], counts[0] + counts[1])
    planes = [
        wide[start : start + count].reshape(shape).astype(np.float32) / (4 if deep else 1)
        for start, count, shape in zip(starts, counts, shapes, strict=True)
    ]
    ycc: _Plane = np.dstack([planes[0], *(_doubled(plane, height, width) - 128 for plane in planes[1:])])
    return _rounded(cv2.transform(ycc, _TO_RGB))


def _doubled(plane: _Plane, height: int, width: int) -> _Plane:
    import cv2

    if plane.shape == (height, width):
        return plane
    rows, columns = plane.shape
    doubled: _Plane = cv2.resize(plane, (2 * columns, 2 * rows), interpolation=cv2.INTER_LINEAR)
    return doubled[:height, :width]

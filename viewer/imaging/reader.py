"""Reads pictures: every format becomes 8-bit sRGB, with notes about what was converted or ignored."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from models.errors import ImageError, MemoryLimitError
from viewer.imaging import image_errors
from viewer.imaging.decoded import Opened
from viewer.imaging.file_guard import PICTURE, read_file
from viewer.imaging.finish import finished
from viewer.imaging.formats.bitmap import open_bit_fields
from viewer.imaging.formats.boxed.heif import open_heif
from viewer.imaging.formats.boxed.jp2 import open_jpeg_2000
from viewer.imaging.formats.boxed.jpegxl import open_jpeg_xl
from viewer.imaging.formats.camera_raw import open_camera_raw
from viewer.imaging.formats.dpx import open_dpx
from viewer.imaging.formats.exr import open_exr
from viewer.imaging.formats.fits import open_fits
from viewer.imaging.formats.jng import open_jng
from viewer.imaging.formats.jpeg_deep import open_deep_jpeg
from viewer.imaging.formats.portable import open_portable
from viewer.imaging.formats.psd import open_psd
from viewer.imaging.formats.radiance import open_radiance
from viewer.imaging.formats.signatures import check_readable_format, detect_format
from viewer.imaging.formats.tiff import open_tiff, unreadable_tiff_error
from viewer.imaging.formats.tiff_tags import is_tiff
from viewer.imaging.formats.yuv import open_yuv
from viewer.imaging.image import Image, stamp_of
from viewer.imaging.image_errors import MAX_PIXELS
from viewer.imaging.pillow_reader import open_by_pillow
from viewer.imaging.source import Source, canvas_of_webp
from viewer.system.memory import process_budget, reading_bytes

__all__ = ["MAX_PIXELS", "image_from_bytes", "load_image"]

_OPENERS: tuple[Callable[[bytes, str], Opened | None], ...] = (
    open_yuv,
    open_camera_raw,
    open_heif,
    open_jpeg_xl,
    open_psd,
    open_jpeg_2000,
    open_tiff,
    open_portable,
    open_radiance,
    open_exr,
    open_deep_jpeg,
    open_dpx,
    open_bit_fields,
    open_fits,
    open_jng,
    open_by_pillow,
)
"""Tried in this order; each takes the files that the later ones cannot read, or read wrongly."""

_NOT_DECODED = re.compile(r"unsupported|not supported|unknown|unhandled|unrecogni[sz]ed|unimplemented", re.IGNORECASE)
"""Pillow's wordings for files that are intact but unsupported."""

# Pillow warns above this size and refuses twice that. Sizes are checked here too, but only Pillow sees those of
# pictures inside other files, such as icons.
PillowImage.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=PillowImage.DecompressionBombWarning)


def load_image(path: Path) -> Image:
    """Read a picture file. Raises ImageError or MemoryLimitError."""
    stamp = stamp_of(path)  # before reading, so that a write in the meantime is noticed
    return replace(image_from_bytes(read_file(path, PICTURE), path.name, path), stamp=stamp)


def image_from_bytes(data: bytes, name: str, path: Path | None = None) -> Image:
    """Decode a picture file's bytes. Raises ImageError or MemoryLimitError."""
    check_readable_format(data, name)
    canvas = canvas_of_webp(data)
    if canvas is not None:
        image_errors.check_claimed_size(name, *canvas, len(data))
    with _errors_as_sentences(data, name):
        opened = next(found for found in (opener(data, name) for opener in _OPENERS) if found is not None)
        image_errors.check_claimed_size(name, opened.width, opened.height, len(data))
        if not opened.width * opened.height:
            raise image_errors.damaged(name, opened.file_format, "it claims to have no pixels")
        pixel_count = opened.width * opened.height
        required_bytes = reading_bytes(pixel_count, converted=not opened.is_plain)
        required_bytes = max(required_bytes, round(opened.bytes_per_pixel * pixel_count))
        with process_budget().granted(required_bytes, f"Opening “{name}”"):
            decoded = opened.decode()
            image_errors.check_claimed_size(
                name, *decoded.colours.size, len(data)
            )  # some formats know their size only after loading
            pixels, conversions, colours_name = finished(decoded, opened.bits)
    notes = []
    if opened.frames > 1:
        notes.append(f"First of {'more than ' if opened.more_frames else ''}{opened.frames} frames.")
    orientation = max(opened.orientation, decoded.orientation)
    if orientation != 1:
        notes.append(f"Rotated as its {decoded.orientation_source} data specifies.")
    source = Source(
        opened.file_format,
        len(data),
        hashlib.sha256(data).hexdigest(),
        opened.width,
        opened.height,
        opened.colours,
        opened.bits,
        opened.floating,
        orientation,
        opened.frames,
        colours_name,
        decoded.orientation_source,
    )
    return Image(pixels, name, path, (*notes, *conversions), source)


@contextmanager
def _errors_as_sentences(data: bytes, name: str) -> Iterator[None]:
    kind = detect_format(data)
    try:
        yield
    except (ImageError, MemoryLimitError):
        raise
    except PillowImage.DecompressionBombError as error:
        raise image_errors.too_large(name) from error
    except MemoryError as error:
        raise ImageError(f"“{name}” does not fit into memory: open a smaller picture.") from error
    except UnidentifiedImageError as error:
        if is_tiff(data):
            raise unreadable_tiff_error(data, name) from error
        if kind:
            raise image_errors.damaged(name, kind) from error
        raise image_errors.not_a_picture(name) from error
    except Exception as error:  # Pillow's readers may raise anything on damaged files
        if kind and (isinstance(error, NotImplementedError) or _NOT_DECODED.search(str(error))):
            raise image_errors.unsupported(name, f"a kind of {kind} file") from error
        raise image_errors.damaged(name, kind) from error

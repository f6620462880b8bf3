"""Reads pictures: every format becomes 8-bit sRGB, with notes about what was converted or ignored."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name

from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from models.errors import ImageError, MemoryLimitError
from viewer.imaging import image_errors
from viewer.imaging.decoded import Opened
from viewer.imaging.file_guard import PICTURE, read_file
from viewer.imaging.finish import finished
from viewer.imaging.formats.signatures import check_readable_format, detect_format, has_raw_signature, is_yuv
from viewer.imaging.image import Image, stamp_of
from viewer.imaging.image_errors import MAX_PIXELS
from viewer.imaging.source import Source, canvas_of_webp
from viewer.system.memory import process_budget, reading_bytes

__all__ = ["MAX_PIXELS", "image_from_bytes", "load_image"]

_ANY = "any"
_CAMERA_RAW, _YUV = "camera raw", "YUV"
_TIFF = ("TIFF", "BigTIFF")
_OPENERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("formats.yuv:open_yuv", (_YUV,)),
    ("formats.camera_raw:open_camera_raw", (_CAMERA_RAW, *_TIFF)),
    ("formats.boxed.heif:open_heif", ("HEIF",)),
    ("formats.boxed.jpegxl:open_jpeg_xl", ("JPEG XL",)),
    ("formats.psd:open_psd", ("Photoshop",)),
    ("formats.boxed.jp2:open_jpeg_2000", ("JPEG 2000",)),
    ("formats.tiff:open_tiff", _TIFF),
    ("formats.portable:open_portable", ("PAM", "PFM")),
    ("formats.radiance:open_radiance", ("Radiance HDR",)),
    ("formats.exr:open_exr", ("OpenEXR",)),
    ("formats.jpeg_deep:open_deep_jpeg", ("JPEG",)),
    ("formats.dpx:open_dpx", ("DPX",)),
    ("formats.bitmap:open_bit_fields", ("BMP",)),
    ("formats.fits:open_fits", ("FITS",)),
    ("formats.jng:open_jng", ("JNG",)),
    ("pillow_reader:open_by_pillow", (_ANY,)),
)
"""Where each format's reader is, and the formats that it is asked about. Asked in this order; each takes the files that
the later ones cannot read, or read wrongly. A reader is imported with the first file of its format: a session reads one
or two of all these.
"""

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
        opened = next(found for found in (opener(data, name) for opener in openers(data, name)) if found is not None)
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


def openers(data: bytes, name: str) -> Iterator[Callable[[bytes, str], Opened | None]]:
    """What may read a file, in the order in which to ask; the last one takes any."""
    kind = _YUV if is_yuv(data, name) else _CAMERA_RAW if has_raw_signature(data) else detect_format(data)
    for place, kinds in _OPENERS:
        if kind in kinds or _ANY in kinds:
            opener: Callable[[bytes, str], Opened | None] = resolve_name(f"viewer.imaging.{place}")
            yield opener


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
        if kind in _TIFF:
            from viewer.imaging.formats.tiff import unreadable_tiff_error

            raise unreadable_tiff_error(data, name) from error
        if kind:
            raise image_errors.damaged(name, kind) from error
        raise image_errors.not_a_picture(name) from error
    except Exception as error:  # Pillow's readers may raise anything on damaged files
        if kind and (isinstance(error, NotImplementedError) or _NOT_DECODED.search(str(error))):
            raise image_errors.unsupported(name, f"a kind of {kind} file") from error
        raise image_errors.damaged(name, kind) from error

"""Reading pictures: whatever Pillow reads becomes 8-bit sRGB, and what was converted is said."""

from __future__ import annotations

import hashlib
import io
import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageFile, ImageOps, UnidentifiedImageError

from models.errors import ImageError, MemoryLimitError
from viewer.imaging.color import lab_to_srgb, to_srgb
from viewer.imaging.file_guard import PICTURE, is_out_of_proportion, read_file
from viewer.imaging.image import Image, Pixels, stamp_of
from viewer.imaging.jpegxl_header import is_jpeg_xl
from viewer.imaging.pillow_arrays import pixels_of
from viewer.imaging.source import (
    ORIENTATION_TAG,
    Source,
    bits_of,
    canvas_of_webp,
    colours_of,
    format_name,
    frames_of_gif,
    orientation_of,
)
from viewer.system.memory import process_budget, reading_bytes

MAX_PIXELS = 2**27
"""134 megapixels: larger pictures are refused before they are decoded."""
_COUNTED_FRAMES = 1000

_NO_RASTER = {"EPS", "IPTC", "MPEG"}
"""Formats that Pillow recognises, but hands to another program or another reader, or cannot decode."""
_ALPHA_MODES = {"LA", "PA", "RGBA", "La", "RGBa"}
_CONVERSION_NOTES = {
    "L": "Grey, shown as RGB.",
    "1": "Black and white, shown as RGB.",
    "P": "Palette converted to RGB.",
    "CMYK": "CMYK converted to RGB.",
    "LAB": "CIELAB converted to sRGB.",
}

# Pillow warns at this number and refuses at twice that. Sizes are checked here, too, but those of pictures inside other
# files, as icons have them, are first seen by Pillow.
PillowImage.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=PillowImage.DecompressionBombWarning)


def load_image(path: Path) -> Image:
    """Read a picture file. Raises ImageError or MemoryLimitError, with a sentence that says what to do."""
    stamp = stamp_of(path)  # before it is read: what is written meanwhile shows
    return replace(image_from_bytes(read_file(path, PICTURE), path.name, path), stamp=stamp)


def image_from_bytes(data: bytes, name: str, path: Path | None = None) -> Image:
    """Decode a picture file's bytes. Raises ImageError; MemoryLimitError."""
    if is_jpeg_xl(data):  # which Pillow reads once the codec has been used, whole and on opening, unasked
        raise ImageError(
            f"“{name}” is JPEG XL, which is compared here but not opened: convert it to PNG, then open that."
        )
    canvas = canvas_of_webp(data)
    if canvas is not None:
        _refuse_claims(name, *canvas, len(data))
    with _told_in_sentences(name), PillowImage.open(io.BytesIO(data)) as picture:
        if picture.format in _NO_RASTER or isinstance(picture, ImageFile.StubImageFile):
            raise _no_picture(name)
        _refuse_claims(name, picture.width, picture.height, len(data))
        source, notes = _describe(picture, data)
        orientation = source.orientation
        need_bytes = reading_bytes(picture.width * picture.height, converted=_is_converted(picture, source))
        with process_budget().granted(need_bytes, f"Opening “{name}”"):
            picture.load()
            _refuse_claims(name, picture.width, picture.height, len(data))  # some formats learn their size on loading
            upright: PillowImage.Image = picture
            if picture.format != "TIFF":  # which Pillow has turned itself; in PNG, EXIF data may follow the pixels
                orientation = orientation_of(picture)
                upright = _turned_upright(picture, orientation)
            pixels, conversions, profile = _convert(upright, source)
    if orientation != 1:
        notes.append("Turned upright as its EXIF data says.")
    source = replace(source, orientation=orientation, profile=profile)
    return Image(pixels, name, path, (*notes, *conversions), source)


def _turned_upright(picture: PillowImage.Image, orientation: int) -> PillowImage.Image:
    if orientation == 1:
        return picture
    # exif_transpose writes all of the EXIF data anew and fails where another tag is damaged: it sees this tag alone.
    exif = PillowImage.Exif()
    exif[ORIENTATION_TAG] = orientation
    picture.info["exif"] = exif.tobytes()
    return ImageOps.exif_transpose(picture)


@contextmanager
def _told_in_sentences(name: str) -> Iterator[None]:
    try:
        yield
    except (ImageError, MemoryLimitError):
        raise
    except UnidentifiedImageError as error:
        raise _no_picture(name) from error
    except PillowImage.DecompressionBombError as error:
        raise ImageError(
            f"“{name}” has more than the {MAX_PIXELS // 10**6} megapixels that can be compared: scale it down, or open "
            "a crop of it."
        ) from error
    except MemoryError as error:
        raise ImageError(f"“{name}” does not fit into memory: open a smaller picture.") from error
    except Exception as error:  # Pillow's readers raise errors of every kind on damaged files
        raise ImageError(f"“{name}” is damaged or cut short: get a complete copy of it.") from error


def _no_picture(name: str) -> ImageError:
    return ImageError(
        f"“{name}” is no picture that can be read here: open a PNG, JPEG, WebP, TIFF, AVIF or JPEG 2000 file."
    )


def _refuse_claims(name: str, width: int, height: int, byte_count: int) -> None:
    """Raise ImageError for a size that is too large, or that a file of so many bytes cannot hold."""
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"“{name}” has {width} x {height} pixels, more than the {MAX_PIXELS // 10**6} megapixels that can be "
            "compared: scale it down, or open a crop of it."
        )
    if is_out_of_proportion(width, height, byte_count):
        raise ImageError(
            f"“{name}” claims {width} x {height} pixels in {byte_count} bytes, so it is damaged or made to fill "
            "memory: get another copy of it."
        )


def _describe(picture: PillowImage.Image, data: bytes) -> tuple[Source, list[str]]:
    bits, colours = bits_of(picture, data), colours_of(picture)  # first: what follows may load the pixels
    frames, more = _frames(picture, data)
    # PNG's EXIF data may follow the pixels: asking for it loads them, and what is damaged would go unnoticed.
    is_told = picture.format != "PNG" or "exif" in picture.info
    orientation = orientation_of(picture) if is_told else 1
    turned_already = picture.format == "TIFF" and orientation >= 5
    source = Source(
        format_name(picture),
        len(data),
        hashlib.sha256(data).hexdigest(),
        *(picture.size[::-1] if turned_already else picture.size),
        colours,
        bits,
        picture.mode == "F",
        orientation,
        frames,
    )
    notes = [f"First of {'more than ' if more else ''}{frames} frames."] if frames > 1 else []
    return source, notes


def _is_converted(picture: PillowImage.Image, source: Source) -> bool:
    """Whether more than one picture is held at a time while this one is read."""
    plain = picture.mode in {"RGB", "L"} and source.bits <= 8 and source.orientation == 1
    return not plain or "transparency" in picture.info or "icc_profile" in picture.info


def _frames(picture: PillowImage.Image, data: bytes) -> tuple[int, bool]:
    """How many pictures a file holds, and whether there are more: it takes time to count, so that stops at some."""
    if picture.format == "PSD" or not getattr(picture, "is_animated", False):  # of PSD the layers were merged
        return 1, False
    if picture.format == "GIF":  # Pillow would draw one after the other, and grow the picture where one claims more
        count = frames_of_gif(data, _COUNTED_FRAMES + 1)
        return min(count, _COUNTED_FRAMES), count > _COUNTED_FRAMES
    if picture.format not in {"TIFF", "FLI"}:  # the others tell in their headers
        return int(picture.n_frames), False  # type: ignore[attr-defined]
    count = 1
    try:
        for count in itertools.count(1):
            if count > _COUNTED_FRAMES:
                break
            picture.seek(count)
    except EOFError:
        pass
    picture.seek(0)
    return min(count, _COUNTED_FRAMES), count > _COUNTED_FRAMES


def _convert(picture: PillowImage.Image, source: Source) -> tuple[Pixels, list[str], str]:
    """8-bit sRGB, what was done for it, and the name of the profile that the file had."""
    notes: list[str] = []
    profile = picture.info.get("icc_profile")
    picture, alpha = _without_alpha(picture)
    if picture.mode == "F" or picture.mode.startswith("I"):
        picture, note = _to_eight_bits(picture, source)
        notes.append(note)
    elif source.bits > 8:
        notes.append(f"{source.bits} bits reduced to 8.")
    if picture.mode in _CONVERSION_NOTES:
        notes.append(_CONVERSION_NOTES[picture.mode])
    elif picture.mode != "RGB":
        notes.append(f"{picture.mode} converted to RGB.")
    if picture.mode == "LAB":
        picture = lab_to_srgb(picture)
    if picture.mode == "1":
        picture = picture.convert("L")
    if picture.mode not in {"RGB", "L", "CMYK"}:
        picture = picture.convert("RGB")
    name = ""
    if profile:
        converted = to_srgb(picture, profile)
        picture, name = converted.picture, converted.profile
        if converted.changed:
            after = ", after the reduction to 8 bits" if source.bits > 8 else ""
            notes.append(f"Colours converted from {name} to sRGB{after}.")
        elif not converted.usable:
            notes.append("Its colour profile cannot be used: the colours are taken as sRGB.")
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    if alpha is not None:
        picture = PillowImage.composite(picture, PillowImage.new("RGB", picture.size, (255, 255, 255)), alpha)
        notes.append("Transparency laid over white.")
    return pixels_of(picture), notes, name


def _without_alpha(picture: PillowImage.Image) -> tuple[PillowImage.Image, PillowImage.Image | None]:
    """The colours alone, and the transparency if there is any, L: 0 is clear."""
    if picture.mode.startswith("I") and isinstance(picture.info.get("transparency"), int):
        seen = np.asarray(picture) != picture.info["transparency"]
        return picture, None if seen.all() else PillowImage.fromarray(np.where(seen, 255, 0).astype(np.uint8))
    if picture.mode not in _ALPHA_MODES and "transparency" not in picture.info:
        return picture, None
    if picture.mode == "LA":
        colours, alpha = picture.getchannel("L"), picture.getchannel("A")
    else:
        rgba = picture.convert("RGBA")
        colours, alpha = rgba.convert("RGB"), rgba.getchannel("A")
    return colours, None if alpha.getextrema() == (255, 255) else alpha


def _to_eight_bits(picture: PillowImage.Image, source: Source) -> tuple[PillowImage.Image, str]:
    """Deep grey as L: 16 bits by their range, wider samples by the smallest common range that holds them."""
    samples = np.asarray(picture)
    if samples.dtype == np.uint16:
        # Pillow scales what PNG, netpbm and JPEG 2000 hold to 16 bits, and leaves TIFF's 12 bits as they are.
        full = 4095.0 if source.file_format == "TIFF" and source.bits == 12 else 65535.0
        eight = _scaled(np.arange(65536, dtype=np.float32), full)[samples]
        return PillowImage.fromarray(eight), f"{source.bits} bits reduced to 8."
    samples = np.nan_to_num(samples.astype(np.float32))
    largest = float(samples.max(initial=0.0))
    if picture.mode == "F":
        full = next((full for full in (1.0, 255.0, 65535.0) if largest <= full), largest)
        note = f"Floating point reduced to 8 bits: 0 is black, {full:g} is white."
    elif source.bits > 16:
        full = next((full for full in (255.0, 65535.0) if largest <= full), 2.0**31 - 1.0)
        note = f"{source.bits} bits reduced to 8: 0 is black, {full:.0f} is white."
    else:
        full, note = 65535.0, f"{source.bits} bits reduced to 8."
    return PillowImage.fromarray(_scaled(samples, full)), note


def _scaled(samples: NDArray[np.float32], full: float) -> NDArray[np.uint8]:
    eight: NDArray[np.uint8] = np.clip(np.rint(samples * np.float32(255.0 / full)), 0, 255).astype(np.uint8)
    return eight

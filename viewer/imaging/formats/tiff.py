"""Reads TIFFs that Pillow cannot read, or reads wrongly, with tifffile: planes of many bits, inverted levels, floating
point, unusual compression.
"""

from __future__ import annotations

import io
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from models.errors import ImageError
from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced, reduced_colours
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats.tiff_tags import (
    BLACK_IS_ZERO,
    CMYK,
    RGB,
    WHITE_IS_ZERO,
    Tags,
    count_directories,
    first_directory,
    is_tiff,
)

_MAX_COUNTED_FRAMES = 1000
_KINDS = {
    WHITE_IS_ZERO: ("grey", "L", 1),
    BLACK_IS_ZERO: ("grey", "L", 1),
    RGB: ("RGB", "RGB", 3),
    CMYK: ("CMYK", "CMYK", 4),
}
_PLAIN_PACKINGS = {1, 5, 8, 32773, 32946}
"""None, LZW, Deflate and PackBits."""
_OTHER_PACKINGS = {34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL"}
_MAX_BYTES_PER_PIXEL = 40
_PILLOWS_FLOATS = 32
_MAX_BITS = 64


def open_tiff(data: bytes, name: str) -> Opened | None:
    """Read the header of a TIFF that is not left to Pillow; None for other TIFFs and other formats.

    Raises ImageError for a file that needs tifffile if that is not installed, and for one that neither library reads.
    """
    if not is_tiff(data):
        return None
    tags = first_directory(data)
    if tags is None:
        raise image_errors.damaged(name, "TIFF", "its directory of tags lies outside the file")
    if not _is_for_tifffile(tags):
        return None
    what = f"a TIFF {_description(tags)}"
    if tags.photometric not in _KINDS or tags.bits > _MAX_BITS:
        raise image_errors.unsupported(name, what)
    colours, mode, count = _KINDS[tags.photometric]
    if tags.samples < count or tags.samples * tags.bits > 8 * _MAX_BYTES_PER_PIXEL:
        raise image_errors.unsupported(name, what)
    if find_spec("tifffile") is None or find_spec("imagecodecs") is None:
        raise image_errors.needs_extra(name, what, "tiff")
    frames = count_directories(data, _MAX_COUNTED_FRAMES + 1)
    return Opened(
        "TIFF",
        *tags.size,
        f"{colours} with transparency" if _alpha_at(tags, count) is not None else colours,
        tags.bits,
        partial(_decoded, data, name, tags, mode, count),
        tags.is_floating,
        min(frames, _MAX_COUNTED_FRAMES),
        frames > _MAX_COUNTED_FRAMES,
        tags.orientation,
        bytes_per_pixel=max(22.0, 3.0 * tags.samples * max(1, tags.bits // 8) + 16.0),
    )


def unreadable_tiff_error(data: bytes, name: str) -> ImageError:
    """Why Pillow cannot read a TIFF that was left to it: unsupported if its tags and pixels are complete,
    else damaged.
    """
    tags = first_directory(data)
    if tags is None or not all(tags.size) or tags.ends_beyond(len(data)):
        return image_errors.damaged(name, "TIFF")
    return image_errors.unsupported(name, f"a TIFF {_description(tags)}, colour space {tags.photometric}")


def _is_for_tifffile(tags: Tags) -> bool:
    """Whether Pillow rejects the file, or returns wrong colours."""
    if tags.compression in _OTHER_PACKINGS:
        return True
    if tags.photometric not in _KINDS or tags.compression not in _PLAIN_PACKINGS:
        return False  # palettes, CIELAB, fax, JPEG: tifffile reads no more of these than Pillow
    return (tags.is_big and tags.order == "big") or not _is_right_in_pillow(tags)


def _is_right_in_pillow(tags: Tags) -> bool:
    more = tags.samples - _KINDS[tags.photometric][2]
    is_grey = tags.photometric in {WHITE_IS_ZERO, BLACK_IS_ZERO}
    if tags.is_signed and tags.bits <= 8:
        return True  # neither reads these: Pillow raises
    if tags.bits in {1, 2, 4}:
        return tags.samples == 1
    if tags.bits == 8:
        if more == 0:
            return True
        if more != 1 or tags.photometric in {WHITE_IS_ZERO, CMYK}:
            return False
        return tags.photometric == RGB or not tags.is_planar
    if tags.photometric == WHITE_IS_ZERO:
        return False
    if tags.is_floating:
        is_swapped = (
            tags.order == "big" and tags.compression != 1
        )  # Pillow sums their differences in the wrong byte order
        return tags.samples == 1 and tags.bits == _PILLOWS_FLOATS and not is_swapped
    if tags.bits == 16:
        return not tags.is_planar and (more == 0 or (more == 1 and tags.photometric == RGB))
    if tags.bits == 12:
        return is_grey and tags.samples == 1 and tags.order == "little"
    return tags.bits == 32 and tags.samples == 1


def _description(tags: Tags) -> str:
    """What is unusual about the file: "of 16 bits, with 0 as white"."""
    kind = "floating point" if tags.is_floating else "bits"
    parts = [f"of {tags.bits} {kind}" if kind == "bits" else f"of {tags.bits}-bit floating point"]
    parts += (
        ["signed"] * tags.is_signed
        + ["in planes"] * tags.is_planar
        + ["with 0 as white"] * (tags.photometric == WHITE_IS_ZERO)
    )
    packing = _OTHER_PACKINGS.get(tags.compression)
    if packing is not None:
        parts.append(f"packed by {packing}")
    return ", ".join(parts)


def _decoded(data: bytes, name: str, tags: Tags, mode: str, count: int) -> Decoded:
    samples = _samples(data, name, tags)
    alpha_at = _alpha_at(tags, count)
    inverted = tags.photometric == WHITE_IS_ZERO
    if tags.is_signed:
        samples = np.maximum(samples, 0)
    colours = np.ascontiguousarray(samples[..., :count])
    own_opacity = None if alpha_at is None else np.ascontiguousarray(samples[..., alpha_at])
    opacity: NDArray[np.uint8] | None
    if tags.is_floating:
        eight, note = reduced_colours(colours) if mode == "RGB" else reduced(colours, tags.bits, inverted=inverted)
        opacity = None if own_opacity is None else reduced(own_opacity.clip(0.0, 1.0), tags.bits)[0]
    else:
        eight, note = reduced(colours, _range_bits(tags), inverted=inverted)
        opacity = None if own_opacity is None else reduced(own_opacity, _range_bits(tags))[0]
    if opacity is not None and tags.extra[alpha_at - count if alpha_at else 0] == 1:
        eight = _unassociated(eight, opacity)
    picture = PillowImage.fromarray(np.ascontiguousarray(eight[..., 0] if count == 1 else eight), mode)
    alpha = None if opacity is None else PillowImage.fromarray(np.ascontiguousarray(opacity))
    ignored = tags.samples - count - (alpha_at is not None)
    notes = [note] if note else []
    if ignored:
        notes.append(f"{ignored} extra channel{'s were' if ignored > 1 else ' was'} ignored.")
    return Decoded(picture, alpha, tuple(notes), tags.orientation, profile=tags.profile)


def _samples(data: bytes, name: str, tags: Tags) -> NDArray[Any]:
    """Samples as stored, (height, width, samples)."""
    import tifffile

    width, height = tags.size
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[0]
        if (page.imagewidth, page.imagelength, page.imagedepth) != (width, height, 1):
            raise image_errors.unsupported(name, "a three-dimensional TIFF")
        if page.samplesperpixel != tags.samples or not page.dataoffsets or 0 in page.databytecounts:
            raise image_errors.damaged(name, "TIFF", "pixels are missing")
        samples: NDArray[Any] = np.asarray(page.asarray(maxworkers=1))
    if tags.is_planar:
        samples = np.moveaxis(samples.reshape(tags.samples, height, width), 0, -1)
    if samples.dtype.kind not in "buif":
        raise ImageError(f"“{name}” contains complex numbers, not a picture: open another file.")
    return samples.reshape(height, width, tags.samples)


def _range_bits(tags: Tags) -> int:
    """Bits of the samples' positive range: 15 for a signed sample of 16 bits."""
    return tags.bits - 1 if tags.is_signed and tags.bits <= 16 else tags.bits


def _alpha_at(tags: Tags, count: int) -> int | None:
    """Index of the alpha sample, or None."""
    return next((count + i for i, kind in enumerate(tags.extra) if kind in {1, 2} and count + i < tags.samples), None)


def _unassociated(eight: NDArray[np.uint8], opacity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Undo premultiplication by alpha."""
    divisor = np.maximum(opacity, 1).astype(np.uint16)[..., None]
    whole = (eight.astype(np.uint16) * 255 + divisor // 2) // divisor
    return np.asarray(np.minimum(whole, 255), np.uint8)

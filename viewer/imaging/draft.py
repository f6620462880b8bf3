"""A quick preview of a large picture at an eighth of its size, shown until the whole has been read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PillowImage
from PIL import ImageOps

from viewer.imaging.colours.profile import to_srgb
from viewer.imaging.image import Pixels
from viewer.imaging.image_errors import MAX_PIXELS
from viewer.imaging.pillow_arrays import pixels_of
from viewer.system.memory import is_large

_REDUCED_FORMATS = ("JPEG", "JPEG2000")
"""Formats that can be decoded at a reduced size at a fraction of the cost. MPO opens as JPEG."""
_LOG2_REDUCTION = 3


@dataclass(frozen=True, eq=False)
class Draft:
    """pixels: uint8 (h, w, 3) sRGB, smaller than the picture. width, height: of the picture."""

    pixels: Pixels
    width: int
    height: int
    name: str


def load_draft(path: Path) -> Draft | None:
    """The draft of a large picture file. None for other files, and for unreadable ones: load_image reports those."""
    try:
        if not path.is_file():  # opening a pipe would wait for a writer
            return None
        with PillowImage.open(path, formats=_REDUCED_FORMATS) as picture:
            width, height = picture.size
            if not is_large(width * height) or width * height > MAX_PIXELS:
                return None
            if picture.format == "JPEG2000":
                from viewer.imaging.formats.boxed.jp2 import is_plain_jpeg_2000

                if not is_plain_jpeg_2000(path.read_bytes()):
                    return None  # whose colours Pillow would show wrongly
            picture.draft(None, (width >> _LOG2_REDUCTION, height >> _LOG2_REDUCTION))
            if picture.format == "JPEG2000":
                picture.reduce = _LOG2_REDUCTION  # type: ignore[assignment, method-assign]
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            if upright.mode not in {"RGB", "L", "CMYK"}:
                upright = upright.convert("RGB")
            profile = picture.info.get("icc_profile")
            if profile:
                upright = to_srgb(upright, profile).picture
            turned = (upright.width > upright.height) != (width > height)
            return Draft(
                pixels_of(upright.convert("RGB")), *((height, width) if turned else (width, height)), path.name
            )
    except Exception:  # Pillow's readers may raise anything on damaged files
        return None

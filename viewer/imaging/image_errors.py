"""The messages for pictures that cannot be opened: damaged, unsupported, too large, or not a picture."""

from __future__ import annotations

import re

from models.errors import ImageError
from viewer.imaging.file_guard import is_implausibly_large

MAX_PIXELS = 2**27
"""134 megapixels; larger pictures are rejected before they are decoded."""


def damaged(name: str, kind: str = "", where: str = "") -> ImageError:
    """kind: the format, if known. where: what is damaged, and its position ("chunk IDAT at byte 41: it is
    cut short").
    """
    if not kind:
        what = f"“{name}” is damaged or cut short"
    elif where:
        what = f"“{name}” is a damaged {kind} file ({where})"
    else:
        what = f"“{name}” is a {kind} file, but damaged or cut short"
    return ImageError(f"{_article(what)}: get a complete copy of it.")


def unsupported(name: str, kind: str, next_step: str = "convert it to PNG, then open that") -> ImageError:
    """kind: with an article ("a JPEG with 12 bits per sample")."""
    return ImageError(f"“{name}” is {kind}, which RateLens cannot read: {next_step}.")


def camera_raw(name: str) -> ImageError:
    return ImageError(
        f"“{name}” is a camera raw file that LibRaw cannot develop: export it as TIFF, PNG or JPEG from the "
        "camera maker’s converter, then open that."
    )


def needs_extra(name: str, kind: str, extra: str, otherwise: str = "convert it to PNG") -> ImageError:
    """kind: with an article. extra: the package extra that supports it ("heif")."""
    return ImageError(
        f"“{name}” is {kind}, which needs a package that is not installed: pip install 'ratelens[{extra}]', or "
        f"{otherwise}."
    )


def not_a_picture(name: str) -> ImageError:
    return ImageError(f"“{name}” is not a readable picture: open a PNG, JPEG, WebP, TIFF, AVIF or JPEG 2000 file.")


def too_large(name: str, size: str = "") -> ImageError:
    """size: as claimed ("20000 x 20000 pixels")."""
    return ImageError(
        f"“{name}” has {f'{size}, ' if size else ''}more than the limit of {MAX_PIXELS // 10**6} megapixels: scale it "
        "down, or crop it."
    )


def check_claimed_size(name: str, width: int, height: int, byte_count: int) -> None:
    """Raise ImageError for a size that is over the limit, or implausible for a file of this many bytes."""
    if width * height > MAX_PIXELS:
        raise too_large(name, f"{width} x {height} pixels")
    if is_implausibly_large(width, height, byte_count):
        raise ImageError(
            f"“{name}” claims {width} x {height} pixels in {byte_count} bytes, so it is damaged or made to "
            "exhaust memory: get another copy of it."
        )


def _article(text: str) -> str:
    """“an AVIF file”, not “a AVIF file”."""
    return re.sub(r" a (AVIF|ICO|ICNS|OpenEXR)\b", r" an \1", text)

"""Target rates as people write them: bits per pixel, file sizes or compression ratios."""

from __future__ import annotations

import math
import re

from models.errors import TargetError
from viewer.imaging.image import Image

MIN_BPP = 0.05
MAX_BPP = 3.0

_RAW_BPP = 24.0
"""Bits per pixel of the uncompressed picture, which ratios refer to."""

_UNITS = {"b": 1, "byte": 1, "bytes": 1, "kb": 1000, "kib": 1024, "mb": 1000**2, "mib": 1024**2}
_NUMBER = r"(\d+(?:[.,]\d*)?|[.,]\d+)"
_BPP = re.compile(rf"{_NUMBER}\s*(?:bpp|bit/px|bits?)?", re.IGNORECASE)
_SIZE = re.compile(rf"{_NUMBER}\s*(b|bytes?|ki?b|mi?b)", re.IGNORECASE)
_RATIO = re.compile(rf"1\s*[:/]\s*{_NUMBER}|{_NUMBER}\s*[:x]\s*1", re.IGNORECASE)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def is_file_size(text: str) -> bool:
    """Whether a text is a file size, whose rate depends on the picture."""
    return _SIZE.fullmatch(text.strip()) is not None


def parse_target(text: str, image: Image | None) -> float:
    """Parse a rate, in bits per pixel: "0.25", "0.25 bpp", "40 kB", "39 KiB", "1:60", "60:1".

    image: needed only for a file size. The result is not limited to MIN_BPP..MAX_BPP. Raises TargetError if the text is
    none of these, or not above zero.
    """
    cleaned = text.strip()
    bpp = math.nan
    if found := _BPP.fullmatch(cleaned):
        bpp = _number(found[1])
    elif image is not None and (found := _SIZE.fullmatch(cleaned)):
        bpp = 8.0 * _number(found[1]) * _UNITS[found[2].lower()] / image.pixel_count
    elif found := _RATIO.fullmatch(cleaned):
        ratio = _number(found[1] or found[2])
        bpp = _RAW_BPP / ratio if ratio > 0 else math.nan
    if not (math.isfinite(bpp) and bpp > 0):
        raise TargetError(f"“{text}” is not a rate. Try 0.25, 40 kB or 1:60.")
    return bpp


def clamp_bpp(bpp: float) -> float:
    """The nearest rate within the slider's range."""
    return min(max(bpp, MIN_BPP), MAX_BPP)


def target_bytes(bpp: float, image: Image) -> float:
    """The stream size, in bytes, of a rate on a picture."""
    return bpp * image.pixel_count / 8.0


def format_ratio(bpp: float) -> str:
    """Compression ratio relative to 24 bits per pixel: "1:96"."""
    ratio = _RAW_BPP / bpp
    return f"1:{ratio:.0f}" if ratio >= 20 else f"1:{ratio:.1f}"

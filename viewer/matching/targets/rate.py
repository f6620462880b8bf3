"""Target rates as people write them: bits per pixel, file sizes or compression ratios."""

from __future__ import annotations

import math
import re

from models.errors import TargetError
from viewer.imaging.image import Image
from viewer.matching.targets.numbers import NUMBER, Comma, read_number

MIN_BPP = 0.05
MAX_BPP = 3.0
"""The ends of the slider."""

LEAST_BPP = 0.001
MOST_BPP = 32.0
"""The range of targets from elsewhere: at equal quality a codec may be beyond the slider's ends, and a pin of it must
lead back there.
"""

_RAW_BPP = 24.0
"""Bits per pixel of the uncompressed picture, which ratios refer to."""

_UNITS = {"b": 1, "byte": 1, "bytes": 1, "kb": 1000, "kib": 1024, "mb": 1000**2, "mib": 1024**2}
_BPP = re.compile(rf"{NUMBER}\s*(bpp|bit/px|bits?)?", re.IGNORECASE)
_SIZE = re.compile(rf"{NUMBER}\s*(b|bytes?|ki?b|mi?b)", re.IGNORECASE)
_RATIO = re.compile(rf"1\s*[:/\N{{RATIO}}]\s*{NUMBER}|{NUMBER}\s*[:x×\N{{RATIO}}]\s*1", re.IGNORECASE)


def is_file_size(text: str) -> bool:
    """Whether a text is a file size, whose rate depends on the picture."""
    return _SIZE.fullmatch(text.strip()) is not None


def parse_target(text: str, image: Image | None) -> float:
    """Parse a rate, in bits per pixel: "0.25", "0.25 bpp", "40 kB", "19,231 B", "39 KiB", "1:60".

    image: needed only for a file size. The result is not limited to MIN_BPP..MAX_BPP. Raises TargetError if the text is
    none of these, is ambiguous ("1,250 kB"), or is not above zero.
    """
    cleaned = text.strip()
    bpp = math.nan
    if found := _BPP.fullmatch(cleaned):
        bpp = read_number(found[1], Comma.DECIMAL if found[2] else Comma.EITHER)
    elif image is not None and (found := _SIZE.fullmatch(cleaned)):
        whole = _UNITS[found[2].lower()] == 1
        number = read_number(found[1], Comma.THOUSANDS if whole else Comma.EITHER)
        bpp = 8.0 * number * _UNITS[found[2].lower()] / image.pixel_count
    elif found := _RATIO.fullmatch(cleaned):
        ratio = read_number(found[1] or found[2], Comma.EITHER)
        bpp = _RAW_BPP / ratio if ratio > 0 else math.nan
    if not (math.isfinite(bpp) and bpp > 0):
        raise TargetError(f"“{text}” is not a rate. Try 0.25, 40 kB or 1:60.")
    return bpp


def parse_size(text: str, image: Image) -> int:
    """Bytes of a stream of a picture that a text means: "12300", "12.3 kB", "0.25 bpp". Raises TargetError."""
    cleaned = text.strip()
    size = math.nan
    if cleaned.isdecimal():
        size = float(cleaned)
    elif "b" in cleaned.lower():
        size = target_bytes(parse_target(cleaned, image), image)
    if not (math.isfinite(size) and size >= 1):
        raise TargetError(f"“{text}” is not a size: give bytes (12300), 12.3 kB or 0.25 bpp.")
    return round(size)


def clamp_bpp(bpp: float) -> float:
    """The nearest rate within the slider's range."""
    return min(max(bpp, MIN_BPP), MAX_BPP)


def usable_bpp(bpp: float) -> float:
    """The nearest rate that a pin or a session may ask for: the slider's range is narrower."""
    return min(max(bpp, LEAST_BPP), MOST_BPP)


def target_bytes(bpp: float, image: Image) -> float:
    """The stream size, in bytes, of a rate on a picture."""
    return bpp * image.pixel_count / 8.0


def format_ratio(bpp: float) -> str:
    """Compression ratio relative to 24 bits per pixel: "1:96"."""
    ratio = _RAW_BPP / bpp
    return f"1:{ratio:.0f}" if ratio >= 20 else f"1:{ratio:.1f}"

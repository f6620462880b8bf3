"""The content of a picture's file before conversion to 8-bit sRGB, found without decoding it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PIL import Image as PillowImage

ORIENTATION_TAG = 0x0112
_BITS_TAG = 258
_COLOURS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "La": "grey with transparency",
    "I": "grey",
    "F": "grey",
    "P": "palette",
    "PA": "palette with transparency",
    "RGB": "RGB",
    "RGBA": "RGB with transparency",
    "RGBa": "RGB with transparency",
    "RGBX": "RGB",
    "CMYK": "CMYK",
    "YCbCr": "YCbCr",
    "LAB": "CIELAB",
    "HSV": "HSV",
}
_FORMATS = {"JPEG2000": "JPEG 2000", "MPO": "JPEG with several pictures (MPO)", "WEBP": "WebP", "PPM": "PNM"}
_SIZ = b"\xff\x4f\xff\x51"
_SIZ_PRECISION = 42
"""Position of the first component's bit depth in a JPEG 2000 codestream (ITU-T T.800, A.5.1)."""


@dataclass(frozen=True)
class Source:
    """A file's content. width, height: as stored, before orientation is applied. bits: per sample.

    orientation: 1 to 8, as in EXIF; orientation_source: what it comes from, EXIF, XMP or AVIF. frames: a lower bound.
    digest: SHA-256 of the file.
    """

    file_format: str
    byte_count: int
    digest: str
    width: int
    height: int
    colours: str
    bits: int
    floating: bool
    orientation: int
    frames: int
    profile: str = ""
    orientation_source: str = "EXIF"

    @property
    def samples(self) -> str:
        """Depth and kind of the samples: "16-bit RGB"."""
        if self.colours == "black and white":
            return self.colours
        return f"{self.bits}-bit {'floating point ' if self.floating else ''}{self.colours}"


def format_name(picture: PillowImage.Image) -> str:
    """The file's format, for people."""
    return _FORMATS.get(picture.format or "", picture.format or "unknown")


def colours_of(picture: PillowImage.Image) -> str:
    """The kind of colours, for people."""
    mode = picture.mode.partition(";")[0]
    plain = _COLOURS.get(mode, picture.mode)
    return f"{plain} with transparency" if "transparency" in picture.info and "transp" not in plain else plain


def bits_of(picture: PillowImage.Image, data: bytes) -> int:
    """Bits per stored sample. Pillow's modes do not say, because it reduces some samples to 8 bits itself."""
    if picture.mode == "1":
        return 1
    if picture.format == "JPEG2000":
        start = data.find(_SIZ)
        return (data[start + _SIZ_PRECISION] & 0x7F) + 1 if 0 <= start < len(data) - _SIZ_PRECISION else 8
    if picture.format == "SGI":
        return 8 * data[3]
    if picture.format == "AVIF":
        start = data.find(b"av1C")
        flags = data[start + 6] if 0 <= start < len(data) - 6 else 0
        return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    tagged = getattr(picture, "tag_v2", {}).get(_BITS_TAG)
    if tagged:
        return max((int(bits) for bits in tagged), default=8) if isinstance(tagged, tuple) else int(tagged)
    return _raw_bits(picture) or (32 if picture.mode == "F" else 16 if picture.mode.startswith("I") else 8)


def _raw_bits(picture: PillowImage.Image) -> int:
    """From Pillow's raw mode ("RGB;16B"), or a netpbm file's largest value."""
    for tile in getattr(picture, "tile", ()):
        arguments = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if tile[0].startswith("ppm") and len(arguments) > 1 and isinstance(arguments[1], int):
            return max(1, arguments[1].bit_length())
        raw = next((argument for argument in arguments if isinstance(argument, str)), "")
        found = re.match(r"([A-Za-z]+);(\d+)", raw)
        if found:
            # BGR;16 has pixels of 5, 6 and 5 bits.
            return 5 if found[1].startswith("BGR") else int(found[2])
    return 0


def orientation_of(picture: PillowImage.Image) -> int:
    """EXIF's orientation, 1 to 8; 1 if it is missing or damaged."""
    try:
        if picture.format == "AVIF":  # its boxes decide, and Pillow puts their value here; XMP is ignored
            value = _stored_exif(picture).get(ORIENTATION_TAG, 1)
        else:
            value = picture.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # Pillow may raise anything on damaged metadata, which the pixels do not depend on
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def orientation_origin(picture: PillowImage.Image) -> str:
    """The metadata that the orientation comes from: "EXIF", "XMP" if EXIF has none, or AVIF's own boxes."""
    if picture.format == "AVIF":
        return "AVIF"
    if not _has_xmp(picture):
        return "EXIF"
    if "exif" not in picture.info:
        return "XMP"
    try:
        return "EXIF" if ORIENTATION_TAG in _stored_exif(picture) else "XMP"
    except Exception:  # as above
        return "XMP"


def _stored_exif(picture: PillowImage.Image) -> PillowImage.Exif:
    exif = PillowImage.Exif()
    if "exif" in picture.info:
        exif.load(picture.info["exif"])
    return exif


def _has_xmp(picture: PillowImage.Image) -> bool:
    return picture.format != "TIFF" and ("xmp" in picture.info or "XML:com.adobe.xmp" in picture.info)


def canvas_of_webp(data: bytes) -> tuple[int, int] | None:
    """Width and height that a WebP file with several frames claims; its decoder allocates them on opening."""
    if data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8X" or len(data) < 30:
        return None
    return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")


def frames_of_gif(data: bytes, at_most: int) -> int:
    """The number of frames in a GIF file, counted up to `at_most`; at least one (GIF89a, 19 to 24)."""
    at, count = 13 + _gif_palette_size(data, 10), 0
    while at < len(data) and count < at_most:
        if data[at] == 0x2C:  # a frame: position, size and flags, local palette, code size
            count += 1
            at += 11 + _gif_palette_size(data, at + 9)
        elif data[at] == 0x21:  # an extension: its kind
            at += 2
        else:
            break
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return max(1, count)


def _gif_palette_size(data: bytes, flags_at: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 << 1 + (flags & 7) if flags & 0x80 else 0

"""Reads files with Pillow, plus what it ignores: samples of more than 8 bits, transparent colours, crops,
CICP colours.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageChops, ImageFile

from viewer.imaging import image_errors
from viewer.imaging.colours.cicp import ColourEncoding, encoding_from_cicp
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats import jpeg, png, psd
from viewer.imaging.formats.signatures import is_avif
from viewer.imaging.source import bits_of, colours_of, format_name, frames_of_gif, orientation_of, orientation_origin

_MAX_COUNTED_FRAMES = 1000
_NO_RASTER = {"EPS", "IPTC", "MPEG"}
"""Formats that Pillow recognises but cannot decode itself."""
_ALPHA_MODES = {"LA", "PA", "RGBA", "La", "RGBa"}
_OTHER_BYTE = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B"}
"""Raw modes that unpack the high byte of 16 bits, and the modes for the low byte of the same samples."""
_DEEP_RAW = {f"{colours}{bits}" for colours in ("RGB", "RGBA", "RGBX", "CMYK") for bits in _OTHER_BYTE}
_REPAIR_NOTE = "Its boxes violate the AVIF specification; they were read as intended."
_DEEP_BYTES_PER_PIXEL = 48.0
"""Of a picture whose samples are kept until its colours are converted."""
_STRIP_PIXELS = 1 << 20
_GAIN_MAP_NOTE = "Its HDR gain map was ignored: this is the standard picture."
_END_NOTE = "Its end marker is missing; all pixels are there."


@dataclass(frozen=True)
class _File:
    """A file before it is decoded. stored: the bytes for Pillow. bits: per sample. colour_key: PNG's transparent level
    or colour. others: variants that decode to the same pixels if no data is missing.
    """

    name: str
    stored: bytes
    bits: int
    notes: tuple[str, ...]
    colour_key: tuple[int, ...] | None = None
    crop: tuple[int, int, int, int] | None = None
    colour_encoding: ColourEncoding | None = None
    others: tuple[bytes, ...] = ()


def open_by_pillow(data: bytes, name: str) -> Opened:
    """Read a file's header. Raises ImageError, and whatever Pillow raises."""
    notes: tuple[str, ...] = ()
    chunks = None
    stored = data
    others: list[bytes] = []
    if data.startswith(png.SIGNATURE):
        chunks = png.read_chunks(data, name)
        stored, notes = chunks.data, chunks.notes
    elif data.startswith(jpeg.SIGNATURE):
        jpeg.check_coding_process(data, name)
        if jpeg.has_gain_map(data):
            notes = (_GAIN_MAP_NOTE,)
        if jpeg.is_missing_end_marker(data):
            stored, *others = jpeg.completed_variants(data)
            notes = (*notes, _END_NOTE)
    elif is_avif(data):
        from viewer.imaging.formats.boxed.avif_repair import repaired

        mended = repaired(data)
        if mended is not None:
            stored, notes = mended, (_REPAIR_NOTE,)
    picture = PillowImage.open(io.BytesIO(stored))
    if picture.format in _NO_RASTER or isinstance(picture, ImageFile.StubImageFile):
        raise image_errors.not_a_picture(name)
    bits, colours = bits_of(picture, data), colours_of(picture)  # first, because what follows may load the pixels
    facts = None
    if is_avif(data):
        from viewer.imaging.formats.boxed.avif import avif_properties

        facts = avif_properties(data, *picture.size)
    if facts is not None and facts.has_gain_map:
        notes = (*notes, _GAIN_MAP_NOTE)
    frames, more = _frames(picture, data, has_gain_map=bool(notes) and _GAIN_MAP_NOTE in notes)
    # PNG's EXIF data may follow the pixels. Reading it here would load them, and damage would go unnoticed.
    has_exif = picture.format != "PNG" or "exif" in picture.info
    orientation = orientation_of(picture) if has_exif else 1
    turned_already = picture.format == "TIFF" and orientation >= 5
    colour_encoding = chunks.colour_encoding if chunks is not None else None
    colour_key = chunks.colour_key if chunks is not None else None
    if colour_key is not None:
        colours = f"{colours} with transparency"
    if facts is not None and facts.codes is not None and "icc_profile" not in picture.info:
        colour_encoding = encoding_from_cicp(*facts.codes)
        if colour_encoding is None:
            notes = (*notes, "Its colour code points are unknown, so its colours are read as sRGB.")
    crop = None if facts is None else facts.crop
    file = _File(name, stored, bits, notes, colour_key, crop, colour_encoding, tuple(others))

    is_srgb = colour_encoding is None or colour_encoding.is_srgb
    plain = picture.mode in {"RGB", "L"} and bits <= 8 and orientation == 1 and is_srgb and colour_key is None
    return Opened(
        format_name(picture),
        *(picture.size[::-1] if turned_already else picture.size),
        colours,
        bits,
        partial(_decoded, picture, file),
        picture.mode == "F",
        frames,
        more,
        orientation,
        bytes_per_pixel=0.0 if is_srgb or bits <= 8 else _DEEP_BYTES_PER_PIXEL,
        is_plain=plain and not notes and "transparency" not in picture.info and "icc_profile" not in picture.info,
    )


def _check_complete(picture: PillowImage.Image, file: _File) -> None:
    """Raise ImageError for a JPEG with missing pixels: those that differ between the variants."""
    for other in file.others:
        with PillowImage.open(io.BytesIO(other)) as filled:
            if filled.tobytes() != picture.tobytes():
                raise image_errors.damaged(file.name, "JPEG", "it ends before its last pixels")


def _frames(picture: PillowImage.Image, data: bytes, *, has_gain_map: bool) -> tuple[int, bool]:
    """The number of frames in a file, and whether there are more: counting is slow, so it stops at a limit."""
    if picture.format == "PSD" or not getattr(picture, "is_animated", False):  # PSD: the layers are merged
        return 1, False
    if picture.format == "GIF":  # Pillow would draw every frame, and enlarge the picture if one claims more
        count = frames_of_gif(data, _MAX_COUNTED_FRAMES + 1)
        return min(count, _MAX_COUNTED_FRAMES), count > _MAX_COUNTED_FRAMES
    if picture.format not in {"TIFF", "FLI"}:  # the other formats state it in their headers
        return max(1, int(picture.n_frames) - has_gain_map), False  # type: ignore[attr-defined]
    count = 1
    try:
        for count in itertools.count(1):
            if count > _MAX_COUNTED_FRAMES:
                break
            picture.seek(count)
    except EOFError:
        pass
    picture.seek(0)
    return min(count, _MAX_COUNTED_FRAMES), count > _MAX_COUNTED_FRAMES


def _decoded(picture: PillowImage.Image, file: _File) -> Decoded:
    kind, drawn, low = picture.format, _alpha_of_gif_frame(picture), _low_bytes(picture, file.stored)
    picture.load()
    _check_complete(picture, file)
    orientation_source = orientation_origin(picture)
    # Pillow rotates TIFF itself; in PNG, EXIF data may follow the pixels.
    orientation = 1 if kind == "TIFF" else orientation_of(picture)
    info, more = picture.info, []
    alpha = _alpha_from_colour_key(picture, low, file.bits, file.colour_key) if file.colour_key is not None else None
    deep = _deep(picture, low, file) if file.colour_encoding is not None and not file.colour_encoding.is_srgb else None
    if low is not None:
        picture = _rounded(picture, low)
    if kind == "PSD" and picture.mode == "RGBA" and not psd.is_transparent(file.stored):
        picture = picture.convert("RGB")
        more.append("An extra channel was ignored.")
    elif alpha is None and (picture.mode in _ALPHA_MODES or "transparency" in info):
        picture, alpha = _split_alpha(picture)
    if picture.mode == "F" or picture.mode.startswith("I"):
        picture, note = _to_eight_bits(picture, kind, file.bits)
        more.append(note)
    elif file.bits > 8:
        more.append(f"{file.bits} bits {'cut' if kind == 'SGI' else 'reduced'} to 8.")
    if kind == "XBM":  # set bits are black
        picture = ImageChops.invert(picture.convert("L"))
    if drawn is not None:
        alpha = drawn if alpha is None else ImageChops.darker(alpha, drawn)
    if file.crop is not None:
        picture, alpha = picture.crop(file.crop), alpha.crop(file.crop) if alpha is not None else None
        left, top, right, bottom = file.crop
        deep = deep[top:bottom, left:right] if deep is not None else None
        more.append("Cropped as the file specifies.")
    profile = info.get("icc_profile")
    notes = (*file.notes, *more)
    return Decoded(picture, alpha, notes, orientation, orientation_source, profile, file.colour_encoding, deep)


def _low_bytes(picture: PillowImage.Image, stored: bytes) -> PillowImage.Image | None:
    """The low bytes of 16-bit colours; Pillow keeps only the high ones."""
    tiles = getattr(picture, "tile", ())
    raw = [_raw_mode(tile) for tile in tiles]
    if not raw or any(mode not in _DEEP_RAW for mode in raw) or picture.format not in {"PNG", "TIFF"}:
        return None
    with PillowImage.open(io.BytesIO(stored)) as low:
        assert isinstance(low, ImageFile.ImageFile)
        for i, (tile, mode) in enumerate(zip(low.tile, raw, strict=True)):
            arguments = tile.args
            end = mode[mode.index(";") :]
            other = mode.replace(end, _OTHER_BYTE[end])
            swapped = other if isinstance(arguments, str) else (other, *arguments[1:])  # type: ignore[index]
            low.tile[i] = tile._replace(args=swapped)
        low.load()
        return low


def _raw_mode(tile: ImageFile._Tile) -> str:
    mode = tile.args[0] if isinstance(tile.args, tuple) and tile.args else tile.args
    return mode if isinstance(mode, str) else ""


def _deep(picture: PillowImage.Image, low: PillowImage.Image | None, file: _File) -> NDArray[np.uint16] | None:
    """The colours in 16 bits, (height, width, 3), where the file has more than 8 and they can be had."""
    if picture.format == "AVIF" and file.bits > 8:
        from viewer.imaging.formats.boxed.avif_deep import deep_avif

        return deep_avif(file.stored, file.bits, picture.size)
    if low is not None and picture.mode in {"RGB", "RGBA"}:
        high, lower = np.asarray(picture)[..., :3], np.asarray(low)[..., :3]
        return np.asarray(high.astype(np.uint16) << 8 | lower, np.uint16)
    if picture.format == "PNG" and picture.mode == "I;16":
        return np.repeat(np.asarray(picture)[..., None], 3, axis=-1)
    return None


def _rounded(high: PillowImage.Image, low: PillowImage.Image) -> PillowImage.Image:
    """Round 16 bits to 8. In strips, because both arguments are full pictures already."""
    out = PillowImage.new(high.mode, high.size)
    rows = max(1, _STRIP_PIXELS // high.width)
    for top in range(0, high.height, rows):
        box = (0, top, high.width, min(top + rows, high.height))
        deep = np.asarray(high.crop(box)).astype(np.uint32) << 8 | np.asarray(low.crop(box))
        out.paste(PillowImage.fromarray(((deep + 128) // 257).astype(np.uint8), high.mode), box)
    return out


def _alpha_from_colour_key(
    picture: PillowImage.Image, low: PillowImage.Image | None, bits: int, colour_key: tuple[int, ...]
) -> PillowImage.Image | None:
    """The alpha channel of a PNG with one transparent level or colour (tRNS, in samples as stored)."""
    samples = np.asarray(picture)
    if low is not None:
        hit = (samples == [value >> 8 for value in colour_key]) & (
            np.asarray(low) == [value & 255 for value in colour_key]
        )
    elif bits < 8:  # Pillow scaled these to 8
        hit = samples == (bool(colour_key[0]) if bits == 1 else colour_key[0] * 255 // ((1 << bits) - 1))
    else:
        hit = samples == (colour_key if samples.ndim == 3 else colour_key[0])
    is_clear = hit.all(axis=-1) if hit.ndim == 3 else hit
    return PillowImage.fromarray(np.where(is_clear, 0, 255).astype(np.uint8)) if is_clear.any() else None


def _alpha_of_gif_frame(picture: PillowImage.Image) -> PillowImage.Image | None:
    """Alpha of the first frame of a GIF: transparent where the frame leaves its canvas uncovered."""
    tiles = getattr(picture, "tile", ())
    if picture.format != "GIF" or not tiles or tiles[0].extents in {None, (0, 0, *picture.size)}:
        return None
    seen = PillowImage.new("L", picture.size, 0)
    seen.paste(255, tiles[0].extents)
    return seen


def _split_alpha(picture: PillowImage.Image) -> tuple[PillowImage.Image, PillowImage.Image | None]:
    """The colours, and the alpha channel (mode L), None if it is opaque."""
    if picture.mode.startswith("I") and isinstance(picture.info.get("transparency"), int):
        seen = np.asarray(picture) != picture.info["transparency"]
        return picture, None if seen.all() else PillowImage.fromarray(np.where(seen, 255, 0).astype(np.uint8))
    if picture.mode == "La":
        picture = picture.convert("LA")
    if picture.mode == "LA":
        colours, alpha = picture.getchannel("L"), picture.getchannel("A")
    else:
        rgba = picture.convert("RGBA")
        colours, alpha = rgba.convert("RGB"), rgba.getchannel("A")
    return colours, None if alpha.getextrema() == (255, 255) else alpha


def _to_eight_bits(picture: PillowImage.Image, kind: str | None, bits: int) -> tuple[PillowImage.Image, str]:
    """Grey of more than 8 bits as L. Pillow scales PNG and netpbm to 16 bits, but leaves TIFF's 12 bits as they are."""
    loaded_bits = 12 if kind == "TIFF" and bits == 12 else max(bits, 16)
    eight, note = reduced(np.asarray(picture), loaded_bits)
    return PillowImage.fromarray(
        eight
    ), note if loaded_bits > 16 or picture.mode == "F" else f"{bits} bits reduced to 8."

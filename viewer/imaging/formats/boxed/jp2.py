"""Reads JPEG 2000 files other than plain 8-bit RGB or grey with OpenJPEG, with all colour information in
their boxes.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from models.errors import ImageError
from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats.boxed.jp2_header import BOXED, CIELAB, CODESTREAM, Channel, Jp2, read_header
from viewer.imaging.openjpeg import library_warnings, load_glymur

Levels = NDArray[np.uint8]

_BLACK_AND_WHITE, _WHITE_IS_ZERO, _CMYK, _SRGB, _GREY, _SYCC, _ESYCC = 15, 0, 12, 16, 17, 18, 24
_KNOWN = {_BLACK_AND_WHITE, _WHITE_IS_ZERO, _CMYK, CIELAB, _SRGB, _GREY, _SYCC, _ESYCC}
_MAX_TILES = 4096
"""OpenJPEG takes some kilobytes per tile before it decodes any."""
_MAX_COMPONENTS = 8
_MAX_BITS = 16


def open_jpeg_2000(data: bytes, name: str) -> Opened | None:
    """Read a JPEG 2000 file's header; None for other formats, and for plain files, which Pillow reads.

    Raises ImageError for damaged headers and for unsupported files.
    """
    if not data.startswith((BOXED, CODESTREAM)):
        return None
    header = read_header(data)
    if header is None:
        raise image_errors.damaged(name, "JPEG 2000", "its header is damaged or cut short")
    image_errors.check_claimed_size(name, header.width, header.height, len(data))
    if _is_plain(header) or load_glymur() is None:
        return None
    if len(header.components) > _MAX_COMPONENTS or header.bits > _MAX_BITS:
        what = f"a JPEG 2000 file with {len(header.components)} components of {header.bits} bits"
        raise image_errors.unsupported(name, what)
    if header.tiles > _MAX_TILES:
        raise image_errors.unsupported(name, f"a JPEG 2000 file with {header.tiles} tiles")
    colours = {1: "grey", 2: "grey"}.get(len(header.order), "CMYK" if header.colour_space == _CMYK else "RGB")
    return Opened(
        "JPEG 2000",
        header.width,
        header.height,
        f"{colours} with transparency" if header.opacity is not None else colours,
        header.bits,
        partial(_decoded, data, name, header),
        bytes_per_pixel=22.0 + 12.0 * len(header.components),
    )


def is_plain_jpeg_2000(data: bytes) -> bool:
    """Whether Pillow reads a file's colours correctly."""
    header = read_header(data)
    return header is not None and _is_plain(header)


def _is_plain(header: Jp2) -> bool:
    return (
        header.palette is None
        and header.profile is None
        and len(header.components) in {1, 3}
        and header.order == tuple(range(len(header.components)))
        and header.colour_space in {None, _SRGB, _GREY}
        and all(part.bits == 8 and not part.is_signed and part.across == part.down == 1 for part in header.components)
    )


def _decoded(data: bytes, name: str, header: Jp2) -> Decoded:
    bands = _bands(data[header.start : header.end], name)
    if len(bands) != len(header.components):
        raise image_errors.damaged(name, "JPEG 2000")
    notes = [f"{header.bits} bits reduced to 8."] if header.bits > 8 else []
    levels = {number: _level(bands, header, header.channels[number]) for number in _used(header)}
    colours = [levels[number] for number in header.order]
    alpha = levels[header.opacity] if header.opacity is not None else None
    if alpha is not None and header.is_premultiplied:
        divisor = np.maximum(alpha, 1).astype(np.uint16)
        colours = [np.minimum((part.astype(np.uint16) * 255) // divisor, 255).astype(np.uint8) for part in colours]
    picture, note = _picture(colours, header)
    return Decoded(
        picture,
        None if alpha is None else PillowImage.fromarray(alpha),
        (*notes, *([note] if note else [])),
        profile=header.profile,
    )


def _used(header: Jp2) -> set[int]:
    return {*header.order, *([] if header.opacity is None else [header.opacity])}


def _bands(codestream: bytes, name: str) -> list[NDArray[Any]]:
    """Each component's samples, (rows, columns). Through a file, because OpenJPEG reads nothing else."""
    glymur = load_glymur()
    with tempfile.TemporaryDirectory(prefix="ratelens-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "picture.j2k"
        try:
            path.write_bytes(codestream)
        except OSError as error:
            raise ImageError(
                f"“{name}” is read through a temporary file, which cannot be written ({error.strerror}): make room in "
                f"“{tempfile.gettempdir()}”."
            ) from error
        with library_warnings() as warnings:
            bands = glymur.Jp2k(path).read_bands()
        if warnings:
            raise image_errors.damaged(name, "JPEG 2000", warnings[0])
    if not isinstance(bands, np.ndarray):
        return list(bands)
    return [bands] if bands.ndim == 2 else [bands[..., i] for i in range(bands.shape[2])]


def _level(bands: list[NDArray[Any]], header: Jp2, channel: Channel) -> Levels:
    """A channel as uint8 (height, width): subsampled components are repeated, ranges stretched to 0 to 255."""
    part = header.components[channel.component]
    samples = bands[channel.component]
    bits = part.bits
    if part.is_signed:
        samples = samples.astype(np.int32) + (1 << part.bits - 1)
    if channel.column >= 0 and header.palette is not None:
        bits = header.palette_bits[channel.column]
        samples = header.palette[np.minimum(samples, len(header.palette) - 1), channel.column]
    level, _ = reduced(np.ascontiguousarray(samples), bits)
    rows = _places(header.top, header.height, part.down, level.shape[0])
    columns = _places(header.left, header.width, part.across, level.shape[1])
    if part.across == part.down == 1 and level.shape == (header.height, header.width):
        return level
    return np.ascontiguousarray(level[rows][:, columns])


def _places(first: int, count: int, step: int, samples: int) -> NDArray[np.intp]:
    """The sample that covers each pixel: a component's samples are at multiples of its step on the reference grid."""
    return np.clip(np.arange(first, first + count) // step - -(-first // step), 0, samples - 1)


def _picture(colours: list[Levels], header: Jp2) -> tuple[PillowImage.Image, str]:
    """The colours in one of Pillow's modes, and a note, which may be empty."""
    space, bands = header.colour_space, [PillowImage.fromarray(level) for level in colours]
    note = ""
    if header.profile is None and space is not None and space not in _KNOWN:
        note = f"Its colour space (JPEG 2000 number {space}) is unknown, so its colours are read as sRGB."
    if len(bands) < 3:
        if space == _WHITE_IS_ZERO:
            return PillowImage.fromarray(255 - colours[0]), note
        return bands[0], note
    if len(bands) > 3 and space == _CMYK:
        return PillowImage.merge("CMYK", bands[:4]), note
    if len(bands) > 3:
        note = note or f"{len(bands) - 3} extra channels were ignored."
    if space == CIELAB and header.profile is None:
        return _lab(colours, header), note
    first, second = header.components[0], header.components[min(1, len(header.components) - 1)]
    # A raw codestream does not say. Guess as OpenJPEG's own programs do: chroma is stored at a lower resolution.
    guessed = space is None and header.profile is None and second.across > first.across == 1
    mode = "YCbCr" if space in {_SYCC, _ESYCC} or guessed else "RGB"
    merged = PillowImage.merge(mode, bands[:3])
    return merged.convert("RGB"), note


def _lab(colours: list[Levels], header: Jp2) -> PillowImage.Image:
    """CIELAB, with the file's ranges and offsets or the default ones (ITU-T T.801, M.11.7.4.1)."""
    bits = [header.components[min(number, len(header.components) - 1)].bits for number in range(3)]
    default = 100, 0, 170, 1 << bits[1] - 1, 200, (1 << bits[2] - 2) + (1 << max(0, bits[2] - 3))
    ranges = header.lab[:6] or default
    planes = []
    for i, level in enumerate(colours[:3]):
        offset = ranges[2 * i + 1] * 255.0 / ((1 << bits[i]) - 1)
        table = (np.arange(256) - offset) * ranges[2 * i] / 255.0
        scaled = (
            np.clip(np.rint(table * 2.55), 0, 255) if i == 0 else np.clip(np.rint(table), -128, 127).astype(np.int8)
        )
        planes.append(scaled.astype(np.uint8)[level])
    return PillowImage.frombytes("LAB", (header.width, header.height), np.stack(planes, axis=-1).tobytes())

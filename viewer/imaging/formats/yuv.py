"""Uncompressed video, whose first frame is shown: Y4M, and raw YUV with its size in the file's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from models.errors import ImageError
from viewer.imaging import image_errors
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats.signatures import RAW_YUV_SUFFIXES, Y4M
from viewer.imaging.image import Pixels

_MAX_HEADER_BYTES = 4096
_SIZE_IN_NAME = re.compile(r"(?<!\d)([1-9]\d{0,4})[xX×]([1-9]\d{0,4})(?!\d)")
_SAMPLING_IN_NAME = re.compile(r"(?<!\d)(4[:_]?2[:_]?0|4[:_]?2[:_]?2|4[:_]?4[:_]?4|4[:_]?0[:_]?0)(?!\d)")
_BITS_IN_NAME = re.compile(r"(?<!\d)(8|10|12|14|16)[ _-]?bit|4(?:20|22|44|00)p(10|12|14|16)", re.IGNORECASE)
_SAMPLINGS = {"420": (2, 2), "422": (2, 1), "444": (1, 1), "411": (4, 1), "400": (0, 0), "mono": (0, 0)}
"""Pixels that a sample of colour covers, across and down; none where there is no colour."""
_HD_ROWS = 720
_STRIP_ROWS = 64
_KR_KB = {"BT.601": (0.299, 0.114), "BT.709": (0.2126, 0.0722)}


@dataclass(frozen=True)
class _Layout:
    """A frame's. step: pixels that a chroma sample covers, across and down, 0 for grey. left_sited: such samples
    lie on the left one of their pixels, not between them (MPEG-2; JPEG's and MPEG-1's lie between).
    """

    width: int
    height: int
    step: tuple[int, int] = (2, 2)
    bits: int = 8
    is_full: bool = False
    left_sited: bool = True
    has_alpha: bool = False

    @property
    def colour_size(self) -> tuple[int, int]:
        """Rows and columns of chroma samples."""
        across, down = self.step
        return (0, 0) if not across else (-(-self.height // down), -(-self.width // across))

    @property
    def frame_bytes(self) -> int:
        rows, columns = self.colour_size
        samples = self.width * self.height * (1 + self.has_alpha) + 2 * rows * columns
        return samples * (1 if self.bits == 8 else 2)


def open_yuv(data: bytes, name: str) -> Opened | None:
    """Read what a Y4M's header or a raw file's name says; None for other formats. Raises ImageError."""
    if data.startswith(Y4M):
        return _open_y4m(data, name)
    if PurePath(name).suffix.lower() in RAW_YUV_SUFFIXES:
        return _open_raw(data, name)
    return None


def _open_y4m(data: bytes, name: str) -> Opened:
    head, ended, _ = data[:_MAX_HEADER_BYTES].partition(b"\n")
    if not ended:
        raise image_errors.damaged(name, "Y4M", "its header has no end")
    fields: dict[str, str] = {}
    for field in head[len(Y4M) :].decode("ascii", "replace").split(" "):
        key = "range" if field.startswith("XCOLORRANGE=") else field[:1]
        fields.setdefault(key, field.partition("=")[2] if key == "range" else field[1:])
    width, height = (fields.get(key, "") for key in "WH")
    if not all(side.isdecimal() and 0 < len(side) < 8 and int(side) for side in (width, height)):
        raise image_errors.damaged(name, "Y4M", "its header names no size")
    space = fields.get("C", "420")
    found = re.fullmatch(r"(420|422|444|411|mono)(alpha|jpeg|mpeg2|paldv)?(?:p?(9|10|12|14|16))?", space)
    if found is None:
        raise image_errors.unsupported(name, f"a Y4M video with colour space {space[:40]}", _SAVE_A_FRAME)
    layout = _Layout(
        int(width),
        int(height),
        _SAMPLINGS[found[1]],
        int(found[3] or 8),
        is_full=fields.get("range") == "FULL",
        left_sited=found[2] in {"mpeg2", "paldv"} or found[3] is not None,  # “420” alone is JPEG’s
        has_alpha=found[2] == "alpha",
    )
    start = len(head) + 1
    frame, ended, _ = data[start : start + _MAX_HEADER_BYTES].partition(b"\n")
    if not frame.startswith(b"FRAME") or not ended:
        raise image_errors.damaged(name, "Y4M", "it contains no frame")
    start += len(frame) + 1
    # Frames may have parameters of their own; where they have, their number is a little too large.
    frames = 1 + (len(data) - start - layout.frame_bytes) // (layout.frame_bytes + len(b"FRAME\n"))
    return _opened(data, name, layout, start=start, kind="Y4M", frames=max(1, frames))


_SAVE_A_FRAME = "open a picture, such as a frame of it saved as PNG"


def _open_raw(data: bytes, name: str) -> Opened:
    stem = PurePath(name).stem
    size = _SIZE_IN_NAME.search(stem)
    if size is None:
        raise ImageError(
            f"“{name}” is a raw YUV file, which does not store its size: put width and height into its name, such as "
            "“clip_1920x1080.yuv”, then open it again."
        )
    rest = stem[: size.start()] + " " + stem[size.end() :]
    sampling, bits = _SAMPLING_IN_NAME.search(rest), _BITS_IN_NAME.search(rest)
    layout = _Layout(
        int(size[1]),
        int(size[2]),
        _SAMPLINGS[re.sub(r"\D", "", sampling[1])] if sampling else (2, 2),
        int(next(filter(None, bits.groups()))) if bits else 8,
    )
    image_errors.check_claimed_size(name, layout.width, layout.height, len(data))
    if len(data) < layout.frame_bytes or len(data) % layout.frame_bytes:
        raise ImageError(
            f"“{name}” has {len(data):,} bytes, which is not a whole number of frames of {layout.width} x "
            f"{layout.height} pixels in {_words(layout)}, {layout.frame_bytes:,} bytes each: correct the size in its "
            "name, add “422”, “444” or “10bit” if that applies, then open it again."
        )
    return _opened(data, name, layout, start=0, kind="raw YUV", frames=len(data) // layout.frame_bytes)


def _opened(data: bytes, name: str, layout: _Layout, *, start: int, kind: str, frames: int) -> Opened:
    if len(data) - start < layout.frame_bytes:
        raise image_errors.damaged(name, kind, "its first frame is cut short")
    colours = "grey" if not layout.step[0] else "YUV with transparency" if layout.has_alpha else "YUV"
    return Opened(
        kind,
        layout.width,
        layout.height,
        colours,
        layout.bits,
        partial(_decoded, data, start, layout),
        frames=frames,
        bytes_per_pixel=30.0,
    )


def _words(layout: _Layout) -> str:
    sampling = next(name for name, step in _SAMPLINGS.items() if step == layout.step)
    return f"{':'.join(sampling)} and {layout.bits} bits"


def _decoded(data: bytes, start: int, layout: _Layout) -> Decoded:
    stored, at = np.dtype("u1" if layout.bits == 8 else "<u2"), start
    planes: list[NDArray[np.float32]] = []
    sizes = [(layout.height, layout.width), *([layout.colour_size] * 2 if layout.step[0] else [])]
    for rows, columns in [*sizes, *([sizes[0]] if layout.has_alpha else [])]:
        plane = np.frombuffer(data, stored, rows * columns, at).reshape(rows, columns)
        planes.append(plane.astype(np.float32) / np.float32(1 << layout.bits - 8))
        at += plane.nbytes
    full = ((1 << layout.bits) - 1) / (1 << layout.bits - 8)  # of a scale on which 255 is that of 8 bits
    black, white = (0.0, full) if layout.is_full else (16.0, 235.0)
    luma = (planes[0] - np.float32(black)) / np.float32(white - black)
    matrix = "BT.709" if layout.height >= _HD_ROWS else "BT.601"
    where = "full" if layout.is_full else "limited"
    notes = [f"{layout.bits} bits reduced to 8."] if layout.bits > 8 else []
    if not layout.step[0]:
        notes += [f"Grey of {where} range, shown as RGB."]
        return Decoded(PillowImage.fromarray(_levels(luma)).convert("RGB"), notes=tuple(notes))
    difference = np.float32(full if layout.is_full else 224.0)
    blue, red = (_spread((plane - 128) / difference, layout) for plane in planes[1:3])
    notes.append(f"YUV converted to RGB by {matrix}, {where} range.")
    alpha = PillowImage.fromarray(_levels(planes[3] / np.float32(full))) if layout.has_alpha else None
    return Decoded(PillowImage.fromarray(_rgb(luma, blue, red, *_KR_KB[matrix])), alpha, tuple(notes))


def _rgb(
    luma: NDArray[np.float32], blue: NDArray[np.float32], red: NDArray[np.float32], kr: float, kb: float
) -> Pixels:
    kg = 1.0 - kr - kb
    out = np.empty((*luma.shape, 3), np.uint8)
    for top in range(0, len(luma), _STRIP_ROWS):
        y, u, v = (plane[top : top + _STRIP_ROWS] for plane in (luma, blue, red))
        r, b = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
        out[top : top + _STRIP_ROWS] = _levels(np.stack([r, (y - kr * r - kb * b) / kg, b], axis=-1))
    return out


def _levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(255.0 * values.clip(0.0, 1.0)).astype(np.uint8)


def _spread(plane: NDArray[np.float32], layout: _Layout) -> NDArray[np.float32]:
    """Chroma at every pixel, interpolated linearly."""
    across, down = layout.step
    rows = _interpolated(plane, 0, layout.height, down, 0.5 * (down - 1))
    return _interpolated(rows, 1, layout.width, across, 0.0 if layout.left_sited else 0.5 * (across - 1))


def _interpolated(plane: NDArray[np.float32], axis: int, count: int, step: int, first: float) -> NDArray[np.float32]:
    """first: the pixel at which the first sample lies."""
    if step == 1:
        return plane
    places = ((np.arange(count) - first) / step).clip(0, plane.shape[axis] - 1)
    low = places.astype(np.intp)
    high = np.minimum(low + 1, plane.shape[axis] - 1)
    share = (places - low).astype(np.float32)
    share = share[:, None] if axis == 0 else share[None]
    below, above = np.take(plane, low, axis), np.take(plane, high, axis)
    return np.asarray(below + (above - below) * share, np.float32)

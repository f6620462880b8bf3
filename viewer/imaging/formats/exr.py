"""OpenEXR, read with its own library if that is installed: linear light, tone-mapped."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.cicp import SRGB, Chromaticities, is_usable, matrix_to_srgb
from viewer.imaging.colours.light import light_to_levels
from viewer.imaging.decoded import Decoded, Opened

SIGNATURE = b"\x76\x2f\x31\x01"
_KIND = "OpenEXR"
_DEEP = {"deepscanline", "deeptile"}
_HALF = b"\1\0\0\0"
_MAX_CHANNELS = 64
_MAX_NAMED = 8

_Window = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two are beyond the last pixel."""


@dataclass(frozen=True)
class _Plan:
    """channels: of the colours, and of transparency. shown: the display window; window: the data window."""

    channels: tuple[str, ...]
    shown: _Window
    window: _Window
    primaries: Chromaticities
    notes: tuple[str, ...]


def open_exr(data: bytes, name: str) -> Opened | None:
    """Read a header; None for other formats. Raises ImageError, also if its library is not installed."""
    if not data.startswith(SIGNATURE):
        return None
    if find_spec("OpenEXR") is None:
        raise image_errors.needs_extra(name, "an OpenEXR file", "exr")
    import OpenEXR

    with (
        redirect_stdout(io.StringIO()),
        OpenEXR.File(io.BytesIO(data), separate_channels=True, header_only=True, num_threads=1) as file,
    ):
        parts = len(file.parts)
        header: dict[str, Any] = dict(file.header())  # which is emptied on closing
        channels = [(str(channel.name), channel.xSampling * channel.ySampling) for channel in header["channels"]]
        kind = str(header.get("type", "")).rpartition(".")[2].partition(":")[0]
    if kind in _DEEP:
        raise image_errors.unsupported(name, "an OpenEXR file with deep pixels")
    shown, window = _window(header["displayWindow"]), _window(header["dataWindow"])
    for left, top, right, bottom in (shown, window):
        if left >= right or top >= bottom:
            raise image_errors.damaged(name, _KIND, "its windows are empty")
        image_errors.check_claimed_size(name, right - left, bottom - top, len(data))
    names = _colours_among([channel for channel, _ in channels])
    if names is None or len(channels) > _MAX_CHANNELS or any(step != 1 for part, step in channels if part in names):
        listed = ", ".join(channel for channel, _ in channels[:_MAX_NAMED]) or "none"
        raise image_errors.unsupported(name, f"an OpenEXR file without RGB or grey channels (it has: {listed})")
    prefix = names[0].rpartition(".")[0]
    opacity = next((part for part, step in channels if part == (f"{prefix}.A" if prefix else "A") and step == 1), None)
    notes = [f"Only its layer “{prefix}” is shown."] if prefix else []
    if parts > 1:
        notes.append(f"Only the first of its {parts} parts is shown.")
    # Its own window is as large as the data's where the two have nothing in common.
    if not _overlap(shown, window):
        shown = window
    primaries = _primaries(header.get("chromaticities"))
    plan = _Plan((*names, *([opacity] if opacity else [])), shown, window, primaries, tuple(notes))
    colours = ("RGB" if len(names) == 3 else "grey") + (" with transparency" if opacity else "")
    area = (window[2] - window[0]) * (window[3] - window[1])
    needed = (8.0 * len(channels) + 24.0) * max(1.0, area / ((shown[2] - shown[0]) * (shown[3] - shown[1]))) + 30.0
    return Opened(
        _KIND,
        shown[2] - shown[0],
        shown[3] - shown[1],
        colours,
        _bits(data, names[0]),
        partial(_decoded, data, plan),
        floating=True,
        bytes_per_pixel=needed,
    )


def _bits(data: bytes, channel: str) -> int:
    """Bits of a channel's samples, from the header's list of channels: the library only tells after reading them."""
    start = data.find(b"channels\0chlist\0") + 20
    at = data.find(b"\0" + channel.encode() + b"\0", start - 1) + len(channel) + 2
    return 16 if data[at : at + 4] == _HALF else 32


def _colours_among(channels: list[str]) -> tuple[str, ...] | None:
    """The channels of red, green and blue, of the picture itself or of its first layer that has them; or of grey."""
    layers = sorted({channel.rpartition(".")[0] for channel in channels}, key=lambda layer: (layer != "", layer))
    for layer in layers:
        colours = tuple(f"{layer}.{part}" if layer else part for part in "RGB")
        if all(colour in channels for colour in colours):
            return colours
    return ("Y",) if "Y" in channels and not {"RY", "BY"} & set(channels) else None


def _decoded(data: bytes, plan: _Plan) -> Decoded:
    import OpenEXR

    # It prints what it warns of, and the command line's output is for its users' programs.
    with (
        redirect_stdout(io.StringIO()),
        OpenEXR.File(io.BytesIO(data), separate_channels=True, num_threads=1) as file,
    ):
        found = file.parts[0].channels
        planes = [np.asarray(found[name].pixels, np.float32) for name in plan.channels]
    stacked, note = _placed(np.stack(planes, axis=-1), plan.shown, plan.window)
    notes, primaries = plan.notes, plan.primaries
    count = 1 if len(plan.channels) < 3 else 3
    light, opacity = stacked[..., :count], stacked[..., count:]
    alpha = None
    if opacity.size:
        seen = np.nan_to_num(opacity, nan=0.0, posinf=1.0, neginf=0.0).clip(0.0, 1.0)
        light = np.where(seen > 0, light / np.maximum(seen, 1e-6), 0.0).astype(
            np.float32
        )  # colours are stored times it
        alpha = PillowImage.fromarray(np.rint(255.0 * seen[..., 0]).astype(np.uint8))
    if count == 1:
        light = np.repeat(light, 3, axis=-1)
    levels, how = light_to_levels(light, None if primaries == SRGB else matrix_to_srgb(primaries))
    if primaries != SRGB:
        notes = (*notes, "Colours converted from its own primaries to sRGB.")
    grey = ("Grey, shown as RGB.",) if count == 1 else ()
    return Decoded(PillowImage.fromarray(levels), alpha, (*notes, *([note] if note else []), how, *grey))


def _window(corners: Any) -> _Window:
    (left, top), (right, bottom) = ([int(value) for value in corner] for corner in corners)
    return left, top, right + 1, bottom + 1


def _overlap(some: _Window, other: _Window) -> bool:
    return max(some[0], other[0]) < min(some[2], other[2]) and max(some[1], other[1]) < min(some[3], other[3])


def _placed(stored: NDArray[np.float32], shown: _Window, window: _Window) -> tuple[NDArray[np.float32], str]:
    """The samples in the display window; outside the data window they are black and transparent."""
    if shown == window:
        return stored, ""
    left, top, right, bottom = shown
    inner = max(left, window[0]), max(top, window[1]), min(right, window[2]), min(bottom, window[3])
    out = np.zeros((bottom - top, right - left, stored.shape[2]), np.float32)
    out[inner[1] - top : inner[3] - top, inner[0] - left : inner[2] - left] = stored[
        inner[1] - window[1] : inner[3] - window[1], inner[0] - window[0] : inner[2] - window[0]
    ]
    return out, "Only its display window is shown." if inner == shown else "Part of its window has no pixels."


def _primaries(given: Any) -> Chromaticities:
    """x and y of red, green, blue and white, as the file names them; sRGB's if it names no usable ones."""
    if given is None:
        return SRGB
    values = [float(value) for value in np.asarray(given, np.float64).reshape(-1)]
    if len(values) != 8:
        return SRGB
    red, green, blue, white = ((values[i], values[i + 1]) for i in range(0, 8, 2))
    points: Chromaticities = (red, green, blue, white)
    near = np.abs(np.subtract(points, SRGB)).max() < 0.002
    return SRGB if near or not is_usable(points) else points

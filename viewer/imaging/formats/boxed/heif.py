"""Reads HEIC and HEIF, the format of many phones, with pillow-heif if it is installed."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.cicp import encoding_from_cicp
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats.boxed import avif
from viewer.imaging.formats.jpeg import has_gain_map
from viewer.imaging.formats.signatures import is_heif

_GAIN_MAP_NOTE = "Its HDR gain map was ignored: this is the standard picture."


def open_heif(data: bytes, name: str) -> Opened | None:
    """Read a HEIF file's header; None for other formats. Raises ImageError if pillow-heif is not installed."""
    if not is_heif(data):
        return None
    if find_spec("pillow_heif") is None:
        raise image_errors.needs_extra(name, "a HEIC or HEIF picture", "heif")
    import pillow_heif

    file: Any = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
    width, height = file.size
    colours = {"L": "grey", "LA": "grey with transparency", "RGB": "RGB"}.get(
        file.mode.partition(";")[0], "RGB with transparency"
    )
    return Opened(
        "HEIF",
        width,
        height,
        colours,
        int(file.info.get("bit_depth", 8)),
        partial(_decoded, file, data),
        frames=max(1, len(file)),
    )


def _decoded(file: Any, data: bytes) -> Decoded:
    """libheif has already rotated and cropped the picture."""
    bits, notes = int(file.info.get("bit_depth", 8)), []
    samples = np.asarray(file)
    codes = avif.avif_properties(data, *file.size).codes
    encoding = None if codes is None else encoding_from_cicp(*codes)
    profile = file.info.get("icc_profile") or None
    deep = None
    if samples.dtype != np.uint8 and not profile and encoding is not None and samples.shape[2:] in {(3,), (4,)}:
        deep = np.ascontiguousarray(samples[..., :3])
    if samples.dtype != np.uint8:  # pillow-heif scales these to 16 bits
        samples, _ = reduced(samples, 16)
        notes.append(f"{bits} bits reduced to 8.")
    if has_gain_map(data) or b"hdrgainmap" in data:
        notes.append(_GAIN_MAP_NOTE)
    bands = samples.reshape(*samples.shape[:2], -1)
    count = bands.shape[2]
    alpha = PillowImage.fromarray(np.ascontiguousarray(bands[..., -1])) if count in {2, 4} else None
    shown = bands[..., 0] if count < 3 else bands[..., :3]
    return Decoded(
        PillowImage.fromarray(np.ascontiguousarray(shown)),
        alpha,
        tuple(notes),
        profile=profile,
        colour_encoding=encoding,
        deep=deep,
    )

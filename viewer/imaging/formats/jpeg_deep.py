"""JPEGs that Pillow does not decode (12 bits, lossless, JPEG-LS), by imagecodecs if it is installed."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import numpy as np
from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.colours.depth import reduced
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats import jpeg
from viewer.imaging.source import ORIENTATION_TAG

_COLOURS = {1: "grey", 3: "RGB"}
"""By the number of components."""


def open_deep_jpeg(data: bytes, name: str) -> Opened | None:
    """Read a frame header; None for other formats, and for JPEGs that Pillow decodes. Raises ImageError."""
    if not data.startswith(jpeg.SIGNATURE):
        return None
    frame = jpeg.read_frame(data)
    if frame is None or frame.kind not in {jpeg.LOSSLESS, jpeg.JPEG_LS, jpeg.DEEP}:
        return None
    if frame.components not in _COLOURS or not frame.width * frame.height:
        raise image_errors.unsupported(name, f"{frame.what} of {frame.components} components")
    if find_spec("imagecodecs") is None:
        raise image_errors.needs_extra(name, frame.what, "jpeg")
    return Opened(
        "JPEG-LS" if frame.kind == jpeg.JPEG_LS else "JPEG",
        frame.width,
        frame.height,
        _COLOURS[frame.components],
        frame.bits,
        partial(_decoded, data, name, frame),
        orientation=_orientation(data),
        bytes_per_pixel=12.0 * frame.components + 10.0,
    )


def _decoded(data: bytes, name: str, frame: jpeg.Frame) -> Decoded:
    import imagecodecs

    if jpeg.is_missing_end_marker(data):
        raise image_errors.damaged(name, "JPEG", "it ends before its last pixels")
    decode = imagecodecs.jpegls_decode if frame.kind == jpeg.JPEG_LS else imagecodecs.jpeg8_decode
    samples = np.asarray(decode(data))
    shape = (frame.height, frame.width, *([] if frame.components == 1 else [frame.components]))
    if samples.shape != shape:
        raise image_errors.damaged(name, "JPEG")
    eight, note = reduced(np.minimum(samples, (1 << frame.bits) - 1), frame.bits)
    notes = (note,) if note else ()
    return Decoded(PillowImage.fromarray(eight), None, notes, _orientation(data), profile=jpeg.profile_of(data))


def _orientation(data: bytes) -> int:
    exif = PillowImage.Exif()
    try:
        exif.load(jpeg.exif_of(data))
        value = exif.get(ORIENTATION_TAG, 1)
    except Exception:  # Pillow raises errors of many kinds on damaged metadata, which pixels do not depend on
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1

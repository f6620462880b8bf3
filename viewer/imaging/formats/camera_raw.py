"""Camera raw files, developed by LibRaw if rawpy is installed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import Any

from PIL import Image as PillowImage

from viewer.imaging import image_errors
from viewer.imaging.decoded import Decoded, Opened
from viewer.imaging.formats.signatures import has_raw_signature
from viewer.imaging.formats.tiff_tags import is_tiff, is_tiff_of_camera

_KIND = "camera raw"
_NOTE = "Developed by LibRaw: the camera’s white balance, brightened automatically, converted to sRGB."
_SRGB_CURVE = (2.4, 12.92)
"""Exponent and slope of its straight part."""
_BITS = 16
_SIDEWAYS = 4
"""In dcraw's numbers of turns: 5 and 6 are quarter turns."""


def open_camera_raw(data: bytes, name: str) -> Opened | None:
    """Read a raw file's size; None for other formats. Raises ImageError if rawpy is not installed, or does not know the
    camera.
    """
    if not (has_raw_signature(data) or (is_tiff(data) and is_tiff_of_camera(data))):
        return None
    if find_spec("rawpy") is None:
        raise image_errors.needs_extra(
            name, "a camera raw file", "raw", "export it as TIFF, PNG or JPEG from a raw converter"
        )
    with _translating_errors(name), _libraw(data) as raw:
        sizes = raw.sizes
        height, width = (sizes.width, sizes.height) if sizes.flip & _SIDEWAYS else (sizes.height, sizes.width)
    return Opened(_KIND, width, height, "RGB", _BITS, partial(_decoded, data, name), bytes_per_pixel=40.0)


def _decoded(data: bytes, name: str) -> Decoded:
    """LibRaw also applies the orientation."""
    import rawpy

    with _translating_errors(name), _libraw(data) as raw:
        pixels = raw.postprocess(
            use_camera_wb=True, output_color=rawpy.ColorSpace.sRGB, output_bps=8, gamma=_SRGB_CURVE
        )
    return Decoded(PillowImage.fromarray(pixels), notes=(_NOTE,))


def _libraw(data: bytes) -> Any:
    import rawpy

    return rawpy.imread(io.BytesIO(data))


@contextmanager
def _translating_errors(name: str) -> Iterator[None]:
    import rawpy

    try:
        yield
    except (rawpy.LibRawFileUnsupportedError, rawpy.NotSupportedError) as error:
        raise image_errors.camera_raw(name) from error
    except (rawpy.LibRawError, ValueError) as error:
        raise image_errors.damaged(name, _KIND) from error

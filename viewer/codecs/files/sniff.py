"""Checks of streams from elsewhere, before a decoder trusts their headers."""

from __future__ import annotations

import io

from PIL import Image as PillowImage

from models import bitstream
from models.errors import StreamError
from viewer.imaging import jpegxl_header
from viewer.imaging.file_guard import is_implausibly_large
from viewer.imaging.source import canvas_of_webp


def check_plausible_size(stream: bytes) -> None:
    """Raise StreamError if a stream claims a picture that is implausibly large for its bytes.

    Not for the program's own streams: a plain colour takes next to nothing at any size.
    """
    size = claimed_size(stream)
    if size is not None and is_implausibly_large(*size, len(stream)):
        raise StreamError(
            f"This stream claims {size[0]} x {size[1]} pixels in {len(stream)} bytes, so it is damaged or made to "
            "exhaust memory: get another copy of it, or add --trust if you trust it."
        )


def claimed_size(stream: bytes) -> tuple[int, int] | None:
    """Width and height in the header; None if only the decoder can tell, or will reject the stream anyway."""
    if stream.startswith(bitstream.MAGIC):
        header, _ = bitstream.unpack(stream)
        return header.width, header.height
    size = canvas_of_webp(stream) or jpegxl_header.claimed_size(stream)
    if size is not None:
        return size
    try:
        with PillowImage.open(io.BytesIO(stream)) as picture:
            return picture.size
    except Exception:  # Pillow may raise anything on a damaged header; the decoder will say what is wrong
        return None

"""Streams that come from elsewhere: what they claim is looked at before a decoder believes it."""

from __future__ import annotations

import io

from PIL import Image as PillowImage

from models import bitstream
from models.errors import StreamError
from viewer.imaging import jpegxl_header
from viewer.imaging.file_guard import is_implausibly_large
from viewer.imaging.source import canvas_of_webp


def check_plausible_size(stream: bytes) -> None:
    """Raise StreamError if a stream claims a picture out of proportion to its bytes.

    Not asked of streams that were made here a moment ago: one colour takes next to nothing at any size.
    """
    size = claimed_size(stream)
    if size is not None and is_implausibly_large(*size, len(stream)):
        raise StreamError(
            f"This stream claims {size[0]} x {size[1]} pixels in {len(stream)} bytes, so it is damaged or made to "
            "exhaust memory: get another copy of it, or add --trust if you trust it."
        )


def claimed_size(stream: bytes) -> tuple[int, int] | None:
    """Width and height as the header says; None where only the decoder can tell, or will refuse the stream anyway."""
    if stream.startswith(bitstream.MAGIC):
        header, _ = bitstream.unpack(stream)
        return header.width, header.height
    size = canvas_of_webp(stream) or jpegxl_header.claimed_size(stream)
    if size is not None:
        return size
    try:
        with PillowImage.open(io.BytesIO(stream)) as picture:
            return picture.size
    except Exception:  # Pillow raises errors of every kind on damaged headers; the decoder's own sentence follows
        return None

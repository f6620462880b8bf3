"""What the codecs that use Pillow have in common."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image as PillowImage

from models.bitstream import MAX_PIXELS
from models.errors import CodecError, StreamError
from viewer.imaging.image import Image, Pixels
from viewer.imaging.pillow_arrays import pixels_of


def check_side_length(image: Image, max_side: int, label: str) -> None:
    """Raise CodecError for a picture with a side that is too long for the format. label: of the codec."""
    if max(image.width, image.height) > max_side:
        raise CodecError(
            f"{label} is limited to {max_side} pixels per side, and this picture has {image.width} x {image.height}: "
            f"crop or scale it to compare with {label}."
        )


def encode(pixels: Pixels, file_format: str, **options: Any) -> bytes:
    """Encode a picture in a file format. Raises CodecError.

    Uses a new picture for each call: save() stores its settings in the picture, where threads would mix them up.
    """
    buffer = io.BytesIO()
    with encode_errors(file_format):
        PillowImage.fromarray(pixels).save(buffer, file_format, **options)
    return buffer.getvalue()


@contextmanager
def encode_errors(label: str) -> Iterator[None]:
    """Turn what a library raises inside the block into a CodecError. label: of the codec."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise CodecError(f"{label} could not encode this picture ({error}): try another rate.") from error


def decode(stream: bytes, file_format: str, label: str) -> Pixels:
    """Decode a file of a format. label: of the codec, for messages. Raises StreamError."""
    try:
        with PillowImage.open(io.BytesIO(stream), formats=[file_format]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise StreamError(f"This {label} file is damaged (its size is impossible): get another copy.")
            return pixels_of(picture if picture.mode == "RGB" else picture.convert("RGB"))
    except PillowImage.DecompressionBombError as error:
        raise StreamError(f"This {label} file is damaged (its size is impossible): get another copy.") from error
    except StreamError:
        raise
    except Exception as error:  # Pillow raises errors of every kind on damaged files
        raise StreamError(f"This is not a complete {label} file: check the file, or get another copy.") from error

"""What codecs that Pillow writes and reads have in common."""

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
    """Raise CodecError for a picture with a side that the format of the codec called `label` cannot hold."""
    if max(image.width, image.height) > max_side:
        raise CodecError(
            f"{label} is limited to {max_side} pixels per side, and this picture has {image.width} x {image.height}: "
            f"crop or scale it to compare with {label}."
        )


def encode(pixels: Pixels, file_format: str, **options: Any) -> bytes:
    """A picture as a file of a format. Raises CodecError.

    From a picture of its own for each call: save() keeps its settings in the picture, where threads would mix them up.
    """
    buffer = io.BytesIO()
    with encode_errors(file_format):
        PillowImage.fromarray(pixels).save(buffer, file_format, **options)
    return buffer.getvalue()


@contextmanager
def encode_errors(label: str) -> Iterator[None]:
    """What a library raises inside the block becomes a CodecError of the codec called `label`."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise CodecError(f"{label} could not encode this picture ({error}): try another rate.") from error


def decode(stream: bytes, file_format: str, label: str) -> Pixels:
    """The picture in a file of a format, called `label` in messages. Raises StreamError."""
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

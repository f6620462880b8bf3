"""For libraries that write a stream to a file only: what is said when its temporary file has no room."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import CodecError

_END = b"\xff\xd9"
"""The last bytes of a JPEG file (EOI) and of a JPEG 2000 codestream (EOC)."""


@contextmanager
def temporary_file_errors(label: str) -> Iterator[None]:
    """What the system says of temporary files inside the block becomes a CodecError of the codec called `label`."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # a library's own word
            raise
        raise _disk_full_error(label, error.strerror or "unknown reason") from error


def check_complete(stream: bytes, label: str) -> bytes:
    """A stream as it was read back, if its end is there. Raises CodecError.

    Where a disk is full, libjpeg through Pillow and OpenJPEG write what fits, and say nothing.
    """
    if not stream.endswith(_END):
        raise _disk_full_error(label, os.strerror(errno.ENOSPC))
    return stream


def _disk_full_error(label: str, reason: str) -> CodecError:
    return CodecError(
        f"{label} needs a temporary file, which cannot be written ({reason}): free space in the temporary folder, "
        "or set TMPDIR to another one."
    )

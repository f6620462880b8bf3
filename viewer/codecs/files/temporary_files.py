"""Errors of temporary files, for libraries that can write a stream only to a file."""

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
    """Turn errors of temporary files inside the block into a CodecError. label: of the codec."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # raised by a library, not by the system
            raise
        raise _disk_full_error(label, error.strerror or "unknown reason") from error


def check_complete(stream: bytes, label: str) -> bytes:
    """Return a stream that was read back from a file if it has its end. Raises CodecError.

    On a full disk, OpenJPEG and libjpeg (through Pillow) write what fits, without an error.
    """
    if not stream.endswith(_END):
        raise _disk_full_error(label, os.strerror(errno.ENOSPC))
    return stream


def _disk_full_error(label: str, reason: str) -> CodecError:
    return CodecError(
        f"{label} needs a temporary file, which cannot be written ({reason}): free space in the temporary folder, "
        "or set TMPDIR to another one."
    )

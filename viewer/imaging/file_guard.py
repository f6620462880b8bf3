"""Reads files safely: anything but a regular file of a sensible size is rejected before it is read."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from models.errors import CodecError, ImageError, RateLensError, SessionError

MAX_FILE_BYTES = 2**30
"""Larger files are rejected before they are read."""


@dataclass(frozen=True)
class Wanted:
    """What a file should contain, and the parts of the error messages if it does not."""

    error: type[RateLensError]
    noun: str
    verb: str
    """What the program does with it ("open")."""
    in_folder: str
    """What to do if it is a folder."""
    instead: str
    """What to do if the file is useless."""
    too_large: str
    max_bytes: int = MAX_FILE_BYTES


PICTURE = Wanted(
    ImageError,
    "picture",
    "open",
    "open one of the pictures in it",
    "open another picture",
    "which is over the limit: open a smaller picture",
)
STREAM = Wanted(
    CodecError,
    "stream",
    "decode",
    "give a stream, such as a .gdn file",
    "get a complete copy of it",
    "which is too large for a stream: check the name",
)
SESSION = Wanted(
    SessionError,
    "session",
    "open",
    "open one of the files in it",
    "open the picture itself",
    "so it is not a RateLens session: open the picture itself",
    2**20,
)


def read_file(path: Path, wanted: Wanted) -> bytes:
    """A file's bytes. Raises wanted.error if it is missing, not a regular file, empty, too large or unreadable."""
    name = path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise wanted.error(f"“{name}” is a folder: {wanted.in_folder}.")
        if not stat.S_ISREG(status.st_mode):
            raise wanted.error(
                f"“{name}” is a device or a pipe, not a file: save the {wanted.noun}, then {wanted.verb} it."
            )
        if status.st_size > wanted.max_bytes:
            raise wanted.error(f"“{name}” is {status.st_size / 2**20:,.1f} MiB large, {wanted.too_large}.")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise wanted.error(f"There is no file “{path}”: check the name.") from error
    except OSError as error:
        what = "its permissions" if isinstance(error, PermissionError) else "its name and the disk"
        raise wanted.error(f"“{name}” cannot be read ({error.strerror}): check {what}.") from error
    except ValueError as error:  # a name that contains a null character
        raise wanted.error(f"This is not a file name: check it, or {wanted.verb} another {wanted.noun}.") from error
    if not data:
        raise wanted.error(f"“{name}” is empty: {wanted.instead}.")
    return data


ALWAYS_ALLOWED_PIXELS = 2**24
"""Pictures up to this size are always allowed: a blank screen of 5120 x 2880 takes some hundred bytes in WebP."""
MAX_PIXELS_PER_BYTE = 10_000
"""For larger ones. Deflate, the strongest general compression in use, makes at most 1032 bytes, or 8256 pixels of 1
bit, from one."""


def is_implausibly_large(width: int, height: int, byte_count: int) -> bool:
    """Whether a file of this size can hardly contain a picture as large as it claims."""
    return width * height > max(ALWAYS_ALLOWED_PIXELS, MAX_PIXELS_PER_BYTE * byte_count)

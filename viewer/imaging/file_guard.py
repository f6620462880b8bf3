"""Files to bytes: what is no plain file, or too large, is refused unread, in the words of what was wanted."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from models.errors import CodecError, ImageError, RateLensError, SessionError

MAX_FILE_BYTES = 2**30
"""Larger files are refused before they are read."""


@dataclass(frozen=True)
class Wanted:
    """What a file should hold, and how sentences about one that does not go on."""

    error: type[RateLensError]
    noun: str
    verb: str
    """What is done with it."""
    in_folder: str
    """What to do where a folder was named."""
    instead: str
    """What to do where the file is of no use."""
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
    """A file's bytes. Raises the wanted thing's error: it is missing, no plain file, empty, too large, unreadable."""
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
    except ValueError as error:  # a name with a zero in it
        raise wanted.error(f"This is not a file name: check it, or {wanted.verb} another {wanted.noun}.") from error
    if not data:
        raise wanted.error(f"“{name}” is empty: {wanted.instead}.")
    return data


ALWAYS_ALLOWED_PIXELS = 2**24
"""So many are let through whatever the file's size: a blank screen of 5120 x 2880 takes some hundred bytes in WebP."""
MAX_PIXELS_PER_BYTE = 10_000
"""Beyond that. Deflate, the strongest of the plain packers, cannot exceed 1032 bytes from one, 8256 pixels of 1 bit."""


def is_implausibly_large(width: int, height: int, byte_count: int) -> bool:
    """Whether a file of so many bytes claims a picture that it can hardly hold."""
    return width * height > max(ALWAYS_ALLOWED_PIXELS, MAX_PIXELS_PER_BYTE * byte_count)

"""Writes files: never over an existing one unless told to, and never half."""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image as PillowImage

from models.errors import OutputError
from viewer.imaging.image import Pixels, stamp_of

_NAME_KEPT = 40
"""Characters of a file's name that its temporary file takes over; all of them might make a name that is too long."""

_MAX_NAME_BYTES = 255
"""The limit of all common file systems; some count characters instead."""

_ADVICE = {
    errno.ENOSPC: "free some space, or choose another place",
    errno.EFBIG: "the file system does not allow files this large: choose another place",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EACCES: "check the permissions of its folder, or choose another place",
    errno.EPERM: "check the permissions of its folder, or choose another place",
    errno.ENOTDIR: "part of its path is a file, not a folder: choose another place",
    errno.ELOOP: "its links form a loop: choose another place",
}
if hasattr(errno, "EDQUOT"):  # not on Windows
    _ADVICE[errno.EDQUOT] = _ADVICE[errno.ENOSPC]


def png_bytes(pixels: Pixels) -> bytes:
    """A picture, uint8 (H, W, 3), as a PNG file."""
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def named_after(picture: str, ending: str) -> str:
    """A file name from a picture's name, without suffix, and an ending: "kodim07" and "-jpeg-0.250bpp.jpg".

    The picture's part is truncated if the result would be too long for a file name. Characters that some systems do not
    allow, as the names of variants have them, become hyphens: ".avif-speed=2.avif".
    """
    ending = re.sub(r'[/\\:*?"<>|]', "-", ending)
    kept = Path(picture).stem
    while len(os.fsencode(kept + ending)) > _MAX_NAME_BYTES:
        kept = kept[:-1]
    return kept + ending


def check_overwrite(paths: Iterable[Path], *, force: bool) -> None:
    """Raise OutputError if any of the files exists (unless forced), or cannot be overwritten at all.

    Called before any work, so that nothing is computed in vain.
    """
    existing = [path for path in paths if stamp_of(path) is not None]
    for path in existing:
        if path.is_dir():
            raise OutputError(f"“{path}” is a folder: give the name of a file.")
        if not path.is_file():  # the rename would replace it by a file
            raise OutputError(f"“{path}” is a device or a pipe: give the name of a file.")
    if existing and not force:
        what = f"“{existing[0]}” already exists"
        if len(existing) > 1:
            what = f"“{existing[0]}” and {len(existing) - 1} more files already exist"
        raise OutputError(f"{what}: add --force to overwrite, or choose another name.")
    for path in existing:
        # Root may write whatever the mode says, and a folder's owner may replace a file that is write-protected:
        # neither is what the mode asks for.
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            raise OutputError(f"“{path}” is write-protected: allow writing to it, or choose another name.")


def write_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a whole file; missing folders are created.

    The file is written under another name in the same folder and renamed when it is complete, so that either the old or
    the new one is always there. In detail:

    - A symbolic link stays a link: its target is written, whether it exists or not, with the temporary file beside it.
      Only the target's folder has to exist.
    - An existing file keeps its mode, owner and, as far as they can be copied, access lists and other attributes. A
      write-protected file is not overwritten.
    - If renaming would separate hard links, or the owner cannot be kept, the existing file is overwritten in place. A
      copy of the old content is kept beside it meanwhile, and restored on failure. Only if the process is killed in
      between is the file left half written; the hidden copy, with a similar name and the suffix “.part”, then remains.

    Raises OutputError if the file exists (unless forced), or cannot be written, and says why.
    """
    check_overwrite([path], force=force)
    try:
        _make_folder(path.parent)
        target = _behind_links(path)
        _put(target, data, target.stat() if target.exists() else None)
    except OSError as error:
        raise OutputError(f"“{path}” cannot be written {reason_and_advice(error)}.") from error


def reason_and_advice(error: OSError) -> str:
    """The system's reason why a file cannot be written, and what to do: "(No space left on device): free some …"."""
    advice = _ADVICE.get(error.errno or 0, "choose another place")
    return f"({error.strerror or error}): {advice}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # “File exists” would seem to be about the file that is to be written
        raise _error(errno.ENOTDIR) from error


def _behind_links(path: Path) -> Path:
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise _error(errno.ELOOP)
    if path.is_symlink() and not target.parent.is_dir():
        raise OutputError(
            f"“{path}” is a link to “{target}”, whose folder does not exist: make that folder, or choose another place."
        )
    return target


def _put(target: Path, data: bytes, old: os.stat_result | None) -> None:
    with _file_beside(target, private=old is not None) as (file, beside):
        if old is not None and (old.st_nlink > 1 or not _takes_owner(file, old)):
            _write_in_place(target, data, file, beside)
            beside.unlink()
            return
        if old is not None:
            with suppress(OSError):
                shutil.copystat(target, beside)
            beside.chmod(stat.S_IMODE(old.st_mode))
        _write_through(file, data)
        file.close()  # Windows does not rename open files
        beside.replace(target)


@contextmanager
def _file_beside(target: Path, *, private: bool) -> Iterator[tuple[io.FileIO, Path]]:
    """A new file in the same folder, and its path; removed if the block raises anything but OutputError.

    private: only for the user, whatever the umask.
    """
    beside = target.with_name(f".{target.name[:_NAME_KEPT]}.{secrets.token_hex(4)}.part")
    mode = 0o600 if private else 0o666
    with open(beside, "xb", buffering=0, opener=lambda name, flags: os.open(name, flags, mode)) as file:
        try:
            yield file, beside
        except OutputError:
            raise
        except BaseException:
            file.close()
            beside.unlink(missing_ok=True)
            raise


def _takes_owner(file: io.FileIO, old: os.stat_result) -> bool:
    """Try to give a file the owner and group of the old one; returns whether that worked."""
    new = os.fstat(file.fileno())
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
        return True
    try:
        os.fchown(file.fileno(), old.st_uid, old.st_gid)
    except OSError:
        return False
    return True


def _write_in_place(target: Path, data: bytes, kept: io.FileIO, kept_path: Path) -> None:
    """Overwrite a file. kept: receives the old content for the time being. Raises OutputError, and leaves that copy, if
    the file can be neither written nor restored.
    """
    before = target.read_bytes()
    _write_through(kept, before)
    try:
        _overwrite(target, data)
    except BaseException:
        try:
            _overwrite(target, before)
        except OSError as error:
            raise OutputError(
                f"“{target}” was left half written {reason_and_advice(error)}. Its old content is in “{kept_path}”."
            ) from error
        raise


def _overwrite(target: Path, data: bytes) -> None:
    # Not truncated first, so that there is space to restore the old content.
    with target.open("r+b", buffering=0) as file:
        _write_through(file, data)
        file.truncate()


def _write_through(file: io.FileIO, data: bytes) -> None:
    """Write to the disk itself: a file renamed before that could be empty after a power cut."""
    rest = memoryview(data)
    while rest:  # unbuffered, so that an error does not recur on closing
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))

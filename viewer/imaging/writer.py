"""Writing files: never over an old one without being asked, and never half."""

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
"""Characters of a file's name that its temporary file's has: with all of them, that name may be too long."""

_MOST_NAME_BYTES = 255
"""On all file systems in use; some count characters."""

_ADVICE = {
    errno.ENOSPC: "make room, or choose another place",
    errno.EFBIG: "a file may not be so large there: choose another place",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EACCES: "check the permissions of its folder, or choose another place",
    errno.EPERM: "check the permissions of its folder, or choose another place",
    errno.ENOTDIR: "a part of its path is a file, not a folder: choose another place",
    errno.ELOOP: "its links lead in a ring: choose another place",
}
if hasattr(errno, "EDQUOT"):  # not on Windows
    _ADVICE[errno.EDQUOT] = _ADVICE[errno.ENOSPC]


def png_bytes(pixels: Pixels) -> bytes:
    """A picture, uint8 (H, W, 3), as a PNG file."""
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def named_after(picture: str, ending: str) -> str:
    """A file's name made of a picture's, without its suffix, and an ending: "kodim07" and "-jpeg-0.250bpp.jpg".

    The picture's part is cut where the whole would be longer than names of files may be. What not every system has in
    names, as in those of variants, becomes a hyphen: ".avif-speed=2.avif".
    """
    ending = re.sub(r'[/\\:*?"<>|]', "-", ending)
    kept = Path(picture).stem
    while len(os.fsencode(kept + ending)) > _MOST_NAME_BYTES:
        kept = kept[:-1]
    return kept + ending


def check_overwrite(paths: Iterable[Path], *, force: bool) -> None:
    """Raise OutputError if any of the files exists, unless forced, or if one is there that no force writes over: to be
    asked before work is put into them.
    """
    existing = [path for path in paths if stamp_of(path) is not None]
    for path in existing:
        if path.is_dir():
            raise OutputError(f"“{path}” is a folder: give the name of a file.")
        if not path.is_file():  # a file would be put in its place
            raise OutputError(f"“{path}” is a device or a pipe: give the name of a file.")
    if existing and not force:
        more = f" and {len(existing) - 1} more files" if len(existing) > 1 else ""
        raise OutputError(f"“{existing[0]}”{more} exists already: add --force to overwrite, or give another name.")
    for path in existing:
        # Root may write whatever the mode says, and a folder's owner may put another file in the place of one that is
        # not to be written: neither is what the mode asks for.
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            raise OutputError(f"“{path}” is write-protected: allow writing to it, or give another name.")


def write_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a whole file; missing folders are made.

    A new file is written beside its place under another name and renamed when it is whole, so that an old one stays
    whole until then, and whatever happens one of the two is there. Besides:

    - A symbolic link stays one: what is written is what it leads to, there or not, and the temporary file lies beside
      that. Only its folder has to be there.
    - An old file keeps its mode, owner and, as far as they can be copied, access lists and other attributes. One that
      is write-protected is not written.
    - Where a renamed file would part hard links, or the owner cannot be kept, the old file is written in place. What it
      held is kept beside until that is done, and put back if it fails; only where the process is killed meanwhile is
      the file left half, with what it held beside it, named like it, hidden and with “.part” at the end.

    Raises OutputError when the file exists (unless forced), or cannot be written; it says why.
    """
    check_overwrite([path], force=force)
    try:
        _make_folder(path.parent)
        target = _behind_links(path)
        _put(target, data, target.stat() if target.exists() else None)
    except OSError as error:
        raise OutputError(f"“{path}” cannot be written {reason_and_advice(error)}.") from error


def reason_and_advice(error: OSError) -> str:
    """Why a file cannot be written, as the system says it, and what to do: "(No space left on device): make room …"."""
    advice = _ADVICE.get(error.errno or 0, "choose another place")
    return f"({error.strerror or error}): {advice}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # “File exists” would be said of another file than is meant
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
        file.close()  # Windows renames no open file
        beside.replace(target)


@contextmanager
def _file_beside(target: Path, *, private: bool) -> Iterator[tuple[io.FileIO, Path]]:
    """A new file in a file's folder, and its path; removed if the block raises, unless it raises OutputError.

    private: for the user alone, whatever the process's mask says.
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
    """Give a file the owner and group of the old one; whether that can be."""
    new = os.fstat(file.fileno())
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
        return True
    try:
        os.fchown(file.fileno(), old.st_uid, old.st_gid)
    except OSError:
        return False
    return True


def _write_in_place(target: Path, data: bytes, kept: io.FileIO, kept_path: Path) -> None:
    """Write over a file; kept: takes what it held, for as long as it is not whole. Raises OutputError, with that file
    left there, if it can neither be written nor be put back.
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
                f"“{target}” was left half written {reason_and_advice(error)}. What it held before is in “{kept_path}”."
            ) from error
        raise


def _overwrite(target: Path, data: bytes) -> None:
    # Not truncated first, so that there is room to put back what was there.
    with target.open("r+b", buffering=0) as file:
        _write_through(file, data)
        file.truncate()


def _write_through(file: io.FileIO, data: bytes) -> None:
    """To the disk itself: a renamed file whose bytes are not there yet would be empty after a power cut."""
    rest = memoryview(data)
    while rest:  # without a buffer, so that an error does not come again on closing
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))

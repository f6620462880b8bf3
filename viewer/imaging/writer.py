"""Writing files: never over an old one without being asked, and never half."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from PIL import Image as PillowImage

from models.errors import OutputError
from viewer.imaging.image import Pixels, stamp_of


def png_bytes(pixels: Pixels) -> bytes:
    """A picture, uint8 (H, W, 3), as a PNG file."""
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def check_overwrite(paths: Iterable[Path], *, force: bool) -> None:
    """Raise OutputError if any of the files exists, unless forced: to be asked before work is put into them."""
    if force:
        return
    existing = [path for path in paths if stamp_of(path) is not None]
    if existing:
        what = f"“{existing[0]}” already exists"
        if len(existing) > 1:
            what = f"“{existing[0]}” and {len(existing) - 1} more files already exist"
        raise OutputError(f"{what}: add --force to overwrite, or choose another name.")


def write_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a whole file beside its place, then put it there, so that an old one stays whole until the new one is.

    Raises OutputError when the file exists (unless forced), or cannot be written.
    """
    check_overwrite([path], force=force)
    try:
        if path.is_dir():
            raise OutputError(f"“{path}” is a folder: give the name of a file.")
        if path.exists() and not path.is_file():  # a file would be put in its place
            raise OutputError(f"“{path}” is a device or a pipe: give the name of a file.")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(beside).chmod(0o666 & ~_umask())
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            f"“{path}” cannot be written ({error.strerror}): check space and permissions, or choose another place."
        ) from error


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask

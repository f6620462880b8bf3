"""The pictures in a folder, in natural order."""

from __future__ import annotations

import re
from pathlib import Path

from models.errors import ImageError

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".pam", ".pfm", ".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jxl", ".psd", ".tga"),
    *(".hdr", ".exr", ".dpx", ".qoi", ".y4m", ".yuv"),
    *(".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw"),
)
"""Suffixes of picture files, in lower case."""

_NUMBER = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Sorting key for natural order: case is ignored, and “img2” comes before “img10”."""
    parts = [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBER.split(name.lower())]
    return [part for part in parts if part[2]], name


def list_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """The picture files in a folder, and the other files, both in natural order. Raises OSError.

    Hidden files are in neither list, such as those that macOS puts beside each file on foreign disks (“._photo.jpg”).
    """
    files = [file for file in folder.iterdir() if not file.name.startswith(".") and not file.is_dir()]
    files.sort(key=lambda file: natural_key(file.name))
    return [file for file in files if _is_picture_file(file)], [file for file in files if not _is_picture_file(file)]


def neighbour(path: Path, by: int) -> Path:
    """The picture file `by` places after a file in its folder, in natural order. Raises ImageError if there is none."""
    try:
        files = list_pictures(path.parent)[0]
        if path not in files and path.exists():
            files = sorted([*files, path], key=lambda file: natural_key(file.name))
    except OSError as error:
        raise ImageError(f"“{path.parent}” cannot be read ({error.strerror}): open another file.") from error
    names = [file.name for file in files]
    place = (names.index(path.name) if path.name in names else -1 if by > 0 else 0) + by
    if not 0 <= place < len(files):
        end = "last" if by > 0 else "first"
        raise ImageError(f"This is the {end} picture in the folder.")
    return files[place]


def _is_picture_file(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES

"""The other pictures of a folder."""

from __future__ import annotations

from pathlib import Path

from models.errors import ImageError

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"),
    *(".ppm", ".pgm", ".jp2", ".j2k", ".avif", ".gif"),
)
"""Of the files that are offered as pictures, in small letters."""


def neighbour(path: Path, by: int) -> Path:
    """The picture file so many places after a file, by name, in its folder. Raises ImageError where there is none."""
    try:
        files = sorted(
            (file for file in path.parent.iterdir() if file.suffix.lower() in SUFFIXES or file == path),
            key=lambda file: (file.name.lower(), file.name),
        )
    except OSError as error:
        raise ImageError(f"“{path.parent}” cannot be read ({error.strerror}): open another file.") from error
    names = [file.name for file in files]
    place = (names.index(path.name) if path.name in names else -1 if by > 0 else 0) + by
    if not 0 <= place < len(files):
        end = "last" if by > 0 else "first"
        raise ImageError(f"“{path.name}” is the {end} picture in its folder: open one from elsewhere.")
    return files[place]

"""Libraries that Pillow's wheels carry: pinned with Pillow, so that the same installation works the same everywhere."""

from __future__ import annotations

from pathlib import Path

import PIL


def pillows_copy(pattern: str) -> Path | None:
    """The library whose file's name has this pattern ("libopenjp2*"); None where Pillow has none of its own."""
    package = Path(PIL.__file__).parent
    places = (package.parent / "pillow.libs", package / ".dylibs")
    found = sorted(path for place in places if place.is_dir() for path in place.glob(pattern))
    return found[0] if found else None

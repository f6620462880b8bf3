"""Arrays on disk: results of large pictures are memory-mapped, so that only the pages in use take memory."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

_Array = TypeVar("_Array", bound=NDArray[Any])

_MIN_FREE_BYTES = 2 * 10**9
"""Disk space that is left free for others."""


def on_disk(array: _Array) -> _Array:
    """The same values, read-only, on disk; the array itself if the disk is full or cannot be written.

    The file has no name, or is deleted with its last user, so nothing is left behind however the process ends. It is
    written, not filled through a mapping: a full disk is then an error here instead of a signal that kills the process.
    """
    folder = _folder()
    try:
        if shutil.disk_usage(folder).free < array.nbytes + _MIN_FREE_BYTES:
            return array
        with tempfile.TemporaryFile(dir=folder, prefix="ratelens-") as file:
            file.write(np.ascontiguousarray(array).data)
            file.flush()
            mapped = np.memmap(file, array.dtype, "r", shape=array.shape)
    except OSError:
        return array
    return mapped.view(np.ndarray)  # type: ignore[return-value]


def release_pages(*arrays: NDArray[Any]) -> None:
    """Drop the pages read so far of arrays on disk; they are read again when needed. Other arrays are left alone."""
    advice = getattr(mmap, "MADV_DONTNEED", None)  # not on Windows, where the system trims mapped pages itself
    for array in arrays:
        mapping = getattr(array.base, "_mmap", None)
        if mapping is not None and advice is not None:
            mapping.madvise(advice)


def is_on_disk(array: NDArray[Any]) -> bool:
    """Whether an array takes no memory of its own."""
    return isinstance(array.base, np.memmap)


def _folder() -> Path:
    # Not the system's temporary folder, which is in memory on many systems.
    try:
        return user_cache_path("ratelens", ensure_exists=True)
    except OSError:
        return Path(tempfile.gettempdir())

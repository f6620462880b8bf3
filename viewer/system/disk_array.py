"""Arrays that lie on the disk: what is shown of a large picture is read back by the page, and takes no memory else."""

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
"""So much of a disk is left to others."""


def on_disk(array: _Array) -> _Array:
    """The same values, read-only, on the disk; the array itself where the disk has no room or cannot be written.

    The file has no name, or is deleted with its last user: nothing is left behind, whatever ends the process. It is
    written, not mapped and filled: a disk that gets full is an error here, where a mapping would kill the process.
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
    """Let go of what has been read of arrays on the disk: it is read again when it is needed. Others are left alone."""
    advice = getattr(mmap, "MADV_DONTNEED", None)  # not on Windows, where the system trims mapped pages itself
    for array in arrays:
        mapping = getattr(array.base, "_mmap", None)
        if mapping is not None and advice is not None:
            mapping.madvise(advice)


def is_on_disk(array: NDArray[Any]) -> bool:
    """Whether an array takes no memory of its own."""
    return isinstance(array.base, np.memmap)


def _folder() -> Path:
    # Not the system's temporary folder, which lies in memory on many systems.
    try:
        return user_cache_path("ratelens", ensure_exists=True)
    except OSError:
        return Path(tempfile.gettempdir())

"""Chooses the OpenJPEG library, and makes glymur use it."""

from __future__ import annotations

import ctypes.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.cpu import core_count
from viewer.imaging.pillow_libraries import pillows_copy
from viewer.system.once import Once


@dataclass(frozen=True)
class OpenJpeg:
    """The library in use. source: "Pillow's copy", "system", or "Pillow's plugin" (path None, no glymur)."""

    path: Path | None
    version: str
    source: str


@contextmanager
def _find_library_as(library: Path | None) -> Iterator[None]:
    # glymur calls ctypes.util.find_library once, on import, and cannot be given a path. A user's own glymurrc still has
    # precedence.
    original = ctypes.util.find_library
    if library is not None:
        ctypes.util.find_library = lambda name: str(library) if name == "openjp2" else original(name)
    try:
        yield
    finally:
        ctypes.util.find_library = original


@Once
def load_glymur() -> Any:
    """The glymur module with an OpenJPEG library, or None if there is no library.

    Pillow's copy takes precedence over the system's: it is pinned with Pillow, so that the same installation makes the
    same streams on every machine. Imported once: several threads that did so at a time would take each other's patch of
    `find_library` for the original, and leave it in place.
    """
    with _find_library_as(pillows_copy("libopenjp2*")):
        import glymur
    if glymur.version.openjpeg_version_tuple < (2, 4):
        return None
    with suppress(RuntimeError):  # a library that was built without threads
        glymur.set_option("lib.num_threads", _thread_count())
    # By default glymur turns them into Python warnings, whose filters are shared by all threads, and which cannot raise
    # from a C callback.
    openjp2 = glymur.lib.openjp2
    openjp2._WARNING_CALLBACK = openjp2._CMPFUNC(_record_warning)
    return glymur


def _thread_count() -> int:
    """Threads that code a picture: as many as the variable says that OpenJPEG itself reads, or one a core."""
    setting = os.environ.get("OPJ_NUM_THREADS", "")
    return int(setting) if setting.isdecimal() and int(setting) > 0 else core_count()


class _ThreadWarnings(threading.local):
    """OpenJPEG's warnings, separate for each thread."""

    def __init__(self) -> None:
        self.messages: list[str] = []


_thread_warnings = _ThreadWarnings()


def _record_warning(message: bytes, _data: object) -> None:
    _thread_warnings.messages.append(message.decode("utf-8", "replace").strip())


@contextmanager
def library_warnings() -> Iterator[list[str]]:
    """OpenJPEG's warnings inside the block, in this thread. When decoding, they mean damaged packets."""
    _thread_warnings.messages = []
    try:
        yield _thread_warnings.messages
    finally:
        _thread_warnings.messages = []


def library() -> OpenJpeg:
    """The library that makes JPEG 2000 streams."""
    glymur = load_glymur()
    if glymur is None:
        from PIL import features

        return OpenJpeg(None, str(features.version("jpg_2000")), "Pillow's plugin")
    path = pillows_copy("libopenjp2*")
    if path is not None:
        return OpenJpeg(path, glymur.version.openjpeg_version, "Pillow's copy")
    found = ctypes.util.find_library("openjp2")
    return OpenJpeg(Path(found) if found else None, glymur.version.openjpeg_version, "system")

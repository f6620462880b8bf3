"""The C library's heap: one for all threads."""

from __future__ import annotations

import ctypes
import platform

_M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def share_one_heap() -> None:
    """Let all threads share one heap. To be called before any thread starts; does nothing where there is no glibc.

    glibc gives every thread a heap of its own, and each keeps what its thread has freed: a dozen workers that take
    turns with pictures then hold the memory of a dozen.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

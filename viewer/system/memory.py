"""Estimates of the memory that work takes, made before it begins, and a budget that admits jobs only if they fit."""

from __future__ import annotations

import ctypes
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from models.errors import MemoryLimitError
from viewer.system.once import Once

DEFAULT_LIMIT_BYTES = 2_500_000_000
_MAX_SHARE_OF_AVAILABLE = 0.8
_ALWAYS_GRANTED_BYTES = 100_000_000
"""Smaller jobs are never refused: they make no difference."""
_TRIM_ABOVE_BYTES = 500_000_000
_MB = 1_000_000


@dataclass(frozen=True)
class MemoryEstimate:
    """Peak memory of work on a picture: bytes per pixel, plus a fixed amount."""

    bytes_per_pixel: float
    fixed_bytes: int = 50 * _MB

    def of(self, pixel_count: int) -> int:
        """Bytes for a picture of this many pixels."""
        return round(self.bytes_per_pixel * pixel_count) + self.fixed_bytes


# Measured as in tests/viewer/system/test_memory.py, and rounded up.
_READING = MemoryEstimate(9.0)
_READING_CONVERTED = MemoryEstimate(22.0)
"""With transparency, a profile, more than 8 bits, a rotation, or colours other than grey and RGB."""
_CODING = {
    "learned": MemoryEstimate(62.0, 300 * _MB),
    "jpeg": MemoryEstimate(10.5, 100 * _MB),
    "jpeg2000": MemoryEstimate(24.0, 90 * _MB),
    "webp": MemoryEstimate(23.0),
    "avif": MemoryEstimate(46.0),
    "jpegxl": MemoryEstimate(72.0),
}
_CODING_LARGE = {**_CODING, "learned": MemoryEstimate(6.5, 800 * _MB), "jpeg2000": MemoryEstimate(6.0, 700 * _MB)}
_CODING_PLUGIN = MemoryEstimate(72.0)
"""A plug-in's codec is unknown, so it is assumed to take as much as the largest known one."""
_DECODING = {
    "learned": MemoryEstimate(62.0, 300 * _MB),
    "jpeg": MemoryEstimate(12.0),
    "jpeg2000": MemoryEstimate(21.0),
    "webp": MemoryEstimate(22.0),
    "avif": MemoryEstimate(19.0),
    "jpegxl": MemoryEstimate(14.0),
}
_DECODING_LARGE = {**_DECODING, "learned": MemoryEstimate(12.0, 500 * _MB), "jpeg2000": MemoryEstimate(12.0, 500 * _MB)}
"""Includes writing the picture as PNG."""
_WRITING = MemoryEstimate(8.0)
_COMPOSING = MemoryEstimate(12.0)
"""For each of the pictures that are combined."""
_KEPT = {"learned": MemoryEstimate(5.0, 160 * _MB)}
_KEPT_LARGE = {"learned": MemoryEstimate(0.0, 250 * _MB)}
"""What a prepared codec holds already, and keeps for the next rate."""
_REFERENCE = MemoryEstimate(24.0, 150 * _MB)
"""The original's statistics, which large pictures do without."""
_MEASURING = MemoryEstimate(22.0)
_MEASURING_LARGE = MemoryEstimate(9.5)
_REFINING = MemoryEstimate(350.0, 350 * _MB)
_REFINING_IN_PARTS = MemoryEstimate(70.0, 500 * _MB)
"""Pictures of more than 2.4 megapixels are refined part by part: models.refine.parts."""
_REFINED_WHOLE_PIXELS = 96 * 96 * 16 * 16
_MAPPING = MemoryEstimate(45.0)
_MAPPING_LARGE = MemoryEstimate(6.0, 400 * _MB)


def reading_bytes(pixel_count: int, *, converted: bool) -> int:
    """Peak memory of reading a picture file."""
    return (_READING_CONVERTED if converted else _READING).of(pixel_count)


def result_bytes(
    codec: str, pixel_count: int, *, prepared: bool, measured: bool, estimate: MemoryEstimate | None = None
) -> int:
    """Peak memory of bringing a codec to a rate, decoding and measuring.

    prepared: the codec has been at another rate of this picture. measured: some codec has. estimate: the codec's own.
    """
    codec = _base(codec)
    large = is_large(pixel_count)
    needs = _CODING_LARGE if _in_tiles(codec, pixel_count) else _CODING
    coding = (estimate or needs.get(codec, _CODING_PLUGIN)).of(pixel_count)
    kept = (_KEPT_LARGE if large else _KEPT).get(codec)
    measuring = (_MEASURING_LARGE if large else _MEASURING).of(pixel_count)
    if not large and not measured:
        measuring += _REFERENCE.of(pixel_count)
    return max(coding, measuring) - (kept.of(pixel_count) if kept is not None and prepared else 0)


def measuring_bytes(pixel_count: int) -> int:
    """Peak memory of measuring a picture that was decoded already, and of the original's statistics."""
    if is_large(pixel_count):
        return _MEASURING_LARGE.of(pixel_count)
    return _MEASURING.of(pixel_count) + _REFERENCE.of(pixel_count)


def _in_tiles(codec: str, pixel_count: int) -> bool:
    # JPEG 2000 is tiled only from twice the size that counts as large.
    return is_large(pixel_count // 2 if codec == "jpeg2000" else pixel_count)


def decoding_bytes(codec: str, pixel_count: int, *, estimate: MemoryEstimate | None = None) -> int:
    """Peak memory of decoding a stream, and of writing the picture as PNG. estimate: the codec's own."""
    codec = _base(codec)
    needs = _DECODING_LARGE if _in_tiles(codec, pixel_count) else _DECODING
    return (estimate or needs.get(codec, _CODING_PLUGIN)).of(pixel_count)


def _base(codec: str) -> str:
    """The codec that a variant is one of: “avif” of “avif:speed=2”."""
    return codec.partition(":")[0]


def writing_bytes(pixel_count: int) -> int:
    """Peak memory of making a PNG file of a picture."""
    return _WRITING.of(pixel_count)


def composing_bytes(cells: int, pixel_count: int) -> int:
    """Peak memory of combining this many pictures into one, and encoding it as PNG."""
    return _COMPOSING.of(cells * pixel_count)


def refining_bytes(pixel_count: int) -> int:
    """Peak memory of refining a stream of the learned codec."""
    whole = pixel_count <= _REFINED_WHOLE_PIXELS
    return (_REFINING if whole else _REFINING_IN_PARTS).of(pixel_count)


def map_bytes(pixel_count: int) -> int:
    """Peak memory of a difference or a map, and of the picture made of it."""
    return (_MAPPING_LARGE if is_large(pixel_count) else _MAPPING).of(pixel_count)


class Budget:
    """Grants memory to jobs: in parallel where they fit, else in turn. Safe to use from several threads.

    limit_bytes: the limit of the whole process; may be changed at any time. other_processes_bytes: the share of it that
    is reserved for processes running in parallel. resident: returns the current memory use of this process.
    """

    def __init__(self, limit_bytes: int, resident: Callable[[], int]) -> None:
        self.limit_bytes = self.default_bytes = limit_bytes
        self.other_processes_bytes = 0
        self._resident = resident
        self._changed = threading.Condition()
        self._granted: list[int] = []
        self._before = 0
        """Memory of the process before the first of the jobs that now run began."""
        self._lenders = 0
        """Jobs that wait while holding what they have made so far."""
        self._blocked = 0
        """Jobs that wait until lenders finish."""
        self._shortage_listeners: list[Callable[[], None]] = []

    @property
    def is_default(self) -> bool:
        """Whether the limit is still the default."""
        return self.limit_bytes == self.default_bytes

    @property
    def is_short(self) -> bool:
        """Whether a job waits for lenders to finish, in which case they must not wait for it."""
        return self._blocked > 0

    def add_shortage_listener(self, listener: Callable[[], None]) -> None:
        """Call it, immediately and in any thread, when `is_short` becomes true."""
        with self._changed:
            self._shortage_listeners.append(listener)

    def remove_shortage_listener(self, listener: Callable[[], None]) -> None:
        """The reverse of `add_shortage_listener`."""
        with self._changed:
            self._shortage_listeners.remove(listener)

    @contextmanager
    def granted(self, required_bytes: int, what: str) -> Iterator[Grant]:
        """Wait until a job fits beside the running ones. Raises MemoryLimitError if it would not even fit alone."""
        grant = Grant(self, required_bytes)
        self.acquire(required_bytes, what)
        try:
            yield grant
        finally:
            self.release(required_bytes)

    def acquire(self, required_bytes: int, what: str | None) -> None:
        """Wait for memory. what: subject of the error message; None never raises, and takes what is left when no other
        job runs.
        """
        with self._changed:
            while not self._may_begin(required_bytes, what):
                self._wait(is_for_lenders=not self._granted)
            self._granted.append(required_bytes)

    def _may_begin(self, required_bytes: int, what: str | None) -> bool:
        """Whether a job may begin now. Raises MemoryLimitError if it can never fit."""
        if self._granted:
            return self._before + sum(self._granted) + required_bytes <= self.limit_bytes
        self._before = self.other_processes_bytes + self._resident()
        if what is None or self._before + required_bytes <= self.limit_bytes:
            return True
        return_freed_memory()
        self._before = self.other_processes_bytes + self._resident()
        if not self._is_over(required_bytes):
            return True
        if self._lenders:  # their memory will be free when they finish
            return False
        left = max(0, self.limit_bytes - self._before)
        raise MemoryLimitError(
            f"{what} needs about {_gigabytes(required_bytes)} of memory for this picture, but only "
            f"{_gigabytes(left)} of the {_gigabytes(self.limit_bytes)} limit are left: raise the limit "
            "(--memory-limit, or File, Memory limit), or open a smaller picture."
        )

    def _is_over(self, required_bytes: int) -> bool:
        return required_bytes > _ALWAYS_GRANTED_BYTES and self._before + required_bytes > self.limit_bytes

    def _wait(self, *, is_for_lenders: bool) -> None:
        self._blocked += is_for_lenders
        if is_for_lenders:
            for listener in self._shortage_listeners:
                listener()
        try:
            self._changed.wait()
        finally:
            self._blocked -= is_for_lenders

    def release(self, required_bytes: int, *, lends: bool = False) -> None:
        """A job has finished, or waits and lends its grant to others."""
        if required_bytes > _TRIM_ABOVE_BYTES:
            return_freed_memory()
        with self._changed:
            self._granted.remove(required_bytes)
            self._lenders += lends
            self._changed.notify_all()

    def reacquire(self, required_bytes: int) -> None:
        """A job goes on. What it holds already counts as memory of the process, so it must not be refused for that."""
        self.acquire(required_bytes, None)
        with self._changed:
            self._lenders -= 1


@dataclass(frozen=True)
class Grant:
    """Memory that a job has been granted."""

    budget: Budget
    required_bytes: int

    def yield_while(self, wait: Callable[[], None]) -> None:
        """Let others have it while the job waits."""
        self.budget.release(self.required_bytes, lends=True)
        try:
            wait()
        finally:
            self.budget.reacquire(self.required_bytes)


@Once
def process_budget() -> Budget:
    """The budget of this process, which has one memory and so one budget. 2.5 GB by default, less on a
    small machine.
    """
    available = psutil.virtual_memory().available
    limit = min(DEFAULT_LIMIT_BYTES, resident_bytes() + round(_MAX_SHARE_OF_AVAILABLE * available))
    return Budget(limit, resident_bytes)


def resident_bytes() -> int:
    """Memory that this process uses now."""
    return int(psutil.Process().memory_info().rss)


def return_freed_memory() -> None:
    """Return freed memory to the system. glibc otherwise keeps hundreds of megabytes after large jobs."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in musl
        if trim is not None:
            trim(0)


def _gigabytes(byte_count: int) -> str:
    return f"{byte_count / 1e9:.1f} GB"


LARGE_PIXELS = 1 << 24
"""16.8 megapixels. Above that, metrics are computed in strips, maps are kept at half size, and pictures on disk."""


def is_large(pixel_count: int) -> bool:
    """Whether a picture of this many pixels counts as large."""
    return pixel_count > LARGE_PIXELS


_M_ARENA_MAX = -8
"""From glibc's malloc.h."""


def limit_malloc_arenas() -> None:
    """Let all threads share one heap. Call it before any thread starts; does nothing without glibc.

    glibc gives every thread a heap of its own, each of which keeps what its thread has freed: a dozen workers that take
    turns with pictures would then hold the memory of a dozen.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

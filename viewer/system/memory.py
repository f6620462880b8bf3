"""How much memory work takes, told before it begins, and a budget that lets heavy jobs in only where they fit."""

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
"""What takes less is never refused: it makes no difference."""
_TRIM_ABOVE_BYTES = 500_000_000
_MB = 1_000_000


@dataclass(frozen=True)
class MemoryEstimate:
    """Peak memory of work on a picture: bytes a pixel, and bytes that it takes on any picture."""

    bytes_per_pixel: float
    fixed_bytes: int = 50 * _MB

    def of(self, pixel_count: int) -> int:
        """On a picture of so many pixels."""
        return round(self.bytes_per_pixel * pixel_count) + self.fixed_bytes


# Measured as tests/viewer/system/test_memory.py does, and rounded up.
_READING = MemoryEstimate(9.0)
_READING_CONVERTED = MemoryEstimate(22.0)
"""With transparency, a profile, more than 8 bits, a turn, or other colours than grey and RGB."""
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
"""What another package's codec takes is not known: as much as the hungriest of those that are."""
_DECODING = {
    "learned": MemoryEstimate(62.0, 300 * _MB),
    "jpeg": MemoryEstimate(12.0),
    "jpeg2000": MemoryEstimate(21.0),
    "webp": MemoryEstimate(22.0),
    "avif": MemoryEstimate(19.0),
    "jpegxl": MemoryEstimate(14.0),
}
_DECODING_LARGE = {**_DECODING, "learned": MemoryEstimate(12.0, 500 * _MB), "jpeg2000": MemoryEstimate(12.0, 500 * _MB)}
"""And writing the picture as PNG."""
_WRITING = MemoryEstimate(8.0)
_COMPOSING = MemoryEstimate(12.0)
"""Of each of the pictures that are put into one."""
_KEPT = {"learned": MemoryEstimate(5.0, 220 * _MB)}
_KEPT_LARGE = {"learned": MemoryEstimate(0.0, 250 * _MB)}
"""What a prepared codec has taken already, and keeps for the next rate."""
_REFERENCE = MemoryEstimate(24.0, 150 * _MB)
"""The original's statistics, which large pictures have none of."""
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


def _in_tiles(codec: str, pixel_count: int) -> bool:
    # OpenJPEG's tiles begin at twice the size that counts as large.
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
    """Peak memory of putting so many pictures into one, and making a PNG file of it."""
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
        """What the process took before the first of those that run now began."""
        self._lenders = 0
        """Jobs that wait, and hold what they have made so far."""
        self._kept_out = 0
        """Jobs that wait for lenders to be done."""
        self._heeders: list[Callable[[], None]] = []

    @property
    def is_default(self) -> bool:
        """Whether nobody has set another limit."""
        return self.limit_bytes == self.default_bytes

    @property
    def is_short(self) -> bool:
        """Whether a job waits until those that lend their memory are done: they must not wait for it, then."""
        return self._kept_out > 0

    def heed_shortage(self, heed: Callable[[], None]) -> None:
        """Have it called, in any thread and at once, when `is_short` becomes true."""
        with self._changed:
            self._heeders.append(heed)

    def ignore_shortage(self, heed: Callable[[], None]) -> None:
        """The reverse of `heed_shortage`."""
        with self._changed:
            self._heeders.remove(heed)

    @contextmanager
    def granted(self, required_bytes: int, what: str) -> Iterator[Grant]:
        """Wait until a job fits beside those that run. Raises MemoryLimitError if it does not fit alone."""
        grant = Grant(self, required_bytes)
        self.acquire(required_bytes, what)
        try:
            yield grant
        finally:
            self.release(required_bytes)

    def acquire(self, required_bytes: int, what: str | None) -> None:
        """Wait for memory. what: begins the sentence of a refusal; None takes what there is when nobody else works."""
        with self._changed:
            while not self._lets_in(required_bytes, what):
                self._wait(is_for_lenders=not self._granted)
            self._granted.append(required_bytes)

    def _lets_in(self, required_bytes: int, what: str | None) -> bool:
        """Whether a job may begin now. Raises MemoryLimitError if it may never."""
        if self._granted:
            return self._before + sum(self._granted) + required_bytes <= self.limit_bytes
        self._before = self.other_processes_bytes + self._resident()
        if what is None or self._before + required_bytes <= self.limit_bytes:
            return True
        return_freed_memory()
        self._before = self.other_processes_bytes + self._resident()
        if not self._is_over(required_bytes):
            return True
        if self._lenders:  # what they hold is free when they are done
            return False
        left = max(0, self.limit_bytes - self._before)
        raise MemoryLimitError(
            f"{what} needs about {_gigabytes(required_bytes)} of memory for this picture, and "
            f"{_gigabytes(left)} of the limit of {_gigabytes(self.limit_bytes)} are left: raise it "
            "(--memory-limit, or File, Memory limit), or open a smaller picture."
        )

    def _is_over(self, required_bytes: int) -> bool:
        return required_bytes > _ALWAYS_GRANTED_BYTES and self._before + required_bytes > self.limit_bytes

    def _wait(self, *, is_for_lenders: bool) -> None:
        self._kept_out += is_for_lenders
        if is_for_lenders:
            for heed in self._heeders:
                heed()
        try:
            self._changed.wait()
        finally:
            self._kept_out -= is_for_lenders

    def release(self, required_bytes: int, *, lends: bool = False) -> None:
        """A job is done; or waits, and lends what it was granted."""
        if required_bytes > _TRIM_ABOVE_BYTES:
            return_freed_memory()
        with self._changed:
            self._granted.remove(required_bytes)
            self._lenders += lends
            self._changed.notify_all()

    def reacquire(self, required_bytes: int) -> None:
        """A job goes on. What it holds is part of what the process takes by now: it must not be refused for that."""
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
    """The budget of this process: there is one, as there is one memory. At first 2.5 GB, less on a small machine."""
    available = psutil.virtual_memory().available
    limit = min(DEFAULT_LIMIT_BYTES, resident_bytes() + round(_MAX_SHARE_OF_AVAILABLE * available))
    return Budget(limit, resident_bytes)


def resident_bytes() -> int:
    """Memory that this process takes now."""
    return int(psutil.Process().memory_info().rss)


def return_freed_memory() -> None:
    """Give the system back what has been freed. glibc else keeps hundreds of megabytes after large work."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in musl
        if trim is not None:
            trim(0)


def _gigabytes(byte_count: int) -> str:
    return f"{byte_count / 1e9:.1f} GB"


LARGE_PIXELS = 1 << 24
"""16.8 megapixels. Above, metrics are computed in strips, maps are kept at half the size, pictures lie on the disk."""


def is_large(pixel_count: int) -> bool:
    """Whether a picture of so many pixels is large."""
    return pixel_count > LARGE_PIXELS


_M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def limit_malloc_arenas() -> None:
    """Let all threads share one heap. To be called before any thread starts; does nothing where there is no glibc.

    glibc gives every thread a heap of its own, and each keeps what its thread has freed: a dozen workers that take
    turns with pictures then hold the memory of a dozen.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

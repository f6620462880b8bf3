"""Reads the neighbours of a picture in its folder before they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import RateLensError
from viewer.matching.targets.quality import QualityMeasure
from viewer.system.memory import is_large, process_budget
from viewer.ui.engine.workers.jobs import Opened, OpenFile, OpenRequest
from viewer.ui.engine.workers.latest_worker import note
from viewer.ui.engine.workers.scheduling import Activity

MOST_PIXELS = 6_000_000
"""Larger pictures are not kept ready: they take too much memory, and have drafts."""
OWNER = "prefetch"

Stamp = tuple[int, int]
"""Modification time and size of a file."""


@dataclass(frozen=True, eq=False)
class PrefetchJob:
    """paths: the pictures to have ready, the likeliest first; others are let go of. codecs: to bring to the rate there,
    each with what decides between its variants; none where only the pictures are wanted.
    """

    paths: tuple[Path, ...]
    target_bpp: float = 1.0
    codecs: tuple[tuple[str, QualityMeasure], ...] = ()


class Prefetched:
    """Pictures that are ready, by path. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: dict[Path, tuple[Stamp, Opened]] = {}

    def take(self, request: OpenRequest) -> Opened | None:
        """The picture of a request, if its file is as it was when it was read."""
        if not isinstance(request, OpenFile) or request.session is not None or request.given:
            return None
        with self._lock:
            stamp, opened = self._ready.pop(request.path, (None, None))
        return opened if stamp is not None and stamp == stamp_of(request.path) else None

    def get(self, path: Path) -> Opened | None:
        """The picture at a path as it is now, which stays ready."""
        with self._lock:
            stamp, opened = self._ready.get(path, (None, None))
        return opened if stamp is not None and stamp == stamp_of(path) else None

    def put(self, path: Path, stamp: Stamp, opened: Opened) -> None:
        """Have a picture ready. stamp: of its file before it was read."""
        with self._lock:
            self._ready[path] = stamp, opened

    def keep_only(self, paths: tuple[Path, ...]) -> None:
        """Let go of all others."""
        with self._lock:
            self._ready = {path: ready for path, ready in self._ready.items() if path in paths}

    @property
    def paths(self) -> frozenset[Path]:
        with self._lock:
            return frozenset(self._ready)


def stamp_of(path: Path) -> Stamp | None:
    """None if the file cannot be read."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class Overtaken(Exception):  # noqa: N818 (no error: other pictures are wanted, or none)
    """Ends a job that is no longer wanted."""


class PrefetchWorker(QObject):
    """Works while no mailbox is busy, and gives way between steps; curves wait for it meanwhile.

    `delivered` carries the path of a picture that is ready; connect it to methods of QObjects only.
    """

    delivered = Signal(object)

    def __init__(
        self,
        activity: Activity,
        parent: QObject | None,
        *,
        ready: Prefetched,
        read: Callable[[OpenRequest], Opened],
    ) -> None:
        super().__init__(parent)
        self._activity = activity
        self._ready = ready
        self._read = read
        self._changed = threading.Condition()
        self._job: PrefetchJob | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def post(self, job: PrefetchJob) -> None:
        """Have these pictures ready from now on. Returns immediately."""
        self._ready.keep_only(job.paths)
        with self._changed:
            if self._closed:
                return
            self._job = job
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ratelens-prefetch", daemon=True)
                self._thread.start()
        self._activity.wake()

    def close(self) -> None:
        """Deliver nothing more. Returns immediately."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._ready.keep_only(())
        self._activity.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `close`, and return whether it has."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        job: PrefetchJob | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=job: self._closed or self._job is not seen)  # type: ignore[misc]
                job = self._job
            if self._closed or job is None:
                return
            try:
                self._make_ready(job)
            except Overtaken:
                continue
            except Exception as error:  # a defect; the user has asked for nothing, and is told when the file is opened
                note(error)

    def _make_ready(self, job: PrefetchJob) -> None:
        for path in job.paths:
            opened = self._ready.get(path) or self._step(job, partial(self._open, job, path))
            if opened is not None:
                for codec, best_in in job.codecs:
                    self._step(job, partial(self._encode, job, opened, codec, best_in))

    def _open(self, job: PrefetchJob, path: Path) -> Opened | None:
        stamp = stamp_of(path)
        if stamp is None or process_budget().is_short:
            return None
        opened = self._read(OpenFile(path))
        if opened.image.pixel_count > MOST_PIXELS or is_large(opened.image.pixel_count):
            return None
        with self._changed:
            if self._closed or self._job is not job:
                raise Overtaken
            self._ready.put(path, stamp, opened)
            self.delivered.emit(path)
        return opened

    def _encode(self, job: PrefetchJob, opened: Opened, codec: str, best_in: QualityMeasure) -> None:
        """The result stays in the comparison's cache."""
        if codec in opened.comparison.codecs:
            wait = partial(self._wait, job)
            opened.comparison.result(codec, job.target_bpp, wait, best_in, every_variant=False)

    def _step(self, job: PrefetchJob, work: Callable[[], Opened | None]) -> Opened | None:
        """Do one step once nobody else is at work. What a user can cause is said when the picture is opened."""
        try:
            self._wait(job)
            return work()
        except RateLensError:
            return None
        finally:
            self._activity.end(OWNER)

    def _wait(self, job: PrefetchJob) -> None:
        """Let others go first; from here on curves wait. Raises Overtaken."""
        self._activity.end(OWNER)
        self._activity.wait_until_idle(lambda: self._closed or self._job is not job or process_budget().is_short)
        if self._closed or self._job is not job:
            raise Overtaken
        self._activity.begin(OWNER)

"""Notices that the opened file changed on disk or is gone, and offers to read it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileInfo, QFileSystemWatcher, QObject, QTimer, Signal

from viewer.imaging.file_guard import MAX_FILE_BYTES
from viewer.imaging.image import stamp_of
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import Outcome

SETTLED_MS = 400
"""Programs write files in several steps: look when nothing has happened for so long."""


@dataclass(frozen=True)
class Look:
    """A file to be looked at, of the picture that was opened from it. first: as soon as it is watched."""

    path: Path
    opened: Opened
    first: bool = False


def content_of(job: Look) -> str | None:
    """SHA-256 of the file as it is now, hexadecimal; None if it is gone or cannot be read. Run in a worker."""
    image = job.opened.image
    if job.first and image.source is not None and stamp_of(job.path) == image.stamp:
        return image.source.digest  # untouched since before it was read
    try:
        if not job.path.is_file() or job.path.stat().st_size > MAX_FILE_BYTES:
            return None  # a pipe or a device has no end
        with job.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


class FileWatch(QObject):
    """Watches the opened file and its folder, for many programs save by putting a new file in the old one's place."""

    changed = Signal(str, str, object)
    """A sentence, what can be done about it, and the function that does it."""
    refused = Signal(str)
    """A sentence that says why nothing is read again."""
    told = Signal(str)
    """A sentence that says that nothing has to be."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._opened: Opened | None = None
        self._told: str | None = ""
        """The content that was told of last: None that the file is gone."""
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settle.timeout.connect(self._look)
        self._watcher.fileChanged.connect(self._settle.start)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._worker = controller.add_worker("watch", content_of)
        self._worker.delivered.connect(self._take)
        controller.opened.connect(self._watch)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {"reload": self.reload}

    def reload(self) -> None:
        """Read the opened file again."""
        path = self._path
        if path is None:
            self.refused.emit("This picture is no file, so it cannot be read again: open a file.")
        else:
            self._controller.open_file(path)

    @property
    def _path(self) -> Path | None:
        return None if self._opened is None else self._opened.image.path

    def _watch(self, opened: Opened) -> None:
        self._opened = opened
        self._told = opened.image.source.digest if opened.image.source is not None else ""
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        self._settle.stop()
        self._add()
        self._look(first=True)  # it may have changed between being read and being watched

    def _add(self) -> None:
        path = self._path
        if path is not None:
            wanted = {str(path), str(path.parent)} - {*self._watcher.files(), *self._watcher.directories()}
            there = [name for name in wanted if QFileInfo.exists(name)]
            if there:
                self._watcher.addPaths(there)

    def _look(self, *, first: bool = False) -> None:
        path = self._path
        if path is not None and self._opened is not None:
            self._worker.post(Look(path, self._opened, first))

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        job: Look = outcome.job
        if job.opened is not self._opened:
            return
        self._add()  # a file that was replaced is another file to the watcher
        content: str | None = outcome.value
        if content == self._told:
            return
        self._told = content
        source = job.opened.image.source
        if content is None:
            self.refused.emit(f"“{job.path.name}” is gone or cannot be read any more. What is shown stays comparable.")
        elif source is not None and content != source.digest:
            self.changed.emit(
                f"“{job.path.name}” has changed on disk. What is shown is as it was.", "Reload", self.reload
            )
        else:
            self.told.emit(f"“{job.path.name}” is again what is shown.")

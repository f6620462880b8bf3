"""Notices when the opened file changes on disk or is deleted, and offers to reload it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileInfo, QFileSystemWatcher, QObject, QTimer

from viewer.imaging.file_guard import MAX_FILE_BYTES
from viewer.imaging.image import stamp_of
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error, show_info, show_prompt
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.engine.workers.latest_worker import Outcome

SETTLED_MS = 400
"""Programs write files in several steps: check once nothing has happened for this long."""


@dataclass(frozen=True)
class Look:
    """A file to check against the picture opened from it. first: the check right after watching begins."""

    path: Path
    opened: Opened
    first: bool = False


def content_of(job: Look) -> str | None:
    """SHA-256 of the file as it is now, hexadecimal; None if it is gone or unreadable. Runs in a worker."""
    image = job.opened.image
    if job.first and image.source is not None and stamp_of(job.path) == image.stamp:
        return image.source.digest  # unchanged since before it was read
    try:
        if not job.path.is_file() or job.path.stat().st_size > MAX_FILE_BYTES:
            return None  # a pipe or a device has no end
        with job.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


class FileWatch(QObject):
    """Watches the opened file and its folder, because many programs save by replacing the file."""

    def __init__(self, store: Store, service: EncodeService) -> None:
        super().__init__(service)
        self._store = store
        self._said: str | None = ""
        """The last content reported; None if the file was reported as gone."""
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settle.timeout.connect(self._look)
        self._watcher.fileChanged.connect(self._settle.start)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._worker = service.add_worker("watch", content_of, self._on_content)
        store.watch(lambda state: state.opened, self._watch)

    @property
    def _path(self) -> Path | None:
        opened = self._store.state.opened
        return None if opened is None else opened.image.path

    def _watch(self, opened: Opened | None) -> None:
        if opened is None:
            return
        self._said = opened.image.source.digest if opened.image.source is not None else ""
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        self._settle.stop()
        self._add()
        self._look(first=True)  # it may have changed between reading and watching

    def _add(self) -> None:
        path = self._path
        if path is not None:
            wanted = {str(path), str(path.parent)} - {*self._watcher.files(), *self._watcher.directories()}
            there = [name for name in wanted if QFileInfo.exists(name)]
            if there:
                self._watcher.addPaths(there)

    def _look(self, *, first: bool = False) -> None:
        path, opened = self._path, self._store.state.opened
        if path is not None and opened is not None:
            self._worker.post(Look(path, opened, first))

    def _on_content(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        job: Look = outcome.job
        if job.opened is not self._store.state.opened:
            return
        self._add()  # to the watcher, a replaced file is a different file
        content: str | None = outcome.value
        if content == self._said:
            return
        self._said = content
        source = job.opened.image.source
        name = job.path.name
        if content is None:
            text = f"“{name}” was deleted or is no longer readable. You can go on comparing."
            self._store.update(show_error(text))
        elif source is not None and content != source.digest:
            text = f"“{name}” has changed on disk; this is the old version."
            self._store.update(show_prompt(text, "reload"))
        else:
            self._store.update(show_info(f"“{name}”: the file matches what is shown again."))

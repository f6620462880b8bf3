"""Writes files in a worker; the window saves everything through it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileInfo, QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from models.errors import RateLensError
from viewer.imaging.image import Image
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error, show_info, show_saved
from viewer.ui.engine.workers.latest_worker import Outcome

_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,9}", re.IGNORECASE)
"""A suffix that names a kind of file; ".250bpp" in "kodim07-0.250bpp" does not."""

Files = Sequence[tuple[Path, bytes]]


@dataclass(frozen=True, eq=False)
class WriteJob:
    """make: makes the files from frozen values; called in a worker. info: the message once they are written. saved: the
    file, or the folder of several.
    """

    make: Callable[[], Files]
    info: str
    saved: Path


def write(job: WriteJob) -> None:
    """Write files, overwriting old ones: the user has agreed. Runs in a worker. Raises OutputError."""
    from viewer.imaging.writer import write_file

    for path, data in job.make():
        write_file(path, data, force=True)


class Writer(QObject):
    """Asks where to save, writes the files, and reports the outcome."""

    def __init__(self, store: Store, service: EncodeService, window: QWidget) -> None:
        super().__init__(window)
        self._store = store
        self._window = window
        self._writing = False
        self._worker = service.add_worker("save", write, self._on_written, finishes=True)

    def ask_file(
        self, title: str, proposed: Path, make: Callable[[Path], bytes], *, others: Sequence[str] = (), said: str = ""
    ) -> None:
        """Let the user name a file with the proposed suffix or one of the others, and write it. said: while it is being
        made, if that takes a while.
        """
        if not self._is_free():
            return
        filters = [f"{suffix[1:].upper()} (*{suffix})" for suffix in (proposed.suffix, *others)]
        name, chosen = QFileDialog.getSaveFileName(self._window, title, str(proposed), ";;".join(filters))
        if not name:
            return
        path = Path(name)
        suffix = (proposed.suffix, *others)[filters.index(chosen) if chosen in filters else 0]
        if not _SUFFIX.fullmatch(path.suffix):  # the dialog has already asked about the name as typed
            path = path.with_name(path.name + suffix)
            if QFileInfo.exists(str(path)) and not self._may_overwrite(f"“{path.name}” already exists. Overwrite it?"):
                return
        if said:
            self._store.update(show_info(said))
        self._post(WriteJob(lambda: [(path, make(path))], f"Saved “{path.name}” in {path.parent}.", path))

    def ask_folder(self, title: str, proposed: Path, names: Sequence[str], make: Callable[[Path], Files]) -> None:
        """Let the user choose a folder, and write files of these names into it."""
        if not self._is_free():
            return
        name = QFileDialog.getExistingDirectory(self._window, title, str(proposed))
        if not name:
            return
        folder = Path(name)
        existing = [file for file in names if QFileInfo.exists(str(folder / file))]
        if existing:
            which = f"“{existing[0]}”" + (f" and {len(existing) - 1} more" if len(existing) > 1 else "")
            verb = "exists" if len(existing) == 1 else "exist"
            if not self._may_overwrite(f"{which} {verb} already in “{folder.name}”. Overwrite?"):
                return
        self._post(WriteJob(lambda: make(folder), f"Saved {len(names)} files in {folder}.", folder))

    def _post(self, job: WriteJob) -> None:
        self._writing = True
        self._worker.post(job)

    def _is_free(self) -> bool:
        if self._writing:
            self._store.update(show_error("Another file is still being written: try again in a moment."))
        return not self._writing

    def _may_overwrite(self, question: str) -> bool:
        answer = QMessageBox.question(self._window, "Save", question)
        return answer is QMessageBox.StandardButton.Yes

    def _on_written(self, outcome: Outcome) -> None:
        self._writing = False
        if outcome.error is None:
            self._store.update(show_saved(outcome.job.info, outcome.job.saved))
        elif isinstance(outcome.error, RateLensError):
            self._store.update(show_error(str(outcome.error)))
        else:
            raise outcome.error


def folder_of(image: Image) -> Path:
    """The folder proposed for saving what belongs to a picture."""
    return image.path.parent if image.path is not None else Path.home()

"""The ways in which something goes out: a pane's picture to the clipboard, stream and reconstruction to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from models.errors import RateLensError
from viewer.looking import ORIGINAL
from viewer.ui.controller import Controller
from viewer.ui.mailbox import Outcome

if TYPE_CHECKING:
    from viewer.compare import Result


@dataclass(frozen=True)
class SaveJob:
    """A file to be written. as_png: the reconstruction; else the stream."""

    path: Path
    result: Result
    as_png: bool


def save(job: SaveJob) -> None:
    """Write a file that may be overwritten, for the user has been asked. Run in a worker. Raises OutputError."""
    from viewer.output import png_bytes, write_file

    write_file(job.path, png_bytes(job.result.reconstruction) if job.as_png else job.result.stream, force=True)


class Saving(QObject):
    """Saves what the present pane shows."""

    refused = Signal(str)
    """A sentence that says why nothing was saved or copied."""
    saved = Signal(object)
    """Path of a file that is complete."""

    def __init__(
        self, controller: Controller, suffixes: Mapping[str, str], present: Callable[[], str], window: QWidget
    ) -> None:
        """suffixes: of the codecs' streams. present: the pane that is meant, ORIGINAL or a codec's name."""
        super().__init__(window)
        self._controller = controller
        self._suffixes = dict(suffixes)
        self._present = present
        self._window = window
        self._writing = False
        self._worker = controller.add_worker("save", save)
        self._worker.delivered.connect(self._take)

    def copy(self) -> None:
        """Put the present pane's picture on the clipboard, in full resolution."""
        opened, name = self._controller.opened_picture, self._present()
        shown = None if name == ORIGINAL else self._controller.shown(name)
        source = opened if name == ORIGINAL else shown
        if source is None:
            self.refused.emit("There is no picture to copy yet: open one, or wait until the codec is done.")
            return
        QGuiApplication.clipboard().setImage(source.picture.levels[0].copy())

    def save_stream(self) -> None:
        """Ask where to, and save the present codec's stream: the very bytes that its rate counts."""
        self._ask(as_png=False)

    def save_reconstruction(self) -> None:
        """Ask where to, and save what was decoded from them, as PNG."""
        self._ask(as_png=True)

    def _ask(self, *, as_png: bool) -> None:
        codec = self._present()
        shown = None if codec == ORIGINAL else self._controller.shown(codec)
        if self._writing:
            self.refused.emit("The file before is still being written: try again in a moment.")
            return
        if shown is None:
            self.refused.emit("Nothing has been coded here: choose a codec's pane by a click or its digit, then save.")
            return
        image, suffix = shown.result.request.image, ".png" if as_png else self._suffixes[codec]
        folder = image.path.parent if image.path is not None else Path.home()
        proposed = folder / f"{Path(image.name).stem}-{codec}-{shown.result.bpp:.3f}bpp{suffix}"
        title = "Save the reconstruction" if as_png else "Save the stream"
        name, _ = QFileDialog.getSaveFileName(self._window, title, str(proposed), f"{suffix[1:].upper()} (*{suffix})")
        if not name:
            return
        path = Path(name)
        if not path.suffix:  # the dialog has asked about the name as it was written
            path = path.with_suffix(suffix)
            if path.exists() and not self._may_overwrite(path):
                return
        self._writing = True
        self._worker.post(SaveJob(path, shown.result, as_png))

    def _may_overwrite(self, path: Path) -> bool:
        question = f"“{path.name}” exists already. Overwrite it?"
        answer = QMessageBox.question(self._window, "Save", question)
        return answer is QMessageBox.StandardButton.Yes

    def _take(self, outcome: Outcome) -> None:
        self._writing = False
        if outcome.error is None:
            self.saved.emit(outcome.job.path)
        elif isinstance(outcome.error, RateLensError):
            self.refused.emit(str(outcome.error))
        else:
            raise outcome.error

"""The ways in which a picture comes in: dialog, drop, paste, recent files and samples."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from models.errors import ImageError
from viewer.imaging.folder import SUFFIXES, neighbour
from viewer.session.session_file import SUFFIX
from viewer.system.resources import sample_images
from viewer.ui.common.settings import Settings
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import Outcome

FILTER = f"Pictures and sessions ({' '.join(f'*{suffix}' for suffix in (*SUFFIXES, SUFFIX))});;All files (*)"


def find_neighbour(job: tuple[Path, int]) -> Path:
    """The picture so many places after a file. Run in a worker. Raises ImageError."""
    return neighbour(*job)


def _named_in(text: str) -> Path | None:
    """The path that a text may mean."""
    try:
        return Path(text.strip()).expanduser() if 0 < len(text) < 4096 else None
    except RuntimeError:  # “~5 dB better”: nobody's home
        return None


class Opening(QObject):
    """Takes pictures from where the user has them to the controller, and remembers the files."""

    refused = Signal(str)
    """A sentence that says why nothing was opened."""
    session_wanted = Signal(object)
    """Path of a session file that is to be opened."""

    def __init__(self, controller: Controller, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._settings = settings
        self._window = window
        self._passing: Path | None = None
        self._by = 0
        self._several: tuple[Path, int] | None = None
        controller.opened.connect(self._remember)
        controller.opening.connect(self._leave)
        self._neighbours = controller.add_worker("neighbour", find_neighbour)
        self._neighbours.delivered.connect(self._take_neighbour)

    def open_path(self, path: Path) -> None:
        """Open a picture or a session."""
        if path.suffix.lower() == SUFFIX:
            self.session_wanted.emit(path)
        else:
            self._controller.open_file(path)

    def ask(self) -> None:
        """Let the user choose a file."""
        recent = self._settings.recent
        folder = str(recent[0].parent) if recent else ""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a picture", folder, FILTER)
        if name:
            self.open_path(Path(name))

    def open_neighbour(self, by: int) -> None:
        """Open the picture so many places farther in the folder of the present one.

        From the one that was gone to last, where that is not there yet or cannot be opened: so keys pressed in quick
        succession add up, and a damaged file is passed.
        """
        image = self._controller.session.image
        if image is None or image.path is None:
            self.refused.emit("This picture is in no folder: open a file first.")
            return
        self._by += by
        self._neighbours.post((self._passing or image.path, self._by))  # a folder may be large, or far away

    def _take_neighbour(self, outcome: Outcome) -> None:
        if outcome.job[1] != self._by:
            return  # the key was pressed again meanwhile
        self._by = 0
        if isinstance(outcome.error, ImageError):
            self.refused.emit(str(outcome.error))
        elif outcome.error is not None:
            raise outcome.error
        else:
            self._passing = outcome.value
            self._controller.open_file(outcome.value)

    def _leave(self, path: Path) -> None:
        if path != self._passing:
            self._passing = None

    def paste(self) -> None:
        """Open what the clipboard holds: a picture, a file, or a file's name."""
        data = QGuiApplication.clipboard().mimeData()
        if data is None or not self.take(data):
            self.refused.emit("The clipboard holds no picture and no file: copy one, then paste.")

    def accepts(self, data: QMimeData) -> bool:
        """Whether dragged data may be dropped."""
        return data.hasUrls() or data.hasImage()

    def take(self, data: QMimeData) -> bool:
        """Open what was dropped or pasted; whether there was anything to open."""
        urls = data.urls()
        if urls:
            if not urls[0].isLocalFile():
                if data.hasImage():
                    return self._take_image(data)
                self.refused.emit(
                    f"“{urls[0].toString()}” is not a file on this computer: save it first, then open it."
                )
                return True
            path = Path(urls[0].toLocalFile())
            self._several = (path, len(urls))
            self.open_path(path)
            return True
        if data.hasImage():
            return self._take_image(data)
        named = _named_in(data.text())
        if named is not None and named.is_absolute():
            self.open_path(named)
            return True
        return False

    def say_what_was_not_opened(self, opened: Opened) -> None:
        """Of several files that came together only the first is opened. Once it is: that takes messages away."""
        several, self._several = self._several, None
        if several is not None and several[1] > 1 and several[0] == opened.image.path:
            count = several[1]
            self.refused.emit(f"Of {count} files only the first was opened, “{opened.image.name}”: drop one at a time.")

    def fill_recent(self, menu: QMenu) -> None:
        """Make the menu of recent files anew."""
        menu.clear()
        for path in self._settings.recent:
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self.open_path(path))
        if menu.isEmpty():
            menu.addAction("No recent files").setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction("Clear this list").triggered.connect(self._settings.forget_recent)

    def fill_samples(self, menu: QMenu) -> None:
        """Make the menu of the shipped photographs."""
        for sample in sample_images():
            action = menu.addAction(sample.title.replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, path=sample.path: self._controller.open_file(path))

    def _take_image(self, data: QMimeData) -> bool:
        picture = data.imageData()
        if not isinstance(picture, QImage) or picture.isNull():
            return False
        self._controller.open_pasted(picture)
        return True

    def _remember(self, opened: Opened) -> None:
        if not self._controller.is_opening:
            self._passing = None
        path = opened.image.path
        if path is not None and path.resolve() not in {sample.path.resolve() for sample in sample_images()}:
            self._settings.remember(path.resolve())

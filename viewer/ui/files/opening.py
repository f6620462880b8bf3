"""Opens pictures and sessions: by dialog, drop, paste, recent files and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu, QMessageBox, QWidget

from models.errors import ImageError, RateLensError
from viewer.imaging.folder import SUFFIXES, neighbour
from viewer.session.session_file import SUFFIX, FoundSession, find_session
from viewer.system.resources import sample_images
from viewer.ui.common.actions import Command
from viewer.ui.common.settings import Settings
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.sets.updates import open_set
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.files import forget_doubted, open_picture, refuse_to_open, restore_session
from viewer.ui.engine.updates.messages import show_error
from viewer.ui.engine.workers.jobs import Opened, OpenFile, OpenPasted
from viewer.ui.engine.workers.latest_worker import Outcome
from viewer.ui.files.reconstruction_dialog import ReconstructionDialog, Said

if TYPE_CHECKING:
    from viewer.matching.reconstruction import Given

SET_SUFFIX = ".csv"
FILTER = f"Pictures and sessions ({' '.join(f'*{suffix}' for suffix in (*SUFFIXES, SUFFIX))});;All files (*)"
OPEN_FILTER = FILTER.replace("Pictures and sessions (", f"Pictures, sessions and sweeps (*{SET_SUFFIX} ")


def find_neighbour(job: tuple[Path, int]) -> Path:
    """The picture this many places after a file. Runs in a worker. Raises ImageError."""
    return neighbour(*job)


def _named_in(text: str) -> Path | None:
    """The path that a text may stand for."""
    try:
        return Path(text.strip()).expanduser() if 0 < len(text) < 4096 else None
    except RuntimeError:  # “~5 dB better”: no such home folder
        return None


def _is_sample(path: Path) -> bool:
    return path.resolve() in {sample.path.resolve() for sample in sample_images()}


def _given(said: Iterable[Said]) -> tuple[Given, ...]:
    one = tuple(said)
    if not one:
        return ()
    from viewer.matching.reconstruction import Given  # brings the numerical libraries in: not on every start

    return tuple(Given(each.path, each.size, each.series) for each in one)


class Opening(QObject):
    """Opens what the user chooses, drops or pastes, and keeps the list of recent files."""

    def __init__(
        self,
        store: Store,
        service: EncodeService,
        settings: Settings,
        window: QWidget,
        recall: Callable[[Sequence[str]], object],
    ) -> None:
        """recall: has those of a session's codecs known that can be made by their names."""
        super().__init__(window)
        self._store = store
        self._recall = recall
        self._settings = settings
        self._window = window
        self._pressed = 0
        """How many files to step, until the target file is known."""
        self._neighbours = service.add_worker("neighbour", find_neighbour, self._on_neighbour)
        self._sessions = service.add_worker("session", find_session, self._on_session)
        self.may_ask = True
        """Whether a user is there to answer questions."""
        store.watch(lambda state: (state.opened, state.session_file), self._remember, at_once=False)
        store.watch(lambda state: state.doubted, self._ask_about, at_once=False)

    def commands(self) -> tuple[Command, ...]:
        """The commands that open pictures."""
        step, section = self.open_neighbour, 1
        return (
            Command("open", "&File", "&Open…", self.ask, ("Ctrl+O",)),
            Command("reload", "&File", "Re&load", self.reload, ("Shift+F5",)),
            Command("reconstructions", "&File", "Reconstr&uctions…", self.ask_reconstructions, ("Ctrl+Shift+O",)),
            Command("next_file", "&File", "&Next picture in folder", partial(step, 1), ("PgDown",), section=section),
            Command(
                "previous_file",
                "&File",
                "Pre&vious picture in folder",
                partial(step, -1),
                ("PgUp",),
                section=section,
            ),
            Command("paste", "&Edit", "&Paste picture or file", self.paste, ("Ctrl+V",)),
        )

    def open_path(
        self, path: Path, *, of_several: int = 1, given: tuple[Given, ...] = (), as_sample: bool = True
    ) -> None:
        """Open a picture, a session, or a set: a folder or a sweep's CSV. of_several: files that came together, of
        which this is the first. given: as in OpenFile. as_sample: whether a sample is to be seen as one first is.
        """
        if path.suffix.lower() == SET_SUFFIX or path.is_dir():
            self._store.update(open_set(path))
        elif path.suffix.lower() == SUFFIX:
            self._sessions.post(path)  # a worker reads it; then its picture is opened and the session restored
        else:
            is_sample = as_sample and not given and _is_sample(path)
            request = OpenFile(path, of_several=of_several, given=given, is_sample=is_sample)
            self._store.update(open_picture(request))

    def reload(self) -> None:
        """Reload the open file or, where a set is seen, the set."""
        opened_set = self._store.state.sets.opened
        if opened_set is not None and self._store.state.switches.set_view:
            in_folder = opened_set.folder is not None and opened_set.results.parent == opened_set.folder
            whole = opened_set.folder if in_folder and opened_set.folder is not None else opened_set.results
            self._store.update(open_set(whole, opened_set.folder))
            return
        image = self._store.state.session.image
        if image is None or image.path is None:
            self._error("This picture was not opened from a file, so it cannot be reloaded: open a file.")
        else:
            opened = self._store.state.opened
            given = () if opened is None else tuple(file.given for file in opened.files)
            self._store.update(open_picture(OpenFile(image.path, given=given)))

    def ask(self) -> None:
        """Let the user choose a file."""
        recent = self._settings.recent
        folder = str(recent[0].parent) if recent else ""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open picture", folder, OPEN_FILTER)
        if name:
            self.open_path(Path(name))

    def open_neighbour(self, by: int) -> None:
        """Open the picture this many places further in the current one's folder.

        Counts from the last target even if that is still loading or cannot be opened, so that quick key presses add up
        and damaged files are skipped.
        """
        image = self._store.state.session.image
        if image is None or image.path is None:
            self._error("This picture was not opened from a folder: open a file first.")
            return
        self._pressed += by
        from_file = self._store.state.stepped_to or image.path
        self._neighbours.post((from_file, self._pressed))  # a folder may be large, or on a slow network

    def _on_neighbour(self, outcome: Outcome) -> None:
        if outcome.job[1] != self._pressed:
            return  # the key has been pressed again in the meantime
        self._pressed = 0
        if isinstance(outcome.error, ImageError):
            self._error(str(outcome.error))
        elif outcome.error is not None:
            raise outcome.error
        else:
            self._store.update(open_picture(OpenFile(outcome.value, is_step=True)))

    def paste(self) -> None:
        """Open what the clipboard holds: a picture, a file, or a file's name."""
        data = QGuiApplication.clipboard().mimeData()
        if data is None or not self.take(data):
            self._error("The clipboard has no picture or file: copy one, then paste.")

    def accepts(self, data: QMimeData) -> bool:
        """Whether dragged data can be opened."""
        return data.hasUrls() or data.hasImage()

    def take(self, data: QMimeData) -> bool:
        """Open what was dropped or pasted; returns whether there was anything to open."""
        urls = data.urls()
        if urls:
            if not urls[0].isLocalFile():
                if data.hasImage():
                    return self._open_image(data)
                self._error(f"“{urls[0].toString()}” is not a file on this computer: save it first, then open it.")
                return True
            paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
            if len(paths) > 1 and self.may_ask and not any(path.suffix.lower() == SUFFIX for path in paths):
                self._ask_original(paths)
            else:
                self.open_path(paths[0], of_several=len(urls))
            return True
        if data.hasImage():
            return self._open_image(data)
        named = _named_in(data.text())
        if named is not None and named.is_absolute():
            self.open_path(named)
            return True
        return False

    def fill_recent(self, menu: QMenu) -> None:
        """Rebuild the menu of recent files."""
        menu.clear()
        for path in self._settings.recent:
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self.open_path(path))
        if menu.isEmpty():
            menu.addAction("No recent files").setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction("Clear list").triggered.connect(self._settings.forget_recent)

    def fill_samples(self, menu: QMenu) -> None:
        """Build the menu of the sample photographs."""
        for sample in sample_images():
            action = menu.addAction(sample.title.replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, path=sample.path: self.open_path(path))

    def _open_image(self, data: QMimeData) -> bool:
        picture = data.imageData()
        if not isinstance(picture, QImage) or picture.isNull():
            return False
        self._store.update(open_picture(OpenPasted(picture)))
        return True

    def _remember(self, opened_with: tuple[Opened | None, Path | None]) -> None:
        opened, session_file = opened_with
        path = None if opened is None else opened.image.path
        if path is not None and not _is_sample(path):
            self._settings.remember(path.resolve())
        if session_file is not None:
            self._settings.remember(session_file.resolve())

    def _on_session(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._store.update(refuse_to_open(str(outcome.error)))
            if not isinstance(outcome.error, RateLensError):
                raise outcome.error
            return
        found: FoundSession = outcome.value
        if found.picture is None:
            self._ask_where(found, f"This session’s picture, “{found.kept.path}”, was not found.", go_on=False)
        else:
            self._open_session(found, found.picture)

    def _open_session(self, found: FoundSession, picture: Path) -> None:
        """Open a session with its picture, and the reconstructions that were found."""
        self._recall(found.kept.codecs)
        said = (Said(one.path, f"{one.byte_count or ''}", one.series) for one in found.files)
        self._store.update(open_picture(OpenFile(picture, found, given=_given(said))))

    def _ask_about(self, found: FoundSession | None) -> None:
        image = self._store.state.session.image
        if found is not None and image is not None:
            text = f"“{image.name}” has changed since this session was saved: its pixels differ."
            self._ask_where(found, text, go_on=True)

    def _ask_original(self, paths: list[Path]) -> None:
        """Several pictures came together: one is the original, and the others were decoded elsewhere."""
        self._ask_with(ReconstructionDialog([Said(path) for path in paths], self._window, suffixes=FILTER))

    def ask_reconstructions(self) -> None:
        """Let the user say which pictures that were decoded elsewhere stand beside the open one."""
        opened = self._store.state.opened
        path = None if opened is None else opened.image.path
        if opened is None or path is None:
            self._error("Reconstructions are compared with a picture from a file: open one first.")
            return
        known = [Said(file.given.path, file.given.size, file.given.series) for file in opened.files]
        self._ask_with(ReconstructionDialog(known, self._window, original=path, suffixes=FILTER))

    def _ask_with(self, dialog: ReconstructionDialog) -> None:
        dialog.chosen.connect(self._open_with)
        dialog.open()

    def _open_with(self, original: Path, others: tuple[Said, ...]) -> None:
        self.open_path(original, given=_given(others))

    def _ask_where(self, found: FoundSession, text: str, *, go_on: bool) -> None:
        """Let the user locate the picture, or use the one that is open."""
        if not self.may_ask:
            self._store.update(refuse_to_open(f"{text} Open the session in the window to choose another one."))
            return
        box = QMessageBox(QMessageBox.Icon.Question, "Session", text, parent=self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        locate = box.addButton("&Locate…", QMessageBox.ButtonRole.ActionRole)
        use = box.addButton("&Use this one", QMessageBox.ButtonRole.AcceptRole) if go_on else None
        box.addButton(QMessageBox.StandardButton.Cancel).setIcon(QIcon())

        def answer(button: QAbstractButton) -> None:
            opened_since = self._store.state.doubted is not found and go_on
            self._store.update(forget_doubted())
            if button is locate:
                self._locate(found)
            elif use is not None and button is use and not opened_since:
                self._store.update(restore_session(found))

        box.buttonClicked.connect(answer)
        box.open()  # not exec, which would keep the other watchers waiting for the answer

    def _locate(self, found: FoundSession) -> None:
        folder = str(found.file.parent)
        name, _ = QFileDialog.getOpenFileName(self._window, f"Locate {found.kept.path.name}", folder, FILTER)
        if name:
            self._open_session(found, Path(name))

    def _error(self, text: str) -> None:
        self._store.update(show_error(text))

"""Saves what the window shows as a session file, and shows again what one says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from models.errors import RateLensError
from viewer.codecs.registry import known_codecs
from viewer.session.pane_layout import ORIGINAL, Looking
from viewer.session.pins import Pins
from viewer.session.session_file import SUFFIX, StoredSession, WindowState, read_session, stored, written
from viewer.session.state import View
from viewer.ui.common.actions import Actions
from viewer.ui.common.settings import Settings
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.file_writer import Writer, folder_of
from viewer.ui.engine.jobs import Opened
from viewer.ui.engine.latest_worker import Outcome
from viewer.ui.files.opening import FILTER

_FLAGS = ("smooth", "logarithmic", "loupe")


@dataclass(frozen=True, eq=False)
class Found:
    """A session file that was read, and where its picture is; None where there is none."""

    file: Path
    kept: StoredSession
    picture: Path | None


def find_session(file: Path) -> Found:
    """Read a session file, and look for its picture. Run in a worker. Raises SessionError."""
    kept = read_session(file)
    return Found(file, kept, next(filter(_is_file, kept.candidates(file)), None))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that may not be entered, or too long a name
        return False


class SessionKeeping(QObject):
    """Knows the way from the window to a session file and back."""

    refused = Signal(str)
    """A sentence that says why a session was not saved, or not opened."""
    told = Signal(str)

    def __init__(self, controller: Controller, writer: Writer, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._writer = writer
        self._settings = settings
        self._window = window
        self._actions: Actions | None = None
        self._awaited: Found | None = None
        self._panel: Callable[[], str] = str
        self.may_ask = True
        """Whether somebody is there to answer."""
        self._worker = controller.add_worker("session", find_session)
        self._worker.delivered.connect(self._take)
        controller.opened.connect(self._take_opened)
        controller.open_failed.connect(self._give_up)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {"save_session": self.save}

    def follow(self, actions: Actions, panel: Callable[[], str]) -> None:
        """Where the window's switches are, and what says which panel is shown."""
        self._actions, self._panel = actions, panel

    def open(self, file: Path) -> None:
        """Read a session file in a worker, then open its picture and look at it as the file says."""
        self._worker.post(file)

    def save(self) -> None:
        """Ask where to, and save the session."""
        session, image = self._controller.session, self._controller.session.image
        if image is None or image.path is None:
            self.refused.emit(
                "There is no picture to come back to: open one first."
                if image is None
                else "This picture is no file, so no session can lead back to it: save it as PNG, and open that."
            )
            return
        codecs, pins, state = self._controller.compared, session.pins, self._state()
        self._writer.ask_file(
            "Save the session",
            folder_of(image) / f"{Path(image.name).stem}{SUFFIX}",
            lambda path: written(stored(session, path, codecs, pins, state)),
        )

    def _state(self) -> WindowState:
        assert self._actions is not None
        smooth, logarithmic, loupe = (self._actions[name].isChecked() for name in _FLAGS)
        return WindowState(smooth, logarithmic, loupe, self._panel())

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.refused.emit(str(outcome.error))
            if not isinstance(outcome.error, RateLensError):
                raise outcome.error
            return
        found: Found = outcome.value
        if found.picture is None:
            self._ask_where(found, f"The picture of this session, “{found.kept.path}”, is not there.", go_on=False)
        else:
            self._open_picture(found, found.picture)

    def _open_picture(self, found: Found, picture: Path) -> None:
        self._awaited = replace(found, picture=picture)
        self._controller.open_file(picture)

    def _take_opened(self, opened: Opened) -> None:
        found = self._awaited
        if found is None or opened.image.path != found.picture:
            self._give_up()
            return
        self._awaited = None
        digest = found.kept.pixels_sha256
        if not digest or digest == opened.image.digest:
            self._show(found)
        else:  # what else listens to `opened` is not kept waiting for an answer
            QTimer.singleShot(0, self, lambda: self._ask_about(found, opened))

    def _ask_about(self, found: Found, opened: Opened) -> None:
        text = f"“{opened.image.name}” is not the picture that this session was saved with: its pixels differ."
        if self._ask_where(found, text, go_on=True) and self._controller.opened_picture is opened:
            self._show(found)

    def _give_up(self, _problem: str = "") -> None:
        """Another picture came, or none. The session's own may still be to come, after one that was being opened."""
        if not self._controller.is_opening:
            self._awaited = None

    def _ask_where(self, found: Found, text: str, *, go_on: bool) -> bool:
        """Let the user choose another picture, which is opened then, or go on with this one; whether they go on."""
        if not self.may_ask:
            self.refused.emit(f"{text} Open the session in the window to choose another one.")
            return False
        box = QMessageBox(QMessageBox.Icon.Question, "Session", text, parent=self._window)
        locate = box.addButton("&Locate it…", QMessageBox.ButtonRole.AcceptRole)
        use = box.addButton("&Go on with this one", QMessageBox.ButtonRole.AcceptRole) if go_on else None
        box.addButton(QMessageBox.StandardButton.Cancel).setIcon(QIcon())
        box.exec()
        if box.clickedButton() is locate:
            folder = str(found.file.parent)
            name, _ = QFileDialog.getOpenFileName(self._window, f"Locate {found.kept.path.name}", folder, FILTER)
            if name:
                self._open_picture(found, Path(name))
            return False
        return use is not None and box.clickedButton() is use

    def _show(self, found: Found) -> None:
        """Everything as the file says, as far as it is here."""
        kept, controller = found.kept, self._controller
        self._settings.remember(found.file.resolve())
        session = kept.session
        known = [codec.name for codec in known_codecs() if codec.name in kept.codecs]
        if known:
            for name in (*known, *(name for name in controller.compared if name not in known)):
                self._switch(f"codec_{name}", name in known)
        # First how metrics are read, then what is equal: at equal quality another channel asks for another quality.
        controller.set_target(session.target_bpp)
        self._switch("decibels", session.scale.ms_ssim_db)
        self._switch("luma", session.scale.channel == "luma")
        if session.quality is not None:
            controller.set_quality(session.quality)
        for name in _FLAGS:
            self._switch(name, getattr(kept.window, name))
        if kept.window.panel and kept.window.panel != self._panel():
            self._switch(kept.window.panel, True)
        controller.set_looking(self._known(session.looking))
        controller.set_view(self._inside(session.view))
        names = {codec.name for codec in known_codecs()}
        controller.set_pins(Pins(tuple(pin for pin in kept.pins.pins if pin.codec in names)))
        missing = [codec for codec in kept.codecs if codec not in controller.compared]
        also = f" Not shown here: {', '.join(missing)}." if missing else ""
        text = f"Opened the session “{found.file.name}”.{also}"
        QTimer.singleShot(0, self, lambda: self.told.emit(text))  # a new picture takes old messages away

    def _switch(self, name: str, on: bool) -> None:
        assert self._actions is not None
        if name in self._actions and self._actions[name].isCheckable() and self._actions[name].isChecked() != on:
            self._actions[name].trigger()

    def _inside(self, view: View) -> View:
        image = self._controller.session.image
        if view.centre is None or image is None:
            return view
        x, y = view.centre
        return replace(view, centre=(min(max(x, 0.0), image.width), min(max(y, 0.0), image.height)))

    def _known(self, looking: Looking) -> Looking:
        """With the usual panes in the place of those that are not here."""
        usual, panes = self._controller.session.looking, (ORIGINAL, *self._controller.compared)
        return replace(
            looking,
            **{
                name: getattr(looking if getattr(looking, name) in panes else usual, name)
                for name in ("pane", "before", "left", "right")
            },
        )

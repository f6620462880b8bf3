"""A draft of a large picture, to be seen while the whole is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.engine.latest_worker import Outcome


@dataclass(frozen=True, eq=False)
class DraftPicture:
    """A draft, ready to be painted."""

    name: str
    picture: Picture


def make_draft(path: Path) -> DraftPicture | None:
    """Read a draft, if there is one. Run in a worker: what it needs is loaded here."""
    from viewer.imaging.draft import load_draft

    draft = load_draft(path)
    if draft is None:
        return None
    return DraftPicture(draft.name, picture_of(draft.pixels, (draft.width, draft.height)))


class DraftFlow(QObject):
    """Has a draft made of every file that is being opened."""

    changed = Signal()
    """A draft is there, or is to be taken away because its picture could not be opened."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._controller = controller
        self._path: Path | None = None
        self.current: DraftPicture | None = None
        self._worker = controller.add_worker("draft", make_draft)
        self._worker.delivered.connect(self._take)
        controller.opening.connect(self._ask)
        controller.opened.connect(self._end)
        controller.open_failed.connect(self._fail)

    def _ask(self, path: Path) -> None:
        self._path = path
        self._worker.post(path)

    def _take(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if outcome.value is not None and outcome.job == self._path:
            self.current = outcome.value
            self._controller.expect(self.current.picture.width, self.current.picture.height)
            self.changed.emit()

    def _end(self) -> None:
        self._path, self.current = None, None

    def _fail(self) -> None:
        shown = self.current is not None
        self._end()
        if shown:
            self.changed.emit()

"""Shows the pictures of the folder, and opens the one that is clicked."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.folder.service import place_in_folder
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.files import open_picture
from viewer.ui.engine.updates.view import toggle
from viewer.ui.engine.workers.jobs import OpenFile
from viewer.ui.panels.filmstrip import Filmstrip, Strip


class FolderStrip:
    """Fills the filmstrip."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.strip = Filmstrip(self._open)
        store.watch(strip_of, self.strip.show_strip)

    def commands(self) -> tuple[Command, ...]:
        """The command that shows it."""
        return (
            Command(
                "filmstrip",
                "&View",
                "Filmstrip &below the pictures",
                partial(self._store.update, toggle("filmstrip")),
                ("Shift+T",),
                section=1,
                checked=lambda state: state.switches.filmstrip,
            ),
        )

    def _open(self, path: Path) -> None:
        image = self._store.state.session.image
        if image is None or path != image.path:
            self._store.update(open_picture(OpenFile(path, is_step=True)))


def strip_of(state: AppState) -> Strip | None:
    """What the filmstrip shows; None where there is nothing to step to, or it is not wanted."""
    place = place_in_folder(state)
    if place is None or not state.switches.filmstrip:
        return None
    return Strip(state.folder, place[0] - 1, state.thumbnails)

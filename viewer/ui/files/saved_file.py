"""Opens the file that was saved last, or shows it in its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from viewer.ui.common.actions import Command
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error


class SavedFile:
    """The commands that a message about a saved file offers; menus keep them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def commands(self) -> tuple[Command, ...]:
        """The commands for the file that was saved last."""
        return (
            Command(
                "open_saved",
                "&File",
                "Open saved &file",
                self.open,
                section=2,
                short="Open file",
                enabled=lambda state: state.saved is not None,
            ),
            Command(
                "show_saved",
                "&File",
                "S&how saved file in folder",
                self.show_folder,
                section=2,
                short="Show in folder",
                enabled=lambda state: state.saved is not None,
            ),
        )

    def open(self) -> None:
        """Open the file with the program that the system has for it."""
        path = self._store.state.saved
        if path is not None:
            self._open(path, f"No program opened “{path.name}”: it is in {path.parent}.")

    def show_folder(self) -> None:
        """Show the file's folder in the system's file manager."""
        path = self._store.state.saved
        if path is not None:
            folder = path if path.is_dir() else path.parent
            self._open(folder, f"The folder could not be opened: “{path.name}” is in {path.parent}.")

    def _open(self, path: Path, problem: str) -> None:
        if not path.exists():
            self._store.update(show_error(f"“{path}” is not there any more: save it again."))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._store.update(show_error(problem))

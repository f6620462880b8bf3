"""Opens the log's folder, or copies the log's path."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from viewer.system import log
from viewer.ui.common.actions import Command
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import show_error, show_info


class LogFolder:
    """The log's commands in the Help menu."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def commands(self) -> tuple[Command, ...]:
        """The commands for the log."""
        return (
            Command("open_log", "&Help", "Open &log folder", self.open_folder, ("Ctrl+Shift+L",), section=1),
            Command("copy_log", "&Help", "&Copy log path", self.copy_path, section=1),
        )

    def open_folder(self) -> None:
        """Show the log's folder in the system's file manager."""
        folder = log.folder()
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            text = f"The folder could not be opened: the log is in “{folder}”."
            self._store.update(show_error(text))

    def copy_path(self) -> None:
        """Copy the log's path to the clipboard."""
        path = log.log_file()
        QGuiApplication.clipboard().setText(str(path))
        self._store.update(show_info(f"Copied: {path}"))

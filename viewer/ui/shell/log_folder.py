"""Leads to the log: opens its folder, or copies where it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from viewer.system import log


class LogPlace(QObject):
    """The commands in the help menu for it."""

    refused = Signal(str)
    """A sentence that says why nothing opened."""
    told = Signal(str)
    """A sentence that says what was done."""

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {"open_log": self.open_folder, "copy_log": self.copy_place}

    def open_folder(self) -> None:
        """Show the log's folder in the system's file manager."""
        folder = log.folder()
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.refused.emit(f"The folder cannot be opened from here: look for the log in “{folder}”.")

    def copy_place(self) -> None:
        """Put the log's path on the clipboard."""
        path = log.log_file()
        QGuiApplication.clipboard().setText(str(path))
        self.told.emit(f"Copied: {path}")

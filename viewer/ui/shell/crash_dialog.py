"""Handles unexpected errors: each is logged and shown with its traceback, and the program goes on."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from viewer.system.log import catch_unraisable, log_file
from viewer.system.versions import versions

log = logging.getLogger("ratelens")


class CrashBox(QObject):
    """The excepthook of every thread, once installed. Shows one box at a time: further errors are only logged.

    So are repeated errors from the same line, or else a closed box would reappear at every step.
    """

    raised = Signal(str)
    """Carries the traceback's text, and the versions."""
    _news = Signal(str)
    """The same, for errors not seen before."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.box: QMessageBox | None = None
        self._known: set[tuple[object, ...]] = set()
        self._news.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Catch all uncaught exceptions from now on."""
        sys.excepthook = self._catch
        catch_unraisable()
        threading.excepthook = lambda args: self._catch(args.exc_type, args.exc_value, args.exc_traceback)

    def _catch(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("unexpected error\n%s", text)
        head = ", ".join(f"{name} {number}" for name, number in versions())
        whole = f"{text}\n{head}, {platform.platform()}\n"
        self.raised.emit(whole)
        place = (kind, *((frame.filename, frame.lineno) for frame in traceback.extract_tb(trace)))
        if place not in self._known:
            self._known.add(place)
            self._news.emit(whole)

    def _show(self, text: str) -> None:
        if self.box is not None:
            return
        box = QMessageBox(QApplication.activeWindow())
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("RateLens")
        box.setText("An unexpected error occurred. You can continue working.")
        box.setInformativeText(f"Please report it. The details are in the log, and under “Copy text”:\n{log_file()}")
        box.setDetailedText(text)
        copy = box.addButton("Copy text", QMessageBox.ButtonRole.ActionRole)
        copy.clicked.disconnect()
        copy.clicked.connect(lambda: QApplication.clipboard().setText(text))
        close = box.addButton(QMessageBox.StandardButton.Close)
        close.setIcon(QIcon())
        box.setDefaultButton(close)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._forget)
        self.box = box
        box.open()

    def _forget(self) -> None:
        self.box = None

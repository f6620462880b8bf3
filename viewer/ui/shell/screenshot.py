"""Saving the settled window as a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from models.errors import OutputError
from viewer.ui.shell.main_window import MainWindow

TIMEOUT_S = 300


class Screenshot(QObject):
    """Waits until every pane is at the target and both plots are complete, saves the window, and says so."""

    finished = Signal()

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self.problem = ""
        self._crashed = False
        window.controller.settled.connect(self._save_soon)
        window.controller.open_failed.connect(self.give_up)
        window.sessions.refused.connect(self.give_up)
        self._timeout = QTimer(self, singleShot=True, interval=TIMEOUT_S * 1000)
        self._timeout.timeout.connect(self._too_late)
        self._timeout.start()

    def _save_soon(self) -> None:
        QTimer.singleShot(0, self, self._save)  # whatever else listens to `settled` shows it first

    def _save(self) -> None:
        if self.problem or not self._window.controller.is_settled:
            return
        self._window.plots.draw_now()
        if not self._window.grab().save(str(self._path)):
            self.problem = (
                f"“{self._path}” cannot be written: check the folder, its permissions, and the suffix (.png)."
            )
        self.finished.emit()

    def give_up(self, problem: str) -> None:
        """There will be no picture, for this reason."""
        self.problem = problem
        self.finished.emit()

    def crash(self, _text: str) -> None:
        """There will be no picture, for an unexpected error, which has been logged."""
        self._crashed = True
        self.give_up("An unexpected error came before the picture: it stands above in the log.")

    def _too_late(self) -> None:
        self.give_up(f"The window was not complete after {TIMEOUT_S} s: try a smaller picture.")

    def raise_problem(self) -> None:
        """Raise OutputError if there is no picture; RuntimeError if nobody could expect why."""
        if self._crashed:
            raise RuntimeError(self.problem)
        if self.problem:
            raise OutputError(self.problem)

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
        window.store.watch(lambda state: state.is_settled, self._on_settled, at_once=False)
        window.store.watch(lambda state: state.open_problem, self._on_problem, at_once=False)
        self._timeout = QTimer(self, singleShot=True, interval=TIMEOUT_S * 1000)
        self._timeout.timeout.connect(self._too_late)
        self._timeout.start()

    def _on_settled(self, settled: bool) -> None:
        if settled:
            QTimer.singleShot(0, self, self._save)  # when everybody else who watches the state has drawn it

    def _on_problem(self, problem: str) -> None:
        if problem:
            self.give_up(problem)

    def _save(self) -> None:
        if self.problem or not self._window.store.state.is_settled:
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

    def _too_late(self) -> None:
        self.give_up(f"The window was not complete after {TIMEOUT_S} s: try a smaller picture.")

    def raise_problem(self) -> None:
        """Raise OutputError if there is no picture."""
        if self.problem:
            raise OutputError(self.problem)

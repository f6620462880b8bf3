"""Saves the complete window as a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer, Signal
from PySide6.QtGui import QPixmap

from models.errors import OutputError
from viewer.imaging.writer import write_file
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.bd_rates import wanted_bd
from viewer.ui.shell.main_window import MainWindow

STALLED_S = 300
"""On a busy machine, curves in slow metrics take long: it gives up once nothing has come for this long, not before."""
_ROUNDS = 4
"""Of events, after which no layout is still on its way."""


class Screenshot(QObject):
    """Waits until every pane is at the target and both plots are complete, saves the window, and signals that."""

    finished = Signal()

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self.problem = ""
        self._crashed = False
        window.store.watch(_is_complete, self._on_settled, at_once=False)
        window.store.watch(lambda state: state.open_problem, self._on_problem, at_once=False)
        self._stalled = QTimer(self, singleShot=True, interval=STALLED_S * 1000)
        self._stalled.timeout.connect(self._too_late)
        window.store.watch(_progress, lambda _progress: self._stalled.start())

    def _on_settled(self, settled: bool) -> None:
        if settled:
            self._save_after(_ROUNDS)  # after all other watchers have drawn the state

    def _save_after(self, rounds: int) -> None:
        """Save after so many rounds of events: a text that has come last moves others, and these others again."""
        if rounds:
            QTimer.singleShot(0, self, lambda: self._save_after(rounds - 1))
        else:
            self._save()

    def _on_problem(self, problem: str) -> None:
        if problem:
            self.give_up(problem)

    def _save(self) -> None:
        if self.problem or not _is_complete(self._window.store.state):
            return
        self._window.plots.draw_now()
        try:
            write_file(self._path, _file_of(self._window.grab(), self._path), force=True)
        except OutputError as error:
            self.problem = str(error)
        self.finished.emit()

    def give_up(self, problem: str) -> None:
        """Give up, for this reason."""
        self.problem = problem
        self.finished.emit()

    def crash(self, _text: str) -> None:
        """Give up because of an unexpected error, which has been logged."""
        self._crashed = True
        self.give_up("No picture was saved because of an unexpected error: see the log above.")

    def _too_late(self) -> None:
        self.give_up(
            f"The window is not complete, and nothing more has come for {STALLED_S} s: try a smaller picture, or fewer "
            "codecs or metrics."
        )

    def raise_problem(self) -> None:
        """Raise OutputError if there is no picture; RuntimeError if that was unexpected."""
        if self._crashed:
            raise RuntimeError(self.problem)
        if self.problem:
            raise OutputError(self.problem)


def _is_complete(state: AppState) -> bool:
    """Whether all that the window shows has come; of the points that came last, the BD-rates too."""
    return state.is_settled and (None if state.bd is None else state.bd.request) == wanted_bd(state)


def _progress(state: AppState) -> tuple[object, ...]:
    """What changes with everything that workers deliver."""
    scored = sum(len(scores) for scores in state.scores.values())
    return state.opened, state.answered, state.curves_done, scored, len(state.pin_points), len(state.maps)


def _file_of(picture: QPixmap, path: Path) -> bytes:
    """A picture as a file in the format of its suffix. Raises OutputError."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not path.suffix or not picture.save(buffer, path.suffix[1:]):
        raise OutputError(f"“{path}” has no known picture suffix: give a name that ends in .png.")
    return bytes(data.data())

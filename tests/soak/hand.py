"""An impatient hand: random keys, slider moves, wheel and drags on the real window."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.viewer.ui.driver import driver
from viewer.ui.shell.main_window import MainWindow

_CLOSES = {"close", "quit"}
_NONE = Qt.KeyboardModifier.NoModifier
TIMEOUT_MS = 120_000


class Hand(QObject):
    """Does one random thing after the other; what opens and waits for an answer is cancelled."""

    def __init__(self, window: MainWindow, pictures: Sequence[Path], seed: int) -> None:
        super().__init__(window)
        self._window = window
        self._pictures = list(pictures)
        self._random = random.Random(seed)
        self._keys = [
            command for command in window.actions_by_name.commands if command.keys and command.name not in _CLOSES
        ]
        self._cancel = QTimer(self, interval=100)
        self._cancel.timeout.connect(self._cancel_dialog)
        self._cancel.start()

    def act(self) -> str:
        """One thing; returns what."""
        deed = self._random.choices(
            (self._press_a_key, self._click_the_slider, self._drag_the_slider, self._wheel, self._drag, self._open),
            weights=(50, 20, 10, 10, 7, 1),
        )[0]
        return deed()

    def rest(self, done: Callable[[], bool]) -> None:
        """Let events pass until done() says so."""
        loop, late = QEventLoop(), QTimer(singleShot=True, interval=TIMEOUT_MS)
        late.start()
        while not done():
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if not late.isActive():
                raise TimeoutError("The window did not come to rest.")

    def pause(self, milliseconds: int) -> None:
        """Let events pass for a while."""
        over = QTimer(singleShot=True, interval=milliseconds)
        over.start()
        self.rest(lambda: not over.isActive())

    def _cancel_dialog(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.close()

    def _press_a_key(self) -> str:
        command = self._random.choice(self._keys)
        sequence = QKeySequence(self._random.choice(command.keys))
        QTest.keySequence(self._window, sequence)
        return command.name

    def _click_the_slider(self) -> str:
        slider = self._window.rate_bar.slider
        at = QPoint(self._random.randrange(slider.width()), slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, _NONE, at)
        return "click the slider"

    def _drag_the_slider(self) -> str:
        self._drag_on(self._window.rate_bar.slider)
        return "drag the slider"

    def _drag(self) -> str:
        self._drag_on(self._canvas())
        return "drag"

    def _drag_on(self, widget: QWidget) -> None:
        points = [QPoint(self._random.randrange(widget.width()), widget.height() // 2 + i) for i in range(6)]
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, _NONE, points[0])
        for point in points[1:]:
            QTest.mouseMove(widget, point)
            self.pause(10)
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, _NONE, points[-1])

    def _wheel(self) -> str:
        canvas = self._canvas()
        at = QPointF(self._random.randrange(canvas.width()), self._random.randrange(canvas.height()))
        notch = QPoint(0, self._random.choice((120, -120, 360, -360)))
        event = QWheelEvent(
            at,
            QPointF(canvas.mapToGlobal(at.toPoint())),
            QPoint(),
            notch,
            Qt.MouseButton.NoButton,
            _NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)
        return "wheel"

    def _canvas(self) -> QWidget:
        shown = [pane.canvas for pane in self._window.panes.values() if pane.canvas.isVisible()]
        return self._random.choice(shown) if shown else self._window.grid.split.canvas

    def _open(self) -> str:
        driver(self._window).open_file(self._random.choice(self._pictures))
        return "open"

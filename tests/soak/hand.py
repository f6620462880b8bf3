"""An impatient hand: random keys, slider moves, wheel and drags on the real window."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.viewer.ui.driver import driver
from viewer.ui.shell.main_window import MainWindow

Kind = Literal["key", "slider click", "slider drag", "wheel", "drag", "open"]
_CLOSES = {"close", "quit"}
_NONE = Qt.KeyboardModifier.NoModifier
TIMEOUT_MS = 120_000
_WEIGHTS: dict[Kind, int] = {"key": 50, "slider click": 20, "slider drag": 10, "wheel": 10, "drag": 7, "open": 1}


@dataclass(frozen=True)
class Deed:
    """Something that a user does. shares: places, as shares of what is clicked or dragged in."""

    kind: Kind
    name: str = ""
    shares: tuple[float, ...] = ()
    notch: int = 0


class Hand(QObject):
    """Does one random thing after the other; what opens and waits for an answer is cancelled.

    deeds: what it has done, which another hand can do again.
    """

    def __init__(
        self, window: MainWindow, pictures: Sequence[Path], seed: int, *, without: Collection[str] = frozenset()
    ) -> None:
        """without: commands and kinds of deeds that are left out."""
        super().__init__(window)
        self._window = window
        self._pictures = list(pictures)
        self._random = random.Random(seed)
        left_out = _CLOSES | set(without)
        commands = window.actions_by_name.commands
        self._keys = [command for command in commands if command.keys and command.name not in left_out]
        self._weights = {kind: weight for kind, weight in _WEIGHTS.items() if kind not in left_out}
        self.deeds: list[Deed] = []
        self._cancel = QTimer(self, interval=100)
        self._cancel.timeout.connect(self._cancel_dialog)
        self._cancel.start()

    def act(self) -> Deed:
        """One thing; returns what."""
        deed = self._choose()
        self.deeds.append(deed)
        self.do(deed)
        return deed

    def do(self, deed: Deed) -> None:
        """Do this."""
        slider = self._window.rate_bar.slider
        if deed.kind == "key":
            QTest.keySequence(self._window, QKeySequence(deed.name))
        elif deed.kind == "slider click":
            at = QPoint(int(deed.shares[0] * slider.width()), slider.height() // 2)
            QTest.mouseClick(slider, Qt.MouseButton.LeftButton, _NONE, at)
        elif deed.kind == "slider drag":
            self._drag_on(slider, deed.shares)
        elif deed.kind == "drag":
            self._drag_on(self._canvas(deed.shares[0]), deed.shares[1:])
        elif deed.kind == "wheel":
            self._wheel(deed)
        else:
            driver(self._window).open_file(next(path for path in self._pictures if path.name == deed.name))

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

    def _choose(self) -> Deed:
        kind = self._random.choices(list(self._weights), weights=list(self._weights.values()))[0]
        if kind == "key":
            return Deed(kind, self._random.choice(self._random.choice(self._keys).keys))
        if kind == "open":
            return Deed(kind, self._random.choice(self._pictures).name)
        count = {"slider click": 1, "wheel": 3, "slider drag": 6, "drag": 7}[kind]
        shares = tuple(self._random.random() for _ in range(count))
        return Deed(kind, shares=shares, notch=self._random.choice((120, -120, 360, -360)) if kind == "wheel" else 0)

    def _cancel_dialog(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.close()

    def _drag_on(self, widget: QWidget, shares: Sequence[float]) -> None:
        points = [QPoint(int(share * widget.width()), widget.height() // 2 + i) for i, share in enumerate(shares)]
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, _NONE, points[0])
        for point in points[1:]:
            QTest.mouseMove(widget, point)
            self.pause(10)
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, _NONE, points[-1])

    def _wheel(self, deed: Deed) -> None:
        which, x, y = deed.shares
        canvas = self._canvas(which)
        at = QPointF(int(x * canvas.width()), int(y * canvas.height()))
        event = QWheelEvent(
            at,
            QPointF(canvas.mapToGlobal(at.toPoint())),
            QPoint(),
            QPoint(0, deed.notch),
            Qt.MouseButton.NoButton,
            _NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)

    def _canvas(self, share: float) -> QWidget:
        shown = [pane.canvas for pane in self._window.panes.values() if pane.canvas.isVisible()]
        return shown[int(share * len(shown))] if shown else self._window.grid.split.canvas

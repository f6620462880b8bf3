"""The ways of looking: what the keys that arrange the panes do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QLineEdit, QWidget

from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout, Show
from viewer.ui.common.actions import PLACES
from viewer.ui.engine.encode_service import Controller
from viewer.ui.panes.canvas import Canvas

BLINK_RATES_HZ = (1, 2, 4)


class Ways(QObject):
    """VisibleFirst wishes about the panes into a new PaneLayout."""

    def __init__(self, controller: Controller, split_canvas: Canvas, window: QWidget) -> None:
        super().__init__(window)
        self._controller = controller
        self._window = window
        self._split_canvas = split_canvas
        self._blink = QTimer(self, interval=1000 // BLINK_RATES_HZ[1])
        self._blink.timeout.connect(self._blink_once)
        window.installEventFilter(self)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    @property
    def panes(self) -> tuple[str, ...]:
        """In the order of the digit keys."""
        return (ORIGINAL, *self._controller.codecs)

    @property
    def pane_layout(self) -> PaneLayout:
        return self._controller.session.pane_layout

    @property
    def is_blinking(self) -> bool:
        return self._blink.isActive()

    @property
    def blink_ms(self) -> int:
        return self._blink.interval()

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        handlers: dict[str, Callable[..., object]] = {
            "grid": self.show_grid,
            "next_pane": lambda: self._look(self.pane_layout.stepped(self.panes, 1)),
            "previous_pane": lambda: self._look(self.pane_layout.stepped(self.panes, -1)),
            "swap": self.swap,
            "split": self.toggle_split,
            "line_left": lambda: self._move_line(-1),
            "line_right": lambda: self._move_line(1),
            "line_left_fine": lambda: self._move_line(-1, finely=True),
            "line_right_fine": lambda: self._move_line(1, finely=True),
            "blink": self.set_blinking,
        }
        for place in PLACES:
            handlers[f"pane_{place}"] = lambda _checked=False, place=place: self.choose(self.panes[place - 1])
            handlers[f"left_{place}"] = lambda _checked=False, place=place: self.choose_left(self.panes[place - 1])
        for show in Show:
            handlers[f"show_{show.value}"] = lambda _checked=False, show=show: self.show(show)
        handlers["gain_up"] = lambda: self._look(self.pane_layout.with_gain(1))
        handlers["gain_down"] = lambda: self._look(self.pane_layout.with_gain(-1))
        for rate_hz in BLINK_RATES_HZ:
            handlers[f"blink_{rate_hz}"] = lambda _checked=False, hz=rate_hz: self._blink.setInterval(1000 // hz)
        return handlers

    def show_grid(self) -> None:
        """All panes."""
        self.set_blinking(False)
        self._look(self.pane_layout.in_grid())

    def choose(self, pane: str) -> None:
        """One pane at full size; in a split view, the right side."""
        self.set_blinking(False)
        split = self.pane_layout.layout is Layout.SPLIT
        self._look(self.pane_layout.split(right=pane) if split else self.pane_layout.alone(pane))

    def choose_left(self, pane: str) -> None:
        """A split view with this pane on the left."""
        self.set_blinking(False)
        self._look(self.pane_layout.split(left=pane))

    def toggle_split(self) -> None:
        """A split view, or back to the grid."""
        self.set_blinking(False)
        split = self.pane_layout.layout is Layout.SPLIT
        self._look(self.pane_layout.in_grid() if split else self.pane_layout.split())

    def _move_line(self, parts: int, *, finely: bool = False) -> None:
        self._split_canvas.move_line(parts, finely=finely)

    def show(self, show: Show) -> None:
        """Something else of the codecs, or back to their pictures."""
        self._look(self.pane_layout.showing(show))
        self._controller.pane_layout_changed.emit(
            self.pane_layout
        )  # the menu has checked what was chosen, whatever it was

    def swap(self) -> None:
        """The two panes shown last change places."""
        self._look(self.pane_layout.swapped())

    def set_blinking(self, on: bool) -> None:
        """Swap by itself."""
        if on and self._window.isVisible():
            self._blink_once()
            self._blink.start()
        else:
            self._blink.stop()
        self._controller.pane_layout_changed.emit(self.pane_layout)

    def _blink_once(self) -> None:
        if self.pane_layout.layout is Layout.GRID:
            self._look(self.pane_layout.alone(self.pane_layout.pane))
        else:
            self.swap()

    def _look(self, pane_layout: PaneLayout) -> None:
        self._controller.set_pane_layout(pane_layout)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._window:
            hidden = kind is QEvent.Type.Hide or (kind is QEvent.Type.WindowStateChange and self._window.isMinimized())
            if hidden and self.is_blinking:
                self.set_blinking(False)
            if hidden or kind is QEvent.Type.WindowDeactivate:
                self._peek(False)
        if (
            isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        ):
            return self._take_space(watched, event)
        return False

    def _take_space(self, watched: QObject, event: QKeyEvent) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if isinstance(watched, QLineEdit | QAbstractButton | QAbstractItemView | QComboBox):
            return False  # there Space writes, presses, selects or opens
        if not event.isAutoRepeat():
            self._peek(event.type() is QEvent.Type.KeyPress)
        return True

    def _peek(self, on: bool) -> None:
        self._look(replace(self.pane_layout, peeking=on))

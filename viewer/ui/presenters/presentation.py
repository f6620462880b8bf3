"""Presentation mode: pictures full screen with large labels; only the slider stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from viewer.ui.common.actions import Command
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import toggle

LARGER = 1.5
"""Factor for labels on a screen of USUAL_HEIGHT, to be readable across a room; up to LARGEST on a higher one."""
LARGEST = 2.5
USUAL_HEIGHT = 1080


class Presentation(QObject):
    """Hides everything else, and restores it afterwards."""

    def __init__(
        self,
        store: Store,
        window: QMainWindow,
        splitter: QSplitter,
        in_the_way: Callable[[], Sequence[QWidget]],
        labels: Sequence[QWidget],
    ) -> None:
        """in_the_way: returns the widgets to hide. labels: the widgets to enlarge."""
        super().__init__(window)
        self._store = store
        self._window = window
        self._splitter = splitter
        self._in_the_way = in_the_way
        self._labels = tuple(labels)
        self._hidden: tuple[QWidget, ...] = ()
        self._fonts: tuple[tuple[QWidget, QFont], ...] = ()
        self._sizes = QByteArray()
        self._size = window.size()
        self._state = Qt.WindowState.WindowNoState
        store.watch(lambda state: state.switches.presenting, self._set_on, at_once=False)
        store.watch(lambda state: state.switches.full_screen, self._set_full_screen, at_once=False)

    def add_label(self, label: QWidget) -> None:
        """Write one more label larger while presenting."""
        self._labels = (*self._labels, label)

    def commands(self) -> tuple[Command, ...]:
        """The commands for presenting, and for full screen."""
        return (
            Command(
                "full_screen",
                "&View",
                "F&ull screen",
                partial(self._store.update, toggle("full_screen")),
                ("F11",),
                section=1,
                checked=lambda state: state.switches.full_screen,
            ),
            Command(
                "present",
                "&View",
                "&Present",
                partial(self._store.update, toggle("presenting")),
                ("F5",),
                section=1,
                checked=lambda state: state.switches.presenting,
            ),
        )

    def _set_on(self, on: bool) -> None:
        if on:
            self._begin()
        else:
            self._end()

    def _set_full_screen(self, on: bool) -> None:
        if on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _begin(self) -> None:
        self._state, self._size = self._window.windowState(), self._window.size()
        self._sizes = self._splitter.saveState()
        self._hidden = tuple(widget for widget in self._in_the_way() if not widget.isHidden())
        self._fonts = tuple((label, QFont(label.font())) for label in self._labels)
        for widget in self._hidden:
            widget.hide()
        share = min(LARGER * max(1.0, self._window.screen().size().height() / USUAL_HEIGHT), LARGEST)
        for label, font in self._fonts:
            larger = QFont(font)
            larger.setPointSizeF(font.pointSizeF() * share)
            label.setFont(larger)
        self._window.setWindowState(self._state | Qt.WindowState.WindowFullScreen)

    def _end(self) -> None:
        self._window.setWindowState(self._state)
        if self._state is Qt.WindowState.WindowNoState:
            self._window.resize(self._size)  # not every system does it automatically
        for label, font in self._fonts:
            label.setFont(font)
        for widget in self._hidden:
            widget.show()
        self._splitter.restoreState(self._sizes)
        self._hidden, self._fonts = (), ()

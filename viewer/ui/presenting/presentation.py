"""Presentation mode: pictures full screen below heads that a room can read; only the slider stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QObject, QRect, Qt
from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QWidget

from viewer.session.pane_layout import ORIGINAL, Layout
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import toggle
from viewer.ui.panes.legend import LegendBox
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenting.headlines import presented_texts

LABEL_SHARE = 0.022
"""Height of the writing beside the slider and in legends, as a share of the screen's height."""
LARGEST = 3.0
"""Nothing is written larger than this many times its usual size."""


class Presentation(QObject):
    """Hides what is in the way, writes the rest larger, and puts everything back afterwards."""

    def __init__(
        self,
        store: Store,
        styles: PaneStyles,
        window: QMainWindow,
        *,
        splitter: QSplitter,
        panes: Mapping[str, Pane],
        grid: PaneGrid,
        legend: Callable[[], LegendBox],
        in_the_way: Callable[[], Sequence[QWidget]],
        labels: Sequence[QWidget],
    ) -> None:
        """panes: all that there are, by name. legend: returns that of maps. in_the_way: returns the widgets to hide.
        labels: to enlarge.
        """
        super().__init__(window)
        self._store = store
        self._styles = styles
        self._window = window
        self._splitter = splitter
        self._panes = panes
        self._grid = grid
        self._legend = legend
        self._in_the_way = in_the_way
        self._labels = tuple(labels)
        self._hidden: tuple[QWidget, ...] = ()
        self._fonts: tuple[tuple[QWidget, QFont], ...] = ()
        self._sizes = QByteArray()
        self._geometry = QRect()
        self._state = Qt.WindowState.WindowNoState
        self._focus: QWidget | None = None
        store.watch(lambda state: state.switches.presenting, self._set_on, at_once=False)
        store.watch(lambda state: state.switches.full_screen, self._set_full_screen, at_once=False)
        store.watch(self._heads, lambda _heads: self._draw_heads(), at_once=False)

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
                "Prese&nt",
                "&Present",
                partial(self._store.update, toggle("presenting")),
                ("F5",),
                short="Present",
                tip="Full screen with large labels, for a room",
                words="show boss meeting slideshow full screen",
                checked=lambda state: state.switches.presenting,
            ),
            Command(
                "presented_plot",
                "Prese&nt",
                "Plot &while presenting",
                partial(self._store.update, toggle("presented_plot")),
                ("F7",),
                checked=lambda state: state.switches.presented_plot,
            ),
        )

    def _heads(self, state: AppState) -> object:
        """Everything that the presented heads show; nothing while they are not."""
        if not state.switches.presenting:
            return None
        layout = state.session.pane_layout
        return layout.layout, layout.left, layout.right, presented_texts(state, self._styles)

    def _draw_heads(self) -> None:
        state = self._store.state
        on, layout, split = state.switches.presenting, state.session.pane_layout, self._grid.split
        height = self._window.screen().size().height()
        texts = presented_texts(state, self._styles) if on else {}
        for name, pane in self._panes.items():
            pane.presented.set_room(height, one_line=layout.layout is Layout.SINGLE)
            if name in texts:
                pane.presented.set_text(texts[name])
            pane.present(on)
        for head, side in zip(split.presented, (layout.left, layout.right), strict=True):
            head.set_room(height, one_line=False)
            if side in texts:
                head.set_text(texts[side])
        split.present(on)
        self._grid.rearrange()

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
        window = self._window
        self._state, self._geometry = window.windowState(), window.geometry()
        self._focus = window.focusWidget()
        self._sizes = self._splitter.saveState()
        self._hidden = tuple(widget for widget in self._in_the_way() if not widget.isHidden())
        labels = (*self._labels, *(pane.canvas for pane in self._panes.values()), self._grid.split.canvas)
        self._fonts = tuple((label, QFont(label.font())) for label in labels)
        for widget in self._hidden:
            widget.hide()
        share = label_share(window.screen().size().height())
        for label, font in self._fonts:
            larger = QFont(font)
            larger.setPointSizeF(font.pointSizeF() * share)
            label.setFont(larger)
        self._legend().set_share(share)
        window.setWindowState(self._state | Qt.WindowState.WindowFullScreen)
        self._panes[ORIGINAL].canvas.setFocus()

    def _end(self) -> None:
        window = self._window
        window.setWindowState(self._state)
        if self._state is Qt.WindowState.WindowNoState:
            window.setGeometry(self._geometry)  # not every system does it by itself
        for label, font in self._fonts:
            label.setFont(font)
        self._legend().set_share(1.0)
        for widget in self._hidden:
            widget.show()
        self._splitter.restoreState(self._sizes)
        if self._focus is not None and self._focus.isVisible():
            self._focus.setFocus()
        self._hidden, self._fonts, self._focus = (), (), None


def label_share(screen_height: int) -> float:
    """How many times larger labels are written on a screen of so many logical pixels."""
    return min(max(LABEL_SHARE * screen_height / QFontInfo(QApplication.font()).pixelSize(), 1.0), LARGEST)

"""The window's two pages: the panes, and the set of pictures in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QMenuBar, QStackedWidget, QWidget

from viewer.ui.common.actions import Actions
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.settings import Settings
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.file_writer import Writer
from viewer.ui.engine.sets.updates import show_set
from viewer.ui.engine.store import Store
from viewer.ui.sets.commands import SetCommands
from viewer.ui.sets.set_head import ActionButton

if TYPE_CHECKING:
    from viewer.ui.sets.display import SetDisplay


class Overlay(Protocol):
    """A widget that lies over another one."""

    def place_over(self, parent: QWidget) -> None:
        """Lie over this one."""


class SetPages(QStackedWidget):
    """Shows one of them; owns all that belongs to the set."""

    def __init__(
        self,
        store: Store,
        styles: dict[str, tuple[str, CodecStyle]],
        settings: Settings,
        writer: Writer,
        window: QWidget,
    ) -> None:
        """styles: label and style of every codec that is known, by name; one that is added joins them."""
        super().__init__(window)
        self._store = store
        self._styles = styles
        self._display: SetDisplay | None = None
        self._actions: Actions | None = None
        self.set_commands = SetCommands(store, settings, writer, styles, window)
        self.commands = self.set_commands.commands

    def put(self, panes: QWidget) -> QStackedWidget:
        """The page with the panes."""
        self.addWidget(panes)
        return self

    @property
    def display(self) -> SetDisplay:
        """The page with the set. It is built when it is first needed: most sessions have none."""
        if self._display is None:
            from viewer.ui.sets.display import SetDisplay

            self._display = SetDisplay(self._store, self._styles, self)
            self.addWidget(self._display.view)
            if self._actions is not None:
                self._display.add_buttons(self._actions)
        return self._display

    def add_buttons(self, actions: Actions, menu_bar: QMenuBar) -> None:
        """Put the commands of the menu Set where they are needed; in the menu bar's corner the way back."""
        self._actions = actions
        menu_bar.setCornerWidget(ActionButton(actions["set_view"], menu_bar))

    def follow(self, grid: QWidget, overlays: Sequence[Overlay]) -> None:
        """Show the page that the state has, and what lies over the grid of panes over that."""

        def show(is_set: bool) -> None:
            over: QWidget = grid
            if is_set:
                over = self.display.view
            self.setCurrentIndex(int(is_set))
            for overlay in overlays:
                overlay.place_over(over)

        self._store.watch(lambda state: state.switches.set_view, show)
        self._store.watch(_shows_panes, self._leave)

    def _leave(self, panes_wanted: bool) -> None:
        if panes_wanted:
            self._store.update(show_set(False))


def _shows_panes(state: AppState) -> bool:
    """Whether something is to be seen that is in the panes' page."""
    return state.switches.presenting or state.tour is not None

"""How much room the plots have: their own, none, or more than the pictures."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QSplitter, QWidget

from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import enlarge_plots, toggle

LARGE_SHARE = 0.6
"""Of the window's width."""


class PlotRoom(QObject):
    """Hides the plots, or enlarges them, and puts the splitter back as it was."""

    def __init__(self, store: Store, splitter: QSplitter, plots: QWidget) -> None:
        super().__init__(splitter)
        self._store = store
        self._splitter = splitter
        self._plots = plots
        self._sizes = QByteArray()
        store.watch(_room, self._set)

    def commands(self) -> tuple[Command, ...]:
        """The commands for the plots' room."""
        return (
            Command(
                "plots",
                "&Metrics",
                "Show &plots",
                partial(self._store.update, toggle("plots")),
                ("H",),
                section=1,
                short="Plots",
                tip="Show or hide the plots",
                words="curves hide panel rate distortion",
                checked=lambda state: state.switches.plots,
            ),
            Command(
                "large_plots",
                "&Metrics",
                "Larger plot&s",
                partial(self._store.update, enlarge_plots()),
                ("Shift+H",),
                section=1,
                tip="Give the plots more room than the pictures",
                words="curves bigger enlarge zoom",
                checked=lambda state: state.switches.large_plots,
            ),
        )

    def _set(self, room: tuple[bool, bool] | None) -> None:
        if room is None:
            return  # presenting has them out of the way
        shown, large = room
        self._plots.setVisible(shown)
        sizes = self._splitter.sizes()
        if large and self._sizes.isEmpty():
            self._sizes = self._splitter.saveState()
            plots = round(sum(sizes) * LARGE_SHARE)
            self._splitter.setSizes([sizes[0], sum(sizes[1:]) - plots, plots])
        elif not large and not self._sizes.isEmpty():
            self._splitter.restoreState(self._sizes)
            self._sizes = QByteArray()


def _room(state: AppState) -> tuple[bool, bool] | None:
    switches = state.switches
    return None if switches.presenting else (switches.plots, switches.plots and switches.large_plots)

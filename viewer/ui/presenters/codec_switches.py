"""Switching codecs on and off, while the window runs, in the menu and by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from viewer.codecs.registry import missing_codecs
from viewer.session.pane_layout import ORIGINAL
from viewer.ui.common.actions import PLACES, Actions
from viewer.ui.common.codec_style import CodecStyle
from viewer.ui.common.settings import Settings
from viewer.ui.engine.encode_service import Controller
from viewer.ui.panels.readout import ReadOut
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.plots.panel import PlotPanel


class CodecSwitches(QObject):
    """Keeps panes, plots, read-out and menus to the codecs that are compared.

    Every codec has a pane, hidden while it is off: nothing has to be made anew, and nothing else notices.
    """

    refused = Signal(str)
    """A sentence that says why a codec stays on."""

    def __init__(
        self,
        controller: Controller,
        settings: Settings,
        *,
        styles: Mapping[str, tuple[str, CodecStyle]],
        panes: Mapping[str, Pane],
        grid: PaneGrid,
        plots: PlotPanel,
        readout: ReadOut,
    ) -> None:
        """styles: every codec's label and style by its name. panes: those of ORIGINAL and of every codec."""
        super().__init__(controller)
        self._controller = controller
        self._settings = settings
        self._styles = styles
        self._panes = panes
        self._grid = grid
        self._plots = plots
        self._readout = readout
        self._actions: Actions | None = None
        controller.codecs_changed.connect(self._show)
        self._show(controller.codecs)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {f"codec_{codec}": lambda on, codec=codec: self._switch(codec, on=on) for codec in self._styles}

    def name_in(self, actions: Actions, menu: QMenu) -> None:
        """Let the menus tell which codecs there are, and which could be added."""
        self._actions = actions
        for label, package in missing_codecs():
            action = menu.addAction(f"{label}: pip install {package}")
            action.setEnabled(False)
        self._mark(self._controller.codecs)

    def _switch(self, codec: str, *, on: bool) -> None:
        present = self._controller.compared
        wanted = [name for name in self._styles if (on if name == codec else name in present)]
        if wanted:
            self._controller.set_codecs(wanted)
            self._settings.codecs = self._controller.compared
        else:
            self.refused.emit(f"{self._styles[codec][0]} is the only codec left: switch another one on first.")
            self._mark(present)

    def _show(self, codecs: Sequence[str]) -> None:
        self._grid.set_panes([self._panes[name] for name in (ORIGINAL, *codecs)])
        self._plots.set_codecs(self._controller.compared)
        self._readout.set_styles((None, *(self._styles[name][1] for name in codecs)))
        self._mark(codecs)

    def _mark(self, codecs: Sequence[str]) -> None:
        actions = self._actions
        if actions is None:
            return
        for name in self._styles:
            actions[f"codec_{name}"].setChecked(name in self._controller.compared)
        labels = ["Original", *(self._styles[name][0] for name in codecs)]
        for place in PLACES:
            there = place <= len(labels)
            for name, rest in ((f"pane_{place}", "alone, or right of the line"), (f"left_{place}", "left of the line")):
                actions[name].setVisible(there)
                actions[name].setEnabled(there)
                if there:
                    actions.entitle(name, f"{labels[place - 1]} {rest}")

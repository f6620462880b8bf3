"""Steps through the worst regions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect

from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import DIFFER, AppState, current_region
from viewer.ui.engine.region_finder import PANEL
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import set_region_group, show_region, step_region, toggle_panel
from viewer.ui.panels.region_panel import RegionPanel, RegionRow
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.pane_styles import PaneStyles

if TYPE_CHECKING:
    from viewer.maps.regions import Region


class RegionTour:
    """Fills the list of regions, and frames the current one."""

    def __init__(self, store: Store, styles: PaneStyles, display: Display) -> None:
        self._store = store
        self._styles = styles
        self._display = display
        self.panel = RegionPanel()
        store.update_on(self.panel.chosen, show_region)
        store.update_on(self.panel.group_chosen, set_region_group)
        store.watch(self._groups, lambda groups: self.panel.set_groups(*groups))
        store.watch(lambda state: (state.regions, state.region_group), self._list)
        store.watch(lambda state: state.region_index, self.panel.select)
        store.watch(framed_region, self._frame)

    def commands(self) -> tuple[Command, ...]:
        """The commands for the list, and for stepping through it."""
        return (
            Command(
                "regions",
                "&Show",
                "&Worst regions",
                partial(self._store.update, toggle_panel(PANEL)),
                ("W",),
                section=6,
                checked=lambda state: state.panel == PANEL,
            ),
            Command(
                "next_region",
                "&Show",
                "&Next worst region",
                self._step(1),
                (".",),
                section=6,
                short="Worst region",
                tip="Go to the place where the codecs differ most, and on to the next",
                words="artefact artifact find problem zoom",
            ),
            Command("previous_region", "&Show", "Pre&vious worst region", self._step(-1), (",",), section=6),
        )

    def _step(self, by: int) -> partial[None]:
        return partial(self._store.update, step_region(PANEL, by))

    def _groups(self, state: AppState) -> tuple[dict[str, str], str]:
        """The groups' titles by name, and the group listed."""
        titles = {pane: f"Worst of {self._styles.label(state, pane)}" for pane in state.panes}
        return {DIFFER: "Codecs differ most", **titles}, state.region_group

    def _list(self, _regions: object) -> None:
        state = self._store.state
        found = None if state.regions is None else state.regions.groups.get(state.region_group, ())
        target_bpp = None if state.regions is None else state.regions.target_bpp
        rows = None
        if found is not None:
            rows = tuple(RegionRow(one, tuple(self._styles.label(state, pane) for pane in one.panes)) for one in found)
        self.panel.show_regions(rows, target_bpp, differ=state.region_group == DIFFER)
        self.panel.select(state.region_index)

    def _frame(self, region: Region | None) -> None:
        frame = None if region is None else QRect(region.left, region.top, region.side, region.side)
        for canvas in self._display.canvases:
            canvas.set_frame(frame)


def framed_region(state: AppState) -> Region | None:
    """The current region, while its list is shown."""
    return current_region(state) if state.panel == PANEL else None

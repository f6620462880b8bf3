"""Going from one worst region to the next: the finder, its panel, and the commands for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect

from viewer.session.viewport import region_view
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.region_finder import RegionFinder
from viewer.ui.panels.region_panel import RegionPanel
from viewer.ui.panels.side import SidePanel
from viewer.ui.presenters.display import Display

if TYPE_CHECKING:
    from viewer.maps.regions import Region

PANEL = "regions"


class RegionTour(QObject):
    """Keeps the list, while it is shown, and moves the view to what is chosen in it."""

    def __init__(self, controller: Controller, display: Display, labels: Mapping[str, str]) -> None:
        """labels: of the codecs, by their names."""
        super().__init__(controller)
        self._controller = controller
        self._display = display
        self._side: SidePanel | None = None
        self.finder = RegionFinder(controller)
        self.panel = RegionPanel(labels)
        self.finder.found.connect(self.panel.show_regions)
        self.panel.chosen.connect(self.show_region)
        controller.codecs_changed.connect(self.panel.set_codecs)
        self.panel.set_codecs(controller.codecs)
        self.finder.found.connect(lambda _found: self._frame(None))

    def add_to(self, side: SidePanel) -> None:
        """Make the panel one of the side panels."""
        self._side = side
        side.add(PANEL, self.panel)
        side.toggled.connect(self._follow)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the commands do, by their names."""
        return {
            "regions": self.set_shown,
            "next_region": lambda: self._step(1),
            "previous_region": lambda: self._step(-1),
        }

    def set_shown(self, on: bool) -> None:
        """Show or hide the list."""
        assert self._side is not None
        self._side.set_shown(PANEL, on)

    def show_region(self, region: Region) -> None:
        """Look at a region, in every arrangement of the panes, and frame it there."""
        self._frame(QRect(region.left, region.top, region.side, region.side))
        area = self._display.visible_canvas.area
        self._controller.set_view(region_view(region.left, region.top, region.side, area))

    def _step(self, by: int) -> None:
        if not self.panel.isVisible():
            self.set_shown(True)
        self.panel.step(by)

    def _follow(self, panel: str, shown: bool) -> None:
        if panel == PANEL:
            self.finder.set_wanted(shown)
            self._frame(None)

    def _frame(self, region: QRect | None) -> None:
        for canvas in self._display.canvases:
            canvas.set_frame(region)

"""What lies over the pictures: placed in the corners of the pane that is seen in every arrangement."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QWidget

from viewer.maps import legend_of
from viewer.ui.controller import Controller
from viewer.ui.display import Display
from viewer.ui.legend import LegendBox

MARGIN = 8


class Overlays(QObject):
    """Keeps the legend in the upper left corner of a canvas: of the original's in the grid."""

    def __init__(self, controller: Controller, display: Display, grid: QWidget, legend: LegendBox) -> None:
        super().__init__(grid)
        self._controller = controller
        self._display = display
        self._grid = grid
        self._legend = legend
        display.maps.changed.connect(self._show_legend)
        controller.looking_changed.connect(self._follow)
        grid.installEventFilter(self)
        for canvas in display.canvases:
            canvas.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _follow(self, _looking: object) -> None:
        self._show_legend()
        self._place()

    def _show_legend(self, _codec: str = "") -> None:
        looking = self._controller.session.looking
        legend = legend_of(looking.show, looking.gain)
        made = [found for codec in self._controller.codecs if (found := self._display.maps.made(codec)) is not None]
        if legend is None:
            self._legend.show_legend(None, looking.gain, ("#000000", "#ffffff"))
        elif made:  # the colours come with the first map; until then the old legend stays, as the old map does
            self._legend.show_legend(legend, looking.gain, made[0].colours)
        self._place()

    def _place(self) -> None:
        canvas = self._display.visible_canvas
        area = QRect(canvas.mapTo(self._grid, QPoint()), canvas.size())
        self._legend.setGeometry(QRect(area.topLeft() + QPoint(MARGIN, MARGIN), self._legend.sizeHint()))
        self._legend.raise_()

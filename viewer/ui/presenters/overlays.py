"""What lies over the pictures: placed in the corners of the pane that is seen in every arrangement."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect
from PySide6.QtWidgets import QWidget

from viewer.maps.error_maps import legend_of
from viewer.session.state import View
from viewer.session.viewport import visible_rect
from viewer.ui.engine.encode_service import Controller
from viewer.ui.panes.legend import LegendBox
from viewer.ui.panes.navigator import Navigator
from viewer.ui.presenters.display import Display

MARGIN = 8


class Overlays(QObject):
    """Keeps legend and navigator in corners of a canvas, of the original's in the grid; a loupe is in every one."""

    def __init__(
        self, controller: Controller, display: Display, grid: QWidget, legend: LegendBox, navigator: Navigator
    ) -> None:
        super().__init__(grid)
        self._controller = controller
        self._display = display
        self._grid = grid
        self._legend = legend
        self._navigator = navigator
        self._magnifying = False
        self._pixel: tuple[int, int] | None = None
        navigator.wanted.connect(self._look_at)
        controller.view_changed.connect(self._follow)
        controller.opened.connect(self._follow)
        display.maps.changed.connect(self._show_legend)
        display.drafts.changed.connect(self._place)
        controller.pane_layout_changed.connect(self._follow)
        grid.installEventFilter(self)
        for canvas in display.canvases:
            canvas.installEventFilter(self)
            canvas.hovered.connect(self._hover)

    def set_magnifying(self, on: bool) -> None:
        """Whether there is a loupe in every pane: below the pointer, or in the middle of what is seen."""
        self._magnifying = on
        self._show_loupe()

    def _hover(self, pixel: tuple[int, int] | None) -> None:
        self._pixel = pixel
        self._show_loupe()

    def _show_loupe(self) -> None:
        pixel = (self._pixel or self._middle()) if self._magnifying else None
        for canvas in self._display.canvases:
            canvas.set_loupe(pixel)

    def _middle(self) -> tuple[int, int] | None:
        canvas = self._display.visible_canvas
        return canvas.pixel_at(QPointF(canvas.width() / 2, canvas.height() / 2))

    def _look_at(self, x: float, y: float) -> None:
        canvas = self._display.visible_canvas
        placement = canvas.placement
        if placement is not None:
            self._controller.set_view(View(placement.zoom, (x, y)))

    def _show_navigator(self) -> None:
        opened = self._controller.opened_picture
        if opened is None or self._display.drafts.current is not None:
            self._navigator.show_view(None, None)
            return
        size, area = (opened.image.width, opened.image.height), self._display.visible_canvas.area
        self._navigator.show_view(opened.picture, visible_rect(self._controller.session.view, size, area))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _follow(self, _changed: object) -> None:
        self._show_loupe()
        self._show_legend()
        self._place()

    def _show_legend(self, _codec: str = "") -> None:
        pane_layout = self._controller.session.pane_layout
        legend = legend_of(pane_layout.show, pane_layout.gain)
        made = [found for codec in self._controller.codecs if (found := self._display.maps.made(codec)) is not None]
        if legend is None:
            self._legend.show_legend(None, pane_layout.gain, ("#000000", "#ffffff"))
        elif made:  # the colours come with the first map; until then the old legend stays, as the old map does
            self._legend.show_legend(legend, pane_layout.gain, made[0].colours)
        self._place()

    def _place(self) -> None:
        canvas = self._display.visible_canvas
        area = QRect(canvas.mapTo(self._grid, QPoint()), canvas.size())
        self._legend.setGeometry(QRect(area.topLeft() + QPoint(MARGIN, MARGIN), self._legend.sizeHint()))
        self._legend.raise_()
        self._show_navigator()
        box = QRect(QPoint(), self._navigator.sizeHint())
        box.moveTopRight(area.topRight() + QPoint(-MARGIN, MARGIN))  # the lower corners are the loupe's
        self._navigator.setGeometry(box)
        self._navigator.raise_()

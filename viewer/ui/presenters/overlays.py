"""Overlays on the pictures: legend, navigator and loupe, in the corners of a visible pane."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget

from viewer.maps.error_maps import legend_of
from viewer.session.corners import Corner, corner_place
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import View, place
from viewer.session.viewport import Rect, visible_rect
from viewer.ui.common.actions import Command
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.image_pyramid import Picture
from viewer.ui.engine.maps import current_map
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.view import set_view, toggle
from viewer.ui.panes.legend import LegendBox
from viewer.ui.panes.navigator import Navigator
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.region_tour import framed_region

MARGIN = 8
TOP_CORNERS: tuple[Corner, ...] = ((True, False), (False, False))
BOTTOM_CORNERS: tuple[Corner, ...] = ((True, True), (False, True))


class Overlays(QObject):
    """Keeps legend and navigator in corners of a canvas (the original's in the grid), and a loupe in every canvas."""

    def __init__(
        self,
        store: Store,
        display: Display,
        grid: QWidget,
        *,
        legend: LegendBox,
        navigator: Navigator,
        label: Callable[[AppState, str], str],
    ) -> None:
        """label: the name of a pane."""
        super().__init__(grid)
        self._store = store
        self._display = display
        self._grid = grid
        self._legend = legend
        self._navigator = navigator
        self._label = label
        navigator.wanted.connect(self._look_at)
        grid.installEventFilter(self)
        for canvas in display.canvases:
            canvas.installEventFilter(self)
        store.watch(_magnified, self._show_loupe)
        store.watch(_legend_inputs, self._show_legend)
        store.watch(_seen, self._show_navigator)
        store.watch(_placing, lambda _: self._place())

    def add(self, canvas: QWidget) -> None:
        """Follow one more canvas."""
        canvas.installEventFilter(self)

    @staticmethod
    def commands(store: Store) -> tuple[Command, ...]:
        """The command for the loupe."""
        return (
            Command(
                "loupe",
                "&Show",
                "L&oupe in every pane",
                partial(store.update, toggle("loupe")),
                ("L",),
                section=5,
                checked=lambda state: state.switches.loupe,
            ),
        )

    def _show_loupe(self, pixel: tuple[int, int] | None) -> None:
        for canvas in self._display.canvases:
            canvas.set_loupe(pixel)

    def _look_at(self, x: float, y: float) -> None:
        placement = self._display.visible_canvas.placement
        if placement is not None:
            self._store.update(set_view(View(placement.zoom, (x, y))))

    def _show_navigator(self, seen: tuple[Picture, Rect | None] | None) -> None:
        self._navigator.show_view(*(seen or (None, None)))
        self._place()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _show_legend(self, _inputs: object) -> None:
        state = self._store.state
        layout = state.session.pane_layout
        against = "original" if layout.against == ORIGINAL else self._label(state, layout.against)
        legend = legend_of(layout.show, layout.gain, against, layout.mapped)
        made = [found for pane in state.panes if (found := current_map(state, pane)) is not None]
        if legend is None:
            self._legend.show_legend(None, layout.gain, ())
        elif made:  # the colours come with the first map; until then the old legend stays, as the old map does
            self._legend.show_legend(legend, layout.gain, made[0].bars)
        self._place()

    def _place(self) -> None:
        canvas = self._display.visible_canvas
        area = QRect(canvas.mapTo(self._grid, QPoint()), canvas.size())
        self._legend.setGeometry(QRect(area.topLeft() + QPoint(MARGIN, MARGIN), self._legend.sizeHint()))
        self._legend.raise_()
        self._place_navigator(area)

    def _place_navigator(self, area: QRect) -> None:
        """Into a corner where it covers neither the framed region, nor the legend, nor the names beside the line of a
        split view; hidden where there is none.
        """
        canvas, state = self._display.visible_canvas, self._store.state
        taken = [] if self._legend.isHidden() else [_rect(self._legend.geometry())]
        taken += [_rect(box.translated(area.topLeft())) for box in canvas.name_boxes]
        region, placement = framed_region(state), canvas.placement
        if region is not None and placement is not None:
            zoom, ratio = placement.zoom, canvas.devicePixelRatioF()
            left, top = placement.left + region.left * zoom, placement.top + region.top * zoom
            corner = area.topLeft() + QPoint(int(left / ratio), int(top / ratio))
            side = math.ceil(region.side * zoom / ratio)
            taken.append(_rect(QRect(corner, QSize(side, side))))
        self._navigator.fit_into(area.size())
        size = self._navigator.sizeHint()
        # The lower corners are the loupe's, while it is on.
        corners = TOP_CORNERS if state.switches.loupe else (*TOP_CORNERS, *BOTTOM_CORNERS)
        place = corner_place((size.width(), size.height()), _rect(area), MARGIN, taken, corners)
        self._navigator.setVisible(place is not None and not self._navigator.sees_all)
        if place is not None:
            self._navigator.setGeometry(QRect(place.left, place.top, *place.size))
            self._navigator.raise_()


def _rect(rect: QRect) -> Rect:
    return Rect(rect.left(), rect.top(), rect.left() + rect.width(), rect.top() + rect.height())


def _placing(state: AppState) -> tuple[object, ...]:
    """Everything that determines where the overlays go."""
    layout = state.session.pane_layout
    return (layout, state.area, state.grid_panes, state.session.view), (framed_region(state), state.switches.loupe)


def _magnified(state: AppState) -> tuple[int, int] | None:
    """The image pixel that the loupe magnifies: under the pointer, or in the middle of the visible area."""
    size = state.picture_size
    if not state.switches.loupe:
        return None
    if state.hovered is not None or size is None:
        return state.hovered
    placement, (width, height) = place(state.session.view, size, state.area), state.area
    x, y = (width / 2 - placement.left) / placement.zoom, (height / 2 - placement.top) / placement.zoom
    return (int(x // 1), int(y // 1)) if 0 <= x < size[0] and 0 <= y < size[1] else None


def _legend_inputs(state: AppState) -> tuple[object, ...]:
    layout = state.session.pane_layout
    inputs = layout.show, layout.gain, layout.against, layout.mapped
    return *inputs, state.maps, state.results, state.panes


def _seen(state: AppState) -> tuple[Picture, Rect | None] | None:
    """The picture, and its visible area."""
    if state.opened is None or state.draft is not None:
        return None
    size = (state.opened.image.width, state.opened.image.height)
    if state.session.view.zoom is None:
        return None  # fitted: a margin of a few pixels, cut off for the sake of 1:1, needs no map
    return state.opened.picture, visible_rect(state.session.view, size, state.area)

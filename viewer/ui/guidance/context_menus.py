"""Context menus: what can be done with the thing under the pointer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QWidget

from viewer.matching.curve import RatePoint
from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout
from viewer.ui.common.actions import Actions
from viewer.ui.common.formatting import format_bpp
from viewer.ui.engine.store import Store, Update
from viewer.ui.engine.updates.compared import toggle_codec
from viewer.ui.engine.updates.target import set_on_scale, set_target, target_on_scale
from viewer.ui.engine.updates.view import arrange, toggle_curves
from viewer.ui.panes.pane import Pane, SplitPane
from viewer.ui.plots.panel import PlotPanel
from viewer.ui.plots.rate_plot import RatePlot
from viewer.ui.presenters.pane_styles import PaneStyles

SAVING = ("save_stream", "save_reconstruction", "copy")


class ContextMenus(QObject):
    """Makes a menu when one is asked for, by the right button or the menu key, on a pane, a plot or its legend.

    pane: the one whose menu's command is running; it goes before the pane that has the focus.
    """

    def __init__(
        self,
        store: Store,
        styles: PaneStyles,
        actions: Actions,
        *,
        panes: Mapping[str, Pane],
        split: SplitPane,
        plots: PlotPanel,
        pin: Callable[[RatePoint], object],
    ) -> None:
        """pin: pins a measured point."""
        super().__init__(plots)
        self._store = store
        self._styles = styles
        self._actions = actions
        self._split = split
        self._plots = plots
        self._pin = pin
        self.pane: str | None = None
        self.menu: QMenu | None = None
        """The menu that was opened last."""
        self._panes: dict[QWidget, str] = {}
        for name, pane in panes.items():
            self.follow(name, pane)
        for widget in (split.canvas, split.left, split.right, plots.upper_plot, plots.lower_plot, plots.legend):
            widget.installEventFilter(self)

    def follow(self, name: str, pane: Pane) -> None:
        """Offer a menu on this pane."""
        for widget in (pane.canvas, pane.header):
            self._panes[widget] = name
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ContextMenu or not isinstance(event, QContextMenuEvent):
            return False
        menu = self._menu_for(watched, event.pos())
        if menu is None:
            return False
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = menu
        menu.popup(event.globalPos())
        return True

    def _menu_for(self, watched: QObject, at: QPoint) -> QMenu | None:
        if isinstance(watched, RatePlot):
            return self._plot_menu(watched, QPointF(at))
        if watched is self._plots.legend:
            codec = self._plots.legend.codec_at(QPointF(at))
            return None if codec is None else self._legend_menu(codec)
        if isinstance(watched, QWidget):
            pane = self._panes.get(watched) or self._side(watched, at)
            return self._pane_menu(pane)
        return None

    def _side(self, watched: QWidget, at: QPoint) -> str:
        """Of a split view, what is under the pointer."""
        layout, canvas = self._store.state.session.pane_layout, self._split.canvas
        if watched is canvas:
            pixel = canvas.pixel_at(QPointF(at))
            left = pixel is not None and pixel[0] < canvas.line
        else:
            left = watched is self._split.left
        return layout.left if left else layout.right

    def _new_menu(self) -> QMenu:
        menu = QMenu(self._plots.window())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        menu.setToolTipsVisible(True)
        return menu

    def _pane_menu(self, pane: str) -> QMenu:
        state = self._store.state
        label, layout = self._styles.label(state, pane), state.session.pane_layout
        menu = self._new_menu()
        title = menu.addAction(label)
        title.setEnabled(False)
        menu.addSeparator()
        if layout.layout is Layout.SINGLE and layout.pane == pane:
            menu.addAction(self._actions["grid"])
        else:
            self._add(menu, f"Show {label} alone", arrange(lambda now: now.alone(pane)))
        others = menu.addMenu("Split with")
        for other in (ORIGINAL, *state.panes):
            if other != pane:
                self._add(others, self._styles.label(state, other), arrange(partial(_split, left=pane, right=other)))
        menu.addSeparator()
        for name in SAVING:
            if name != "save_stream" or pane in state.results:
                self._offer(menu, name, pane)
        if pane in state.results:
            menu.addSeparator()
            self._offer(menu, "pin", pane)
        if pane in state.compared:
            self._add(menu, f"Switch {label} off", toggle_codec(pane, label))
        return menu

    def _plot_menu(self, plot: RatePlot, at: QPointF) -> QMenu:
        state, menu = self._store.state, self._new_menu()
        nearest = self._plots.nearest_point(plot, at)
        if nearest is not None:
            label = self._styles.codecs[nearest.codec][0]
            menu.addAction(f"Pin {label} at {format_bpp(nearest.target_bpp)} bpp", partial(self._pin, nearest))
        bpp, level = self._plots.values_at(plot, at)
        if state.session.quality is None:
            self._add(menu, f"Set the rate to {format_bpp(bpp)} bpp", set_target(bpp))
        elif level is not None:
            scale = target_on_scale(state)[0]
            self._add(menu, f"Match at {scale.text(level)}", set_on_scale(level))
        menu.addSeparator()
        for name in ("large_plots", "plots", "logarithmic"):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        which = "upper" if plot is self._plots.upper_plot else "lower"
        menu.addAction("Export this plot…", self._actions[f"export_{which}_plot"].trigger)
        menu.addAction(self._actions["points"])
        return menu

    def _legend_menu(self, codec: str) -> QMenu:
        state, menu = self._store.state, self._new_menu()
        label = self._styles.codecs[codec][0]
        verb = "Show" if codec in state.hidden_curves else "Hide"
        self._add(menu, f"{verb} {label}’s curves", toggle_curves(codec))
        self._add(menu, f"Show {label} alone", arrange(lambda now: now.alone(codec)))
        self._add(menu, f"Switch {label} off", toggle_codec(codec, label))
        return menu

    def _add(self, menu: QMenu, text: str, update: Update) -> None:
        menu.addAction(text.replace("&", "&&"), partial(self._store.update, update))

    def _offer(self, menu: QMenu, name: str, pane: str) -> None:
        """A command of the menus, for this pane."""
        action = self._actions[name]
        menu.addAction(action.text(), partial(self._run, name, pane)).setEnabled(action.isEnabled())

    def _run(self, name: str, pane: str) -> None:
        self.pane = pane
        try:
            self._actions[name].trigger()
        finally:
            self.pane = None


def _split(layout: PaneLayout, *, left: str, right: str) -> PaneLayout:
    return layout.split(left=left, right=right)

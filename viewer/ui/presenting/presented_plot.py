"""A small plot in a corner of the pictures while presenting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from viewer.session.metric_reading import label_of, metric_read, plot_title, plotted_curve, plotted_level, plotted_value
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.theme import ThemeSwitch, colours_of
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.store import Store
from viewer.ui.plots.panel import PlotContent
from viewer.ui.plots.rate_plot import RatePlot
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenting.corner import place_in_corner
from viewer.ui.presenting.presentation import label_share

SHARES = (0.30, 0.34)
"""Of the pictures' width and height."""
SMALLEST = QSize(260, 190)
"""Smaller only where the picture that it lies on is."""


class PlotBox(QWidget):
    """The lower plot's metric, with a title, written for a room."""

    def __init__(self, styles: PaneStyles, parent: QWidget, share: float) -> None:
        super().__init__(parent)
        self._styles = styles
        self._title = QLabel(self)
        self._title.setFont(figure_font(self.font(), share, bold=True))
        self.plot = RatePlot(styles.codecs, self)
        self.plot.set_colours(colours_of(self.palette()))
        self.plot.set_share(share)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # the pictures below are what is dragged
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 6)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self.plot, 1)

    def show_content(self, content: PlotContent, codecs: tuple[str, ...]) -> None:
        """Draw the curves and where the codecs are."""
        metric, scale, quality = content.metrics[1], content.scale, content.quality
        better = metric_read(metric, scale).direction
        title = plot_title(metric, scale) + (", lower is better" if better == "lower" else "")
        if title != self._title.text():
            self._title.setText(title)
            self.plot.set_metric(label_of(metric), better)
        if codecs != self.plot.codecs:
            self.plot.set_codecs(codecs)
        for codec in codecs:
            self.plot.set_curve(codec, plotted_curve(metric, scale, content.curves.get(codec, ())))
            marker = content.markers.get(codec)
            value = None if marker is None else plotted_value(metric, scale, marker.metrics, marker.scores)
            point = None if marker is None or value is None else (marker.bpp, value)
            self.plot.set_marker(codec, self.plot.point_on_curve(codec, content.provisional.get(codec)) or point)
        self.plot.set_target(content.target_bpp if quality is None else None)
        self.plot.set_level(plotted_level(metric, scale, quality))


class PresentedPlot(QObject):
    """Makes the box while it is wanted, and keeps it in the lower right corner of a picture."""

    def __init__(
        self,
        store: Store,
        styles: PaneStyles,
        grid: QWidget,
        *,
        display: Display,
        content: Callable[[AppState], PlotContent],
        themes: ThemeSwitch,
    ) -> None:
        super().__init__(grid)
        self._store = store
        self._styles = styles
        self._grid = grid
        self._display = display
        self._content = content
        self._themes = themes
        self.box: PlotBox | None = None
        store.watch(self._wanted, lambda _wanted: self._draw(), at_once=False)
        grid.installEventFilter(self)

    def _wanted(self, state: AppState) -> object:
        switches = state.switches
        wanted = switches.presenting and switches.presented_plot
        return (self._content(state), state.compared, switches.logarithmic, state.area) if wanted else None

    def _draw(self) -> None:
        state = self._store.state
        if self._wanted(state) is None:
            if self.box is not None:
                self.box.hide()
                self.box.deleteLater()
                self.box = None
            return
        if self.box is None:
            self.box = PlotBox(self._styles, self._grid, label_share(self._grid.screen().size().height()))
            self.box.plot.set_colours(self._themes.colours)
        if state.switches.logarithmic != self.box.plot.is_logarithmic:
            self.box.plot.set_logarithmic(state.switches.logarithmic)
        self.box.show_content(self._content(state), state.compared)
        self.box.show()
        self._place()

    def _place(self) -> None:
        if self.box is not None:
            size = QSize(round(SHARES[0] * self._grid.width()), round(SHARES[1] * self._grid.height()))
            place_in_corner(self.box, self._display.visible_canvas, size.expandedTo(SMALLEST))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

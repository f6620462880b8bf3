"""All that shows results to others, made together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from viewer.ui.blind.controller import BlindTesting
from viewer.ui.common.actions import Command
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.file_writer import Writer
from viewer.ui.engine.store import Store
from viewer.ui.panes.legend import LegendBox
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenters.target_display import TargetDisplay
from viewer.ui.presenting.film_export import FilmExport
from viewer.ui.presenting.plot_export import PlotExport
from viewer.ui.presenting.presentation import Presentation
from viewer.ui.presenting.presented_plot import PresentedPlot
from viewer.ui.presenting.size_bars import SizeBars
from viewer.ui.presenting.tour import GuidedTour
from viewer.ui.presenting.tour_strip import TourStrip


class Showing:
    """Presentation, tour, boxes over the pictures, and what is exported for a talk."""

    def __init__(
        self,
        store: Store,
        styles: PaneStyles,
        window: QMainWindow,
        *,
        splitter: QSplitter,
        panes: Mapping[str, Pane],
        grid: PaneGrid,
        display: Display,
        target: TargetDisplay,
        themes: ThemeSwitch,
        writer: Writer,
        blind: BlindTesting,
        strip: TourStrip,
        legend: Callable[[], LegendBox],
        in_the_way: Callable[[], Sequence[QWidget]],
        result_line: QWidget,
        labels: Sequence[QWidget],
    ) -> None:
        """legend, in_the_way, labels: as in Presentation. result_line: which the tour speaks instead of."""

        def hidden() -> tuple[QWidget, ...]:
            return (*in_the_way(), *((result_line,) if store.state.tour is not None else ()))

        self.presentation = Presentation(
            store,
            styles,
            window,
            splitter=splitter,
            panes=panes,
            grid=grid,
            legend=legend,
            in_the_way=hidden,
            labels=(result_line, *labels),
        )
        self.plot = PresentedPlot(store, styles, grid, display=display, content=target.content, themes=themes)
        self.films = FilmExport(store, styles, writer)
        self.plots = PlotExport(store, styles, target, writer)
        self.size_bars = SizeBars(store, styles, grid, display)
        self.tour = GuidedTour(store, styles, blind, strip)

    def commands(self) -> tuple[Command, ...]:
        """The commands of all of them."""
        return tuple(
            command
            for part in (self.presentation, self.size_bars, self.tour, self.films, self.plots)
            for command in part.commands()
        )

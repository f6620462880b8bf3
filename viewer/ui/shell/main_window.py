"""The main window: puts the parts together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QDialog, QMainWindow, QSplitter, QStyle, QVBoxLayout, QWidget

from viewer.codecs.base import Codec
from viewer.codecs.registry import DEFAULT_CODECS, PROBLEMS, added_codecs
from viewer.session.pane_layout import ORIGINAL, PIN_PANES, Layout, Looking
from viewer.session.state import FIT, Size, at_zoom
from viewer.system.resources import icon_path
from viewer.ui.blind.controller import BlindTesting
from viewer.ui.common.actions import Actions
from viewer.ui.common.codec_style import style_of
from viewer.ui.common.settings import Settings
from viewer.ui.common.slider_scale import Stride
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.bd_rates import BdFlow
from viewer.ui.engine.encode_service import Controller
from viewer.ui.engine.file_writer import Writer
from viewer.ui.engine.jobs import Opened
from viewer.ui.files.file_watch import FileWatch
from viewer.ui.files.opening import Opening
from viewer.ui.files.reporting import Reporting
from viewer.ui.files.saving import Saving
from viewer.ui.files.session_io import SessionKeeping
from viewer.ui.panels.banner import Banner
from viewer.ui.panels.drop_overlay import DropFrame
from viewer.ui.panels.info import InformationPanel
from viewer.ui.panels.readout import ReadOut
from viewer.ui.panels.side import SidePanel
from viewer.ui.panes.canvas import WHEEL_ZOOM
from viewer.ui.panes.header_text import HeaderText
from viewer.ui.panes.legend import LegendBox
from viewer.ui.panes.navigator import Navigator
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.plots.panel import PlotPanel
from viewer.ui.plots.point_table import PointTable
from viewer.ui.presenters.codec_switches import CodecSwitches
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.equal_mode import EqualMode
from viewer.ui.presenters.inspection import Inspection
from viewer.ui.presenters.layout_actions import Ways
from viewer.ui.presenters.memory_choice import MemoryChoice
from viewer.ui.presenters.overlays import Overlays
from viewer.ui.presenters.pane_styles import PaneLabels, PaneLooks
from viewer.ui.presenters.pin_board import PinBoard
from viewer.ui.presenters.preferences import Preferences
from viewer.ui.presenters.presentation import Presentation
from viewer.ui.presenters.region_tour import RegionTour
from viewer.ui.presenters.view_export import ViewExport
from viewer.ui.presenters.window_state import Arrangement
from viewer.ui.rate.bar import RateBar
from viewer.ui.shell.dialogs import AboutBox, KeysSheet
from viewer.ui.shell.log_folder import LogPlace
from viewer.ui.shell.menu_marks import mark_looking

PROGRAM = "RateLens"
FIRST_SIZE = QSize(1440, 900)
"""Of the window, where the screen has room for it."""


class MainWindow(QMainWindow):
    """Panes, plots and rate bar, the menus, and nothing that thinks."""

    def __init__(self, codecs: Sequence[Codec], target_bpp: float, settings: Settings, themes: ThemeSwitch) -> None:
        super().__init__()
        self.settings = settings
        names = tuple(codec.name for codec in codecs)
        styles = {codec.name: (codec.label, style_of(codec.name, names)) for codec in codecs}
        self.controller = Controller(names, target_bpp, self, codecs=_switched_on(names, settings))
        looks = PaneLooks(self.controller, styles)
        self._every_pane = {ORIGINAL: Pane(HeaderText("Original"))}
        self._every_pane |= {name: Pane(HeaderText(label, style)) for name, (label, style) in styles.items()}
        self._every_pane |= {name: Pane(HeaderText(f"Pin {n}")) for n, name in enumerate(PIN_PANES, start=1)}
        self.grid = PaneGrid(tuple(self._every_pane.values()))
        self.plots = PlotPanel(styles)
        self.rate_bar = RateBar()
        self.opening = Opening(self.controller, settings, self)
        self.banner = Banner(self.grid)
        self._display = Display(
            self.controller,
            styles=looks,
            panes=self._every_pane,
            grid=self.grid,
            plots=self.plots,
            rate_bar=self.rate_bar,
        )
        self.readout = ReadOut((None, *(style for _label, style in styles.values())))
        self._inspection = Inspection(self.controller, self._display, self.readout)
        self.switches = CodecSwitches(
            self.controller,
            settings,
            styles=looks,
            panes=self._every_pane,
            grid=self.grid,
            plots=self.plots,
            readout=self.readout,
        )
        self.tour = RegionTour(self.controller, self._display, PaneLabels(looks))
        self._labels = {name: label for name, (label, _style) in styles.items()}
        self._equal = EqualMode(self.controller, self._labels)
        self._preferences = Preferences(self.controller, self._display, self.plots, settings, themes)
        self._memory = MemoryChoice(self.controller, settings)
        self.writer = Writer(self.controller, self)
        suffixes = {codec.name: codec.suffix for codec in codecs}
        self.saving = Saving(self.controller, suffixes, self.present_pane, self.writer, self, area=self._visible_area)
        self.view_export = ViewExport(self.controller, self._every_pane, self.grid, self.writer, self)
        self.reporting = Reporting(self.controller, self.writer, self)
        self.log_place = LogPlace(self)
        self.point_table = PointTable(self.controller, styles, self.writer, self)
        self._bd = BdFlow(self.controller)
        self.information = InformationPanel(self.controller)
        self.file_watch = FileWatch(self.controller)
        self.blind = BlindTesting(self.controller, {c.name: c.label for c in codecs}, self.writer, self)
        self.sessions = SessionKeeping(self.controller, self.writer, settings, self)
        self.pin_board = PinBoard(self.controller, self._labels, self.present_pane)
        self.drop_frame = DropFrame(self.grid)
        self.ways = Ways(self.controller, self.grid.split.canvas, self)
        self.maps, self.previews, self.drafts = self._display.maps, self._display.previews, self._display.drafts
        self.actions_by_name = Actions(
            self,
            self._handlers()
            | self.ways.handlers()
            | self.tour.handlers()
            | self._preferences.handlers()
            | self._memory.handlers()
            | self.saving.handlers()
            | self._equal.handlers()
            | self.view_export.handlers()
            | self.reporting.handlers()
            | self.sessions.handlers()
            | self.log_place.handlers()
            | self.information.handlers()
            | self.file_watch.handlers()
            | self.switches.handlers()
            | self.point_table.handlers()
            | self.blind.handlers()
            | self.pin_board.handlers(),
        )
        self.legend = LegendBox(self.actions_by_name["gain_down"], self.actions_by_name["gain_up"], self.grid)
        self.navigator = Navigator(self.grid)
        self._overlays = Overlays(self.controller, self._display, self.grid, self.legend, self.navigator)
        self.sheet: QDialog | None = None
        self._lay_out()
        self._arrangement = Arrangement(self.controller, settings, self.actions_by_name, self.side)
        self.presentation = self._presentation()
        self._connect()
        self._restore()

    @property
    def panes(self) -> dict[str, Pane]:
        """Those of the original and of the codecs that are on, by name, in the order of their digits."""
        return {name: self._every_pane[name] for name in (ORIGINAL, *self.controller.codecs)}

    def show_keys(self) -> None:
        """Show the sheet of keys."""
        self._show_sheet(KeysSheet(self))

    def show_about(self) -> None:
        """Show the about box."""
        self._show_sheet(AboutBox(self))

    def zoom_to_pixels(self) -> None:
        """One image pixel to one device pixel."""
        canvas = self._display.visible_canvas
        image = self.controller.session.image
        if image is not None:
            view = at_zoom(self.controller.session.view, (image.width, image.height), canvas.area, 1.0)
            self.controller.set_view(view)

    def present_pane(self) -> str:
        """The pane that is meant: the one alone, the right side, or in the grid the one with the focus."""
        looking = self.controller.session.looking
        if looking.layout is Layout.SPLIT:
            return looking.right
        if looking.layout is Layout.GRID:
            for name, pane in self.panes.items():
                if pane.canvas.hasFocus():
                    return name
        return looking.pane

    def _visible_area(self) -> Size:
        return self._display.visible_canvas.area

    def escape(self) -> None:
        """Close the sheet or the message, or end presenting; else go back to the grid."""
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close()
        elif self.banner.isVisible():
            self.banner.hide()
        elif self.presentation.is_on:
            self.presentation.set_on(False)
        elif self.controller.session.looking.layout is Layout.GRID:
            self.controller.compare_pins(None)
        else:
            self.ways.show_grid()

    def _lay_out(self) -> None:
        self.setWindowTitle(PROGRAM)
        self.setWindowIcon(QIcon(str(icon_path())))
        self.setAcceptDrops(True)
        self.actions_by_name.fill(self.menuBar())
        self.switches.name_in(self.actions_by_name, self.actions_by_name.menus["&Codecs"])
        file_menu = self.actions_by_name.menus["&File"]
        before = self.actions_by_name["close"]
        recent, samples = file_menu.addMenu("Open &recent"), file_menu.addMenu("&Samples")
        for menu in (recent, samples):
            menu.setToolTipsVisible(True)
            file_menu.removeAction(menu.menuAction())
        separator = file_menu.actions()[file_menu.actions().index(before) - 1]
        file_menu.insertMenu(separator, recent)
        file_menu.insertMenu(separator, samples)
        recent.aboutToShow.connect(lambda: self.opening.fill_recent(recent))
        self.opening.fill_samples(samples)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(5)
        self.splitter.setChildrenCollapsible(False)
        self.side = SidePanel(self.splitter, self.actions_by_name)
        self.tour.add_to(self.side)
        self.information.add_to(self.side)
        self.pin_board.add_to(self.side)
        self.splitter.addWidget(self.grid)
        self.splitter.addWidget(self.plots)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setStretchFactor(2, 0)
        self.plots.add_switches(
            (self.actions_by_name["luma"], self.actions_by_name["logarithmic"]), (self.actions_by_name["decibels"],)
        )
        self.rate_bar.add_switches([self.actions_by_name[f"equal_{what}"] for what in ("rate", "psnr", "ms_ssim")])
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(5, 2, 5, 5)
        column.setSpacing(5)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.readout)
        column.addWidget(self.rate_bar)
        self.setCentralWidget(centre)
        self.panes[ORIGINAL].canvas.set_hint("Drop a picture here, or open one with Ctrl+O")
        self.rate_bar.slider.setFocus()

    def _presentation(self) -> Presentation:
        in_the_way = (self.menuBar(), self.side, self.plots, self.readout, *self.rate_bar.switches)
        split = self.grid.split
        heads = (*(pane.header for pane in self._every_pane.values()), split.left, split.right)
        presentation = Presentation(self, self.splitter, in_the_way, (*heads, *self.rate_bar.labels))
        presentation.follow(self.actions_by_name)
        return presentation

    def _connect(self) -> None:
        self.controller.opened.connect(self._show_name)
        self.controller.opened.connect(self.opening.say_what_was_not_opened)
        self.controller.open_failed.connect(self.banner.say)
        self.opening.refused.connect(self.banner.say)
        self.maps.refused.connect(self.banner.say)
        self.opening.session_wanted.connect(self.sessions.open)
        self.sessions.follow(self.actions_by_name, lambda: self.side.present)
        for part in (self.writer, self.saving, self.view_export, self.reporting, self.log_place, self.sessions):
            part.refused.connect(self.banner.say)
        for telling in (self.writer, self.saving, self.view_export, self.log_place, self.sessions, self.blind):
            telling.told.connect(self.banner.tell)
        self.rate_bar.refused.connect(self.banner.say)
        self.file_watch.refused.connect(self.banner.say)
        self.file_watch.changed.connect(self.banner.offer)
        self.file_watch.told.connect(self.banner.tell)
        self.controller.target_changed.connect(self.banner.pass_by)
        self.controller.quality_changed.connect(self.banner.pass_by)
        self.switches.refused.connect(self.banner.say)
        self.blind.refused.connect(self.banner.say)
        self.controller.looking_changed.connect(self._check_looking)
        self.controller.codecs_changed.connect(lambda _codecs: self._check_looking(self.controller.session.looking))
        for chosen in (self.rate_bar.quality_chosen, self.plots.quality_chosen):
            chosen.connect(self._equal.choose)
        self._equal.needs_changed.connect(self.plots.foot.set_needs)
        self._equal.follow(self.actions_by_name)
        self.pin_board.refused.connect(self.banner.say)
        self.pin_board.points_changed.connect(self.plots.set_pins)
        self.plots.pin_wanted.connect(self.pin_board.add_point)
        self.point_table.shown_changed.connect(self.actions_by_name["points"].setChecked)
        self.plots.foot.pair_chosen.connect(self._bd.choose)
        self._bd.changed.connect(self.plots.foot.set_bd)
        self.controller.codecs_changed.connect(self._offer_pairs)
        self._offer_pairs(self.controller.compared)
        self.pin_board.follow(self.actions_by_name)

    def _offer_pairs(self, _panes: Sequence[str]) -> None:
        self.plots.foot.set_codecs({codec: self._labels[codec] for codec in self.controller.compared})

    def _check_looking(self, looking: Looking) -> None:
        mark_looking(self.actions_by_name, looking, self.ways.panes, blinking=self.ways.is_blinking)

    def _restore(self) -> None:
        self._check_looking(self.controller.session.looking)
        self._preferences.restore(self.actions_by_name)
        self._memory.restore(self.actions_by_name)
        if not self.restoreGeometry(self.settings.bytes_of("geometry")):
            frame = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
            self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize() - QSize(0, frame)))
        self.splitter.restoreState(self.settings.bytes_of("splitter"))
        self.side.hide()  # the state knows of it, too
        self._arrangement.restore()
        self.rate_bar.slider.setFocus()
        self._problems = " ".join(text for text in (self.settings.problem, *PROBLEMS) if text)
        if self._problems:
            self.banner.say(self._problems)

    def _handlers(self) -> dict[str, Callable[..., object]]:
        controller, slider = self.controller, self.rate_bar.slider
        display = self._display
        return {
            "open": self.opening.ask,
            "next_file": lambda: self.opening.open_neighbour(1),
            "previous_file": lambda: self.opening.open_neighbour(-1),
            "close": self.close,
            "quit": self.close,
            "paste": self.opening.paste,
            "fit": lambda: controller.set_view(FIT),
            "actual": self.zoom_to_pixels,
            "zoom_in": lambda: display.visible_canvas.zoom_by(WHEEL_ZOOM),
            "zoom_out": lambda: display.visible_canvas.zoom_by(1 / WHEEL_ZOOM),
            "full_screen": lambda on: self.showFullScreen() if on else self.showNormal(),
            "present": lambda on: self.presentation.set_on(on),  # noqa: PLW0108 (made later)
            "escape": self.escape,
            "rate_up": lambda: slider.step(1),
            "rate_down": lambda: slider.step(-1),
            "rate_up_fine": lambda: slider.step(1, Stride.FINE),
            "rate_down_fine": lambda: slider.step(-1, Stride.FINE),
            "rate_double": lambda: slider.step(1, Stride.PAGE),
            "rate_halve": lambda: slider.step(-1, Stride.PAGE),
            "rate_enter": self.rate_bar.field.setFocus,
            "loupe": lambda on: self._overlays.set_magnifying(on),  # noqa: PLW0108 (made later)
            "visible": self._inspection.set_measuring,
            "keys": self.show_keys,
            "about": self.show_about,
        }

    def _show_name(self, opened: Opened) -> None:
        self.setWindowTitle(f"{opened.image.name} – {PROGRAM}")
        self.banner.hide()
        if self._problems:  # the first picture comes too soon for them to have been read
            self.banner.say(self._problems)
            self._problems = ""

    def _show_sheet(self, sheet: QDialog) -> None:
        """One sheet at a time; each is made when it is wanted."""
        if self.sheet is not None:
            self.sheet.close()
            self.sheet.deleteLater()
        self.sheet = sheet
        sheet.show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.opening.accepts(event.mimeData()):
            event.acceptProposedAction()
            self.drop_frame.cover()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_frame.hide()
        if self.opening.take(event.mimeData()):
            event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.presentation.set_on(False)  # what is kept of the window is how it was before
        self.controller.close()
        self._arrangement.keep()
        self.settings.set_bytes("geometry", self.saveGeometry())
        self.settings.set_bytes("splitter", self.splitter.saveState())
        self.settings.write()
        event.accept()


def _switched_on(installed: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """The codecs to compare at first: as they were left, or the usual ones, and those that the command line added."""
    added = {codec.name for codec in added_codecs()}
    for names in (settings.codecs, DEFAULT_CODECS, installed):
        if any(name in names for name in installed):
            return tuple(name for name in installed if name in names or name in added)
    raise ValueError("there is no codec")

"""The main window, assembled from its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QDialog, QMainWindow, QMenu, QSplitter, QVBoxLayout, QWidget

from viewer.codecs.base import Codec
from viewer.codecs.registry import PROBLEMS
from viewer.session.pane_layout import FILE_PANES, ORIGINAL, PIN_PANES, Layout
from viewer.system.resources import icon_path
from viewer.ui.blind.controller import BlindTesting
from viewer.ui.common.actions import Actions, Command, plain
from viewer.ui.common.codec_style import style_of
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.app_state import Message
from viewer.ui.engine.bd_rates import BdService
from viewer.ui.engine.drafts import DraftService
from viewer.ui.engine.encode_service import EncodeService
from viewer.ui.engine.file_writer import Writer
from viewer.ui.engine.folder.service import FolderService, place_in_folder
from viewer.ui.engine.maps import MapService
from viewer.ui.engine.part_metrics import PartMetricsService
from viewer.ui.engine.pin_points import PinService
from viewer.ui.engine.refine_service import RefineService
from viewer.ui.engine.region_finder import RegionService
from viewer.ui.engine.score_service import ScoreService
from viewer.ui.engine.sets.service import SetService
from viewer.ui.engine.store import Store
from viewer.ui.engine.updates.messages import dismiss
from viewer.ui.engine.updates.tour import end_tour
from viewer.ui.engine.updates.view import arrange, set_switch, toggle
from viewer.ui.engine.workers.jobs import Opened
from viewer.ui.files.file_watch import FileWatch
from viewer.ui.files.opening import Opening
from viewer.ui.files.reporting import Reporting
from viewer.ui.files.saved_file import SavedFile
from viewer.ui.files.saving import Saving
from viewer.ui.files.session_saving import SessionSaving
from viewer.ui.guidance.context_menus import ContextMenus
from viewer.ui.guidance.focus import FocusHome
from viewer.ui.guidance.palette import Palette
from viewer.ui.guidance.plot_room import PlotRoom
from viewer.ui.guidance.strip import Strip
from viewer.ui.panels.banner import Banner
from viewer.ui.panels.drop_overlay import DropFrame
from viewer.ui.panels.hint_line import HintLine
from viewer.ui.panels.info import InformationPanel
from viewer.ui.panels.readout import ReadOut
from viewer.ui.panels.result_line import ResultLine
from viewer.ui.panels.side import SidePanel
from viewer.ui.panes.header_figures import HeaderText
from viewer.ui.panes.legend import LegendBox
from viewer.ui.panes.navigator import Navigator
from viewer.ui.panes.pane import Pane
from viewer.ui.panes.pane_grid import PaneGrid
from viewer.ui.plots.panel import PlotPanel
from viewer.ui.plots.point_table import PointTable
from viewer.ui.presenters.codec_adding import CodecAdding
from viewer.ui.presenters.codec_switches import CodecSwitches
from viewer.ui.presenters.display import Display
from viewer.ui.presenters.equal_mode import EqualMode
from viewer.ui.presenters.folder_strip import FolderStrip
from viewer.ui.presenters.inspection import Inspection
from viewer.ui.presenters.layout_actions import LayoutActions
from viewer.ui.presenters.metric_menu import MetricMenu
from viewer.ui.presenters.overlays import Overlays
from viewer.ui.presenters.pane_styles import PaneStyles
from viewer.ui.presenters.pin_board import PinBoard
from viewer.ui.presenters.preferences import Preferences, state_from
from viewer.ui.presenters.refine_actions import RefineActions
from viewer.ui.presenters.region_tour import RegionTour
from viewer.ui.presenters.target_display import TargetDisplay
from viewer.ui.presenters.view_export import ViewExport
from viewer.ui.presenting.showing import Showing
from viewer.ui.presenting.tour_strip import TourStrip
from viewer.ui.rate.bar import RateBar
from viewer.ui.rate.lock import RateLock
from viewer.ui.sets.pages import SetPages
from viewer.ui.shell.log_folder import LogFolder
from viewer.ui.shell.screen_fit import first_size

PROGRAM = "RateLens"
ROOM_FOR_PLOTS = QSize(720, 560)
"""At the first start in a smaller window the plots are hidden, so that pictures have room."""


class MainWindow(QMainWindow):
    """Panes, plots, rate bar and menus, without logic of its own. One builder method per area."""

    def __init__(self, codecs: Sequence[Codec], target_bpp: float, settings: Settings, themes: ThemeSwitch) -> None:
        super().__init__()
        self.settings = settings
        self.sheet: QDialog | None = None
        names = tuple(codec.name for codec in codecs)
        self._styles = PaneStyles({codec.name: (codec.label, style_of(codec.name, names)) for codec in codecs})
        self._labels = self._styles.labels
        self._suffixes = {codec.name: codec.suffix for codec in codecs}
        problem = " ".join(text for text in (settings.problem, *PROBLEMS) if text)
        self.store = Store(state_from(settings, names, target_bpp, problem))
        self._build_services()
        self._build_panes()
        self._build_target(themes)
        self._build_side_panels()
        self._build_files()
        self._lay_out()
        self._build_presenting(themes)
        self._build_commands()
        self._build_overlays()
        self._build_guidance()
        self.store.watch(lambda state: state.theme, themes.choose)  # now that everything it styles exists
        self._restore_geometry()

    def _build_services(self) -> None:
        store = self.store
        self.service = service = EncodeService(store, self)
        MapService(store, service)
        DraftService(store, service)
        BdService(store, service)
        RegionService(store, service)
        PartMetricsService(store, service)
        PinService(store, service)
        ScoreService(store, service)
        FolderService(store, service)
        SetService(store, service)
        RefineService(store, service)
        self.writer = Writer(store, service, self)

    def _build_panes(self) -> None:
        self._every_pane = {ORIGINAL: Pane(HeaderText("Original"))}
        self._every_pane |= {
            name: Pane(HeaderText(label, style)) for name, (label, style) in self._styles.codecs.items()
        }
        self._every_pane |= {name: Pane(HeaderText(f"Pin {n}")) for n, name in enumerate(PIN_PANES, start=1)}
        self._every_pane |= {name: Pane(HeaderText(name)) for name in FILE_PANES}
        self.grid = PaneGrid(tuple(self._every_pane.values()))
        self._display = Display(self.store, self._styles, self._every_pane, self.grid)
        self.layout_actions = LayoutActions(self.store, self._styles, self.grid.split.canvas, self)
        self.hint_line = HintLine(self.store)
        self.result_line = ResultLine(self.store, self._styles.label)
        self.readout = ReadOut(())
        self._inspection = Inspection(self.store, self._styles, self.readout)
        self.drop_frame = DropFrame(self.grid)

    def _build_target(self, themes: ThemeSwitch) -> None:
        self.rate_bar = RateBar()
        self.plots = PlotPanel(self._styles.codecs)
        self._target = TargetDisplay(self.store, self._styles, self.rate_bar, self.plots, themes)
        self._equal = EqualMode(self.store, self._styles, self.plots.foot.set_needs)
        self.point_table = PointTable(self.store, self._styles.codecs, self.writer, self)

    def _build_side_panels(self) -> None:
        self.tour = RegionTour(self.store, self._styles, self._display)
        self.information = InformationPanel(self.store)
        self.pin_board = PinBoard(self.store, self._labels, self.present_pane)
        self.refine_actions = RefineActions(self.store, self._display, self.present_pane)

    def _build_files(self) -> None:
        store, service, writer = self.store, self.service, self.writer
        self.codec_adding = CodecAdding(store, service, self.settings, self._make_room, self)
        self.folder_strip = FolderStrip(store)
        self.opening = Opening(store, service, self.settings, self, self.codec_adding.recall)
        self.saving = Saving(store, self._suffixes, self.present_pane, writer)
        self.saved_file = SavedFile(store)
        self.sessions = SessionSaving(store, writer)
        self.view_export = ViewExport(store, service, self._every_pane, self.grid, writer)
        self.reporting = Reporting(store, writer)
        self.file_watch = FileWatch(store, service)
        self.blind = BlindTesting(store, service, self._labels, writer, self)
        self.pages = SetPages(store, self._styles.codecs, self.settings, writer, self)
        self.log_folder = LogFolder(store)

    def _build_commands(self) -> None:
        self._preferences = Preferences(self.store, self.settings)
        self._switches = CodecSwitches(self.store, self._styles)
        declaring: tuple[Callable[[], tuple[Command, ...]], ...] = (
            self._display.commands,
            self.layout_actions.commands,
            lambda: Overlays.commands(self.store),
            self.tour.commands,
            self._target.commands,
            self._equal.commands,
            RateLock(self.store, self.present_pane).commands,
            self.pin_board.commands,
            self.saving.commands,
            self.sessions.commands,
            self.view_export.commands,
            self.reporting.commands,
            self.saved_file.commands,
            self.opening.commands,
            self.folder_strip.commands,
            self.information.commands,
            self._inspection.commands,
            self.point_table.commands,
            self._preferences.commands,
            MetricMenu(self.store).commands,
            self.showing.commands,
            self._switches.commands,
            self.refine_actions.commands,
            self.blind.commands,
            self.codec_adding.commands,
            self.pages.commands,
            self.log_folder.commands,
            self.plot_room.commands,
            self._commands,
        )
        self.actions_by_name = actions = Actions(
            self, [one for commands in declaring for one in commands()], self.store
        )
        recent, samples = QMenu("Open &recent", self), QMenu("Sa&mples", self)
        for menu in (recent, samples):
            menu.setToolTipsVisible(True)
        recent.aboutToShow.connect(lambda: self.opening.fill_recent(recent))
        self.opening.fill_samples(samples)
        actions.fill(self.menuBar(), {("&File", 2): (recent, samples)})
        CodecSwitches.name_missing(actions.menus["&Codecs"])
        self.hint_line.set_action(actions["hint"])
        self.plots.add_switches(actions["luma"], actions["logarithmic"], actions["decibels"])
        self.pin_board.panel.add_button(actions["compare_pins"])
        self.pages.add_buttons(actions, self.menuBar())
        self.showing.tour.add_buttons(actions)

    def _make_room(self, codec: Codec) -> None:
        """Have every widget know a codec that was added; the state does not yet."""
        if codec.name in self._every_pane:
            return  # it was there before, and was removed
        style = style_of(codec.name, (*self._styles.codecs, codec.name))
        self._styles.codecs[codec.name] = (codec.label, style)
        self._labels[codec.name], self._suffixes[codec.name] = codec.label, codec.suffix
        pane = self._every_pane[codec.name] = Pane(HeaderText(codec.label, style))
        self.grid.add(pane)
        self._display.add_pane(codec, pane)
        self._overlays.add(pane.canvas)
        self._focus.follow(pane.canvas)
        self.context_menus.follow(codec.name, pane)
        self.refine_actions.follow(pane.canvas)
        self.plots.add_codec(codec.name, codec.label, style)
        self.actions_by_name.add(self._switches.command(codec.name, codec.label, len(self._labels) + 1))

    def _build_overlays(self) -> None:
        self.legend = LegendBox(self.actions_by_name["gain_down"], self.actions_by_name["gain_up"], self.grid)
        self.navigator = Navigator(self.grid)
        self._overlays = Overlays(
            self.store,
            self._display,
            self.grid,
            legend=self.legend,
            navigator=self.navigator,
            label=self._styles.label,
        )
        self.banner = Banner(self.grid)
        self.store.update_on(self.banner.dismissed, dismiss)
        self.banner.accepted.connect(lambda command: self.actions_by_name[command].trigger())
        self.banner.add_saved_buttons([self.actions_by_name[name] for name in ("open_saved", "show_saved")])
        self.pages.follow(self.grid, (self.banner, self.drop_frame))
        self.store.watch(lambda state: state.message, self._show_message)
        self.store.watch(lambda state: (state.opened, place_in_folder(state)), lambda shown: self._show_name(*shown))

    def _lay_out(self) -> None:
        self.setWindowIcon(QIcon(str(icon_path())))
        self.setAcceptDrops(True)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(5)
        self.splitter.setChildrenCollapsible(False)
        panels = {"regions": self.tour.panel, "information": self.information, "pins": self.pin_board.panel}
        self.side = SidePanel(self.splitter, panels)
        self.splitter.addWidget(self.grid)
        self.splitter.addWidget(self.plots)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setStretchFactor(2, 0)
        centre = QWidget()
        self._column = column = QVBoxLayout(centre)
        column.setContentsMargins(5, 2, 5, 5)
        column.setSpacing(5)
        column.addWidget(self.result_line)
        column.addWidget(self.splitter, 1)
        self.tour_strip = TourStrip(centre)
        column.addWidget(self.tour_strip)
        column.addWidget(self.hint_line)
        column.addWidget(self.folder_strip.strip)
        column.addWidget(self.readout)
        whole = QWidget()
        below = QVBoxLayout(whole)
        below.setContentsMargins(0, 0, 0, 5)
        below.setSpacing(0)
        below.addWidget(self.pages.put(centre), 1)
        below.addWidget(self.rate_bar)
        self.setCentralWidget(whole)
        self.plot_room = PlotRoom(self.store, self.splitter, self.plots)

    def _build_presenting(self, themes: ThemeSwitch) -> None:
        self.showing = Showing(
            self.store,
            self._styles,
            self,
            splitter=self.splitter,
            panes=self._every_pane,
            grid=self.grid,
            display=self._display,
            target=self._target,
            themes=themes,
            writer=self.writer,
            blind=self.blind,
            strip=self.tour_strip,
            legend=lambda: self.legend,
            in_the_way=lambda: (
                self.menuBar(),
                self.side,
                self.plots,
                self.hint_line,
                self.readout,
                self.folder_strip.strip,
                self.strip,
            ),
            result_line=self.result_line,
            labels=self.rate_bar.labels,
        )

    def _build_guidance(self) -> None:
        actions, split = self.actions_by_name, self.grid.split
        self.strip = Strip(actions)
        self._column.insertWidget(0, self.strip)
        self.context_menus = ContextMenus(
            self.store,
            self._styles,
            actions,
            panes=self._every_pane,
            split=split,
            plots=self.plots,
            pin=self.pin_board.add_point,
        )
        self._focus = FocusHome(self.store, self._display, self)

    def _restore_geometry(self) -> None:
        if not self.restoreGeometry(self.settings.bytes_of("geometry")):
            self.resize(first_size(self.screen().availableSize()))
            if self.size() != self.size().expandedTo(ROOM_FOR_PLOTS):
                self.store.update(set_switch("plots", False))
        self.splitter.restoreState(self.settings.bytes_of("splitter"))
        self.side.hide()  # so that the state knows it, too
        self.store.watch(lambda state: state.panel, self.side.show_panel)
        self.rate_bar.slider.setFocus()

    def _commands(self) -> tuple[Command, ...]:
        """The window's own commands."""
        return (
            Command("close", "&File", "Close &window", self.close, ("Ctrl+W",), section=3),
            Command("quit", "&File", "&Quit", self.close, ("Ctrl+Q",), section=3),
            Command(
                "single",
                "&Panes",
                "S&ingle pane",
                lambda: self.store.update(arrange(lambda layout: layout.alone(self.present_pane()))),
                ("Shift+G",),
                short="Single",
                tip="One picture over the whole place; Tab shows the next",
                words="layout alone one full size",
                checked=lambda state: state.session.pane_layout.layout is Layout.SINGLE,
            ),
            Command(
                "palette",
                "&Help",
                "Fin&d a command…",
                lambda: self._show_sheet(Palette(self.actions_by_name, self)),
                ("Ctrl+Shift+P",),
                short="Find",
                tip="Find any command by words",
                words="search palette menu action",
            ),
            Command("escape", "&Panes", "Bac&k", self.escape, ("Esc",), section=4),
            Command(
                "hint",
                "&Help",
                "&First steps",
                lambda: self.store.update(toggle("hint")),
                short="Got it",
            ),
            Command(
                "guide",
                "&Help",
                "&Guide in pictures",
                self._show_guide,
                tip="How to find an artefact, choose a rate, show it, run a set, add a codec",
                words="manual help documentation tutorial",
            ),
            Command("keys", "&Help", "&Keys", self._show_keys, ("?", "F1")),
            Command("about", "&Help", "&About RateLens", self._show_about, section=1),
        )

    @property
    def panes(self) -> dict[str, Pane]:
        """The panes of the original and of the codecs that are on, by name, in the order of their digits."""
        return {name: self._every_pane[name] for name in (ORIGINAL, *self.store.state.panes)}

    def present_pane(self) -> str:
        """The current pane: that of a context menu whose command runs, the single one, the right side of a split, or in
        the grid the one with the focus.
        """
        if self.context_menus.pane is not None:
            return self.context_menus.pane
        layout = self.store.state.session.pane_layout
        if layout.layout is Layout.SPLIT:
            return layout.right
        if layout.layout is Layout.GRID:
            for name, pane in self.panes.items():
                if pane.canvas.hasFocus():
                    return name
        return layout.pane

    def escape(self) -> None:
        """Close the dialog or the message, or end the tour or presenting, or else go back to the grid."""
        state = self.store.state
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close()
        elif state.message is not None:
            self.store.update(dismiss())
        elif state.tour is not None:
            self.store.update(end_tour())
        elif state.switches.presenting:
            self.store.update(set_switch("presenting", False))
        else:
            self.layout_actions.go_back()

    def _show_message(self, message: Message | None) -> None:
        offer = "" if message is None or not message.command else plain(self.actions_by_name[message.command].text())
        self.banner.show_message(message, offer)

    def _show_name(self, opened: Opened | None, place: tuple[int, int] | None) -> None:
        parts = (
            () if opened is None else (opened.image.name, *(() if place is None else (f"{place[0]} of {place[1]}",)))
        )
        self.setWindowTitle(" – ".join((*parts, PROGRAM)))

    def _show_keys(self) -> None:
        from viewer.ui.shell.dialogs import KeysSheet

        self._show_sheet(KeysSheet(self.actions_by_name.commands, self))

    def _show_guide(self) -> None:
        from viewer.ui.shell.guide import GuideWindow

        self._show_sheet(GuideWindow(self))

    def _show_about(self) -> None:
        from viewer.ui.shell.dialogs import AboutBox

        self._show_sheet(AboutBox(self))

    def _show_sheet(self, sheet: QDialog) -> None:
        """Show one dialog at a time; each is created on demand."""
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
        self.store.update(end_tour())
        self.store.update(set_switch("presenting", False))  # the window's state is stored as it was before
        self.service.close()
        self._preferences.keep_arrangement()
        self.settings.set_bytes("geometry", self.saveGeometry())
        self.settings.set_bytes("splitter", self.splitter.saveState())
        self.settings.write()
        event.accept()

"""The main window: puts the parts together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QDialog, QMainWindow, QSplitter, QVBoxLayout, QWidget

from viewer.codecs.base import Codec
from viewer.looking import GAINS, ORIGINAL, Layout, Looking, Show
from viewer.resources import icon_path
from viewer.session import FIT, at_zoom
from viewer.ui.banner import Banner
from viewer.ui.canvas import WHEEL_ZOOM
from viewer.ui.codec_style import style_of
from viewer.ui.commands import Actions
from viewer.ui.controller import Controller
from viewer.ui.display import Display
from viewer.ui.drop_frame import DropFrame
from viewer.ui.header_text import HeaderText
from viewer.ui.inspection import Inspection
from viewer.ui.jobs import Opened
from viewer.ui.legend import LegendBox
from viewer.ui.navigator import Navigator
from viewer.ui.opening import Opening
from viewer.ui.overlays import Overlays
from viewer.ui.pane import Pane
from viewer.ui.pane_grid import PaneGrid
from viewer.ui.plot_panel import PlotPanel
from viewer.ui.rate_bar import RateBar
from viewer.ui.rate_slider import FINE_FACTOR, PAGE_FACTOR, STEP_FACTOR
from viewer.ui.readout import ReadOut
from viewer.ui.region_finder import RegionFinder
from viewer.ui.region_panel import RegionPanel
from viewer.ui.saving import Saving
from viewer.ui.settings import Settings
from viewer.ui.sheets import AboutBox, KeysSheet
from viewer.ui.theme import Colours, ThemeChoice, ThemeSwitch
from viewer.ui.ways import Ways
from viewer.visible import region_view

if TYPE_CHECKING:
    from viewer.regions import Region

PROGRAM = "RateLens"


class MainWindow(QMainWindow):
    """Panes, plots and rate bar, the menus, and nothing that thinks."""

    def __init__(self, codecs: Sequence[Codec], target_bpp: float, settings: Settings, themes: ThemeSwitch) -> None:
        super().__init__()
        self.settings = settings
        self._themes = themes
        names = tuple(codec.name for codec in codecs)
        styles = {codec.name: (codec.label, style_of(codec.name, names)) for codec in codecs}
        self.controller = Controller(names, target_bpp, self)
        self.panes = {ORIGINAL: Pane(HeaderText("Original"))}
        self.panes |= {name: Pane(HeaderText(label, style)) for name, (label, style) in styles.items()}
        self.grid = PaneGrid(tuple(self.panes.values()))
        self.plots = PlotPanel(styles)
        self.rate_bar = RateBar()
        self.opening = Opening(self.controller, settings, self)
        self.banner = Banner(self.grid)
        self._display = Display(
            self.controller,
            styles=styles,
            panes=self.panes,
            grid=self.grid,
            plots=self.plots,
            rate_bar=self.rate_bar,
        )
        self.readout = ReadOut((None, *(style for _label, style in styles.values())))
        self._inspection = Inspection(self.controller, self._display, self.readout)
        self.finder = RegionFinder(self.controller)
        self.regions = RegionPanel({name: label for name, (label, _style) in styles.items()})
        self.finder.found.connect(self.regions.show_regions)
        self.regions.chosen.connect(self.show_region)
        self.saving = Saving(self.controller, {codec.name: codec.suffix for codec in codecs}, self.present_pane, self)
        self.drop_frame = DropFrame(self.grid)
        self.ways = Ways(self.controller, tuple(self.panes), self.grid.split.canvas, self)
        self.maps = self._display.maps
        self.actions_by_name = Actions(self, self._handlers() | self.ways.handlers())
        self.legend = LegendBox(self.actions_by_name["gain_down"], self.actions_by_name["gain_up"], self.grid)
        self.navigator = Navigator(self.grid)
        self._overlays = Overlays(self.controller, self._display, self.grid, self.legend, self.navigator)
        self.sheet: QDialog | None = None
        self._lay_out()
        self._connect()
        self._restore()

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

    def show_region(self, region: Region) -> None:
        """Look at a region, in every arrangement of the panes."""
        area = self._display.visible_canvas.area
        self.controller.set_view(region_view(region.left, region.top, region.side, area))

    def set_regions_shown(self, on: bool) -> None:
        """Show or hide the list of the worst regions."""
        self.actions_by_name["regions"].setChecked(on)
        grid, plots = self.grid.width(), self.plots.width()
        self.regions.setVisible(on)
        if on:  # its room is the grid's
            width = self.regions.sizeHint().width()
            self.splitter.setSizes([width, grid - width - self.splitter.handleWidth(), plots])
        self.finder.set_wanted(on)
        if on:
            self.regions.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _step_region(self, by: int) -> None:
        if not self.regions.isVisible():
            self.set_regions_shown(True)
        self.regions.step(by)

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

    def escape(self) -> None:
        """Close the sheet or the message; without one, go back to the grid."""
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close()
        elif self.banner.isVisible():
            self.banner.hide()
        else:
            self.ways.show_grid()

    def _lay_out(self) -> None:
        self.setWindowTitle(PROGRAM)
        self.setWindowIcon(QIcon(str(icon_path())))
        self.setAcceptDrops(True)
        self.actions_by_name.fill(self.menuBar())
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
        self.splitter.addWidget(self.regions)
        self.splitter.addWidget(self.grid)
        self.splitter.addWidget(self.plots)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setStretchFactor(2, 0)
        self.regions.hide()
        self.plots.add_switches(
            (self.actions_by_name["luma"], self.actions_by_name["logarithmic"]), (self.actions_by_name["decibels"],)
        )
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

    def _connect(self) -> None:
        self.controller.opened.connect(self._show_name)
        self.controller.open_failed.connect(self.banner.say)
        self.opening.refused.connect(self.banner.say)
        self.saving.refused.connect(self.banner.say)
        self.rate_bar.refused.connect(self.banner.say)
        self.controller.target_changed.connect(self.banner.hide)
        self._themes.changed.connect(self._follow_theme)
        self.controller.looking_changed.connect(self._check_looking)

    def _check_looking(self, looking: Looking) -> None:
        """Menus tell how the panes are looked at. Tab moves the focus in the grid, and the panes when one is alone."""
        actions, split = self.actions_by_name, looking.layout is Layout.SPLIT
        actions["grid"].setChecked(looking.layout is Layout.GRID)
        for digit, pane in enumerate(self.panes, start=1):
            alone = looking.layout is Layout.SINGLE and looking.pane == pane
            actions[f"pane_{digit}"].setChecked(alone or (split and looking.right == pane))
            actions[f"left_{digit}"].setChecked(split and looking.left == pane)
        actions["split"].setChecked(split)
        for name in ("line_left", "line_right", "line_left_fine", "line_right_fine"):
            actions[name].setEnabled(split)
        for name in ("next_pane", "previous_pane"):
            actions[name].setEnabled(looking.layout is Layout.SINGLE)
        actions["blink"].setChecked(self.ways.is_blinking)
        actions[f"show_{looking.show.value}"].setChecked(True)
        for name, end in (("gain_up", GAINS[-1]), ("gain_down", GAINS[0])):
            actions[name].setEnabled(looking.show is not Show.PICTURE and looking.gain != end)

    def _restore(self) -> None:
        self._check_looking(self.controller.session.looking)
        self.actions_by_name["blink_2"].setChecked(True)
        actions, settings = self.actions_by_name, self.settings
        scale = settings.scale
        self.controller.set_scale(scale)
        actions["decibels"].setChecked(scale.ms_ssim_db)
        actions["luma"].setChecked(scale.channel == "luma")
        actions["logarithmic"].setChecked(settings.logarithmic)
        self.plots.set_logarithmic(settings.logarithmic)
        actions["smooth"].setChecked(settings.smooth)
        self._set_smooth(settings.smooth)
        actions[f"theme_{settings.theme.value}"].setChecked(True)
        self._themes.choose(settings.theme)
        self._follow_theme(self._themes.colours)
        if not self.restoreGeometry(settings.bytes_of("geometry")):
            self.resize(1440, 900)
        self.splitter.restoreState(settings.bytes_of("splitter"))
        self.regions.hide()  # the state knows of it, too

    def _handlers(self) -> dict[str, Callable[..., object]]:
        controller, slider = self.controller, self.rate_bar.slider
        display = self._display
        return {
            "open": self.opening.ask,
            "next_file": lambda: self.opening.open_neighbour(1),
            "previous_file": lambda: self.opening.open_neighbour(-1),
            "save_stream": self.saving.save_stream,
            "save_reconstruction": self.saving.save_reconstruction,
            "copy": self.saving.copy,
            "close": self.close,
            "quit": self.close,
            "paste": self.opening.paste,
            "fit": lambda: controller.set_view(FIT),
            "actual": self.zoom_to_pixels,
            "zoom_in": lambda: display.visible_canvas.zoom_by(WHEEL_ZOOM),
            "zoom_out": lambda: display.visible_canvas.zoom_by(1 / WHEEL_ZOOM),
            "smooth": self._set_smooth,
            "full_screen": lambda on: self.showFullScreen() if on else self.showNormal(),
            "theme_system": lambda: self._choose_theme(ThemeChoice.SYSTEM),
            "theme_light": lambda: self._choose_theme(ThemeChoice.LIGHT),
            "theme_dark": lambda: self._choose_theme(ThemeChoice.DARK),
            "escape": self.escape,
            "rate_up": lambda: slider.step(STEP_FACTOR),
            "rate_down": lambda: slider.step(1 / STEP_FACTOR),
            "rate_up_fine": lambda: slider.step(FINE_FACTOR),
            "rate_down_fine": lambda: slider.step(1 / FINE_FACTOR),
            "rate_double": lambda: slider.step(PAGE_FACTOR),
            "rate_halve": lambda: slider.step(1 / PAGE_FACTOR),
            "rate_enter": self.rate_bar.field.setFocus,
            "loupe": lambda on: self._overlays.set_magnifying(on),  # noqa: PLW0108 (made later)
            "regions": self.set_regions_shown,
            "next_region": lambda: self._step_region(1),
            "previous_region": lambda: self._step_region(-1),
            "visible": self._inspection.set_measuring,
            "decibels": self._set_decibels,
            "luma": self._set_luma,
            "logarithmic": self._set_logarithmic,
            "keys": self.show_keys,
            "about": self.show_about,
        }

    def _show_name(self, opened: Opened) -> None:
        self.setWindowTitle(f"{opened.image.name} – {PROGRAM}")
        self.banner.hide()

    def _set_smooth(self, smooth: bool) -> None:
        self.settings.smooth = smooth
        for canvas in self._display.canvases:
            canvas.set_smooth(smooth)

    def _set_decibels(self, on: bool) -> None:
        self.controller.set_scale(replace(self.controller.session.scale, ms_ssim_db=on))
        self.settings.scale = self.controller.session.scale

    def _set_luma(self, on: bool) -> None:
        self.controller.set_scale(replace(self.controller.session.scale, channel="luma" if on else "rgb"))
        self.settings.scale = self.controller.session.scale

    def _set_logarithmic(self, on: bool) -> None:
        self.settings.logarithmic = on
        self.plots.set_logarithmic(on)

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self.settings.theme = choice
        self._themes.choose(choice)

    def _follow_theme(self, colours: Colours) -> None:
        self.plots.set_colours(colours)

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
        self.controller.close()
        self.settings.set_bytes("geometry", self.saveGeometry())
        self.settings.set_bytes("splitter", self.splitter.saveState())
        self.settings.write()
        event.accept()

"""Every action of the window, in one table that the menus and the sheet of keys are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from viewer.codecs.registry import known_codecs
from viewer.ui.common.formatting import MINUS

MENUS = ("&File", "&Edit", "&View", "&Panes", "&Show", "&Rate", "&Metrics", "&Codecs", "&Help")
PLACES = range(1, 10)
"""Of panes, as their digits count them; what is there depends on the codecs that are on."""

MEMORY_LIMITS_GB = (None, 1, 2, 4, 8, 16)
"""What the program may take: the usual limit, or so many gigabytes."""


@dataclass(frozen=True)
class Command:
    """name: identifier. keys: portable key sequences, the first one is shown. group: of alternatives, one is checked.
    submenu: where it is inside its menu. short: its text on a button. separated: a line goes before it. listed: whether
    the sheet of keys has a line of its own for it.
    """

    name: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    checkable: bool = False
    group: str = ""
    submenu: str = ""
    short: str = ""
    separated: bool = False
    listed: bool = True


COMMANDS = (
    Command("open", "&File", "&Open…", ("Ctrl+O",)),
    Command("reload", "&File", "&Read it again", ("Shift+F5",)),
    Command("next_file", "&File", "&Next picture in the folder", ("PgDown",), separated=True),
    Command("previous_file", "&File", "Pre&vious picture in the folder", ("PgUp",)),
    Command("save_stream", "&File", "&Save the pane’s stream…", ("Ctrl+S",), separated=True),
    Command("save_reconstruction", "&File", "Save the pane’s picture as &PNG…", ("Ctrl+Shift+S",)),
    Command("save_all", "&File", "Save &all streams and pictures…", ("Ctrl+Alt+S",)),
    Command("save_session", "&File", "&Keep the session…", ("Ctrl+K",)),
    Command("export_view", "&File", "&Export the view as PNG…", ("Ctrl+Shift+E",)),
    Command("report", "&File", "Save a repor&t (HTML)…", ("Ctrl+R",)),
    *(
        Command(
            f"memory_{limit or 'usual'}",
            "&File",
            f"{limit} GB" if limit else "As &usual",
            checkable=True,
            group="memory",
            submenu="Memory &limit",
            separated=limit is None,
        )
        for limit in MEMORY_LIMITS_GB
    ),
    Command("close", "&File", "&Close window", ("Ctrl+W",), separated=True),
    Command("quit", "&File", "&Quit", ("Ctrl+Q",)),
    Command("copy", "&Edit", "&Copy the pane’s picture", ("Ctrl+C",)),
    Command("copy_view", "&Edit", "Copy the &whole view", ("Ctrl+Shift+C",)),
    Command("paste", "&Edit", "&Paste picture or file", ("Ctrl+V",)),
    Command("fit", "&View", "&Fit in the panes", ("F",)),
    Command("actual", "&View", "&Actual pixels, 1:1", ("Ctrl+0",)),
    Command("zoom_in", "&View", "Zoom &in", ("+", "=", "Ctrl++", "Ctrl+=")),
    Command("zoom_out", "&View", "Zoom &out", ("-", "Ctrl+-")),
    Command("smooth", "&View", "&Smooth when magnified", ("N",), checkable=True, separated=True),
    Command("information", "&View", "Info&rmation on the picture", ("Ctrl+I",), checkable=True),
    Command("full_screen", "&View", "F&ull screen", ("F11",), checkable=True),
    Command("present", "&View", "&Present", ("F5",), checkable=True),
    Command("theme_system", "&View", "As the &system", checkable=True, group="theme", submenu="&Theme"),
    Command("theme_light", "&View", "&Light", checkable=True, group="theme", submenu="&Theme"),
    Command("theme_dark", "&View", "&Dark", checkable=True, group="theme", submenu="&Theme"),
    Command("grid", "&Panes", "All in a &grid", ("G",), checkable=True),
    Command("next_pane", "&Panes", "One alone: the &next", ("Tab",), separated=True),
    Command("previous_pane", "&Panes", "One alone: the &previous", ("Shift+Tab",)),
    *(
        Command(
            f"pane_{place}", "&Panes", f"Pane {place} alone, or right of the line", (str(place),), True, listed=False
        )
        for place in PLACES
    ),
    Command("swap", "&Panes", "S&wap the two shown last", ("X",), separated=True),
    Command("blink", "&Panes", "&Blink between the two shown last", ("B",), checkable=True),
    *(
        Command(f"blink_{rate}", "&Panes", f"{rate} a second", checkable=True, group="blink", submenu="Blink &rate")
        for rate in (1, 2, 4)
    ),
    Command("split", "&Panes", "S&plit by a line", ("S",), checkable=True, separated=True),
    *(
        Command(
            f"left_{place}",
            "&Panes",
            f"Pane {place} left of the line",
            (f"Ctrl+{place}",),
            checkable=True,
            submenu="&Left of the line",
            listed=False,
        )
        for place in PLACES
    ),
    Command("line_left", "&Panes", "Line to the left", ("Ctrl+Left",), submenu="&Move the line"),
    Command("line_right", "&Panes", "Line to the right", ("Ctrl+Right",), submenu="&Move the line"),
    Command("line_left_fine", "&Panes", "Line one pixel left", ("Ctrl+Shift+Left",), submenu="&Move the line"),
    Command("line_right_fine", "&Panes", "Line one pixel right", ("Ctrl+Shift+Right",), submenu="&Move the line"),
    Command("escape", "&Panes", "End presenting, or &back to the grid", ("Esc",), separated=True),
    Command("show_picture", "&Show", "&Picture", ("P",), checkable=True, group="show"),
    Command("show_signed", "&Show", "&Difference, signed", ("D",), checkable=True, group="show", separated=True),
    Command("show_absolute", "&Show", "Difference, &absolute", ("Shift+D",), checkable=True, group="show"),
    Command("show_error", "&Show", "&Error map", ("E",), checkable=True, group="show", separated=True),
    Command("show_ssim", "&Show", "&SSIM map", ("Q",), checkable=True, group="show"),
    Command("show_blocking", "&Show", "&Blocking", ("K",), checkable=True, group="show", separated=True),
    Command("show_ringing", "&Show", "&Ringing", ("I",), checkable=True, group="show"),
    Command("show_blur", "&Show", "Bl&ur", ("U",), checkable=True, group="show"),
    Command(
        "show_bits", "&Show", "Bi&ts of the learned codec", ("Shift+B",), checkable=True, group="show", separated=True
    ),
    Command("loupe", "&Show", "L&oupe in every pane", ("L",), checkable=True, separated=True),
    Command("regions", "&Show", "&Worst regions", ("W",), checkable=True, separated=True),
    Command("next_region", "&Show", "&Next worst region", (".",)),
    Command("previous_region", "&Show", "Pre&vious worst region", (",",)),
    Command("gain_up", "&Show", "&More gain", ("Ctrl+Up",), short="+", separated=True),
    Command("gain_down", "&Show", "&Less gain", ("Ctrl+Down",), short=MINUS),
    Command("rate_up", "&Rate", "&Higher", ("]",)),
    Command("rate_down", "&Rate", "&Lower", ("[",)),
    Command("rate_up_fine", "&Rate", "A little h&igher", ("}", "Shift+]")),
    Command("rate_down_fine", "&Rate", "A little lo&wer", ("{", "Shift+[")),
    Command("rate_double", "&Rate", "&Double", ("Ctrl+PgUp",)),
    Command("rate_halve", "&Rate", "Hal&ve", ("Ctrl+PgDown",)),
    Command("rate_enter", "&Rate", "&Enter a rate…", ("R",), separated=True),
    Command(
        "equal_rate", "&Rate", "E&qual rate", ("Shift+R",), checkable=True, group="equal", short="rate", separated=True
    ),
    Command("equal_psnr", "&Rate", "Equal &PSNR", ("C",), checkable=True, group="equal", short="PSNR"),
    Command("equal_ms_ssim", "&Rate", "Equal &MS-SSIM", ("Shift+C",), checkable=True, group="equal", short="MS-SSIM"),
    Command("pin", "&Rate", "P&in the pane’s rate", ("A",), separated=True),
    Command("next_pin", "&Rate", "&Next pin", ("J",)),
    Command("previous_pin", "&Rate", "Previo&us pin", ("Shift+J",)),
    Command("pins", "&Rate", "List &of pins", ("Shift+A",), checkable=True),
    Command(
        "compare_pins", "&Rate", "&Compare two pins in the panes", ("Ctrl+J",), checkable=True, short="Compare two"
    ),
    Command("visible", "&Metrics", "Metrics of the &visible part", ("V",), checkable=True),
    Command("points", "&Metrics", "&Table of all measured points", ("T",), checkable=True),
    Command("decibels", "&Metrics", "MS-SSIM in &decibels", ("M",), checkable=True, short="dB"),
    Command("luma", "&Metrics", "&Luma (BT.601) instead of RGB", ("Y",), checkable=True, short="luma"),
    Command(
        "logarithmic",
        "&Metrics",
        "Lo&garithmic rate axis",
        ("Shift+L",),
        checkable=True,
        short="log rate",
        separated=True,
    ),
    *(
        Command(
            f"codec_{codec.name}", "&Codecs", codec.label, (f"Alt+{place}",) if place < 10 else (), True, listed=False
        )
        for place, codec in enumerate(known_codecs(), start=1)
    ),
    Command("blind_test", "&Codecs", "&Blind test of two codecs…", ("F8",), separated=True),
    Command("keys", "&Help", "&Keys", ("?", "F1")),
    Command("open_log", "&Help", "Open the &log’s folder", ("Ctrl+Shift+L",), separated=True),
    Command("copy_log", "&Help", "&Copy the log’s place"),
    Command("about", "&Help", "&About RateLens"),
)

POINTER_KEYS = (
    ("Pictures", "Wheel", "Zoom at the pointer"),
    ("Pictures", "Drag", "Move all pictures"),
    ("Pictures", "Double click", "Between fitting and 1:1"),
    ("Pictures", "Space held", "The original in place"),
    ("Pictures", "Arrows", "Move, while a picture has the focus"),
    ("Panes", "1 … 9", "That pane alone, or right of the line"),
    ("Panes", "Ctrl+1 … 9", "That pane left of the line"),
    ("Codecs", "Alt+1 … 9", "That codec on or off"),
    ("Rate", "Arrows", "Step, on the slider; finer with Shift"),
    ("Plots", "Click, drag", "Set the rate"),
    ("Plots", "Right click", "Pin the nearest point"),
)
"""What mouse and focus do: the rest of the sheet of keys, as (section, keys, text)."""


def plain(text: str) -> str:
    """A menu text without its access key."""
    return text.replace("&", "").rstrip("…")


class Actions:
    """The window's QActions by their command's name, and the menus made of them."""

    def __init__(self, owner: QWidget, handlers: Mapping[str, Callable[[], object]]) -> None:
        """handlers: what each command does; KeyError if one lacks."""
        self.menus: dict[str, QMenu] = {}
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        for command in COMMANDS:
            action = QAction(command.text, owner)
            action.setObjectName(command.name)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setCheckable(command.checkable)
            if command.short:
                action.setIconText(command.short)
            if command.group:
                groups.setdefault(command.group, QActionGroup(owner)).addAction(action)
            action.triggered.connect(handlers[command.name])
            self._say(action)
            owner.addAction(action)
            self._actions[command.name] = action

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def entitle(self, name: str, text: str) -> None:
        """Let a command be called otherwise."""
        self._actions[name].setText(text)
        self._say(self._actions[name])

    def _say(self, action: QAction) -> None:
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{plain(action.text())} ({keys})" if keys else plain(action.text()))

    def fill(self, bar: QMenuBar) -> None:
        """Make the menus."""
        for title in MENUS:
            self.menus[title] = bar.addMenu(title)
        for command in COMMANDS:
            menu = self.menus[command.menu]
            if command.separated:
                menu.addSeparator()
            if command.submenu:
                key = f"{command.menu}/{command.submenu}"
                if key not in self.menus:
                    self.menus[key] = menu.addMenu(command.submenu)
                menu = self.menus[key]
            menu.addAction(self._actions[command.name])

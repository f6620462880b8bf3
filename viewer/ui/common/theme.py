"""The two themes. Greys are neutral, so as not to tint the pictures; only codecs and pins have hues."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from viewer.system.resources import chevron_path

SURROUND = QColor(119, 119, 119)
"""The colour around pictures, in both themes: CIE L* = 50, the usual viewing surround."""


class ThemeChoice(Enum):
    """The user's choice."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Colours:
    """The colours of a theme, as #rrggbb."""

    window: str
    panel: str
    field: str
    line: str
    text: str
    quiet: str
    strong: str
    warning: str
    error: str
    hover: str


DARK = Colours(
    window="#1d1d1d",
    panel="#272727",
    field="#141414",
    line="#3a3a3a",
    text="#d6d6d6",
    quiet="#989898",
    strong="#ffffff",
    warning="#e8b04a",
    error="#f0776c",
    hover="#383838",
)
LIGHT = Colours(
    window="#e4e4e4",
    panel="#f4f4f4",
    field="#ffffff",
    line="#c2c2c2",
    text="#1e1e1e",
    quiet="#5c5c5c",
    strong="#000000",
    warning="#8a5a00",
    error="#b3261e",
    hover="#dadada",
)


def colours_of(palette: QPalette) -> Colours:
    """The theme that matches a palette."""
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def palette_of(colours: Colours) -> QPalette:
    """The Qt palette of a theme."""
    role = QPalette.ColorRole
    palette = QPalette()
    for where, colour in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.field),
        (role.AlternateBase, colours.panel),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.quiet),
        (role.Button, colours.panel),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.panel),
        (role.ToolTipText, colours.text),
        (role.BrightText, colours.strong),
        (role.Link, colours.text),
        (role.Highlight, colours.quiet),
        (role.HighlightedText, colours.window),
        (role.Light, colours.hover),
        (role.Midlight, colours.hover),
        (role.Mid, colours.line),
        (role.Dark, colours.line),
        (role.Shadow, colours.field),
    ):
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(colours.quiet)
        faded.setAlpha(150)
        palette.setColor(QPalette.ColorGroup.Disabled, where, faded)
    return palette


def stylesheet(c: Colours) -> str:
    """What the palette cannot express."""
    return f"""
    QMenuBar {{ background: {c.window}; padding: 1px 4px; }}
    QMenuBar::item {{ padding: 4px 9px; border-radius: 3px; background: transparent; }}
    QMenuBar::item:selected {{ background: {c.hover}; }}
    QMenu {{ background: {c.panel}; border: 1px solid {c.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 3px; }}
    QMenu::item:selected {{ background: {c.hover}; color: {c.strong}; }}
    QMenu::item:disabled {{ color: {c.quiet}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    QToolTip {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
    QSplitter::handle {{ background: {c.window}; }}
    QSplitter::handle:hover {{ background: {c.line}; }}
    QLineEdit {{ background: {c.field}; border: 1px solid {c.line}; border-radius: 3px; padding: 4px 7px;
                 selection-background-color: {c.quiet}; selection-color: {c.window}; }}
    QLineEdit:focus {{ border: 1px solid {c.text}; }}
    QLineEdit[invalid="true"] {{ border: 1px solid {c.error}; }}
    QTableView {{ background: {c.panel}; alternate-background-color: {c.window}; border: 1px solid {c.line};
                  selection-background-color: {c.hover}; selection-color: {c.strong}; }}
    QTableView::item {{ padding: 0 5px; }}
    QHeaderView::section {{ background: {c.panel}; color: {c.quiet}; border: 0; border-bottom: 1px solid {c.line};
                            padding: 4px 8px; }}
    QHeaderView {{ background: {c.panel}; }}
    QComboBox {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 3px; padding: 2px 6px;
                 combobox-popup: 0; }}
    QComboBox:focus {{ border: 1px solid {c.text}; }}
    QComboBox::drop-down {{ border: 0; width: 20px; }}
    QComboBox::down-arrow {{ image: url("{chevron_path().as_posix()}"); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.line};
                                  selection-background-color: {c.hover}; selection-color: {c.strong}; }}
    QListWidget {{ background: {c.panel}; }}
    QListWidget::item {{ padding: 3px; border-radius: 3px; }}
    QListWidget::item:selected {{ background: {c.hover}; color: {c.strong}; }}
    QToolButton, QPushButton {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 3px;
                                padding: 3px 9px; }}
    QToolButton:hover, QPushButton:hover {{ background: {c.hover}; }}
    QToolButton {{ color: {c.quiet}; }}
    QToolButton:checked {{ background: {c.hover}; color: {c.strong}; border-color: {c.quiet}; }}
    #strip QToolButton {{ background: transparent; border-color: transparent; padding: 2px 5px; color: {c.text}; }}
    #strip QToolButton:hover {{ background: {c.hover}; }}
    #strip QToolButton:checked {{ background: {c.hover}; color: {c.strong}; border-color: {c.quiet}; }}
    #strip QToolButton:disabled {{ color: {c.quiet}; }}
    #strip #divider {{ color: {c.line}; }}
    #palette {{ border: 1px solid {c.quiet}; background: {c.panel}; }}
    QToolButton:focus, QPushButton:focus {{ border: 1px solid {c.strong}; }}
    """


class ThemeSwitch(QObject):
    """Applies the chosen theme to the application, and follows the system's if that is chosen."""

    changed = Signal(object)
    """Carries the new Colours."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = ThemeChoice.SYSTEM
        self._applied: Colours | None = None
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def choice(self) -> ThemeChoice:
        return self._choice

    @property
    def colours(self) -> Colours:
        """The theme in use. If the desktop reports none, the dark one, which distracts less from the pictures."""
        if self._choice is ThemeChoice.SYSTEM:
            return LIGHT if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK
        return LIGHT if self._choice is ThemeChoice.LIGHT else DARK

    def choose(self, choice: ThemeChoice) -> None:
        """Use this theme from now on."""
        self._choice = choice
        schemes = {ThemeChoice.LIGHT: Qt.ColorScheme.Light, ThemeChoice.DARK: Qt.ColorScheme.Dark}
        scheme = schemes.get(choice, Qt.ColorScheme.Unknown)
        with _without_garbage_collection():
            QGuiApplication.styleHints().setColorScheme(scheme)  # of title bar and dialogs
        self._apply()

    def _follow_system(self) -> None:
        self._apply()

    def _apply(self) -> None:
        colours = self.colours
        application = QApplication.instance()
        if colours == self._applied or not isinstance(application, QApplication):
            return
        self._applied = colours
        with _without_garbage_collection():
            application.setPalette(palette_of(colours))
            application.setStyleSheet(stylesheet(colours))
        self.changed.emit(colours)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Let no widget be deleted meanwhile by Python's collector, in whichever thread that runs.

    Qt goes through a list of all widgets, and sends each an event. Event filters in Python take these, in which the
    collector may run; if it deleted a widget that nobody held any more, Qt would go on to freed memory.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

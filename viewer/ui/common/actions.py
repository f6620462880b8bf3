"""Commands, each declared beside the code that it runs, and the menus and QActions made from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

MENUS = ("&File", "&Edit", "&View", "&Panes", "&Show", "&Rate", "&Metrics", "&Codecs", "Se&t", "Prese&nt", "&Help")


@dataclass(frozen=True)
class Command:
    """Something the user can do by a menu or a key.

    name: identifier. menu: the title of its menu. keys: portable key sequences, of which the first is shown. section:
    its position in the menu; sections are divided by lines. submenu: the submenu it is in, if any. group: of mutually
    exclusive commands. short: its text on a button. tip: what it does, where its text does not say it. words: others
    that it is found by. listed: whether the list of keys has its own line for it.

    checked, enabled, label: computed from the state. A command with `checked` has a check mark; one whose label is None
    is hidden.
    """

    name: str
    menu: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    section: int = 0
    submenu: str = ""
    group: str = ""
    short: str = ""
    tip: str = ""
    words: str = ""
    listed: bool = True
    checked: Callable[[Any], bool] | None = None
    enabled: Callable[[Any], bool] | None = None
    label: Callable[[Any], str | None] | None = None


class Watchable(Protocol):
    """Where commands read the state; the store is one."""

    @property
    def state(self) -> Any: ...

    def watch(self, select: Callable[[Any], Any], react: Callable[[Any], object]) -> None:
        """Call react with the selected value now, and whenever it changes."""


POINTER_KEYS = (
    ("Pictures", "Wheel, pinch", "Zoom at the pointer"),
    ("Pictures", "Drag, two fingers", "Pan all pictures"),
    ("Pictures", "Double click", "Toggle between fit and 1:1"),
    ("Pictures", "Space held", "Show the original"),
    ("Pictures", "Ctrl+drag", "Draw a region for refinement"),
    ("Pictures", "Arrows", "Pan, while a picture has the focus"),
    ("Panes", "1 … 9", "Show that pane, right side of a split"),
    ("Panes", "Ctrl+1 … 9", "That pane on the left of a split"),
    ("Codecs", "Alt+2 … 9", "Switch that pane’s codec on or off"),
    ("Rate", "Arrows", "Step the slider; finer with Shift"),
    ("Plots", "Click, drag", "Set the rate"),
    ("Plots", "Right click", "Menu: pin a point, set the rate"),
    ("Panes", "Right click", "Menu: show alone, split, save, pin"),
)
"""Mouse and focus keys, which are no commands: the rest of the list of keys, as (section, keys, text)."""


def plain(text: str) -> str:
    """A menu text without its access key."""
    return text.replace("&", "").rstrip("…")


class Actions:
    """The window's QActions by command name, and the menus made from them."""

    def __init__(self, owner: QWidget, commands: Iterable[Command], store: Watchable) -> None:
        """Check marks and texts follow the store."""
        self.commands = tuple(sorted(commands, key=lambda command: (MENUS.index(command.menu), command.section)))
        self.menus: dict[str, QMenu] = {}
        self._store = store
        self._actions: dict[str, QAction] = {}
        groups: dict[str, QActionGroup] = {}
        self._owner = owner
        for command in self.commands:
            action = self._make(command)
            if command.group:
                groups.setdefault(command.group, QActionGroup(owner)).addAction(action)

    def _make(self, command: Command) -> QAction:
        action = self._actions[command.name] = QAction(command.text, self._owner)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        if command.short:
            action.setIconText(command.short)
        _name(action, command.text, command.tip)
        self._follow(command, action)
        action.triggered.connect(partial(self._run, command))
        self._owner.addAction(action)
        return action

    def add(self, command: Command) -> None:
        """One more command, at the end of its menu's first section."""
        self.commands = (*self.commands, command)
        menu = self.menus[command.menu]
        end = next((action for action in menu.actions() if action.isSeparator()), None)
        action = self._make(command)
        if end is None:
            menu.addAction(action)
        else:
            menu.insertAction(end, action)

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def _follow(self, command: Command, action: QAction) -> None:
        if command.checked is not None:
            action.setCheckable(True)
            self._store.watch(command.checked, action.setChecked)
        if command.enabled is not None:
            self._store.watch(command.enabled, action.setEnabled)
        if command.label is not None:
            self._store.watch(command.label, partial(_label, action, command.tip))

    def _run(self, command: Command, _checked: bool = False) -> None:
        command.run()
        if command.checked is not None:  # Qt has toggled the mark, whatever the command did
            self._actions[command.name].setChecked(command.checked(self._store.state))

    def fill(self, bar: QMenuBar, extra: Mapping[tuple[str, int], Iterable[QMenu]]) -> None:
        """Build the menus. extra: submenus to add at the end of a menu's section."""
        for title in MENUS:
            menu = self.menus[title] = bar.addMenu(title)
            inside = [command for command in self.commands if command.menu == title]
            for number, section in enumerate(sorted({command.section for command in inside})):
                if number:
                    menu.addSeparator()
                for command in inside:
                    if command.section == section:
                        self._menu_of(command, menu).addAction(self._actions[command.name])
                for submenu in extra.get((title, section), ()):
                    menu.addMenu(submenu)
        for menu in self.menus.values():
            entries = [action for action in menu.actions() if not action.isSeparator()]
            for action, text in zip(entries, own_letters([action.text() for action in entries]), strict=True):
                if text != action.text():
                    action.setText(text)

    def _menu_of(self, command: Command, menu: QMenu) -> QMenu:
        if not command.submenu:
            return menu
        key = f"{command.menu}/{command.submenu}"
        if key not in self.menus:
            self.menus[key] = menu.addMenu(command.submenu)
        return self.menus[key]


def own_letters(texts: Sequence[str]) -> list[str]:
    """A menu's texts with access keys of their own: of two with the same one, the later takes another letter of its
    text, the beginning of a word if possible, or none. Texts without an access key stay as they are.
    """
    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        if (letter := _access_key(text)) is not None:
            first.setdefault(letter, index)
    taken, own = set(first), []
    for index, text in enumerate(texts):
        letter = _access_key(text)
        own.append(
            text if letter is None or first[letter] == index else _with_free_letter(text.replace("&", ""), taken)
        )
    return own


def _with_free_letter(text: str, taken: set[str]) -> str:
    """A text with an access key that is not taken yet, which is added to those that are; without, if there is none."""
    starts = [at for at, one in enumerate(text) if at == 0 or text[at - 1] == " "]
    places = (at for at in (*starts, *range(len(text))) if text[at].isalnum() and text[at].lower() not in taken)
    place = next(places, None)
    if place is None:
        return text
    taken.add(text[place].lower())
    return f"{text[:place]}&{text[place:]}"


def _access_key(text: str) -> str | None:
    at = text.replace("&&", "  ").find("&")
    return None if at < 0 or at + 1 == len(text) else text[at + 1].lower()


def _label(action: QAction, tip: str, text: str | None) -> None:
    action.setVisible(text is not None)
    action.setEnabled(text is not None)
    if text is not None:
        _name(action, text, tip)


def _name(action: QAction, text: str, tip: str) -> None:
    action.setText(text)
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{tip or plain(text)} ({keys})" if keys else tip or plain(text))

"""Themes: what must not happen while one is applied."""

from __future__ import annotations

import gc

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from viewer.ui.common.theme import ThemeChoice, ThemeSwitch


class Filter(QObject):
    """Hears of every event, and makes as many objects as let the garbage collector run."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        self.collections = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            before = collections()
            made: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
            self.heard += bool(made)
            self.collections += collections() - before
        return False


def collections() -> int:
    """How many there were."""
    return sum(generation["collections"] for generation in gc.get_stats())


def test_no_widget_can_be_collected_while_qt_goes_through_them(qtbot: QtBot) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    application, hearing, themes = QApplication.instance(), Filter(), ThemeSwitch()
    assert application is not None
    application.installEventFilter(hearing)
    for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK, ThemeChoice.SYSTEM):
        themes.choose(choice)
    application.removeEventFilter(hearing)
    assert hearing.heard
    assert not hearing.collections
    assert gc.isenabled()

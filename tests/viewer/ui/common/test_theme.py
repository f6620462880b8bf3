"""Themes: what must not happen while one is applied, and what can be read."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from tests.viewer.ui.panes.test_view import as_array
from viewer.codecs.palette import NAME_CONTRAST, contrast
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


@pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")
@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_the_chosen_entry_of_a_drop_down_can_be_read_and_is_marked(qtbot: QtBot, choice: ThemeChoice) -> None:
    themes = ThemeSwitch()
    themes.choose(choice)
    combo = QComboBox()
    combo.addItems(["Learned", "JPEG", "JPEG 2000"])
    combo.setCurrentIndex(1)
    qtbot.addWidget(combo)
    combo.show()
    combo.showPopup()
    view = combo.view()
    rows = [view.visualRect(view.model().index(row, 0)) for row in range(3)]
    drawn = as_array(view.viewport().grab().toImage())

    def ground_and_ink(row: int) -> tuple[str, str]:
        part = drawn[rows[row].top() : rows[row].bottom(), 4 : rows[row].right() - 4].reshape(-1, 3)
        light = part.sum(axis=1)
        ground = np.median(part, axis=0)
        ink = part[light.argmin() if np.median(light) > 384 else light.argmax()]
        return tuple("#" + "".join(f"{int(value):02x}" for value in colour) for colour in (ground, ink))  # type: ignore[return-value]

    ground, ink = ground_and_ink(1)
    assert contrast(ground, ink) >= NAME_CONTRAST
    assert ground != ground_and_ink(0)[0]
    combo.hidePopup()
    themes.choose(ThemeChoice.SYSTEM)

"""The palette finds every command, and runs it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.viewer.ui.driver import driver
from viewer.session.pane_layout import Layout, Show
from viewer.ui.common.actions import plain
from viewer.ui.guidance.palette import Palette
from viewer.ui.shell.main_window import MainWindow


def palette_of(window: MainWindow) -> Palette:
    """Opened by its key."""
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_P, modifiers)
    assert isinstance(window.sheet, Palette)
    return window.sheet


def test_every_command_is_found_by_its_text(window: MainWindow) -> None:
    palette = palette_of(window)
    actions = window.actions_by_name
    for command in actions.commands:
        if command.name != "palette" and actions[command.name].isVisible():
            palette.field.setText(plain(actions[command.name].text()))
            assert command.name in palette.names


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("wipe", "split"),
        ("artefact", "next_region"),
        ("bigger curves", "large_plots"),
        ("boss", "present"),
        ("dark", "theme_dark"),
        ("same quality psnr", "equal_psnr"),
        ("flicker", "blink"),
    ],
)
def test_what_a_newcomer_types_finds_it(window: MainWindow, words: str, name: str) -> None:
    palette = palette_of(window)
    QTest.keyClicks(palette.field, words)
    assert name in palette.names[:3]


def test_enter_runs_what_arrows_chose(opened: MainWindow) -> None:
    palette = palette_of(opened)
    QTest.keyClicks(palette.field, "split view")
    assert palette.names[0] == "split"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert driver(opened).session.pane_layout.layout is Layout.SPLIT
    palette = palette_of(opened)
    QTest.keyClicks(palette.field, "map")
    row = palette.names.index("show_ssim")
    for _ in range(row):
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert driver(opened).session.pane_layout.show is Show.SSIM


def test_a_click_runs_it_and_escape_closes(opened: MainWindow) -> None:
    palette = palette_of(opened)
    QTest.keyClicks(palette.field, "split view")
    place = palette.list.visualItemRect(palette.list.item(0)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert driver(opened).session.pane_layout.layout is Layout.SPLIT
    palette = palette_of(opened)
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_what_cannot_be_done_now_comes_last_and_does_nothing(window: MainWindow) -> None:
    palette = palette_of(window)
    assert window.actions_by_name[palette.names[0]].isEnabled()
    palette.field.setText("Next step of the tour")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()

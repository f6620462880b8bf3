"""Presenting takes away what is in the way, and puts everything back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import MakeWindow
from tests.viewer.ui.driver import driver
from viewer.session.pane_layout import Layout
from viewer.ui.shell.main_window import MainWindow


def test_it_shows_the_pictures_and_the_slider_and_nothing_else(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    splitter, head = opened.splitter.sizes(), opened.panes["jpeg"].header.height()
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(opened.isFullScreen)
    assert opened.rate_bar.slider.isVisible()
    for widget in (opened.menuBar(), opened.plots, opened.side, opened.readout, *opened.rate_bar.switches):
        assert not widget.isVisible()
    qtbot.waitUntil(lambda: opened.panes["jpeg"].header.height() > 1.2 * head)
    field = opened.rate_bar.field
    assert field.width() > field.fontMetrics().horizontalAdvance(field.text()) + 12  # no digit is cut off
    assert opened.actions_by_name["present"].isChecked()
    QTest.keyClick(opened, Qt.Key.Key_2)  # keys work without their menus
    assert driver(opened).session.pane_layout.layout is Layout.SINGLE
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.isFullScreen()
    assert driver(opened).session.pane_layout.layout is Layout.SINGLE  # only the next one goes back to the grid
    for widget in (opened.menuBar(), opened.plots, opened.side, opened.readout, *opened.rate_bar.switches):
        assert widget.isVisible()
    assert not opened.actions_by_name["present"].isChecked()
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: opened.panes["jpeg"].header.height() == head)
    assert opened.splitter.sizes()[::2] == splitter[::2]  # the panes have what is left between them


def test_a_codec_that_was_switched_on_later_has_a_large_head_too(opened: MainWindow, qtbot: QtBot) -> None:
    opened.actions_by_name["codec_webp"].trigger()
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(opened.isFullScreen)
    heads = {name: pane.header.sizeHint().height() for name, pane in opened.panes.items()}
    assert "webp" in heads
    assert len(set(heads.values())) == 1


def test_what_was_hidden_before_stays_hidden(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F5)
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert not window.isFullScreen()
    assert not window.side.isVisible()
    assert window.plots.isVisible()


def test_a_window_that_is_closed_while_presenting_opens_as_it_was(make_window: MakeWindow) -> None:
    first = make_window()
    QTest.keyClick(first, Qt.Key.Key_F5)
    first.close()
    second = make_window()
    assert not second.isFullScreen()
    assert second.plots.isVisible()
    assert second.plots.width() > 100


def test_a_codec_that_was_switched_on_later_is_presented_alike(opened: MainWindow, qtbot: QtBot) -> None:
    opened.actions_by_name["codec_webp"].trigger()
    head = opened.panes["jpeg"].header.height()
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: opened.panes["jpeg"].header.height() > 1.2 * head)
    assert len({pane.header.height() for pane in opened.panes.values()}) == 1
    QTest.keyClick(opened, Qt.Key.Key_F5)

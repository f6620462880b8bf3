"""The plots are hidden, shown, and made larger than the pictures."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.viewer.ui.conftest import MakeWindow
from viewer.ui.shell.main_window import MainWindow

SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_a_key_hides_the_plots_and_the_pictures_have_their_room(window: MainWindow) -> None:
    before = window.grid.width()
    QTest.keyClick(window, Qt.Key.Key_H)
    QApplication.processEvents()
    assert not window.plots.isVisible()
    assert window.grid.width() > before + 300
    QTest.keyClick(window, Qt.Key.Key_H)
    QApplication.processEvents()
    assert window.plots.isVisible()
    assert window.grid.width() == before


def test_larger_plots_take_most_of_the_window_and_go_back_as_they_were(window: MainWindow) -> None:
    before = window.splitter.sizes()
    QTest.keyClick(window, Qt.Key.Key_H, SHIFT)
    QApplication.processEvents()
    assert window.plots.width() > 0.55 * window.splitter.width()
    QTest.keyClick(window, Qt.Key.Key_H, SHIFT)
    QApplication.processEvents()
    assert window.splitter.sizes() == before


def test_hidden_plots_stay_hidden(make_window: MakeWindow) -> None:
    window = make_window()
    QTest.keyClick(window, Qt.Key.Key_H)
    window.close()
    assert not make_window().plots.isVisible()

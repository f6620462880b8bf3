"""The strip's buttons are the menus' commands, in sight at every width."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.session.pane_layout import Layout, Show
from viewer.ui.common.theme import DARK, LIGHT, Colours
from viewer.ui.guidance.icons import ICONS, icon
from viewer.ui.guidance.strip import GROUPS, Strip
from viewer.ui.shell.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def press(window: MainWindow, name: str) -> None:
    QTest.mouseClick(window.strip.buttons[name], LEFT)


def test_a_click_does_what_the_menu_does_and_both_show_it(opened: MainWindow) -> None:
    state = driver(opened).store

    def layout() -> Layout:
        return state.state.session.pane_layout.layout

    press(opened, "single")
    assert layout() is Layout.SINGLE
    press(opened, "split")
    assert layout() is Layout.SPLIT
    assert opened.actions_by_name["split"].isChecked()
    press(opened, "show_error")
    assert state.state.session.pane_layout.show is Show.ERROR
    for name, zoom in (("actual", 1.0), ("doubled", 2.0), ("fit", None)):
        press(opened, name)
        assert state.state.session.view.zoom == zoom
        assert [one for one in ("actual", "doubled", "fit") if opened.strip.buttons[one].isChecked()] == [name]
    press(opened, "equal_psnr")
    assert state.state.session.quality is not None
    press(opened, "equal_rate")
    press(opened, "grid")
    opened.actions_by_name["show_ssim"].trigger()  # by the menu: the strip follows
    checked = {name for name, button in opened.strip.buttons.items() if button.isChecked()}
    assert checked == {"grid", "show_ssim", "fit", "equal_rate", "plots"}


def test_every_button_tells_what_it_does_and_its_key(opened: MainWindow) -> None:
    assert {name for group in GROUPS for name, _icon in group.buttons} == set(opened.strip.buttons)
    for name, button in opened.strip.buttons.items():
        key = opened.actions_by_name[name].shortcut().toString()
        assert key
        assert key in button.toolTip(), name
        assert len(button.toolTip()) > len(key) + 12, name
        assert button.accessibleName()


@pytest.mark.parametrize("width", [1280, 900, 640, 340])
def test_at_every_width_what_is_shown_has_room(opened: MainWindow, width: int, qtbot: QtBot) -> None:
    frame = QWidget()
    qtbot.addWidget(frame)
    strip = Strip(opened.actions_by_name, frame)
    frame.resize(width, 60)
    strip.setGeometry(0, 0, width, 34)
    frame.show()
    QApplication.processEvents()
    shown = [button for button in strip.buttons.values() if button.isVisible()]
    assert shown
    for button in shown:
        assert strip.rect().contains(button.geometry())
        assert button.width() >= button.sizeHint().width()
    if width >= 640:
        assert len(shown) >= 12
    if width == 1280:
        words = (Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonTextOnly)
        for name in ("show_signed", "next_region", "blink", "tour", "present"):
            assert strip.buttons[name].toolButtonStyle() in words, strip.sizeHint().width()


@pytest.mark.parametrize("colours", [DARK, LIGHT])
def test_icons_differ_and_are_sharp_at_every_scale(colours: Colours) -> None:
    drawn = {}
    for name in ICONS:
        for ratio in (1, 2):
            picture = icon(name, colours).pixmap(QSize(16, 16), float(ratio)).toImage()
            assert picture.width() == 16 * ratio
            inked = as_array(picture.convertToFormat(picture.Format.Format_RGB32))
            assert np.any(inked), name
        drawn[name] = inked.tobytes()
    assert len(set(drawn.values())) == len(ICONS)


def test_the_strip_is_no_stop_of_the_tab_key(opened: MainWindow) -> None:
    assert all(button.focusPolicy() is Qt.FocusPolicy.NoFocus for button in opened.strip.findChildren(QToolButton))

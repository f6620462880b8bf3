"""Menus, keys, themes, settings and sheets."""

from __future__ import annotations

import gc
import re
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QSize, Qt
from PySide6.QtGui import QKeySequence, QPalette, QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import CODECS
from viewer.session.state import MetricScale
from viewer.ui.common.actions import MENUS, plain
from viewer.ui.common.codec_style import Marker, style_of
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import DARK, LIGHT, Colours, ThemeChoice, ThemeSwitch, colours_of
from viewer.ui.shell.crash_dialog import CrashBox
from viewer.ui.shell.dialogs import AboutBox, KeysSheet, native
from viewer.ui.shell.main_window import MainWindow


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_action_is_in_a_menu_with_its_keys(window: MainWindow) -> None:
    in_menus = {action.objectName() for menu in window.actions_by_name.menus.values() for action in menu.actions()}
    for command in window.actions_by_name.commands:
        assert command.name in in_menus
        assert window.actions_by_name[command.name].shortcuts() == [QKeySequence(key) for key in command.keys]


@pytest.mark.parametrize("width", [1280, 2560])
def test_at_the_first_start_the_window_fits_the_screen(
    width: int, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = QSize(width, width * 5 // 8)
    monkeypatch.setattr(QScreen, "availableSize", lambda _screen: screen)
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow(CODECS, 0.5, Settings(store), ThemeSwitch())
    qtbot.addWidget(window)
    if width == 1280:
        assert window.width() == 1280
        assert 720 <= window.height() < 800  # above it the system puts a title
    else:
        assert (window.width(), window.height()) == (1440, 900)


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    keys = [QKeySequence(key).toString() for command in window.actions_by_name.commands for key in command.keys]
    assert len(keys) == len(set(keys))


def test_shortcuts_leave_the_systems_own_keys_alone(window: MainWindow) -> None:
    taken = {"Alt+F4", "Alt+Tab", "Ctrl+Alt+Del", "Ctrl+Esc", "Meta"}
    for command in window.actions_by_name.commands:
        for key in command.keys:
            assert not key.startswith("Meta"), command.name
            assert key not in taken, command.name


def test_no_letter_opens_two_entries_of_a_menu(window: MainWindow) -> None:
    menus = {menu.title(): menu for menu in window.findChildren(QMenu)}
    assert len(menus) >= len(MENUS) + 10
    bar = [action.text() for action in window.menuBar().actions()]
    for title, texts in [
        ("bar", bar),
        *((title, [one.text() for one in menu.actions()]) for title, menu in menus.items()),
    ]:
        letters = [found for text in texts for found in re.findall(r"(?<!&)&(\w)", text.lower())]
        assert len(letters) == len(set(letters)), (title, letters)


def test_the_sheet_of_keys_names_every_key(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Question)
    assert isinstance(window.sheet, KeysSheet)
    texts = {label.text() for label in window.sheet.findChildren(QLabel)}
    for command in window.actions_by_name.commands:
        if command.keys and command.listed:
            assert plain(command.text) in texts
            assert any(native(command.keys[0]) in text for text in texts)
    assert {"1 … 9", "Ctrl+1 … 9", "Alt+2 … 9"} <= texts
    QTest.keyClick(window.sheet, Qt.Key.Key_Escape)
    assert not window.sheet.isVisible()


def test_about_names_versions(window: MainWindow) -> None:
    window.actions_by_name["about"].trigger()
    assert isinstance(window.sheet, AboutBox)
    texts = {label.text() for label in window.sheet.findChildren(QLabel)}
    assert {"torch", "pyqtgraph", "Qt"} <= texts


@pytest.mark.parametrize(("action", "colours"), [("theme_light", LIGHT), ("theme_dark", DARK)])
def test_themes_switch_at_once_and_are_kept(make_window: MakeWindow, action: str, colours: object) -> None:
    window = make_window()
    window.actions_by_name[action].trigger()
    palette = QApplication.palette()
    assert colours_of(palette) == colours
    background = window.plots.grab().toImage().pixelColor(2, 2).lightness()
    assert abs(background - palette.color(QPalette.ColorRole.Button).lightness()) < 3
    window.close()
    again = make_window()
    assert again.actions_by_name[action].isChecked()
    assert colours_of(QApplication.palette()) == colours


def test_settings_are_kept(make_window: MakeWindow) -> None:
    window = make_window()
    for name in ("decibels", "luma", "logarithmic", "smooth"):
        window.actions_by_name[name].trigger()
    window.resize(1111, 777)
    window.close()
    again = make_window()
    assert driver(again).session.scale == MetricScale("luma", ms_ssim_db=False)
    assert not again.actions_by_name["logarithmic"].isChecked()
    assert again.actions_by_name["smooth"].isChecked()


def test_unusable_settings_read_as_defaults(make_window: MakeWindow) -> None:
    window = make_window()
    settings: Settings = window.settings
    settings.set_bytes("theme", settings.bytes_of("nothing"))
    assert settings.theme is ThemeChoice.SYSTEM
    assert settings.bytes_of("recent").isEmpty()


def test_metrics_switch_between_decibels_and_raw_everywhere(opened: MainWindow) -> None:
    def ms_ssim() -> str:
        return opened.panes["jpeg"].header.text.figures[3].value

    shown = driver(opened).shown("jpeg")
    assert shown is not None
    in_db = ms_ssim()
    QTest.keyClick(opened, Qt.Key.Key_M)
    assert ms_ssim() == f"{shown.result.measurement.metrics.ms_ssim_rgb:.5f}" != in_db
    assert opened.plots.lower_plot.value_range()[1] < 2
    QTest.keyClick(opened, Qt.Key.Key_Y)
    assert ms_ssim() == f"{shown.result.measurement.metrics.ms_ssim_luma:.5f}"
    assert opened.panes["jpeg"].header.text.figures[2].value == f"{shown.result.measurement.metrics.psnr_luma_db:.2f}"


def test_codec_colours_and_shapes_differ_and_stand_out_in_both_themes() -> None:
    names = tuple(codec.name for codec in CODECS)
    styles = [style_of(name, names) for name in names]
    assert len({style.colour for style in styles}) == len({style.marker for style in styles}) == len(names)
    for style in styles:
        for theme in (DARK, LIGHT):
            assert contrast(style.colour, theme.panel) >= 3.0


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_text_can_be_read(theme: Colours) -> None:
    for ink in (theme.text, theme.quiet, theme.warning, theme.error):
        assert contrast(ink, theme.panel) >= 4.5


def test_every_marker_has_a_shape_of_its_own() -> None:
    assert len({marker.value for marker in Marker}) == len(Marker)


def test_controls_have_names_for_screen_readers(opened: MainWindow) -> None:
    bar = opened.rate_bar
    for widget in (bar.slider, bar.field, opened.plots.upper_plot, opened.plots.lower_plot, opened.banner):
        assert widget.accessibleName()
    spoken = opened.panes["jpeg"].header.accessibleDescription()
    assert "JPEG" in spoken
    assert "PSNR" in spoken


def test_an_unexpected_error_is_shown_with_its_text_and_the_program_goes_on(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    box = CrashBox()
    box.install()
    try:
        raise ZeroDivisionError("on purpose")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: box.box is not None, timeout=5000)
    assert isinstance(box.box, QMessageBox)
    assert "on purpose" in box.box.detailedText()
    box.box.close()


def test_the_sheet_of_keys_fits_a_small_screen(window: MainWindow) -> None:
    window.actions_by_name["keys"].trigger()
    assert window.sheet is not None
    size = window.sheet.sizeHint()
    assert size.height() < 800
    assert size.width() < 1280


def test_a_window_leaves_no_widget_to_the_garbage_collector(qtbot: QtBot, tmp_path: Path) -> None:
    """It would delete them at any time whatever, while Qt goes through all widgets, and in any thread."""
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    before = QApplication.allWidgets()
    gc.disable()
    try:
        window = MainWindow(CODECS, 0.5, Settings(store), ThemeSwitch())
        with qtbot.waitExposed(window):
            window.show()
        for sheet in ("keys", "about", "information"):
            window.actions_by_name[sheet].trigger()
        window.close()
        assert driver(window).join(TIMEOUT_MS / 1000)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert [widget for widget in QApplication.allWidgets() if widget not in before] == []
    finally:
        gc.enable()

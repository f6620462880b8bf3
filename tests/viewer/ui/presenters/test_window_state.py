"""What is kept between runs, and what happens to settings that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow
from tests.viewer.ui.driver import driver
from viewer.session.pane_layout import ORIGINAL, Layout
from viewer.ui.common.settings import Settings


def test_arrangement_panel_and_switches_are_kept(make_window: MakeWindow) -> None:
    window = make_window()
    QTest.keyClick(window, Qt.Key.Key_W)
    QTest.keyClick(window, Qt.Key.Key_V)
    window.actions_by_name["blink_4"].trigger()
    QTest.keyClick(window, Qt.Key.Key_3)
    window.close()
    again = make_window()
    assert driver(again).session.pane_layout.layout is Layout.SINGLE
    assert driver(again).session.pane_layout.pane == "jpeg"
    assert [name for name, pane in again.panes.items() if pane.isVisible()] == ["jpeg"]
    assert again.actions_by_name["pane_3"].isChecked()
    assert again.side.present == "regions"
    assert again.side.isVisible()
    assert again.actions_by_name["regions"].isChecked()
    assert again.grid.width() > 2 * again.side.width()
    assert again.actions_by_name["visible"].isChecked()
    assert len(again.readout.rows) == 2
    assert again.layout_actions._blink.interval() == 250
    assert again.rate_bar.slider.hasFocus()


def test_a_split_view_is_kept_with_its_sides(make_window: MakeWindow) -> None:
    window = make_window()
    QTest.keyClick(window, Qt.Key.Key_S)
    QTest.keyClick(window, Qt.Key.Key_4)
    window.close()
    again = make_window()
    pane_layout = driver(again).session.pane_layout
    assert (pane_layout.layout, pane_layout.left, pane_layout.right) == (Layout.SPLIT, ORIGINAL, "jpeg2000")
    assert again.grid.split.isVisible()
    again.settings.codecs = ("learned", "jpeg")
    again.close()
    assert driver(make_window()).session.pane_layout.right == "learned"


@pytest.mark.parametrize("text", ["single jpeg", "round jpeg original jpeg", "single gone gone gone", "@Variant(x)"])
def test_an_arrangement_that_is_unknown_is_left_aside(make_window: MakeWindow, tmp_path: Path, text: str) -> None:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    store.setValue("panes", text)
    store.setValue("panel", "gone")
    store.sync()
    window = make_window()
    assert driver(window).session.pane_layout.pane in window.panes
    assert window.side.present == ""


def test_a_damaged_settings_file_is_set_aside_and_said_once(
    make_window: MakeWindow, tmp_path: Path, photograph: Path, qtbot: QtBot
) -> None:
    path, damage = tmp_path / "settings.ini", b"[General\ntheme=dark\n\x00\xff\xfe nonsense\n\x80\x81"
    path.write_bytes(damage)
    window = make_window()
    assert window.banner.isVisible()
    assert "was damaged and kept as “settings.ini.damaged-1”. Settings were reset." in window.banner.text
    assert (tmp_path / "settings.ini.damaged-1").read_bytes() == damage
    for still_said in (True, False):  # the first picture is opened by the program itself, at once
        with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
            driver(window).open_file(photograph)
        assert window.banner.isVisible() == still_said
    window.actions_by_name["luma"].trigger()
    window.close()
    again = make_window()
    assert not again.banner.isVisible()
    assert again.settings.scale.channel == "luma"


@pytest.mark.qt_log_ignore("QVariant::load")
@pytest.mark.parametrize("value", ["@ByteArray(nonsense)", "@Variant(\\0\\0\\0\\x7f)", "@Invalid()", "%%%", "1, 2, 3"])
def test_any_value_reads_as_something(tmp_path: Path, value: str) -> None:
    path = tmp_path / "odd.ini"
    keys = ("theme", "channel", "ms_ssim_db", "smooth", "codecs", "panes", "panel", "recent", "geometry", "splitter")
    path.write_text("[General]\n" + "".join(f"{key}={value}\n" for key in keys))
    settings = Settings(QSettings(str(path), QSettings.Format.IniFormat))
    assert settings.theme.value in {"system", "light", "dark"}
    assert settings.scale.channel == "rgb"
    assert isinstance(settings.codecs, tuple)
    assert isinstance(settings.recent, tuple)
    assert settings.panel == "" or isinstance(settings.panel, str)

"""Pins: made by key and in the plots, gone through by keys, edited in their panel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.session.pins import PIN_COLOURS, Pin, Pins
from viewer.ui.shell.main_window import MainWindow

SHIFT = Qt.KeyboardModifier.ShiftModifier


def pins(window: MainWindow) -> tuple[Pin, ...]:
    return driver(window).session.pins.pins


def pin_two(window: MainWindow, qtbot: QtBot) -> None:
    """Learned at 0.5 bpp, then JPEG at 1 bpp."""
    QTest.keyClick(window, Qt.Key.Key_A)
    driver(window).set_target(1.0)
    wait_until_at_target(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_3)
    QTest.keyClick(window, Qt.Key.Key_A)


def test_a_pins_the_codec_that_is_looked_at(opened: MainWindow, qtbot: QtBot) -> None:
    pin_two(opened, qtbot)
    assert pins(opened) == (
        Pin("learned", 0.5, "Learned 0.500", PIN_COLOURS[0]),
        Pin("jpeg", 1.0, "JPEG 1.000", PIN_COLOURS[1]),
    )
    QTest.keyClick(opened, Qt.Key.Key_A)  # the same again
    assert len(pins(opened)) == 2
    QTest.keyClick(opened, Qt.Key.Key_1)
    QTest.keyClick(opened, Qt.Key.Key_A)
    assert "Select a codec first" in opened.banner.text
    assert len(pins(opened)) == 2


def test_j_goes_through_the_pins(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_J)
    assert "Nothing is pinned yet" in opened.banner.text
    pin_two(opened, qtbot)
    seen = []
    for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.NoModifier, SHIFT):
        QTest.keyClick(opened, Qt.Key.Key_J, modifier)
        seen.append((driver(opened).session.target_bpp, driver(opened).session.pane_layout.pane))
    assert seen == [(0.5, "learned"), (1.0, "jpeg"), (0.5, "learned")]


def test_a_pin_beyond_the_slider_stays_where_it_is(opened: MainWindow) -> None:
    """At equal quality a codec may need more bits than the slider has."""
    driver(opened).set_pins(Pins((Pin("jpeg", 4.2, "JPEG 4.200"),)))
    QTest.keyClick(opened, Qt.Key.Key_J)
    assert driver(opened).session.target_bpp == 4.2
    assert opened.rate_bar.field.text() == "4.200 bpp"


def test_pins_are_ringed_in_the_plots(opened: MainWindow, qtbot: QtBot) -> None:
    shown = driver(opened).shown("learned")
    assert shown is not None
    plot, bpp, psnr_db = opened.plots.upper_plot, shown.result.bpp, shown.result.measurement.metrics.psnr_rgb_db

    def is_drawn() -> bool:
        return not opened.plots.is_behind and plot.rect().contains(plot.point_of(bpp, psnr_db).toPoint())

    qtbot.waitUntil(is_drawn, timeout=TIMEOUT_MS)
    before = plot.grab().toImage()
    with qtbot.waitSignal(driver(opened).pins_measured):
        QTest.keyClick(opened, Qt.Key.Key_A)
    qtbot.waitUntil(is_drawn, timeout=TIMEOUT_MS)
    after = plot.grab().toImage()
    at = plot.point_of(bpp, psnr_db)
    ring = after.pixelColor(round(at.x() - 8), round(at.y()))
    assert ring != before.pixelColor(round(at.x() - 8), round(at.y()))
    assert ring.name() == PIN_COLOURS[0]


def test_another_picture_is_measured_at_the_same_pins(opened: MainWindow, qtbot: QtBot) -> None:
    pin_two(opened, qtbot)
    image = driver(opened).session.image
    assert image is not None
    assert image.path is not None
    told: list[tuple[object, ...]] = []
    driver(opened).pins_measured.connect(told.append)
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        driver(opened).open_file(image.path)
    qtbot.waitUntil(lambda: bool(told) and len(told[-1]) == 2, timeout=TIMEOUT_MS)


def test_the_panel_renames_recolours_annotates_and_deletes(opened: MainWindow, qtbot: QtBot) -> None:
    pin_two(opened, qtbot)
    QTest.keyClick(opened, Qt.Key.Key_A, SHIFT)
    panel = opened.pin_board.panel
    assert panel.isVisible()
    assert panel.list.count() == 2
    place = panel.list.visualItemRect(panel.list.item(0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert driver(opened).session.target_bpp == 0.5
    QTest.keyClick(panel.list, Qt.Key.Key_F2)
    QTest.keyClicks(panel.name, "web")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    QTest.keyClicks(panel.note, "sky is clean")
    QTest.keyClick(panel.note, Qt.Key.Key_Return)
    QTest.mouseClick(panel.colours[3], Qt.MouseButton.LeftButton)
    assert pins(opened)[0] == Pin("learned", 0.5, "web", PIN_COLOURS[3], "sky is clean")
    assert panel.list.item(0).text().splitlines() == ["web", "Learned at 0.500 bpp", "sky is clean"]
    panel.name.selectAll()
    QTest.keyClick(panel.name, Qt.Key.Key_Backspace)
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert panel.name.text() == "web"
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [pin.codec for pin in pins(opened)] == ["jpeg"]
    assert not panel.name.text() or panel.name.text() == "JPEG 1.000"


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_panel_offers_nothing_to_edit(opened: MainWindow, count: int) -> None:
    for _ in range(count):
        QTest.keyClick(opened, Qt.Key.Key_A)
    QTest.keyClick(opened, Qt.Key.Key_A, SHIFT)
    panel = opened.pin_board.panel
    assert panel.name.isEnabled() == panel.delete.isEnabled() == bool(count)

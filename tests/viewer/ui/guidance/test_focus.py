"""Keys go to the visible pane again after whatever took them, and the focus can be seen wherever it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.session.pane_layout import Show
from viewer.session.state import View
from viewer.ui.panes.canvas import Canvas
from viewer.ui.shell.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def key(key: Qt.Key) -> None:
    """To whatever has the focus, as a keyboard does."""
    QTest.keyClick(focused(), key)


def into_field(window: MainWindow) -> None:
    QApplication.processEvents()
    QTest.mouseClick(window.rate_bar.field, LEFT)
    QApplication.processEvents()
    assert focused() is window.rate_bar.field


def choose(box: QComboBox, row: int) -> None:
    """With the mouse, from the list that opens."""
    QTest.mouseClick(box, LEFT, pos=box.rect().center())
    rows = box.view()
    QTest.mouseMove(rows.viewport(), rows.visualRect(box.model().index(row, 0)).center())
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualRect(box.model().index(row, 0)).center())


def by_layout(window: MainWindow) -> None:
    into_field(window)
    window.actions_by_name["split"].trigger()  # as a menu does


def by_enter(window: MainWindow) -> None:
    into_field(window)
    QTest.keyClicks(focused(), "0.4")
    key(Qt.Key.Key_Return)
    assert driver(window).session.target_bpp == 0.4


def by_escape(window: MainWindow) -> None:
    into_field(window)
    QTest.keyClicks(focused(), "0.4")
    key(Qt.Key.Key_Escape)
    assert driver(window).session.target_bpp == 0.5


def by_choice(window: MainWindow) -> None:
    choose(window.plots.foot.anchor, 2)
    assert driver(window).state.bd_pair[1] == "jpeg2000"


def by_button(window: MainWindow) -> None:
    into_field(window)
    button = next(b for b in window.plots.findChildren(QWidget) if getattr(b, "text", str)() == "luma")
    QTest.mouseClick(button, LEFT)
    assert driver(window).session.scale.channel == "luma"


@pytest.mark.qt_log_ignore("This plugin does not support")  # the list that opens, offscreen
@pytest.mark.parametrize("way", [by_layout, by_enter, by_escape, by_choice, by_button])
def test_the_next_keys_go_to_the_visible_pane(
    way: Callable[[MainWindow], None], opened: MainWindow, qtbot: QtBot
) -> None:
    way(opened)
    qtbot.waitUntil(lambda: isinstance(focused(), Canvas), timeout=5000)
    assert focused().isVisible()
    key(Qt.Key.Key_D)
    assert driver(opened).session.pane_layout.show is Show.SIGNED
    QTest.keyPress(focused(), Qt.Key.Key_Space)
    assert driver(opened).session.pane_layout.peeking
    QTest.keyRelease(focused(), Qt.Key.Key_Space)
    assert not any(box.view().isVisible() for box in opened.findChildren(QComboBox))


def test_a_refused_text_keeps_the_focus_to_be_mended(opened: MainWindow) -> None:
    into_field(opened)
    QTest.keyClicks(focused(), "banana")
    key(Qt.Key.Key_Return)
    QApplication.processEvents()
    assert focused() is opened.rate_bar.field


def test_in_the_grid_the_pane_that_had_the_keys_has_them_again(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.mouseClick(opened.panes["jpeg2000"].canvas, LEFT)
    by_enter(opened)
    qtbot.waitUntil(lambda: focused() is opened.panes["jpeg2000"].canvas, timeout=5000)
    assert opened.present_pane() == "jpeg2000"


def test_from_one_pane_back_to_the_grid_that_pane_has_the_keys(opened: MainWindow, qtbot: QtBot) -> None:
    key(Qt.Key.Key_3)
    qtbot.waitUntil(lambda: focused() is opened.panes["jpeg"].canvas, timeout=5000)
    key(Qt.Key.Key_G)
    QApplication.processEvents()
    assert focused() is opened.panes["jpeg"].canvas


def test_blinking_does_not_interrupt_typing(opened: MainWindow, qtbot: QtBot) -> None:
    key(Qt.Key.Key_2)
    key(Qt.Key.Key_B)
    into_field(opened)
    with qtbot.waitSignal(driver(opened).pane_layout_changed, timeout=5000):
        pass
    QApplication.processEvents()
    assert focused() is opened.rate_bar.field


def test_every_stop_of_the_tab_key_shows_where_it_is(opened: MainWindow) -> None:
    """Around the whole window: wherever the focus comes, something is drawn that is not there without it."""
    QTest.mouseMove(opened, QPoint(2, 2))
    stops: list[QWidget] = []
    for _ in range(60):
        key(Qt.Key.Key_Tab)
        if focused() in stops:
            break
        stops.append(focused())
    assert opened.rate_bar.slider in stops
    assert opened.rate_bar.field in stops
    assert {opened.panes[name].canvas for name in opened.panes} <= set(stops)
    for stop in stops:
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        with_focus = as_array(stop.grab().toImage())
        other = next(one for one in stops if one is not stop and not stop.isAncestorOf(one))
        other.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        assert np.any(with_focus != as_array(stop.grab().toImage())), stop


def scroll(canvas: QWidget, pixels: QPoint, angle: QPoint, phase: Qt.ScrollPhase) -> None:
    """Two fingers."""
    at = QPointF(60, 60)
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        pixels,
        angle,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        phase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_two_fingers_pan(opened: MainWindow) -> None:
    driver(opened).set_view(View(6.0, (120.0, 86.0)))
    canvas = opened.panes["jpeg"].canvas
    before = canvas.placement
    scroll(canvas, QPoint(-7, 5), QPoint(-14, 10), Qt.ScrollPhase.ScrollUpdate)
    after = canvas.placement
    assert before is not None
    assert after is not None
    assert (after.left - before.left, after.top - before.top) == (-7, 5)
    assert after.zoom == 6.0
    scroll(canvas, QPoint(0, 15), QPoint(0, 30), Qt.ScrollPhase.NoScrollPhase)  # a quarter of a notch: no wheel
    again = canvas.placement
    assert again is not None
    assert (again.zoom, again.top - after.top) == (6.0, 15)


def test_a_pinch_zooms_at_the_fingers(opened: MainWindow) -> None:
    driver(opened).set_view(View(6.0, (120.0, 86.0)))
    canvas = opened.panes["jpeg"].canvas
    at = QPointF(100, 90)
    pixel = canvas.pixel_at(at)
    gesture = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        canvas.mapToGlobal(at),
        0.1,
        QPointF(),
    )
    QApplication.sendEvent(canvas, gesture)
    assert driver(opened).session.view.zoom == pytest.approx(6.6)
    assert canvas.pixel_at(at) == pixel


def test_small_movements_of_two_fingers_move_the_slider(opened: MainWindow) -> None:
    slider = opened.rate_bar.slider
    for _ in range(40):
        scroll(slider, QPoint(), QPoint(0, 3), Qt.ScrollPhase.ScrollUpdate)
    assert driver(opened).session.target_bpp == pytest.approx(0.525, rel=0.005)
    for _ in range(40):
        scroll(slider, QPoint(), QPoint(0, -3), Qt.ScrollPhase.ScrollUpdate)
    assert driver(opened).session.target_bpp == pytest.approx(0.5, rel=0.005)

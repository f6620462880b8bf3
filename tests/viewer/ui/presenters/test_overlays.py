"""What lies over the pictures: loupe and navigator."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import FIT, View
from viewer.session.viewport import visible_rect
from viewer.ui.panes.loupe import LARGEST_SHARE, MAGNIFICATION, MARGIN, PIXELS
from viewer.ui.presenters.region_tour import framed_region
from viewer.ui.shell.main_window import MainWindow


def test_the_loupe_magnifies_the_same_spot_of_every_picture(opened: MainWindow, qtbot: QtBot) -> None:
    opened.resize(1400, 1100)  # panes with room for a loupe of full size
    jpeg = opened.panes["jpeg"].canvas
    qtbot.waitUntil(lambda: jpeg.height() * LARGEST_SHARE > (PIXELS + 1) * MAGNIFICATION)
    driver(opened).set_view(View(1.0, (120.0, 86.0)))
    plain = {name: as_array(pane.canvas.grab().toImage()) for name, pane in opened.panes.items()}
    QTest.keyClick(opened, Qt.Key.Key_L)
    placement = jpeg.placement
    assert placement is not None
    QTest.mouseMove(jpeg, QPoint(placement.left + 200, placement.top + 60))
    half = PIXELS // 2
    for pane in (opened.panes[name] for name in (ORIGINAL, *driver(opened).codecs)):
        picture = pane.canvas.picture
        assert picture is not None
        spot = as_array(picture.levels[0])[60 - half : 60 + half + 1, 200 - half : 200 + half + 1]
        side = PIXELS * MAGNIFICATION
        top = pane.canvas.height() - side - MARGIN
        loupe = as_array(pane.canvas.grab().toImage())[top : top + side, MARGIN : MARGIN + side]
        squares = np.repeat(np.repeat(spot, MAGNIFICATION, 0), MAGNIFICATION, 1)
        assert np.mean((loupe == squares).all(axis=2)) > 0.95  # all but the frames
    QTest.keyClick(opened, Qt.Key.Key_L)
    for name, pane in opened.panes.items():
        assert np.array_equal(as_array(pane.canvas.grab().toImage()), plain[name])


def test_the_navigator_never_covers_the_framed_region(opened: MainWindow, qtbot: QtBot) -> None:
    """Wherever the region is dragged, in the grid's small panes and in a split view."""
    qtbot.waitUntil(lambda: driver(opened).state.regions is not None or not driver(opened).state.awaited)
    QTest.keyClick(opened, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: driver(opened).state.regions is not None, timeout=TIMEOUT_MS)
    QTest.keyClick(opened, Qt.Key.Key_Period)
    seen = 0
    for key in (Qt.Key.Key_G, Qt.Key.Key_S):
        QTest.keyClick(opened, key)
        region = framed_region(driver(opened).state)
        assert region is not None
        for zoom in (3.0, 6.0, 12.0):
            for x in (region.left - 20, region.left + region.side // 2, region.left + region.side + 20):
                for y in (region.top - 20, region.top + region.side // 2, region.top + region.side + 20):
                    driver(opened).set_view(View(zoom, (x, y)))
                    canvas = opened._display.visible_canvas
                    at = canvas.placement
                    assert at is not None
                    corner = QPoint(round(at.left + region.left * zoom), round(at.top + region.top * zoom))
                    frame = QRect(canvas.mapTo(opened.grid, corner), QSize(1, 1) * round(region.side * zoom))
                    if opened.navigator.isVisible():
                        seen += 1
                        assert not opened.navigator.geometry().intersects(frame)
    assert seen


def test_the_navigator_shows_where_the_view_is_and_leads_elsewhere(opened: MainWindow) -> None:
    driver(opened).set_view(FIT)
    assert not opened.navigator.isVisible()
    view = View(8.0, (60.0, 50.0))
    driver(opened).set_view(view)
    assert opened.navigator.isVisible()
    assert opened.navigator.seen == visible_rect(view, (240, 173), opened.panes[ORIGINAL].canvas.area)
    box = opened.navigator
    QTest.mousePress(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() // 2, box.height() // 2))
    QTest.mouseRelease(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() // 2, box.height() // 2))
    now = driver(opened).session.view
    assert now.zoom == 8.0
    assert now.centre is not None
    assert abs(now.centre[0] - 120) < 3
    assert abs(now.centre[1] - 86) < 3
    for key in (Qt.Key.Key_2, Qt.Key.Key_S):
        QTest.keyClick(opened, key)
        assert opened.navigator.isVisible()
        assert opened.grid.rect().contains(box.geometry())


def test_the_navigator_leaves_the_names_beside_the_line_readable(opened: MainWindow) -> None:
    driver(opened).set_view(View(16.0, (120.0, 86.0)))
    QTest.keyClick(opened, Qt.Key.Key_S)
    canvas, navigator = opened.grid.split.canvas, opened.navigator
    assert navigator.isVisible()
    for _ in range(20):
        QTest.keyClick(opened, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        place = navigator.geometry().translated(-canvas.mapTo(opened.grid, QPoint()))
        assert not navigator.isVisible() or not any(place.intersects(box) for box in canvas.name_boxes)
    assert canvas.name_boxes

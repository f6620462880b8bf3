"""Zoom and position: linked, exact, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.photographs import noise
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.rate.test_rate import turn_by, turn_wheel
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import FIT, View, at_zoom, fit_zoom, panned, place, zoomed
from viewer.ui.engine.image_pyramid import picture_of
from viewer.ui.panes.canvas import WHEEL_ZOOM, Canvas
from viewer.ui.shell.main_window import MainWindow

IMAGE, AREA = (768.0, 512.0), (600.0, 500.0)


def as_array(image: QImage) -> np.ndarray:
    """RGB pixels of a picture of the screen."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


@given(x=st.floats(0, 600), y=st.floats(0, 500), factor=st.floats(0.5, 2.0), zoom=st.floats(1.5, 20))
def test_the_point_under_the_pointer_stays(x: float, y: float, factor: float, zoom: float) -> None:
    view = View(zoom, (384.0, 256.0))
    after = zoomed(view, IMAGE, AREA, (x, y), factor)
    assert after.zoom is not None
    assert after.centre is not None
    at = place(after, IMAGE, AREA)
    borders = at.left, at.top, at.left + IMAGE[0] * at.zoom - AREA[0], at.top + IMAGE[1] * at.zoom - AREA[1]
    if max(borders[:2]) < -1 and min(borders[2:]) > 1:  # no border stops it: pictures lie on whole pixels
        before_point = (384 + (x - 300) / zoom, 256 + (y - 250) / zoom)
        after_point = (after.centre[0] + (x - 300) / after.zoom, after.centre[1] + (y - 250) / after.zoom)
        assert after_point == pytest.approx(before_point)


@pytest.mark.parametrize("stop", [0.5, 1.0, 2.0, 4.0, 8.0])
def test_turning_the_wheel_stops_at_exact_pixels(stop: float) -> None:
    assert zoomed(View(0.9 * stop, (10, 10)), IMAGE, AREA, (0, 0), 1.25).zoom == stop
    assert zoomed(View(1.1 * stop, (10, 10)), IMAGE, AREA, (0, 0), 0.8).zoom == stop
    assert zoomed(View(stop, (10, 10)), IMAGE, AREA, (0, 0), 1.25).zoom == 1.25 * stop


@given(start=st.floats(0.2, 0.99), factor=st.floats(1.01, 1.9))
def test_no_way_of_turning_the_wheel_misses_one_two_or_four(start: float, factor: float) -> None:
    view, seen = View(start), set()
    while (view.zoom or 0.0) < 4.5:
        view = zoomed(view, IMAGE, AREA, (300, 250), factor)
        seen.add(view.zoom)
    assert {1.0, 2.0, 4.0} <= seen


def test_fitting_shows_the_whole_picture_in_the_middle() -> None:
    placement = place(FIT, IMAGE, AREA)
    assert placement.zoom == fit_zoom(IMAGE, AREA) == pytest.approx(600 / 768)
    assert placement.left == 0
    assert placement.top == 50


@given(zoom=st.floats(0.05, 30), dx=st.floats(-1e6, 1e6), dy=st.floats(-1e6, 1e6))
def test_panning_ends_at_the_pictures_border(zoom: float, dx: float, dy: float) -> None:
    at = place(panned(View(zoom), IMAGE, AREA, (dx, dy)), IMAGE, AREA)
    for start, side, room in ((at.left, IMAGE[0] * zoom, AREA[0]), (at.top, IMAGE[1] * zoom, AREA[1])):
        if side <= room:
            assert abs(start + side / 2 - room / 2) <= 1  # in the middle
        else:
            assert start <= 0
            assert start + side >= room - 1


def test_a_view_made_in_a_small_window_shows_no_surround_in_a_large_one() -> None:
    corner = panned(View(2.0), IMAGE, AREA, (1e6, 1e6))
    at = place(corner, IMAGE, (1200.0, 1000.0))
    assert (at.left, at.top) == (0, 0)


def test_a_picture_that_fits_stays_fitted_however_it_is_dragged() -> None:
    assert panned(FIT, IMAGE, AREA, (50, 80)) == FIT


@given(scale=st.floats(0.9, 1.1))
def test_fitting_never_gives_almost_one_to_one(scale: float) -> None:
    zoom = place(FIT, IMAGE, (IMAGE[0] * scale, 2 * IMAGE[1])).zoom
    assert zoom == 1.0 or f"{100 * zoom:.0f}" not in ("99", "100", "101")


def test_one_to_one_keeps_the_centre() -> None:
    assert at_zoom(View(4.0, (350.0, 255.0)), IMAGE, AREA, 1.0) == View(1.0, (350.0, 255.0))


def test_the_wheel_zooms_all_panes_alike(opened: MainWindow) -> None:
    canvas = opened.panes["jpeg"].canvas
    turn_wheel(canvas, QPointF(50, 40), 3, Qt.KeyboardModifier.NoModifier)
    views = {pane.canvas.view for pane in opened.panes.values()}
    assert len(views) == 1
    assert views.pop().zoom is not None


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier])
def test_the_wheel_zooms_where_a_key_turns_it_sideways(opened: MainWindow, modifier: Qt.KeyboardModifier) -> None:
    canvas = opened.panes["jpeg"].canvas
    placement = canvas.placement
    assert placement is not None
    turn_by(canvas, QPointF(50, 40), QPoint(120, 0), modifier)
    assert canvas.view.zoom == pytest.approx(placement.zoom * WHEEL_ZOOM)


def test_two_fingers_to_the_side_do_not_zoom(opened: MainWindow) -> None:
    canvas = opened.panes["jpeg"].canvas
    turn_by(canvas, QPointF(50, 40), QPoint(120, 0))
    assert canvas.view == FIT


@given(
    width=st.integers(20, 9000),
    height=st.integers(20, 9000),
    area=st.tuples(st.integers(80, 4000), st.integers(60, 3000)),
)
def test_from_fitting_one_factor_leads_to_exact_pixels(width: int, height: int, area: tuple[int, int]) -> None:
    """As a double click asks for it: 1 / zoom times zoom is 1 but for a rounding."""
    zoom = place(FIT, (width, height), area).zoom
    assert zoomed(FIT, (width, height), area, (10, 10), 1.0 / zoom).zoom == 1.0


def test_dragging_moves_all_panes_alike(opened: MainWindow) -> None:
    driver(opened).set_view(View(6.0, (120.0, 86.0)))
    before = opened.panes[ORIGINAL].canvas.placement
    canvas = opened.panes["learned"].canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    QTest.mouseMove(canvas, QPoint(75, 50))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(75, 50))
    for pane in opened.panes.values():
        after = pane.canvas.placement
        assert before is not None
        assert after is not None
        assert (after.left - before.left, after.top - before.top) == (15, -10)


def test_keys_fit_and_show_actual_pixels(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert driver(opened).session.view.zoom == 1.0
    QTest.keyClick(opened, Qt.Key.Key_F)
    assert driver(opened).session.view == FIT


def test_the_view_survives_rate_and_a_file_of_the_same_size(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    view = View(3.0, (50.0, 40.0))
    driver(opened).set_view(view)
    driver(opened).set_target(0.8)
    wait_until_at_target(opened, qtbot)
    assert opened.panes["jpeg2000"].canvas.view == view
    same, other = tmp_path / "same.png", tmp_path / "other.png"
    PillowImage.fromarray(noise(173, 240).pixels).save(same)
    PillowImage.fromarray(noise(170, 240).pixels).save(other)
    for path, expected in ((same, view), (other, FIT)):
        with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
            driver(opened).open_file(path)
        assert {pane.canvas.view for pane in opened.panes.values()} == {expected}


class ScaledCanvas(Canvas):
    """A canvas on a screen that is scaled."""

    ratio = 1.0

    def devicePixelRatioF(self) -> float:
        return self.ratio


@pytest.fixture
def scaled_canvas(qtbot: QtBot) -> Iterator[ScaledCanvas]:
    """Of a size, and at a place in its window, at which nothing comes out even in device pixels."""
    window = QWidget()
    qtbot.addWidget(window)
    canvas = ScaledCanvas("Test", window)
    canvas.setGeometry(13, 7, 161, 121)
    window.resize(180, 140)
    yield canvas
    window.close()


def drawn_by(canvas: ScaledCanvas) -> np.ndarray:
    """What stands on the screen of the picture that it shows, with nothing around it."""
    window, ratio, picture, placement = canvas.parentWidget(), canvas.ratio, canvas.picture, canvas.placement
    assert window is not None
    assert picture is not None
    assert placement is not None
    screen = QPixmap(round(window.width() * ratio), round(window.height() * ratio))
    screen.setDevicePixelRatio(ratio)
    window.render(screen)
    left, top = round(canvas.x() * ratio) + placement.left, round(canvas.y() * ratio) + placement.top
    return as_array(screen.toImage())[top : top + picture.height, left : left + picture.width]


def checkerboard(height: int, width: int) -> np.ndarray:
    """Black and white, a pixel each: what any resampling turns grey."""
    y, x = np.mgrid[:height, :width]
    return np.repeat(((x + y) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
@pytest.mark.parametrize("smooth", [False, True])
def test_one_to_one_is_exact_on_a_scaled_screen(ratio: float, smooth: bool, scaled_canvas: ScaledCanvas) -> None:
    scaled_canvas.ratio = ratio
    scaled_canvas.set_smooth(smooth)
    scaled_canvas.set_view(View(1.0, (60.0, 45.0)))
    for pixels in (checkerboard(90, 120), noise(90, 120).pixels):
        scaled_canvas.show_picture(picture_of(pixels))
        assert np.array_equal(drawn_by(scaled_canvas), pixels)


def test_one_to_one_stays_exact_on_the_way_to_screens_of_other_scales(scaled_canvas: ScaledCanvas) -> None:
    pixels = checkerboard(90, 120)
    scaled_canvas.set_view(View(1.0, (60.0, 45.0)))
    scaled_canvas.show_picture(picture_of(pixels))
    for ratio in (1.0, 1.75, 1.25, 2.0, 1.5):
        scaled_canvas.ratio = ratio
        assert np.array_equal(drawn_by(scaled_canvas), pixels)


@pytest.mark.parametrize("smooth", [False, True])
def test_magnified_pixels_are_squares_unless_smoothed(qtbot: QtBot, smooth: bool) -> None:
    pixels = noise(8, 8).pixels
    canvas = Canvas("Test")
    qtbot.addWidget(canvas)
    canvas.resize(80, 80)
    canvas.show_picture(picture_of(pixels))
    canvas.set_view(View(10.0, (4.0, 4.0)))
    canvas.set_smooth(smooth)
    drawn = as_array(canvas.grab().toImage())
    squares = np.repeat(np.repeat(pixels, 10, 0), 10, 1)
    assert np.array_equal(drawn, squares) is not smooth


def test_minified_stripes_turn_grey_instead_of_aliasing(qtbot: QtBot) -> None:
    pixels = np.zeros((1024, 1024, 3), np.uint8)
    pixels[:, ::2] = 255
    canvas = Canvas("Test")
    qtbot.addWidget(canvas)
    canvas.resize(300, 300)
    canvas.show_picture(picture_of(pixels))
    inside = as_array(canvas.grab().toImage())[5:-5, 5:-5].astype(int)
    assert abs(inside.mean() - 127.5) < 2
    assert inside.std() < 8


def test_the_surround_is_neutral_grey_in_both_themes(opened: MainWindow) -> None:
    for theme in ("theme_light", "theme_dark"):
        opened.actions_by_name[theme].trigger()
        canvas = opened.panes[ORIGINAL].canvas
        driver(opened).set_view(View(0.3))
        corner = canvas.grab(QRect(0, 0, 2, 2)).toImage().pixelColor(0, 0)
        assert corner == QColor(119, 119, 119)


def test_a_double_click_goes_between_fitting_and_one_to_one(opened: MainWindow) -> None:
    canvas = opened.panes["jpeg"].canvas
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(90, 70))
    assert driver(opened).session.view.zoom == 1.0
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(90, 70))
    assert driver(opened).session.view == FIT


def test_only_keyboard_focus_puts_a_ring_on_a_picture(opened: MainWindow) -> None:
    canvas = opened.panes["jpeg"].canvas
    plain = canvas.grab().toImage()
    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert canvas.grab().toImage() == plain
    opened.rate_bar.slider.setFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert canvas.grab().toImage().pixelColor(0, 0) == QColor(255, 255, 255)

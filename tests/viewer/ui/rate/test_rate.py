"""The one rate: slider, keys, field and plots set it, and the codecs follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP
from viewer.ui.common.slider_scale import FINE_FACTOR, RATE_SCALE, STEP_FACTOR, rounded_bpp
from viewer.ui.panes.best_codecs import best_codecs
from viewer.ui.rate.slider import STEPS
from viewer.ui.shell.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def slider_point(window: MainWindow, bpp: float) -> QPoint:
    """Where a rate lies on the slider."""
    slider = window.rate_bar.slider
    return QPoint(round(slider.x_of(bpp)), slider.height() // 2)


def turn_wheel(widget: QWidget, at: QPointF, notches: int, modifier: Qt.KeyboardModifier) -> None:
    """Turn the mouse wheel."""
    turn_by(widget, at, QPoint(0, 120 * notches), modifier)


def turn_by(
    widget: QWidget, at: QPointF, delta: QPoint, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Turn the mouse wheel, or move two fingers, by so many 120ths of a notch to the side and ahead."""
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        delta,
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("bpp", [MIN_BPP, 0.0731, 0.25, 1.0, 2.22, MAX_BPP])
def test_slider_positions_are_logarithmic_and_finer_than_one_percent(bpp: float) -> None:
    position = round(STEPS * RATE_SCALE.share(bpp))
    assert RATE_SCALE.at(position / STEPS) == pytest.approx(bpp, rel=0.005)


def test_slider_rates_have_three_digits_and_stay_in_range() -> None:
    assert rounded_bpp(0.123456) == 0.123
    assert rounded_bpp(1.98765) == 1.99
    assert rounded_bpp(0.001) == MIN_BPP
    assert rounded_bpp(99.0) == MAX_BPP


def test_a_drag_ends_with_every_pane_at_its_rate(opened: MainWindow, qtbot: QtBot) -> None:
    slider = opened.rate_bar.slider
    QTest.mousePress(slider, LEFT, pos=slider_point(opened, 0.5))
    for bpp in (0.6, 0.8, 1.1, 1.4, 1.2, 1.0):
        QTest.mouseMove(slider, slider_point(opened, bpp))
    QTest.mouseRelease(slider, LEFT, pos=slider_point(opened, 1.0))
    assert driver(opened).session.target_bpp == pytest.approx(1.0, rel=0.02)
    wait_until_at_target(opened, qtbot)
    for codec in driver(opened).codecs:
        shown = driver(opened).shown(codec)
        assert shown is not None
        assert opened.panes[codec].canvas.picture is shown.picture
        assert opened.panes[codec].header.text.figures[1].value == f"{len(shown.result.stream):,}"
        assert not opened.panes[codec].header.text.working


def test_a_click_on_the_groove_jumps_there(opened: MainWindow) -> None:
    QTest.mouseClick(opened.rate_bar.slider, LEFT, pos=slider_point(opened, 2.0))
    assert driver(opened).session.target_bpp == pytest.approx(2.0, rel=0.02)


@pytest.mark.parametrize(
    ("key", "modifier", "factor"),
    [
        (Qt.Key.Key_BracketRight, Qt.KeyboardModifier.NoModifier, STEP_FACTOR),
        (Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.NoModifier, 1 / STEP_FACTOR),
        (Qt.Key.Key_BraceRight, Qt.KeyboardModifier.NoModifier, FINE_FACTOR),
        (Qt.Key.Key_BraceLeft, Qt.KeyboardModifier.NoModifier, 1 / FINE_FACTOR),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier, 2.0),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier, 0.5),
    ],
)
def test_keys_step_the_rate(opened: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier, factor: float) -> None:
    opened.activateWindow()
    QTest.keyClick(opened, key, modifier)
    assert driver(opened).session.target_bpp == rounded_bpp(0.5 * factor)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Right, 0.5 * STEP_FACTOR),
        (Qt.Key.Key_Down, 0.5 / STEP_FACTOR),
        (Qt.Key.Key_Home, MIN_BPP),
        (Qt.Key.Key_End, MAX_BPP),
    ],
)
def test_keys_move_the_focused_slider(opened: MainWindow, key: Qt.Key, expected: float) -> None:
    QTest.keyClick(opened.rate_bar.slider, key)
    assert driver(opened).session.target_bpp == rounded_bpp(expected)


def test_the_wheel_steps_and_shift_makes_it_finer(opened: MainWindow) -> None:
    slider = opened.rate_bar.slider
    middle = QPointF(slider.rect().center())
    turn_wheel(slider, middle, 1, Qt.KeyboardModifier.NoModifier)
    assert driver(opened).session.target_bpp == rounded_bpp(0.5 * STEP_FACTOR)
    before = driver(opened).session.target_bpp
    turn_wheel(slider, middle, -1, Qt.KeyboardModifier.ShiftModifier)
    assert driver(opened).session.target_bpp == rounded_bpp(before / FINE_FACTOR)


@pytest.mark.parametrize("delta", [1, 7, 15, 40, -1, -15])
def test_small_movements_of_a_trackpad_add_up(opened: MainWindow, delta: int) -> None:
    slider = opened.rate_bar.slider
    middle = QPointF(slider.rect().center())
    for _ in range(240 // abs(delta)):
        turn_by(slider, middle, QPoint(0, delta))
    notches = 240 // abs(delta) * delta / 120
    assert driver(opened).session.target_bpp == pytest.approx(0.5 * STEP_FACTOR**notches, abs=0.0006)


def test_a_trackpad_leaves_an_end_at_once_however_far_it_went_beyond(opened: MainWindow) -> None:
    slider = opened.rate_bar.slider
    middle = QPointF(slider.rect().center())
    for _ in range(600):
        turn_by(slider, middle, QPoint(0, 50))
    assert driver(opened).session.target_bpp == MAX_BPP
    for _ in range(120):
        turn_by(slider, middle, QPoint(0, -1))
    assert driver(opened).session.target_bpp == pytest.approx(MAX_BPP / STEP_FACTOR, abs=0.006)


@pytest.mark.parametrize(
    ("text", "bpp"),
    [("0.25", 0.25), ("1,5 bpp", 1.5), ("2 kB", 8 * 2000 / (240 * 173)), ("1:60", 0.4), ("24:1", 1.0)],
)
def test_the_field_takes_rates_sizes_and_ratios(opened: MainWindow, qtbot: QtBot, text: str, bpp: float) -> None:
    field = opened.rate_bar.field
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert driver(opened).session.target_bpp == pytest.approx(bpp)
    assert opened.rate_bar.slider.target == pytest.approx(bpp)
    wait_until_at_target(opened, qtbot)


@pytest.mark.parametrize("text", ["much", "0", "-1", "7", "1:0", "900 MB"])
def test_the_field_says_what_it_cannot_use_and_the_rate_stays(opened: MainWindow, text: str) -> None:
    field = opened.rate_bar.field
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert driver(opened).session.target_bpp == 0.5
    assert opened.banner.isVisible()
    assert text in opened.banner.text
    assert field.text() == text
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.500 bpp"


def test_a_click_in_either_plot_sets_the_rate(opened: MainWindow) -> None:
    for plot, bpp in ((opened.plots.upper_plot, 0.8), (opened.plots.lower_plot, 0.3)):
        at = plot.point_of(bpp, plot.value_range()[0])
        QTest.mouseClick(plot, LEFT, pos=QPoint(round(at.x()), plot.height() // 2))
        assert driver(opened).session.target_bpp == pytest.approx(bpp, rel=0.03)


def test_below_its_floor_a_codec_says_so_and_does_not_compete(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_target(MIN_BPP)
    wait_until_at_target(opened, qtbot)
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    assert not shown.result.reachable
    text = opened.panes["jpeg"].header.text
    assert text.level == "warning"
    assert text.status.startswith("cannot go below ")
    assert not any(figure.best for figure in text.figures)


def test_the_best_value_of_each_metric_is_marked(opened: MainWindow) -> None:
    scale = driver(opened).session.scale
    results = {codec: shown.result for codec in driver(opened).codecs if (shown := driver(opened).shown(codec))}
    best = best_codecs(results, scale)
    top = max(results, key=lambda codec: scale.psnr_db(results[codec].measurement.metrics))
    assert top in best["psnr"]
    marked = {
        codec: [figure.caption for figure in opened.panes[codec].header.text.figures if figure.best]
        for codec in driver(opened).codecs
    }
    assert "PSNR dB" in marked[top]
    assert sum("PSNR dB" in captions for captions in marked.values()) == len(best["psnr"])


def test_nobody_is_best_while_rates_differ(opened: MainWindow, qtbot: QtBot) -> None:
    results = {codec: shown.result for codec in driver(opened).codecs if (shown := driver(opened).shown(codec))}
    driver(opened).set_target(0.9)
    wait_until_at_target(opened, qtbot)
    later = driver(opened).shown("jpeg")
    assert later is not None
    best = best_codecs({**results, "jpeg": later.result}, driver(opened).session.scale)
    assert not best["psnr"]
    assert not best["ms_ssim"]


def test_rate_in_other_units_follows_the_picture(opened: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    bar = opened.rate_bar
    assert bar.size_text == "2.6 kB"
    assert bar.ratio_text == "1:48"
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        driver(opened).open_file(photograph)
    assert driver(opened).session.target_bpp == 0.5

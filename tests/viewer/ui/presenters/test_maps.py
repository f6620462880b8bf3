"""Differences and maps in the panes: right to the pixel, made once, followed by the legend."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from tests.viewer.ui.rate.test_rate import turn_by
from viewer.maps.difference import DifferenceMode, difference_picture
from viewer.maps.error_maps import Legend, legend_of, metric_pixels, shown_pixels
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer
from viewer.session.pane_layout import ORIGINAL, PaneLayout, Show
from viewer.session.state import View
from viewer.ui.engine import maps as map_flow
from viewer.ui.panes.legend import number
from viewer.ui.shell.main_window import MainWindow


def expected(window: MainWindow, codec: str) -> np.ndarray:
    """What a pane is to show, pixel for pixel."""
    shown, image, pane_layout = (
        driver(window).shown(codec),
        driver(window).session.image,
        driver(window).session.pane_layout,
    )
    assert shown is not None
    assert image is not None
    return shown_pixels(pane_layout.show, pane_layout.gain, image.pixels, shown.result)


def wait_for_maps(window: MainWindow, qtbot: QtBot) -> None:
    """Let the workers make what is to be shown."""

    def there() -> bool:
        made = [driver(window).made(codec) for codec in driver(window).codecs]
        pictures = [window.panes[codec].canvas.picture for codec in driver(window).codecs]
        return all(one is not None and one.picture is seen for one, seen in zip(made, pictures, strict=True))

    qtbot.waitUntil(there, timeout=TIMEOUT_MS)


def pixels_in(window: MainWindow, codec: str) -> np.ndarray:
    """The pixels of the picture that a pane shows."""
    picture = window.panes[codec].canvas.picture
    assert picture is not None
    return as_array(picture.levels[0])


@pytest.mark.parametrize(
    ("key", "modifier", "show"),
    [
        (Qt.Key.Key_D, Qt.KeyboardModifier.NoModifier, Show.SIGNED),
        (Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier, Show.ABSOLUTE),
        (Qt.Key.Key_E, Qt.KeyboardModifier.NoModifier, Show.ERROR),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier, Show.SSIM),
        (Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier, Show.BLOCKING),
        (Qt.Key.Key_I, Qt.KeyboardModifier.NoModifier, Show.RINGING),
        (Qt.Key.Key_U, Qt.KeyboardModifier.NoModifier, Show.BLUR),
        (Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier, Show.BITS),
    ],
)
def test_a_key_shows_every_codec_so_and_again_its_picture(
    opened: MainWindow, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, show: Show
) -> None:
    original = opened.panes[ORIGINAL].canvas.picture
    QTest.keyClick(opened, key, modifier)
    wait_for_maps(opened, qtbot)
    assert driver(opened).session.pane_layout.show is show
    for codec in driver(opened).codecs:
        assert np.array_equal(pixels_in(opened, codec), expected(opened, codec))
    assert opened.panes[ORIGINAL].canvas.picture is original
    assert opened.legend.isVisible()
    assert opened.legend.legend == legend_of(show, 4)
    assert opened.actions_by_name[f"show_{show.value}"].isChecked()
    QTest.keyClick(opened, key, modifier)
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    assert opened.panes["jpeg"].canvas.picture is shown.picture
    assert not opened.legend.isVisible()
    assert opened.actions_by_name["show_picture"].isChecked()


def test_flips_own_map_is_shown_for_every_codec_and_again_the_picture(opened: MainWindow, qtbot: QtBot) -> None:
    action = opened.actions_by_name["show_flip_map"]
    action.trigger()
    wait_for_maps(opened, qtbot)
    assert action.isChecked()
    image = driver(opened).session.image
    assert image is not None
    scorer = Scorer(image.pixels, [metric_named("flip")])
    for codec in ("jpeg", "learned"):
        shown = driver(opened).shown(codec)
        assert shown is not None
        errors = scorer.error_map("flip", shown.result.reconstruction)
        assert np.array_equal(pixels_in(opened, codec), metric_pixels(errors, "flip", 4))
    assert opened.legend.legend == Legend("FLIP map", 0.0, 0.25, "", coloured=True)
    action.trigger()
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    assert opened.panes["jpeg"].canvas.picture is shown.picture
    assert not action.isChecked()


def test_a_format_that_does_not_tell_its_bits_says_so_over_its_picture(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    wait_for_maps(opened, qtbot)
    notes = {codec: opened.panes[codec].canvas.accessibleDescription() for codec in driver(opened).codecs}
    assert notes["learned"] == ""
    assert notes["jpeg"] == "Only the learned codec’s bits are mapped, not JPEG’s."

    def ink(pane: str) -> int:
        """White pixels in the middle of a pane, where the sentence is written."""
        QTest.keyClick(opened, Qt.Key.Key_G)
        drawn = as_array(opened.panes[pane].canvas.grab().toImage())
        middle = drawn[len(drawn) // 4 : -len(drawn) // 4]  # without the map's scale at the lower edge
        return int((middle > 200).all(axis=2).sum())

    assert ink("jpeg") > 50
    assert ink("learned") == 0
    QTest.keyClick(opened, Qt.Key.Key_S)
    QTest.keyClick(opened, Qt.Key.Key_4)
    split = opened.grid.split.canvas
    drawn = np.asarray((as_array(split.grab().toImage()) > 200).all(axis=2))[:-60]  # above the line's handle
    middle = drawn.shape[1] // 2
    assert drawn[:, middle + 4 :].sum() > 50


def test_the_difference_follows_gain_and_rate_and_keeps_the_old_until_the_new_is_there(
    opened: MainWindow, qtbot: QtBot
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_D)
    wait_for_maps(opened, qtbot)
    before = opened.panes["jpeg"].canvas.picture
    QTest.keyClick(opened, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert driver(opened).session.pane_layout.gain == 8
    assert opened.panes["jpeg"].canvas.picture is before
    wait_for_maps(opened, qtbot)
    image, shown = driver(opened).session.image, driver(opened).shown("jpeg")
    assert image is not None
    assert shown is not None
    exact = difference_picture(image.pixels, shown.result.reconstruction, DifferenceMode.SIGNED, 8.0)
    assert np.array_equal(pixels_in(opened, "jpeg"), exact)
    driver(opened).set_target(1.1)
    wait_until_at_target(opened, qtbot)
    wait_for_maps(opened, qtbot)
    assert not np.array_equal(pixels_in(opened, "jpeg"), exact)
    assert np.array_equal(pixels_in(opened, "jpeg"), expected(opened, "jpeg"))


def test_nothing_is_made_twice(opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    QTest.keyClick(opened, Qt.Key.Key_E)
    wait_for_maps(opened, qtbot)
    made = opened.panes["learned"].canvas.picture
    monkeypatch.setattr(map_flow, "picture_of", lambda *_: pytest.fail("made again"))
    for key in (Qt.Key.Key_P, Qt.Key.Key_E, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_G):
        QTest.keyClick(opened, key)
    assert opened.panes["learned"].canvas.picture is made


def test_space_holds_the_original_over_a_map_and_zoom_stays(opened: MainWindow, qtbot: QtBot) -> None:
    view = View(2.0, (100.0, 80.0))
    driver(opened).set_view(view)
    QTest.keyClick(opened, Qt.Key.Key_2)
    QTest.keyClick(opened, Qt.Key.Key_Q)
    wait_for_maps(opened, qtbot)
    canvas = opened.panes["learned"].canvas
    made = canvas.picture
    QTest.keyPress(opened, Qt.Key.Key_Space)
    assert canvas.picture is opened.panes[ORIGINAL].canvas.picture
    QTest.keyRelease(opened, Qt.Key.Key_Space)
    assert canvas.picture is made
    assert canvas.view == view
    assert opened.grid.rect().contains(opened.legend.geometry())


def test_the_wheel_over_the_legend_steps_the_gain_by_notches(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_D)
    wait_for_maps(opened, qtbot)
    for delta, gain in (
        (QPoint(0, 120), 8),
        (QPoint(120, 0), 8),  # to the side
        (QPoint(-120, 0), 8),
        (QPoint(0, -240), 2),
        *((QPoint(0, 30), 2),) * 3,  # two fingers
        (QPoint(0, 30), 4),
    ):
        turn_by(opened.legend, QPointF(5, 5), delta)
        assert driver(opened).session.pane_layout.gain == gain


def test_gain_stays_within_its_range() -> None:
    assert PaneLayout(gain=32).with_gain(1).gain == 32
    assert PaneLayout(gain=1).with_gain(-1).gain == 1
    assert PaneLayout(gain=2).with_gain(1).gain == 4


@pytest.mark.parametrize(("gain", "low", "high"), [(1, -127, 127), (4, -31.75, 31.75)])
def test_the_legend_says_what_a_grey_means(gain: int, low: float, high: float) -> None:
    legend = legend_of(Show.SIGNED, gain)
    assert legend is not None
    assert (legend.low, legend.high) == (low, high)
    original, decoded = np.full((1, 1, 3), 100, np.uint8), np.full((1, 1, 3), 100 + int(high), np.uint8)
    picture = difference_picture(original, decoded, DifferenceMode.SIGNED, gain)
    assert picture[0, 0, 0] == 128 + int(high) * gain


def test_every_pane_names_its_map_and_has_its_scale(opened: MainWindow, qtbot: QtBot) -> None:
    picture = opened.panes["jpeg"].header.text.detail
    QTest.keyClick(opened, Qt.Key.Key_Q)
    wait_for_maps(opened, qtbot)
    legend = legend_of(Show.SSIM, driver(opened).session.pane_layout.gain)
    assert legend is not None
    for codec in driver(opened).codecs:
        assert opened.panes[codec].header.text.detail == "SSIM map: bright = worse"
        key, _ = opened.panes[codec].canvas.keys
        assert key is not None
        assert (key.low, key.high) == (number(legend.low), number(legend.high))
    assert opened.panes[ORIGINAL].canvas.keys == (None, None)
    QTest.keyPress(opened, Qt.Key.Key_Space)
    assert opened.panes["jpeg"].canvas.keys == (None, None)
    QTest.keyRelease(opened, Qt.Key.Key_Space)
    QTest.keyClick(opened, Qt.Key.Key_Q)
    assert opened.panes["jpeg"].header.text.detail == picture
    assert opened.panes["jpeg"].canvas.keys == (None, None)


def test_the_head_says_what_the_map_is_of(opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    QTest.keyClick(opened, Qt.Key.Key_D)
    wait_for_maps(opened, qtbot)
    before = opened.panes["jpeg"].header.text
    release, made = threading.Event(), map_flow.make_map
    maps = opened.findChild(map_flow.MapService)
    assert maps is not None
    monkeypatch.setattr(maps._workers["jpeg"], "_work", lambda job: made(job) if release.wait(60) else None)
    driver(opened).set_target(1.2)
    wait_until_at_target(opened, qtbot)
    behind = opened.panes["jpeg"].header.text
    assert behind.figures[:-1] == before.figures[:-1]
    assert behind.figures[-1].value == ""  # the deviation was from the rate before
    assert behind.status == "encoding…"
    release.set()
    wait_for_maps(opened, qtbot)
    assert opened.panes["jpeg"].header.text.figures != before.figures
    assert opened.panes["jpeg"].header.text.status == ""

"""Presenting takes away what is in the way, says what a room can read, and puts everything back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.imaging.image_info import format_bytes
from viewer.matching.targets.quality import QualityMeasure, QualityTarget
from viewer.session.pane_layout import ORIGINAL, Layout
from viewer.ui.engine.updates.target import set_quality
from viewer.ui.presenting.headlines import presented_texts
from viewer.ui.shell.main_window import MainWindow

MS_SSIM = QualityMeasure("ms_ssim", "rgb")


@pytest.fixture
def presenting(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(opened.isFullScreen)
    return opened


def test_it_shows_the_pictures_and_the_slider_and_nothing_else(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    splitter, head = opened.splitter.sizes(), opened.panes["jpeg"].header.height()
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(opened.isFullScreen)
    assert opened.rate_bar.slider.isVisible()
    for widget in (opened.menuBar(), opened.plots, opened.side, opened.readout, opened.strip):
        assert not widget.isVisible()
    field = opened.rate_bar.field
    assert field.width() > field.fontMetrics().horizontalAdvance(field.text()) + 12  # no digit is cut off
    assert opened.actions_by_name["present"].isChecked()
    QTest.keyClick(opened, Qt.Key.Key_2)  # keys work without their menus
    assert driver(opened).session.pane_layout.layout is Layout.SINGLE
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.isFullScreen()
    assert driver(opened).session.pane_layout.layout is Layout.SINGLE  # only the next one goes back to the grid
    for widget in (opened.menuBar(), opened.plots, opened.side, opened.readout, opened.strip):
        assert widget.isVisible()
    assert not opened.actions_by_name["present"].isChecked()
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: opened.panes["jpeg"].header.height() == head)
    assert opened.splitter.sizes()[::2] == splitter[::2]  # the panes have what is left between them


def test_each_pane_has_its_name_its_kilobytes_and_one_headline_and_no_rate_of_the_original(
    presenting: MainWindow,
) -> None:
    for name, pane in presenting.panes.items():
        assert not pane.header.isVisible()
        assert pane.presented.isVisible()
        shown = driver(presenting).shown(name)
        size = 3 * 173 * 240 if shown is None else len(shown.result.stream)
        assert pane.presented.text.size == format_bytes(size)
        assert pane.presented.text.headline
    assert presenting.panes[ORIGINAL].presented.text.headline == "uncompressed"
    assert presenting.panes["jpeg"].presented.text.label == "JPEG"


def test_the_line_above_says_how_it_ends(presenting: MainWindow) -> None:
    line = presenting.result_line

    def ink_at_right_end() -> int:
        line.resize(4000, line.height())  # the result does not reach that far
        picture = line.grab().toImage()
        ground = picture.pixel(0, 0)
        places = ((x, y) for x in range(picture.width() - 60, picture.width()) for y in range(picture.height()))
        return sum(picture.pixel(x, y) != ground for x, y in places)

    assert line.isVisible()
    assert line.accessibleDescription().endswith("Esc ends")
    assert ink_at_right_end() > 0
    QTest.keyClick(presenting, Qt.Key.Key_Escape)
    assert not line.accessibleDescription().endswith("Esc ends")
    assert ink_at_right_end() == 0


def test_heads_are_written_at_three_to_four_percent_of_the_screens_height(presenting: MainWindow) -> None:
    height = presenting.screen().size().height()
    for pane in presenting.panes.values():
        assert 0.03 <= pane.presented.name_height / height <= 0.04
        assert pane.presented.height() == pane.presented.sizeHint().height()
    assert len({pane.canvas.size().toTuple() for pane in presenting.panes.values()}) == 1


def test_the_headline_is_the_measured_difference_to_the_anchor(presenting: MainWindow) -> None:
    values = {}
    for codec in ("learned", "jpeg"):
        shown = driver(presenting).shown(codec)
        assert shown is not None
        values[codec] = MS_SSIM.of(shown.result.measurement.metrics)
    difference = values["learned"] - values["jpeg"]
    word = "better" if difference > 0 else "worse"
    expected = f"{abs(difference):.1f} dB {word} than JPEG in MS-SSIM"
    assert presenting.panes["learned"].presented.text.headline == expected


def test_no_difference_is_claimed_while_a_codec_is_at_work(presenting: MainWindow, qtbot: QtBot) -> None:
    presenting.rate_bar.slider.step(-3)
    state = presenting.store.state
    assert set(state.awaited) >= {"learned", "jpeg"}
    texts = presented_texts(state, presenting._styles)
    assert texts["learned"].headline.startswith("MS-SSIM ")  # its own value, and no comparison
    assert texts["learned"].size  # of the picture that is still shown
    wait_until_at_target(presenting, qtbot)
    assert presenting.panes["learned"].presented.text.headline.endswith("than JPEG in MS-SSIM")


def test_at_equal_quality_it_says_how_many_times_the_bytes_a_codec_takes(presenting: MainWindow, qtbot: QtBot) -> None:
    presenting.store.update(set_quality(QualityTarget("psnr", "rgb", 30.0)))
    qtbot.waitUntil(lambda: not presenting.store.state.awaited, timeout=TIMEOUT_MS)
    sizes = {pane: len(shown.result.stream) for pane, shown in presenting.store.state.results.items()}
    fewest = min(sizes, key=lambda pane: sizes[pane])
    texts = {pane: presenting.panes[pane].presented.text for pane in sizes}
    assert texts[fewest].headline == "fewest bytes for the same quality"
    for pane, text in texts.items():
        if sizes[pane] != sizes[fewest]:
            ratio = sizes[pane] / sizes[fewest]
            digits = 2 if ratio < 1.995 else 1
            assert text.headline == f"{ratio:.{digits}f} × the bytes of {texts[fewest].label}"


def test_the_heads_of_a_split_view_follow_its_sides(presenting: MainWindow) -> None:
    QTest.keyClick(presenting, Qt.Key.Key_S)
    left, right = presenting.grid.split.presented
    assert left.isVisible()
    assert not presenting.grid.split.left.isVisible()
    layout = driver(presenting).session.pane_layout
    before = left.text.label, right.text.label
    assert right.text.label == presenting._styles.label(presenting.store.state, layout.right)
    QTest.keyClick(presenting, Qt.Key.Key_X)
    assert (right.text.label, left.text.label) == before


def test_the_legend_of_a_map_grows_with_the_screen(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_E)
    qtbot.waitUntil(opened.legend.isVisible, timeout=TIMEOUT_MS)
    before = opened.legend.size()
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: opened.legend.width() > 1.2 * before.width())
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: opened.legend.size() == before)


def test_a_small_plot_comes_on_wish_over_the_picture_and_goes_with_the_presentation(presenting: MainWindow) -> None:
    assert presenting.showing.plot.box is None
    QTest.keyClick(presenting, Qt.Key.Key_F7)
    box = presenting.showing.plot.box
    assert box is not None
    assert box.isVisible()
    assert box.plot.codecs == presenting.store.state.compared
    canvas = presenting.panes[ORIGINAL].canvas
    over = QRect(canvas.mapTo(presenting.grid, canvas.rect().topLeft()), canvas.size())
    assert over.contains(box.geometry())  # it covers no head
    QTest.keyClick(presenting, Qt.Key.Key_F5)
    assert presenting.showing.plot.box is None
    QTest.keyClick(presenting, Qt.Key.Key_F5)
    assert presenting.showing.plot.box is not None  # the wish is kept


def test_a_codec_that_was_switched_on_later_has_a_large_head_too(opened: MainWindow, qtbot: QtBot) -> None:
    opened.actions_by_name["codec_webp"].trigger()
    QTest.keyClick(opened, Qt.Key.Key_F5)
    qtbot.waitUntil(opened.isFullScreen)
    assert "webp" in opened.panes
    assert len({pane.presented.height() for pane in opened.panes.values()}) == 1
    assert opened.panes["webp"].presented.isVisible()


def test_the_window_comes_back_exactly_where_it_was(opened: MainWindow, qtbot: QtBot) -> None:
    opened.setGeometry(37, 51, 1100, 700)
    opened.rate_bar.field.setFocus()
    geometry, sizes = opened.geometry(), opened.splitter.sizes()
    panes = {name: pane.geometry() for name, pane in opened.panes.items()}
    for _ in range(2):
        QTest.keyClick(opened, Qt.Key.Key_F5)
        qtbot.waitUntil(opened.isFullScreen)
        QTest.keyClick(opened, Qt.Key.Key_F5)
        qtbot.waitUntil(lambda: opened.geometry() == geometry)
    qtbot.waitUntil(lambda: {name: pane.geometry() for name, pane in opened.panes.items()} == panes)
    assert opened.splitter.sizes() == sizes
    assert opened.rate_bar.field.hasFocus()
    assert all(pane.header.isVisible() and not pane.presented.isVisible() for pane in opened.panes.values())


def test_what_was_hidden_before_stays_hidden(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F5)
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert not window.isFullScreen()
    assert not window.side.isVisible()
    assert window.plots.isVisible()


def test_a_window_that_is_closed_while_presenting_opens_as_it_was(make_window: MakeWindow) -> None:
    first = make_window()
    QTest.keyClick(first, Qt.Key.Key_F5)
    first.close()
    second = make_window()
    assert not second.isFullScreen()
    assert second.plots.isVisible()
    assert second.plots.width() > 100

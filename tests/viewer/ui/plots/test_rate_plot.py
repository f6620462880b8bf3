"""The plots' curves and what is said of them."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.matching.comparison import Comparison
from viewer.matching.result import Result
from viewer.matching.targets.quality import PSNR_LUMA, PSNR_RGB
from viewer.ui.plots.pointer_values import value_at
from viewer.ui.plots.rate_plot import RatePlot
from viewer.ui.shell.main_window import MainWindow


def test_the_legends_tip_says_which_encoders_made_the_curves(opened: MainWindow) -> None:
    tip = "JPEG: libjpeg-turbo, scaled standard tables, baseline or progressive, whichever is smaller"
    assert tip in opened.plots.legend.tip_of("jpeg")
    assert "JPEG 2000: OpenJPEG, tuned for squared error" in opened.plots.legend.tip_of("jpeg2000")


def test_the_legend_covers_no_curve_and_a_click_hides_and_shows_one(opened: MainWindow) -> None:
    legend, plots = opened.plots.legend, (opened.plots.upper_plot, opened.plots.lower_plot)
    assert not any(legend.geometry().intersects(plot.geometry()) for plot in plots)
    for codecs in (("learned", "jpeg2000"), ("learned", "jpeg", "jpeg2000")):
        QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.place_of("jpeg").toPoint())
        assert [plot.codecs for plot in plots] == [codecs, codecs]
        assert legend.labels == ["Learned", "JPEG", "JPEG 2000"]


def test_in_a_narrow_panel_the_legend_takes_more_rows_and_cuts_no_name(opened: MainWindow) -> None:
    legend = opened.plots.legend
    one_row = legend.height()
    opened.plots.legend.resize(150, one_row)
    assert legend.height() > one_row
    for codec in driver(opened).compared:
        assert legend.rect().contains(legend.place_of(codec).toPoint())


def test_jpegs_variant_follows_the_channel_that_is_read(opened: MainWindow, qtbot: QtBot) -> None:
    def result() -> Result:
        shown = driver(opened).shown("jpeg")
        assert shown is not None
        return shown.result

    assert result().request.best_in == PSNR_RGB
    QTest.keyClick(opened, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: result().request.best_in == PSNR_LUMA, timeout=TIMEOUT_MS)
    best_db = result().measurement.metrics.psnr_luma_db
    opened_picture = Comparison(result().request.image)
    every = opened_picture.result("jpeg", result().request.target_bpp, best_in=PSNR_LUMA)
    assert len(every.others) == 2
    assert best_db >= max(point.metrics.psnr_luma_db for point in every.others)


def move_to(plot: RatePlot, place: QPoint) -> None:
    """A pointer that moves without a button. (QTest's moves reach no widget on the offscreen platform.)"""
    at = QPointF(place)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, QPointF(plot.mapToGlobal(place)), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(plot, event)


def test_at_the_pointer_the_values_of_all_codecs_are_read_from_their_curves(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: all(len(driver(opened).curve(codec)) >= 3 for codec in driver(opened).codecs), timeout=TIMEOUT_MS
    )
    opened.plots.draw_now()
    plot = opened.plots.upper_plot
    assert not plot.pointer_rows
    curve = driver(opened).curve("learned")
    first, second = curve[0], curve[1]
    place = plot.point_of(math.sqrt(first.bpp * second.bpp), first.metrics.psnr_rgb_db + 1.0).toPoint()
    move_to(plot, place)
    rows = {row.label: row.value for row in plot.pointer_rows}
    assert list(rows) == ["Learned", "JPEG", "JPEG 2000"]
    value = rows["Learned"]
    assert value is not None
    middle_db = (first.metrics.psnr_rgb_db + second.metrics.psnr_rgb_db) / 2
    step_db = abs(second.metrics.psnr_rgb_db - first.metrics.psnr_rgb_db)
    assert value == pytest.approx(middle_db, abs=0.2 * step_db + 0.01)  # a pixel is wider than nothing
    before = plot.grab().toImage()
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert not plot.pointer_rows
    assert plot.grab().toImage() != before


def test_beside_the_axes_nothing_is_read(opened: MainWindow) -> None:
    plot = opened.plots.upper_plot
    move_to(plot, QPoint(3, plot.height() - 3))
    assert not plot.pointer_rows


@pytest.mark.parametrize(
    ("bpp", "expected"), [(0.1, 20.0), (0.2, 25.0), (0.4, 30.0), (0.09, None), (0.5, None), (0.8, None)]
)
def test_a_curve_is_read_between_its_points_and_not_beyond_them(bpp: float, expected: float | None) -> None:
    value = value_at(((0.1, 20.0), (0.4, 30.0), (0.8, math.inf)), bpp)
    assert value == (None if expected is None else pytest.approx(expected))


def test_a_plot_that_is_laid_out_while_its_axes_are_drawn_has_its_new_size(qtbot: QtBot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    plot, foot = RatePlot({}, panel), QLabel("foot", panel)
    column = QVBoxLayout(panel)
    column.addWidget(plot, 1)
    column.addWidget(foot)
    panel.resize(380, 300)
    with qtbot.waitExposed(panel):
        panel.show()
    high = plot.height()
    foot.setFixedHeight(foot.height() + 60)  # the layout is due, and Qt carries it out when it takes a picture
    plot.set_share(1.1)
    low, _top = plot.value_range()
    assert plot.height() == high - 60
    bottom = plot.point_of(0.1, low).y()
    plot.set_share(1.1)  # drawn anew, at a size that nothing changes
    assert bottom == plot.point_of(0.1, low).y()

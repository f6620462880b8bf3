"""The plots' curves and what is said of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.matching.comparison import Comparison, Result
from viewer.matching.quality_target import PSNR_LUMA, PSNR_RGB
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

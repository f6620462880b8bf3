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
    for plot in (opened.plots.upper_plot, opened.plots.lower_plot):
        assert (
            "JPEG: libjpeg-turbo, scaled standard tables, baseline or progressive, whichever is smaller"
            in plot.legend_tip
        )
        assert "JPEG 2000: OpenJPEG, tuned for squared error" in plot.legend_tip


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

"""The table of measured points, and the BD-rate below the plots."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.matching.curve import every_point
from viewer.matching.targets.quality import ms_ssim_db
from viewer.metrics.bd_rate import MIN_POINTS, bd_rate
from viewer.session.point_table import COLUMNS
from viewer.ui.plots.point_table import PointTableWindow
from viewer.ui.shell.main_window import MainWindow


def measure(window: MainWindow, qtbot: QtBot, count: int) -> None:
    """Let the curves fill up to so many points a codec."""
    curves = (driver(window).curve, driver(window).codecs)
    qtbot.waitUntil(lambda: min(len(curves[0](codec)) for codec in curves[1]) >= count, timeout=TIMEOUT_MS)


def open_table(window: MainWindow, qtbot: QtBot) -> PointTableWindow:
    QTest.keyClick(window, Qt.Key.Key_T)
    table = window.point_table.window
    assert table is not None
    assert table.isVisible()
    qtbot.waitUntil(table.isActiveWindow, timeout=TIMEOUT_MS)
    return table


def column(name: str) -> int:
    return [one.name for one in COLUMNS].index(name)


def cells(table: PointTableWindow, name: str) -> list[object]:
    """A column's values as they are sorted."""
    rows = range(table.sorted.rowCount())
    return [table.sorted.index(row, column(name)).data(Qt.ItemDataRole.UserRole) for row in rows]


def test_t_opens_the_table_of_every_point_and_closes_it(opened: MainWindow, qtbot: QtBot) -> None:
    measure(opened, qtbot, 2)
    table = open_table(opened, qtbot)
    curves = [point for codec in driver(opened).codecs for point in every_point(driver(opened).curve(codec))]
    assert cells(table, "bytes") == [point.byte_count for point in curves]
    assert opened.actions_by_name["points"].isChecked()
    with qtbot.waitSignal(driver(opened).curve_changed, timeout=TIMEOUT_MS):  # it grows with the curves
        pass
    assert table.sorted.rowCount() > len(curves)
    QTest.keyClick(table.table, Qt.Key.Key_T)
    assert not table.isVisible()
    assert not opened.actions_by_name["points"].isChecked()


def test_a_click_on_a_head_sorts_by_value(opened: MainWindow, qtbot: QtBot) -> None:
    measure(opened, qtbot, 3)
    table = open_table(opened, qtbot)
    header = table.table.horizontalHeader()
    for name in ("bytes", "psnr_rgb_db", "codec"):
        at = QPoint(header.sectionViewportPosition(column(name)) + 20, header.height() // 2)
        for _ in range(2):
            QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
            order = header.sortIndicatorOrder()
            values = cells(table, name)
            assert values == sorted(values, reverse=order is Qt.SortOrder.DescendingOrder)  # type: ignore[type-var]


def test_rows_are_copied_as_text(opened: MainWindow, qtbot: QtBot) -> None:
    measure(opened, qtbot, 2)
    table = open_table(opened, qtbot)
    QTest.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + table.sorted.rowCount()
    assert lines[0].split("\t")[0] == "codec"
    table.table.selectRow(1)
    QTest.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().splitlines()[1:] == [lines[2]]


def test_the_table_is_saved_as_it_is_sorted(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure(opened, qtbot, 2)
    table = open_table(opened, qtbot)
    table.table.sortByColumn(column("bytes"), Qt.SortOrder.DescendingOrder)
    path = tmp_path / "points.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    sizes = cells(table, "bytes")
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(table.table, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    with path.open(newline="", encoding="utf-8") as file:
        assert [int(row["bytes"]) for row in csv.DictReader(file)] == sizes


def test_enter_goes_to_a_points_rate(opened: MainWindow, qtbot: QtBot) -> None:
    measure(opened, qtbot, 3)
    table = open_table(opened, qtbot)
    table.table.sortByColumn(column("target_bpp"), Qt.SortOrder.DescendingOrder)
    table.table.setCurrentIndex(table.sorted.index(0, 0))
    wanted = cells(table, "target_bpp")[0]
    QTest.keyClick(table.table, Qt.Key.Key_Return)
    assert driver(opened).session.target_bpp == wanted
    wait_until_at_target(opened, qtbot)


def test_the_bd_rate_follows_the_curves_the_pair_and_the_channel(opened: MainWindow, qtbot: QtBot) -> None:
    foot = opened.plots.foot
    assert foot.bd_text == "Measuring…"
    assert not foot.is_final
    measure(opened, qtbot, MIN_POINTS + 1)

    def expected(codec: str, anchor: str, metric: str) -> str:
        def curve(name: str) -> list[tuple[float, float]]:
            points = driver(opened).curve(name)
            if metric == "psnr":
                return [(point.bpp, point.metrics.psnr_luma_db) for point in points]
            return [(point.bpp, ms_ssim_db(point.metrics.ms_ssim_luma)) for point in points]

        found = bd_rate(curve(anchor), curve(codec))
        assert found is not None
        return f"{abs(found.percent):.1f} % {'fewer' if found.percent < 0 else 'more'} bits"

    QTest.keyClick(opened, Qt.Key.Key_Y)
    QTest.keyClick(foot.anchor, Qt.Key.Key_Down)
    assert foot.anchor.currentText() == "JPEG 2000"

    def both_are_said() -> bool:
        psnr, ms_ssim = (expected("learned", "jpeg2000", metric) for metric in ("psnr", "ms_ssim"))
        start = f"Learned needs {psnr} than JPEG 2000 at equal PSNR luma ("
        return start in foot.bd_text and f", and {ms_ssim} at equal MS-SSIM luma (" in foot.bd_text

    qtbot.waitUntil(both_are_said, timeout=TIMEOUT_MS)
    QTest.keyClick(foot.codec, Qt.Key.Key_End)
    assert foot.bd_text == "Choose two codecs to compare."

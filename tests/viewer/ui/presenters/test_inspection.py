"""The read-out: the pixel under the pointer, and the metrics of what is seen."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.session.state import View
from viewer.session.viewport import Rect, part_metrics, visible_rect
from viewer.ui.engine.part_metrics import PartMetricsService, measure_part
from viewer.ui.shell.main_window import MainWindow


def image_info_rows(window: MainWindow) -> int:
    """How many rows are shown."""
    return len(window.readout.rows)


def test_the_pixel_under_the_pointer_is_read_in_every_picture(opened: MainWindow) -> None:
    driver(opened).set_view(View(4.0, (120.0, 86.0)))
    canvas = opened.panes["jpeg"].canvas
    placement = canvas.placement
    assert placement is not None
    QTest.mouseMove(canvas, QPoint(placement.left + 4 * 117 + 3, placement.top + 4 * 80))
    row = opened.readout.rows[0]
    assert row[0].strong == "x 117  y 80"
    image = driver(opened).session.image
    assert image is not None
    original = image.pixels[80, 117].astype(int)
    assert row[1].strong == " ".join(map(str, original))
    for cell, codec in zip(row[2:], driver(opened).codecs, strict=True):
        shown = driver(opened).shown(codec)
        assert shown is not None
        value = shown.result.reconstruction[80, 117].astype(int)
        assert cell.strong == " ".join(map(str, value))
        away = [int(part.replace("\N{MINUS SIGN}", "-")) for part in cell.quiet.split()]
        assert away == (value - original).tolist()


def test_v_shows_the_metrics_of_the_visible_part_and_follows_the_view(opened: MainWindow, qtbot: QtBot) -> None:
    assert image_info_rows(opened) == 1
    QTest.keyClick(opened, Qt.Key.Key_V)
    for view in (View(), View(5.0, (60.0, 50.0))):
        driver(opened).set_view(view)
        rect = visible_rect(view, (240, 173), opened.panes["jpeg"].canvas.area)
        shown = driver(opened).shown("jpeg")
        assert shown is not None
        assert rect is not None
        part = part_metrics(shown.result.measurement, rect)
        whole = part_metrics(shown.result.measurement, Rect(0, 0, 240, 173))
        assert whole.psnr_rgb_db == pytest.approx(shown.result.measurement.metrics.psnr_rgb_db, abs=1e-3)
        expected = f"{part.psnr_rgb_db:.2f}  {part.ssim:.4f}"
        qtbot.waitUntil(lambda text=expected: opened.readout.rows[1][3].strong == text, timeout=TIMEOUT_MS)  # type: ignore[misc]
        assert opened.readout.rows[1][0].strong == f"Visible area {rect.right - rect.left} × {rect.bottom - rect.top}"
        assert opened.readout.rows[1][3].quiet == f"({whole.psnr_rgb_db:.2f}  {whole.ssim:.4f})"
    QTest.keyClick(opened, Qt.Key.Key_V)
    assert image_info_rows(opened) == 1


def test_the_figures_of_a_picture_go_with_it(
    opened: MainWindow, photograph: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: "." in opened.readout.rows[1][3].strong, timeout=TIMEOUT_MS)
    release, service = threading.Event(), opened.findChild(PartMetricsService)
    assert service is not None
    monkeypatch.setattr(service._worker, "_work", lambda job: measure_part(job) if release.wait(60) else None)
    other = photograph.with_name("other.png")
    PillowImage.fromarray(sample_crop(120, 130).pixels).save(other)
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        driver(opened).open_file(other)
    wait_until_at_target(opened, qtbot)
    row = opened.readout.rows[1]
    assert row[0].strong == "Visible area 130 × 120"
    assert [cell.quiet for cell in row[2:]] == ["–"] * 3
    release.set()
    qtbot.waitUntil(lambda: "." in opened.readout.rows[1][3].strong, timeout=TIMEOUT_MS)

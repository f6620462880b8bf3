"""Equal quality instead of equal rate: by keys, slider, field and plot; what the panes and the sentences say."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.errors import CodecError
from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.matching.quality_search import QualityMatch
from viewer.matching.targets.quality import TOLERANCE_DB, QualityTarget, ms_ssim_raw
from viewer.ui.common.slider_scale import FINE_DB, PAGE_DB, STEP_DB, QualityScale
from viewer.ui.shell.main_window import MainWindow

SHIFT = Qt.KeyboardModifier.ShiftModifier


def wait_until_equal(window: MainWindow, qtbot: QtBot) -> None:
    """Let the workers bring every codec to the quality that is asked for."""

    def there() -> bool:
        shown = [driver(window).shown(codec) for codec in driver(window).codecs]
        quality = driver(window).session.quality
        return all(one is not None and one.match is not None and one.match.target == quality for one in shown)

    qtbot.waitUntil(there, timeout=TIMEOUT_MS)


def quality_of(window: MainWindow) -> QualityTarget:
    quality = driver(window).session.quality
    assert isinstance(quality, QualityTarget)
    return quality


def test_c_brings_every_codec_to_what_the_first_one_has(opened: MainWindow, qtbot: QtBot) -> None:
    learned = driver(opened).shown("learned")
    assert learned is not None
    QTest.keyClick(opened, Qt.Key.Key_C)
    quality = quality_of(opened)
    assert (quality.metric, quality.channel) == ("psnr", "rgb")
    assert quality.value_db == round(learned.result.measurement.metrics.psnr_rgb_db, 1)
    assert opened.actions_by_name["equal_psnr"].isChecked()
    wait_until_equal(opened, qtbot)
    sizes = {}
    for codec in driver(opened).codecs:
        shown = driver(opened).shown(codec)
        assert shown is not None
        assert abs(shown.result.measurement.metrics.psnr_rgb_db - quality.value_db) <= TOLERANCE_DB
        assert opened.panes[codec].canvas.picture is shown.picture
        sizes[codec] = len(shown.result.stream)
    text = opened.panes["jpeg"].header.text
    assert text.figures[4].caption == "vs Learned"
    assert text.figures[4].value == f"{sizes['jpeg'] / sizes['learned']:.2f} ×"
    best = {codec for codec in sizes if opened.panes[codec].header.text.figures[1].best}
    assert best == {codec for codec, size in sizes.items() if size == min(sizes.values())}
    ratios = {codec: f"{sizes[codec] / min(sizes.values()):.2f} times" for codec in sizes}
    assert f"JPEG {ratios['jpeg']}" in opened.result_line.sentence.text
    assert opened.plots.foot.needs == ""  # it would be said twice
    QTest.keyClick(opened, Qt.Key.Key_S)  # now the line speaks of two only
    assert "JPEG 2000 needs" in opened.plots.foot.needs


def test_c_again_goes_back_to_the_rate_before(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C)
    QTest.keyClick(opened, Qt.Key.Key_C, SHIFT)
    assert quality_of(opened).metric == "ms_ssim"
    wait_until_equal(opened, qtbot)
    QTest.keyClick(opened, Qt.Key.Key_C, SHIFT)
    assert driver(opened).session.quality is None
    assert driver(opened).session.target_bpp == 0.5
    assert opened.actions_by_name["equal_rate"].isChecked()
    assert opened.rate_bar.field.text() == "0.500 bpp"
    wait_until_at_target(opened, qtbot)
    assert opened.panes["jpeg"].header.text.figures[4].caption == "off target"
    assert opened.plots.foot.needs == ""


def test_after_the_quality_was_moved_the_reference_keeps_its_rate(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C)
    QTest.keyClick(opened, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    wait_until_equal(opened, qtbot)
    shown = driver(opened).shown("learned")
    assert shown is not None
    QTest.keyClick(opened, Qt.Key.Key_R, SHIFT)
    assert driver(opened).session.target_bpp == pytest.approx(shown.result.bpp, rel=0.01)
    assert driver(opened).session.target_bpp > 0.55


def test_the_slider_sets_the_quality_and_says_so(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C)
    slider, start = opened.rate_bar.slider, quality_of(opened).value_db
    assert slider.accessibleName() == "Target PSNR RGB, equal for every codec"
    assert slider.accessibleDescription() == opened.rate_bar.field.text() == f"{start:.2f} dB"
    for key, step in (
        (Qt.Key.Key_BracketRight, STEP_DB),
        (Qt.Key.Key_BraceLeft, -FINE_DB),
    ):
        before = quality_of(opened).value_db
        QTest.keyClick(opened, key)
        assert quality_of(opened).value_db == pytest.approx(before + step)
    QTest.keyClick(opened, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert quality_of(opened).value_db == pytest.approx(start + STEP_DB - FINE_DB - PAGE_DB)
    at = QPoint(round(slider.x_of(40.0)), slider.height() // 2)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
    assert quality_of(opened).value_db == pytest.approx(40.0, abs=0.1)
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert quality_of(opened).value_db == 20.0


def test_the_field_takes_qualities(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C, SHIFT)
    field = opened.rate_bar.field
    for text, value_db in (("0.9", 10.0), ("12.5 dB", 12.5)):
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert quality_of(opened).value_db == pytest.approx(value_db)
    QTest.keyClicks(field, "0.2 bpp")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "not a usable MS-SSIM" in opened.banner.text
    assert quality_of(opened).value_db == 12.5


def test_a_click_in_the_metrics_plot_sets_its_level(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: not opened.plots.is_behind, timeout=TIMEOUT_MS)
    low, high = opened.plots.upper_plot.value_range()
    wanted = (low + high) / 2
    at = opened.plots.upper_plot.point_of(0.3, wanted).toPoint()
    QTest.mouseClick(opened.plots.upper_plot, Qt.MouseButton.LeftButton, pos=at)
    assert quality_of(opened).value_db == pytest.approx(wanted, abs=(high - low) / 50)
    before = quality_of(opened)
    QTest.mouseClick(opened.plots.lower_plot, Qt.MouseButton.LeftButton, pos=opened.plots.lower_plot.rect().center())
    assert driver(opened).session.quality == before


def test_what_cannot_be_reached_is_named_in_the_pane(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_quality(QualityTarget("psnr", "rgb", 50.0))
    wait_until_equal(opened, qtbot)
    shown = driver(opened).shown("learned")
    assert shown is not None
    assert isinstance(shown.match, QualityMatch)
    assert not shown.match.reached
    text = opened.panes["learned"].header.text
    assert text.status == f"cannot go above PSNR {shown.match.value_db:.2f} dB"
    assert text.level == "warning"
    assert text.figures[2].off
    assert text.figures[4].value == "–"
    assert text.explanation in opened.plots.foot.needs


def test_luma_and_raw_change_how_the_quality_is_meant_and_read(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C, SHIFT)
    wait_until_equal(opened, qtbot)
    shown = driver(opened).shown("learned")
    assert shown is not None
    QTest.keyClick(opened, Qt.Key.Key_Y)
    quality = quality_of(opened)
    assert quality.channel == "luma"
    assert quality.value_db == pytest.approx(quality.of(shown.result.measurement.metrics), abs=0.06)
    QTest.keyClick(opened, Qt.Key.Key_M)
    assert opened.rate_bar.field.text() == f"{ms_ssim_raw(quality.value_db):.5f}"
    scale = opened.rate_bar.slider.scale
    assert isinstance(scale, QualityScale)
    assert [scale.tick_text(tick) for tick in scale.ticks][:2] == ["0.7", "0.8"]


def test_another_picture_is_brought_to_the_same_quality(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_C)
    quality = quality_of(opened)
    image = driver(opened).session.image
    assert image is not None
    assert image.path is not None
    with qtbot.waitSignal(driver(opened).opened, timeout=TIMEOUT_MS):
        driver(opened).open_file(image.path)
    assert quality_of(opened) == quality
    wait_until_equal(opened, qtbot)


def test_a_codec_that_fails_does_not_hold_up_what_is_said_of_the_others(
    opened: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CodecError("There is no JPEG today: try another codec.")

    monkeypatch.setattr("viewer.codecs.jpeg.JpegEncoder.encode", fail)
    driver(opened).set_quality(QualityTarget("psnr", "rgb", 33.0))
    qtbot.waitUntil(lambda: "no JPEG" in driver(opened).failure("jpeg"), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: "JPEG 2000 needs" in opened.plots.foot.needs, timeout=TIMEOUT_MS)
    assert "searching…" not in opened.plots.foot.needs

"""The set in the window: what it shows of made rows, and what clicks and the slider do."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.sets.made import two_codecs
from tests.viewer.ui.conftest import TIMEOUT_MS
from viewer.imaging.writer import png_bytes
from viewer.matching.targets.quality import QualityTarget
from viewer.sets.source import RESULTS_NAME
from viewer.sweep.rows import Row, write_rows
from viewer.ui.engine.sets.state import SweepRequest
from viewer.ui.engine.sets.updates import choose, choose_quality, start_sweep
from viewer.ui.engine.updates.target import set_target
from viewer.ui.sets.set_view import SetView
from viewer.ui.shell.main_window import MainWindow

GAINS_DB = {"a.png": -1.0, "b.png": 3.0, "c.png": 1.0, "d.png": 0.5, "e.png": 2.0}


def renamed(rows: list[Row]) -> list[Row]:
    """The made codecs under the names of two that can be run."""
    names = {"new": "jpeg2000", "old": "jpeg"}
    return [dataclasses.replace(row, codec=names[row.codec]) for row in rows]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures with a sweep's results whose figures are known."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, name in enumerate(GAINS_DB):
        (pictures / name).write_bytes(png_bytes(sample_crop(64, 80 + 8 * number).pixels))
    write_rows(pictures / RESULTS_NAME, renamed(two_codecs(GAINS_DB)), ())
    return pictures


@pytest.fixture
def shown(window: MainWindow, folder: Path, qtbot: QtBot) -> MainWindow:
    """A window that shows the set."""
    window.opening.open_path(folder)
    settled(window, qtbot)
    assert view_of(window).isVisible()
    return window


def view_of(window: MainWindow) -> SetView:
    return window.pages.display.view


def settled(window: MainWindow, qtbot: QtBot) -> None:
    store = window.store
    qtbot.waitUntil(lambda: store.state.sets.opened is not None and store.state.sets.is_settled, timeout=TIMEOUT_MS)


def cells(window: MainWindow, picture: str) -> list[str]:
    table = view_of(window).table
    row = list(table.pictures()).index(picture)
    model = table.model()
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def test_a_folder_shows_its_results(shown: MainWindow) -> None:
    view = view_of(shown)
    assert view.head.texts == ("5 pictures: JPEG, JPEG 2000", "", "")
    assert (view.codec.currentText(), view.anchor.currentText()) == ("JPEG", "JPEG 2000")
    assert list(view.table.pictures()) == ["a.png", "d.png", "c.png", "e.png", "b.png"]
    view.codec.setCurrentIndex(view.codec.findText("JPEG 2000"))
    assert list(view.table.pictures()) == ["b.png", "e.png", "c.png", "d.png", "a.png"]


def test_wins_and_losses_follow_pair_metric_and_slider(shown: MainWindow, qtbot: QtBot) -> None:
    view = view_of(shown)
    view.codec.setCurrentIndex(view.codec.findText("JPEG 2000"))
    assert cells(shown, "b.png")[1:3] == ["+3.00", "−34.0 %"]
    assert cells(shown, "a.png")[1] == "−1.00"
    assert "JPEG 2000 is ahead of JPEG on 4 of 5 pictures in MS-SSIM RGB: +1.10 dB on average" in view.verdict.text()
    assert cells(shown, "b.png")[3:5] == ["13.00", "10.00"]
    shown.store.update(set_target(1.0))
    assert cells(shown, "b.png")[3:5] == ["18.00", "15.00"]
    shown.store.update(choose(metric="psnr_rgb"))
    settled(shown, qtbot)
    assert cells(shown, "b.png")[3:5] == ["38.00", "35.00"]
    shown.store.update(set_target(3.0))
    assert cells(shown, "b.png")[1] == "–"
    assert "no picture has been measured with both" in view.verdict.text()


def test_a_bd_rate_has_its_interval(shown: MainWindow) -> None:
    view = view_of(shown)
    view.codec.setCurrentIndex(view.codec.findText("JPEG 2000"))
    expected = sum(100 * (2 ** (-gain / 5) - 1) for gain in GAINS_DB.values()) / len(GAINS_DB)
    assert view.bd.text() == f"{expected:+.1f} %".replace("-", "−")
    assert "on 5 pictures; 95 % interval over pictures −" in view.bd_over.text()


def test_the_rate_that_most_pictures_need_is_said_for_every_codec(shown: MainWindow) -> None:
    view = view_of(shown)
    shown.store.update(choose_quality(15.0))
    view.points.share.setValue(80)
    # at 1 bpp JPEG has 15 dB on every picture; JPEG 2000 has 0.5 dB more on all but one
    jpeg, jpeg2000 = view.points.texts()
    assert jpeg == "JPEG 1.000 bpp all 5 have it"
    assert jpeg2000 == f"JPEG 2000 {2 ** (-0.5 / 5):.3f} bpp 1 of 5 miss it: a.png"
    view.points.quality.setValue(40.0)
    assert view.points.texts()[0] == "JPEG – 5 of 5 miss it at every rate: a.png, b.png, c.png and 2 more"


def test_a_click_opens_the_picture_at_the_rate_and_the_way_back_is_a_key(shown: MainWindow, qtbot: QtBot) -> None:
    view = view_of(shown)
    shown.store.update(set_target(0.8))
    table = view.table
    index = table.model().index(1, 0)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    qtbot.waitUntil(lambda: shown.store.state.opened is not None, timeout=TIMEOUT_MS)
    assert shown.store.state.session.image is not None
    assert shown.store.state.session.image.name == "d.png"
    assert shown.store.state.session.target_bpp == 0.8
    assert not view.isVisible()
    assert shown.grid.isVisible()
    shown.actions_by_name["set_view"].trigger()
    assert view.isVisible()
    assert shown.store.state.awaited == {}


def test_times_are_drawn_on_demand(shown: MainWindow) -> None:
    view = view_of(shown)
    shown.actions_by_name["set_decode"].trigger()
    assert view.times.isVisible()
    assert {one.label: round(one.time_ms, 3) for one in view.times.codecs} == {"JPEG": 5.0, "JPEG 2000": 5.0}
    assert "codecs that no other one beats" in view.note.text()
    shown.actions_by_name["set_rate"].trigger()
    assert view.plot.isVisible()


def test_the_plot_draws_bands_and_points_of_every_picture(shown: MainWindow) -> None:
    plot = view_of(shown).plot
    with_bands = len(plot.behind)
    shown.actions_by_name["set_band"].trigger()
    assert len(plot.behind) == with_bands - 2 * 3  # two edges and what is between, of two codecs
    shown.actions_by_name["set_points"].trigger()
    assert len(plot.behind) == with_bands - 2 * 3 + 2


def test_a_click_in_the_plot_sets_the_rate(shown: MainWindow) -> None:
    plot = view_of(shown).plot
    there = plot.point_of(0.5, plot.value_range()[0]).toPoint()
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(there.x(), there.y() - 40))
    assert shown.store.state.session.target_bpp == pytest.approx(0.5, rel=0.03)


def test_a_quality_on_the_slider_asks_for_the_rates_of_it(shown: MainWindow, qtbot: QtBot) -> None:
    shown.actions_by_name["equal_psnr"].trigger()
    settled(shown, qtbot)
    assert shown.store.state.sets.choice.metric == "psnr_rgb"
    quality = shown.store.state.session.quality
    assert isinstance(quality, QualityTarget)
    assert view_of(shown).points.quality.value() == pytest.approx(quality.value_db)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("prices.csv", "is not the CSV of a RateLens sweep"), ("empty", "There are no pictures in")],
)
def test_what_is_no_set_is_a_sentence(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, sentence: str
) -> None:
    path = tmp_path / name
    if path.suffix:
        path.write_text("lamp,3\n", encoding="utf-8")
    else:
        path.mkdir()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    assert window.opening.take(data)
    qtbot.waitUntil(lambda: window.store.state.message is not None, timeout=TIMEOUT_MS)
    message = window.store.state.message
    assert message is not None
    assert sentence in message.text
    assert not view_of(window).isVisible()


def test_a_message_is_seen_over_the_set(shown: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    shown.opening.open_path(tmp_path / "gone.csv")
    qtbot.waitUntil(shown.banner.isVisible, timeout=TIMEOUT_MS)
    assert "was not found" in shown.banner.text
    assert view_of(shown).isVisible()
    assert shown.banner.parentWidget() is view_of(shown)


def test_a_picture_that_cannot_be_read_is_named_before_a_sweep(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    (folder / "broken.png").write_text("no picture", encoding="utf-8")
    window.opening.open_path(folder)
    settled(window, qtbot)
    assert view_of(window).head.texts[1] == "“broken.png” is not a readable picture, so it will not be measured."


def test_presenting_shows_the_panes(shown: MainWindow) -> None:
    shown.actions_by_name["present"].trigger()
    assert not view_of(shown).isVisible()
    assert not shown.store.state.switches.set_view
    shown.actions_by_name["present"].trigger()


def test_a_set_is_read_again(shown: MainWindow, qtbot: QtBot, folder: Path) -> None:
    (folder / "e.png").rename(folder / "f.png")
    shown.actions_by_name["reload"].trigger()
    qtbot.waitUntil(lambda: "f.png" in view_of(shown).table.pictures(), timeout=TIMEOUT_MS)
    settled(shown, qtbot)
    assert "e.png" in view_of(shown).table.pictures()  # it has rows


def test_pictures_that_are_elsewhere_are_located(
    window: MainWindow, qtbot: QtBot, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "results" / "results.csv"
    elsewhere.parent.mkdir()
    (folder / RESULTS_NAME).rename(elsewhere)
    window.opening.open_path(elsewhere)
    settled(window, qtbot)
    assert "locate their folder" in view_of(window).head.texts[1]
    window.actions_by_name["sweep_start"].trigger()
    assert window.store.state.message is not None
    assert "so they cannot be measured: locate their folder" in window.store.state.message.text
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    window.actions_by_name["locate_set"].trigger()
    qtbot.waitUntil(lambda: view_of(window).head.texts[1] == "", timeout=TIMEOUT_MS)
    opened = window.store.state.sets.opened
    assert opened is not None
    assert opened.files["a.png"] == folder / "a.png"
    settled(window, qtbot)


def test_the_report_of_the_set_is_saved(
    shown: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(shown)
    view.codec.setCurrentIndex(view.codec.findText("JPEG 2000"))
    path = tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    shown.actions_by_name["set_report"].trigger()
    qtbot.waitUntil(path.exists, timeout=TIMEOUT_MS)
    assert "JPEG 2000 is ahead of JPEG on 4 of 5 pictures" in " ".join(path.read_text("utf-8").split())


def test_a_sweep_fills_the_view(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    (folder / RESULTS_NAME).unlink()
    window.opening.open_path(folder)
    settled(window, qtbot)
    view = view_of(window)
    assert view.head.texts[0] == "5 pictures, none measured yet"
    window.actions_by_name["sweep_start"].trigger()
    setup = window.pages.set_commands.setup
    assert setup is not None
    assert setup.results.text() == str(folder / RESULTS_NAME)
    setup.rates.setText("0.5 nothing")
    setup.accept()
    assert "Give rates from" in setup.problem.text()
    for row in range(setup.codecs.count()):
        item = setup.codecs.item(row)
        on = item.text() in ("JPEG", "JPEG 2000")
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    setup.rates.setText("0.8 1.5")
    setup.accept()
    assert window.store.state.sets.sweep.phase == "running"
    assert window.actions_by_name["sweep_pause"].isVisible()
    settled(window, qtbot)
    qtbot.waitUntil(lambda: view.head.texts[0] == "5 pictures: JPEG, JPEG 2000", timeout=TIMEOUT_MS)
    assert not window.actions_by_name["sweep_pause"].isVisible()
    assert window.store.state.message is not None
    assert window.store.state.message.text.startswith("The sweep is done.")


def test_a_sweep_is_paused_and_cancelled(shown: MainWindow, qtbot: QtBot, folder: Path) -> None:
    request = SweepRequest(folder, folder / RESULTS_NAME, ("webp",), (0.8,))
    shown.store.update(start_sweep(request))
    shown.actions_by_name["sweep_pause"].trigger()
    assert view_of(shown).head.texts[2] == "Paused"
    assert shown.actions_by_name["sweep_pause"].text() == "&Resume sweep"
    shown.actions_by_name["sweep_cancel"].trigger()
    assert shown.store.state.sets.sweep.phase == "idle"
    assert view_of(shown).head.texts[2] == ""
    settled(shown, qtbot)

"""Pictures that were decoded elsewhere: panes that do not follow the slider, and points on the plots."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.files.test_saving import answer_dialog
from tests.viewer.ui.panes.test_view import as_array
from viewer.maps.error_maps import shown_pixels
from viewer.matching.reconstruction import parse_given
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer
from viewer.session.pane_layout import FILE_PANES, ORIGINAL, Layout, PaneLayout, Show
from viewer.ui.common.codec_style import style_of
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.region_finder import PANEL
from viewer.ui.engine.updates.view import hover, set_switch, toggle_panel
from viewer.ui.engine.wanted_scores import next_score
from viewer.ui.panes.header_figures import COMING
from viewer.ui.shell.main_window import MainWindow

KNOWN, UNKNOWN = FILE_PANES[:2]


def decoded_from(photograph: Path, quality: int) -> tuple[Path, int]:
    """A picture that Pillow's JPEG makes of a photograph, as PNG beside it, and the size of its stream."""
    stream = io.BytesIO()
    PillowImage.open(photograph).save(stream, "JPEG", quality=quality)
    path = photograph.with_name(f"theirs {quality}.png")
    PillowImage.open(stream).save(path)
    return path, len(stream.getvalue())


@pytest.fixture
def beside(window: MainWindow, photograph: Path, qtbot: QtBot) -> MainWindow:
    """A window with a photograph, the codecs, a file whose stream's size is known, and one whose size is not."""
    good, byte_count = decoded_from(photograph, 70)
    poor, _ = decoded_from(photograph, 10)
    given = parse_given(f"{good}={byte_count}"), parse_given(str(poor))
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(photograph, given=given)
    wait_until_at_target(window, qtbot)
    return window


def state_of(window: MainWindow) -> AppState:
    return driver(window).state


def pixels(path: Path) -> np.ndarray:
    return np.asarray(PillowImage.open(path).convert("RGB"))


def test_files_stand_after_the_codecs_with_their_own_figures(beside: MainWindow, photograph: Path) -> None:
    assert tuple(beside.panes) == (ORIGINAL, *driver(beside).compared, KNOWN, UNKNOWN)
    image, file = driver(beside).session.image, state_of(beside).files[KNOWN].result
    assert image is not None
    head = beside.panes[KNOWN].header.text
    assert (head.label, head.detail) == ("theirs 70.png", "file")
    values = {figure.caption: figure.value for figure in head.figures}
    assert values["bytes"].replace(",", "") == str(decoded_from(photograph, 70)[1])
    error = np.mean((image.pixels.astype(float) - pixels(photograph.with_name("theirs 70.png"))) ** 2)
    assert float(values["PSNR dB"]) == pytest.approx(10 * np.log10(255**2 / error), abs=0.006)
    assert float(values["bpp"]) == pytest.approx(file.bpp(image), abs=5e-4)


def test_a_file_without_a_size_is_a_pane_without_a_rate(beside: MainWindow) -> None:
    head = beside.panes[UNKNOWN].header.text
    values = {figure.caption: figure.value for figure in head.figures}
    assert values["bpp"] == values["bytes"] == "–"
    assert values["PSNR dB"] != "–"
    assert head.status == "size unknown"


def test_files_do_not_follow_the_slider(beside: MainWindow, qtbot: QtBot) -> None:
    before = beside.panes[KNOWN].header.text, beside.panes[KNOWN].canvas.picture
    driver(beside).set_target(1.5)
    assert KNOWN not in state_of(beside).awaited
    wait_until_at_target(beside, qtbot)
    assert (beside.panes[KNOWN].header.text, beside.panes[KNOWN].canvas.picture) == before


def test_files_are_shown_alone_and_in_a_split_view(beside: MainWindow, photograph: Path) -> None:
    expected = pixels(photograph.with_name("theirs 70.png"))
    picture = beside.panes[KNOWN].canvas.picture
    assert picture is not None
    assert np.array_equal(as_array(picture.levels[0]), expected)
    digit = 2 + [*driver(beside).installed, *driver(beside).state.files].index(KNOWN)
    beside.actions_by_name[f"pane_{digit}"].trigger()
    assert driver(beside).session.pane_layout.pane == KNOWN
    assert beside.panes[KNOWN].isVisible()
    driver(beside).set_pane_layout(PaneLayout(Layout.SPLIT, left=UNKNOWN, right=KNOWN))
    split = beside.grid.split
    assert (split.left.text.label, split.right.text.label) == ("theirs 10.png", "theirs 70.png")
    assert split.canvas.picture is beside.panes[UNKNOWN].canvas.picture


@pytest.mark.parametrize("show", [Show.SIGNED, Show.ERROR, Show.SSIM, Show.BLOCKING, Show.BITS])
def test_files_have_differences_and_maps(beside: MainWindow, qtbot: QtBot, show: Show) -> None:
    layout = PaneLayout(show=show)
    driver(beside).set_pane_layout(layout)
    qtbot.waitUntil(lambda: driver(beside).made(KNOWN) is not None, timeout=TIMEOUT_MS)
    made, image = driver(beside).made(KNOWN), driver(beside).session.image
    assert made is not None
    assert image is not None
    wanted = shown_pixels(show, layout.gain, image.pixels, state_of(beside).files[KNOWN].result)
    assert np.array_equal(as_array(made.picture.levels[0]), wanted)
    assert ("decoded elsewhere" in made.picture.note) == (show is Show.BITS)


def test_the_readout_and_the_regions_have_the_files_too(beside: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    beside.store.update(hover((7, 5)))
    red, green, blue = pixels(photograph.with_name("theirs 70.png"))[5, 7].tolist()
    cells = [cell.strong for row in beside.readout.rows for cell in row]
    assert f"{red} {green} {blue}" in cells
    beside.store.update(set_switch("part_metrics", True))

    def is_measured() -> bool:
        measured = state_of(beside).part_metrics
        return measured is not None and KNOWN in measured.metrics

    qtbot.waitUntil(is_measured, timeout=TIMEOUT_MS)
    beside.store.update(toggle_panel(PANEL))
    qtbot.waitUntil(lambda: state_of(beside).regions is not None, timeout=TIMEOUT_MS)
    found = state_of(beside).regions
    assert found is not None
    assert found.groups[UNKNOWN]
    assert found.target_bpp == driver(beside).session.target_bpp


def test_a_file_of_known_size_is_one_point_on_the_plots(beside: MainWindow, qtbot: QtBot) -> None:
    image, file = driver(beside).session.image, state_of(beside).files[KNOWN].result
    assert image is not None
    bpp = file.bpp(image)
    assert bpp is not None
    qtbot.waitUntil(lambda: not beside.plots.is_behind, timeout=TIMEOUT_MS)
    plot = beside.plots.upper_plot
    at = plot.point_of(bpp, driver(beside).session.scale.psnr_db(file.measurement.metrics)).toPoint()
    ratio = plot.devicePixelRatioF()
    drawn = plot.grab().toImage().pixelColor(round(at.x() * ratio), round(at.y() * ratio))
    assert drawn.name() == style_of(KNOWN, (*driver(beside).installed, *FILE_PANES)).colour


def test_files_go_with_their_original(beside: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    driver(beside).set_pane_layout(PaneLayout(Layout.SINGLE, pane=KNOWN))
    with qtbot.waitSignal(driver(beside).opened, timeout=TIMEOUT_MS):
        beside.opening.reload()
    assert KNOWN in beside.panes  # the same picture read again is still compared with them
    with qtbot.waitSignal(driver(beside).opened, timeout=TIMEOUT_MS):
        driver(beside).open_file(photograph.with_name("theirs 70.png"))
    assert KNOWN not in beside.panes
    assert driver(beside).session.pane_layout.pane in (ORIGINAL, *driver(beside).compared)
    wait_until_at_target(beside, qtbot)


def test_switching_a_codec_off_leaves_the_files(beside: MainWindow, qtbot: QtBot) -> None:
    driver(beside).set_pane_layout(PaneLayout(Layout.SINGLE, pane=KNOWN))
    driver(beside).set_codecs(["jpeg"])
    assert tuple(beside.panes) == (ORIGINAL, "jpeg", KNOWN, UNKNOWN)
    assert driver(beside).session.pane_layout.pane == KNOWN
    wait_until_at_target(beside, qtbot)


def test_a_file_has_no_stream_to_save_and_is_not_pinned(beside: MainWindow) -> None:
    driver(beside).set_pane_layout(PaneLayout(Layout.SINGLE, pane=KNOWN))
    beside.saving.save_stream()
    assert beside.banner.text == "This picture was decoded elsewhere: there is no stream of it here to save."
    beside.pin_board.add()
    assert beside.banner.text.startswith("A picture decoded elsewhere has one rate")


def test_more_files_than_there_are_panes_are_said(window: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    path, _ = decoded_from(photograph, 50)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(photograph, given=tuple(parse_given(str(path)) for _ in range(len(FILE_PANES) + 1)))
    assert tuple(state_of(window).files) == FILE_PANES
    assert window.banner.text == "There is room for 6 reconstructions: “theirs 50.png” is not shown."
    wait_until_at_target(window, qtbot)


def test_files_are_scored_in_slow_metrics(beside: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    beside.actions_by_name["column_flip"].trigger()

    def value() -> str:
        return {one.caption: one.value for one in beside.panes[KNOWN].header.text.figures}["FLIP"]

    assert value() == COMING
    qtbot.waitUntil(lambda: value() != COMING, timeout=TIMEOUT_MS)
    image = driver(beside).session.image
    assert image is not None
    score = Scorer(image.pixels, [metric_named("flip")]).score("flip", pixels(photograph.with_name("theirs 70.png")))
    assert score.value is not None
    assert value() == f"{score.value:.4f}"


def test_four_files_of_one_name_have_bd_rates(window: MainWindow, photograph: Path, qtbot: QtBot) -> None:
    made = (decoded_from(photograph, quality) for quality in (10, 30, 60, 85, 95))
    given = tuple(parse_given(f"Theirs:{path}={count}") for path, count in made)
    driver(window).set_codecs(["jpeg", "webp"])
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(photograph, given=given)
    foot = window.plots.foot
    assert [foot.codec.itemText(index) for index in range(foot.codec.count())] == ["JPEG", "WebP", "Theirs"]
    foot.codec.setCurrentIndex(2)
    foot.anchor.setCurrentIndex(0)
    qtbot.waitUntil(lambda: state_of(window).bd is not None, timeout=TIMEOUT_MS)

    def figure() -> float | None:
        bd = state_of(window).bd
        found = None if bd is None else bd.by_metric["psnr"]
        return None if found is None else found.percent

    qtbot.waitUntil(lambda: state_of(window).curves_complete and figure() is not None, timeout=TIMEOUT_MS)
    assert 0 < (figure() or 0.0) < 40  # JPEG at its best is better than with plain settings
    assert "Theirs" in foot.bd_text


def test_the_windows_report_has_the_files_and_the_metrics(
    beside: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    beside.actions_by_name["column_flip"].trigger()
    beside.reporting.report()
    assert beside.banner.text == "Some scores are not there yet: try again when they are."
    qtbot.waitUntil(lambda: next_score(state_of(beside)) is None, timeout=TIMEOUT_MS)
    answer_dialog(monkeypatch, tmp_path / "report.html")
    with qtbot.waitSignal(driver(beside).told, timeout=TIMEOUT_MS):
        beside.reporting.report()
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<th>FLIP" in text
    assert "<h2>Decoded elsewhere</h2>" in text
    assert text.count("theirs 70.png") > 3

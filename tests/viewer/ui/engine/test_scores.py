"""Scores in slow metrics come after the pictures, and say so meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import codec_named
from viewer.matching.comparison import Comparison
from viewer.matching.curve import point_of
from viewer.matching.result import scored
from viewer.metrics.bd_rate import bd_rate
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer, format_score
from viewer.ui.engine.bd_rates import BdRequest, compare_curves
from viewer.ui.engine.wanted_scores import next_score
from viewer.ui.panes.header_figures import COMING, DEVIATION, Figure
from viewer.ui.shell.main_window import MainWindow


def figure(window: MainWindow, pane: str, caption: str) -> Figure:
    """A figure of a pane's head."""
    return next(one for one in window.panes[pane].header.text.figures if one.caption == caption)


def wait_for_scores(window: MainWindow, qtbot: QtBot, metric: str) -> None:
    """Until the pictures that the panes show have a score in the metric."""

    def scored() -> bool:
        request = next_score(driver(window).state)
        return not driver(window).state.awaited and (request is None or request.metric != metric)

    qtbot.waitUntil(scored, timeout=TIMEOUT_MS)


@pytest.mark.parametrize(("name", "caption"), [("ssimulacra2", "SSIMULACRA2"), ("flip", "FLIP")])
def test_a_column_has_the_scores_of_the_pictures_that_are_shown(
    name: str, caption: str, opened: MainWindow, qtbot: QtBot
) -> None:
    action = opened.actions_by_name[f"column_{name}"]
    action.trigger()
    assert action.isChecked()
    codecs = driver(opened).codecs
    assert [figure(opened, codec, caption).value for codec in codecs] == [COMING] * len(codecs)
    wait_for_scores(opened, qtbot, name)
    metric, image = metric_named(name), driver(opened).session.image
    assert image is not None
    scorer, values = Scorer(image.pixels, [metric]), {}
    for codec in codecs:
        shown = driver(opened).shown(codec)
        assert shown is not None
        score = scorer.score(name, shown.result.reconstruction)
        assert score.value is not None
        assert figure(opened, codec, caption).value == format_score(metric, score.value, unit=False)
        if shown.result.reachable:
            values[codec] = score.value
    best = (max if metric.direction == "higher" else min)(values, key=lambda codec: values[codec])
    assert [codec for codec in codecs if figure(opened, codec, caption).best] == [best]
    action.trigger()
    assert caption not in [one.caption for one in opened.panes["jpeg"].header.text.figures]


def test_another_rate_is_shown_before_it_is_scored(opened: MainWindow, qtbot: QtBot) -> None:
    opened.actions_by_name["column_flip"].trigger()
    wait_for_scores(opened, qtbot, "flip")
    before = figure(opened, "jpeg", "FLIP").value
    driver(opened).set_target(1.1)
    wait_until_at_target(opened, qtbot)
    assert figure(opened, "jpeg", "FLIP").value == COMING
    wait_for_scores(opened, qtbot, "flip")
    assert figure(opened, "jpeg", "FLIP").value not in (COMING, before)
    driver(opened).set_target(0.5)
    wait_until_at_target(opened, qtbot)
    assert figure(opened, "jpeg", "FLIP").value == before  # it is known


def test_nothing_is_scored_that_nobody_chose(opened: MainWindow) -> None:
    assert next_score(driver(opened).state) is None
    assert not driver(opened).state.scores


def test_a_metric_that_has_no_score_says_why(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    PillowImage.fromarray(sample_crop(6, 90).pixels).save(tmp_path / "low.png")
    driver(window).open_file(tmp_path / "low.png")
    qtbot.waitUntil(lambda: driver(window).shown("jpeg") is not None, timeout=TIMEOUT_MS)
    window.actions_by_name["column_ssimulacra2"].trigger()
    wait_for_scores(window, qtbot, "ssimulacra2")
    assert figure(window, "jpeg", "SSIMULACRA2").value == "–"
    assert "SSIMULACRA2 needs sides of 8 pixels or more." in window.panes["jpeg"].header.text.tip
    assert not figure(window, "jpeg", "SSIMULACRA2").best


def test_the_columns_are_kept(opened: MainWindow, make_window: MakeWindow) -> None:
    for name in ("psnr", "ms_ssim"):
        opened.actions_by_name[f"column_{name}"].trigger()
    assert [one.caption for one in opened.panes["jpeg"].header.text.figures] == ["bpp", "bytes", DEVIATION]
    opened.close()
    again = make_window()
    assert driver(again).session.metric_choice.columns == ()
    again.actions_by_name["column_flip"].trigger()
    again.actions_by_name["column_psnr"].trigger()
    again.close()
    assert driver(make_window()).session.metric_choice.columns == ("psnr", "flip")


def test_a_plot_draws_the_scores_of_the_curves(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_codecs({"jpeg", "jpeg2000"})
    opened.actions_by_name["lower_flip"].trigger()
    assert opened.actions_by_name["lower_flip"].isChecked()
    assert not opened.actions_by_name["lower_ms_ssim"].isChecked()
    texts = {label.text() for label in opened.plots.findChildren(QLabel)}
    assert {"PSNR RGB, dB", "higher is better", "FLIP", "lower is better"} <= texts

    def flip_scores() -> list[float]:
        """Of JPEG's curve, rate ascending."""
        scores = (point.scores.get("flip") for point in driver(opened).curve("jpeg"))
        return [score.value for score in scores if score is not None and score.value is not None]

    qtbot.waitUntil(lambda: len(flip_scores()) >= 3, timeout=TIMEOUT_MS)
    opened.plots.draw_now()
    values, (low, high) = flip_scores(), opened.plots.lower_plot.value_range()
    assert values == sorted(values, reverse=True)  # less is better
    assert low < min(values) < max(values) < high < 1.0
    opened.actions_by_name["points"].trigger()
    table = opened.point_table.window
    assert table is not None
    table.copy()
    heads, *rows = (line.split("\t") for line in QGuiApplication.clipboard().text().splitlines())
    assert heads[-1] == "flip"
    assert {str(value) for value in values} <= {row[-1] for row in rows if row[0] == "jpeg"}


def test_a_bd_rate_is_of_what_is_plotted_in_its_direction() -> None:
    image = sample_crop(96, 128)
    comparison = Comparison(image, [codec_named("jpeg"), codec_named("jpeg2000")])
    scorer, curves = Scorer(image.pixels, [metric_named("flip")]), {}
    for codec in comparison.codecs:
        results = (comparison.result(codec, bpp) for bpp in (0.6, 0.9, 1.3, 1.8, 2.5))
        curves[codec] = tuple(point_of(scored(result, scorer)) for result in results)
    figures = compare_curves(BdRequest("jpeg2000", "jpeg", "rgb", ("psnr", "flip"), curves["jpeg2000"], curves["jpeg"]))
    measured = figures.by_metric["flip"]
    assert measured is not None
    better = [(point.bpp, -(point.scores["flip"].value or 0.0)) for point in curves["jpeg2000"]]
    anchor = [(point.bpp, -(point.scores["flip"].value or 0.0)) for point in curves["jpeg"]]
    expected = bd_rate(anchor, better)
    assert expected is not None
    assert measured.percent == expected.percent
    assert (measured.low_db, measured.high_db) == (-expected.high_db, -expected.low_db)
    assert set(figures.by_metric) == {"psnr", "flip"}


@pytest.mark.parametrize(
    ("plots", "channel", "decibels"),
    [
        (("psnr", "ms_ssim"), "upper", "lower"),
        (("ssimulacra2", "ms_ssim"), "lower", "lower"),
        (("psnr", "flip"), "upper", ""),
        (("ms_ssim", "ms_ssim"), "upper", "upper"),
        (("flip", "ssimulacra2"), "", ""),
    ],
)
def test_switches_stand_only_beside_plots_that_they_apply_to(
    plots: tuple[str, str], channel: str, decibels: str, window: MainWindow
) -> None:
    for place, name in zip(("upper", "lower"), plots, strict=True):
        window.actions_by_name[f"{place}_{name}"].trigger()
    middle = window.plots.upper_plot.geometry().center().y()

    def places(action: str) -> list[str]:
        buttons = window.plots.findChildren(QToolButton)
        shown = [one for one in buttons if one.defaultAction() is window.actions_by_name[action] and one.isVisible()]
        return ["upper" if one.geometry().center().y() < middle else "lower" for one in shown]

    assert places("luma") == ([channel] if channel else [])
    assert places("decibels") == ([decibels] if decibels else [])
    assert places("logarithmic") == ["upper"]

"""Scores in slow metrics come after the pictures, and say so meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.metrics.registry import metric_named
from viewer.metrics.scoring import Scorer, format_score
from viewer.ui.engine.wanted_scores import next_score
from viewer.ui.panes.header_text import COMING, Figure
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
    assert [one.caption for one in opened.panes["jpeg"].header.text.figures] == ["bpp", "bytes", "vs target"]
    opened.close()
    again = make_window()
    assert driver(again).session.metric_choice.columns == ()
    again.actions_by_name["column_flip"].trigger()
    again.actions_by_name["column_psnr"].trigger()
    again.close()
    assert driver(make_window()).session.metric_choice.columns == ("psnr", "flip")

"""Equal quality in a slow metric: how it begins, what is shown meanwhile, and what can go wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.matching.score_search import ScoreMatch
from viewer.matching.targets.score import ScoreTarget, tolerance
from viewer.metrics.registry import metric_named
from viewer.session.session_file import find_session, stored, written
from viewer.ui.engine.updates.compared import set_codecs
from viewer.ui.engine.updates.files import restore_session
from viewer.ui.engine.updates.target import set_on_scale, set_quality
from viewer.ui.shell.main_window import MainWindow

FLIP = metric_named("flip")
CODECS = ("jpeg", "webp")


@pytest.fixture
def two(opened: MainWindow, qtbot: QtBot) -> MainWindow:
    """The photograph with two fast codecs."""
    opened.store.update(set_codecs(CODECS))
    wait_until_at_target(opened, qtbot)
    return opened


def wait_until_equal(window: MainWindow, qtbot: QtBot) -> dict[str, ScoreMatch]:
    """Let the workers bring every codec to the score that is asked for."""

    def there() -> bool:
        state = driver(window).state
        return isinstance(state.session.quality, ScoreTarget) and not state.awaited and not state.entering

    qtbot.waitUntil(there, timeout=TIMEOUT_MS)
    matches = {codec: driver(window).shown(codec).match for codec in CODECS}  # type: ignore[union-attr]
    assert all(isinstance(match, ScoreMatch) for match in matches.values())
    return matches  # type: ignore[return-value]


def test_it_begins_at_the_score_that_the_first_codec_has(two: MainWindow, qtbot: QtBot) -> None:
    action = two.actions_by_name["equal_flip"]
    before = driver(two).shown("jpeg")
    action.trigger()
    assert action.isChecked()
    assert two.plots.foot.needs == "scoring JPEG, to begin where it is…"
    assert driver(two).shown("jpeg") is before
    matches = wait_until_equal(two, qtbot)
    assert before is not None
    target = driver(two).session.quality
    assert isinstance(target, ScoreTarget)
    for match in matches.values():
        assert abs(match.value - target.value) <= tolerance(FLIP, target.value)
    assert abs(matches["jpeg"].result.bpp - before.result.bpp) < 0.02 * before.result.bpp
    head = {figure.caption: figure for figure in two.panes["webp"].header.text.figures}
    assert head["FLIP"].value == f"{matches['webp'].value:.4f}"
    assert head["vs JPEG"].value.endswith("×")
    assert " times the bytes of " in two.result_line.sentence.text
    assert two.plots.foot.needs == ""
    assert two.rate_bar.field.text() == f"{target.value:.4f}"
    action.trigger()
    wait_until_at_target(two, qtbot)
    assert driver(two).session.quality is None


def test_the_picture_before_stays_until_the_next_one_is_found(two: MainWindow, qtbot: QtBot) -> None:
    two.store.update(set_quality(ScoreTarget("flip", 0.12)))
    first = wait_until_equal(two, qtbot)
    two.store.update(set_on_scale(0.05))
    assert set(driver(two).state.awaited) == set(CODECS)
    shown = driver(two).shown("jpeg")
    assert shown is not None
    assert shown.match is first["jpeg"]
    two.store.update(set_on_scale(0.08))  # the search for 0.05 ends, and this one begins
    second = wait_until_equal(two, qtbot)
    assert all(abs(match.value - 0.08) <= tolerance(FLIP, 0.08) for match in second.values())


def test_a_score_can_be_typed_and_one_that_is_none_is_refused(two: MainWindow, qtbot: QtBot) -> None:
    two.store.update(set_quality(ScoreTarget("flip", 0.12)))
    wait_until_equal(two, qtbot)
    field = two.rate_bar.field
    field.setText("0,1")
    field.returnPressed.emit()
    assert driver(two).session.quality == ScoreTarget("flip", 0.1)
    field.setText("7")
    field.returnPressed.emit()
    message = driver(two).state.message
    assert message is not None
    assert message.text == "“7” is not a FLIP score: give a number from 0 to 1."
    wait_until_equal(two, qtbot)


def test_a_session_opens_at_its_score_or_says_that_the_metric_is_missing(
    two: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for quality in (ScoreTarget("flip", 0.12), ScoreTarget("gone", 3.0)):
        file = tmp_path / f"{quality.metric}.ratelens"
        file.write_bytes(written(stored(replace(driver(two).session, quality=quality), file, CODECS)))
        two.store.update(restore_session(find_session(file)))
    assert driver(two).session.quality is None
    message = driver(two).state.message
    assert message is not None
    assert message.text.endswith("Its codecs were equal in “gone”, a metric that is not installed here.")
    two.store.update(restore_session(find_session(tmp_path / "flip.ratelens")))
    assert driver(two).session.quality == ScoreTarget("flip", 0.12)
    wait_until_equal(two, qtbot)


def test_a_metric_that_cannot_score_is_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "narrow.png"
    PillowImage.fromarray(np.zeros((40, 6, 3), np.uint8)).save(path)
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(path)
    qtbot.waitUntil(lambda: bool(driver(window).state.results), timeout=TIMEOUT_MS)
    window.actions_by_name["equal_ssimulacra2"].trigger()
    qtbot.waitUntil(lambda: driver(window).state.message is not None, timeout=TIMEOUT_MS)
    message = driver(window).state.message
    assert message is not None
    assert message.text == "SSIMULACRA2 needs sides of 8 pixels or more."
    assert driver(window).session.quality is None
    assert not driver(window).state.entering

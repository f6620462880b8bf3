"""The blind test by keyboard: nothing tells which side is which, what is chosen is what is counted."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from tests.viewer.ui.presenters.test_equal_mode import wait_until_equal
from viewer.imaging.image import Pixels
from viewer.matching.targets.quality import QualityTarget
from viewer.ui.blind.screen import GAP, TEXT_ROOM, BlindScreen, filling_magnification
from viewer.ui.shell.main_window import MainWindow


def start(window: MainWindow, qtbot: QtBot, trials: int, seed: int = 42) -> BlindScreen:
    """From F8 to the first trial."""
    window.activateWindow()  # the offscreen platform does not, when a dialog is closed
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F8)
    setup = window.blind.setup
    assert setup is not None
    setup.trials.setValue(trials)
    setup.seed.setValue(seed)
    QTest.keyClick(setup, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.blind.screen is not None, timeout=TIMEOUT_MS)
    screen = window.blind.screen
    assert screen is not None
    asking(screen, qtbot)
    return screen


def asking(screen: BlindScreen, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: screen.is_asking, timeout=TIMEOUT_MS)


def sides(screen: BlindScreen) -> tuple[Pixels, Pixels]:
    """What is drawn left and right."""
    drawn, trial = as_array(screen.grab().toImage()), screen.trial
    middle, top = round(drawn.shape[1] / 2), round((drawn.shape[0] - trial.height) / 2)
    rows = slice(top, top + trial.height)
    left = drawn[rows, middle - GAP // 2 - trial.width : middle - GAP // 2]
    return left, drawn[rows, middle + GAP // 2 : middle + GAP // 2 + trial.width]


def reconstruction(window: MainWindow, screen: BlindScreen, codec: str) -> Pixels:
    shown, t = driver(window).shown(codec), screen.trial
    assert shown is not None
    return shown.result.reconstruction[t.top : t.top + t.height, t.left : t.left + t.width]


def test_both_regions_are_those_of_the_codecs_and_space_shows_the_original(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 4)
    image = driver(opened).session.image
    assert image is not None
    seen = set()
    for _ in range(4):
        asking(screen, qtbot)
        trial = screen.trial
        seen.add(trial.on_left)
        left, right = sides(screen)
        assert np.array_equal(left, reconstruction(opened, screen, trial.on_left))
        assert np.array_equal(right, reconstruction(opened, screen, trial.on_right))
        QTest.keyPress(screen, Qt.Key.Key_Space)
        original = image.pixels[trial.top : trial.top + trial.height, trial.left : trial.left + trial.width]
        assert all(np.array_equal(side, original) for side in sides(screen))
        QTest.keyClick(screen, Qt.Key.Key_Left)  # no answer while the original is held
        assert screen.trial is trial
        QTest.keyRelease(screen, Qt.Key.Key_Space)
        assert np.array_equal(sides(screen)[0], left)
        QTest.keyClick(screen, Qt.Key.Key_Left)
    assert seen == {"learned", "jpeg"}


def test_the_screen_gives_nothing_away(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 6)
    surround: dict[str, Pixels] = {}
    titles = {opened.windowTitle()}
    for _ in range(5):
        asking(screen, qtbot)
        drawn, trial = as_array(screen.grab().toImage()).copy(), screen.trial
        height, width = drawn.shape[:2]
        assert not screen.findChildren(QWidget)
        assert not screen.toolTip()
        titles.add(opened.windowTitle())
        texts = (screen.windowTitle(), screen.accessibleName(), screen.accessibleDescription())
        assert not any(word in text for text in texts for word in ("Learned", "JPEG", "jpeg", "learned", "bpp"))
        middle, top = round(width / 2), round((height - trial.height) / 2)
        drawn[top : top + trial.height, middle - GAP // 2 - trial.width : middle + GAP // 2 + trial.width] = 0
        drawn[top - TEXT_ROOM : top] = 0  # the number of the trial
        surround[trial.on_left] = surround.get(trial.on_left, drawn)
        assert np.array_equal(surround[trial.on_left], drawn)
        QTest.keyClick(screen, Qt.Key.Key_Right)
    assert len(surround) == 2
    one, other = surround.values()
    assert np.array_equal(one, other)
    assert len(titles) == 1
    QTest.keyClick(screen, Qt.Key.Key_Escape)


def test_between_trials_there_is_grey_and_keys_do_not_count(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 3)
    QTest.keyClick(screen, Qt.Key.Key_Left)
    assert not screen.is_asking
    left, right = sides(screen)
    assert (left == 119).all()
    assert (right == 119).all()
    second = screen.trial
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space):
        QTest.keyClick(screen, key)
    assert screen.trial is second
    asking(screen, qtbot)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_1, Qt.Key.Key_Tab):
        QTest.keyClick(screen, key)
    assert screen.trial is second
    QTest.keyClick(screen, Qt.Key.Key_Escape)


def test_the_result_counts_what_was_chosen_and_the_file_has_every_answer(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = start(opened, qtbot, 6, seed=7)
    for number in range(6):  # the learned one whenever it is there, but for once
        asking(screen, qtbot)
        on_left = screen.trial.on_left == "learned"
        QTest.keyClick(screen, Qt.Key.Key_Left if on_left == (number != 3) else Qt.Key.Key_Right)
    result = opened.blind.result
    assert result is not None
    qtbot.waitUntil(result.isActiveWindow)
    texts = [label.text() for label in result.findChildren(QLabel)]
    assert texts[0] == "Learned 5, JPEG 1 (all 6 trials answered)"
    assert "83 %, 95 % confidence interval 44 to 97 % (Wilson)" in texts[1]
    assert "p = 0.219 (two-sided exact binomial test): this could well be chance." in texts[2]
    assert "seed 7" in texts[3]
    path = tmp_path / "answers.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(driver(opened).told, timeout=TIMEOUT_MS):
        QTest.keyClick(result, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["chosen_codec"] for row in rows] == ["learned", "learned", "learned", "jpeg", "learned", "learned"]
    image = driver(opened).session.image
    assert image is not None
    assert {row["image_sha256"] for row in rows} == {image.digest}
    for row in rows:
        assert float(row["response_ms"]) > 0
        assert abs(float(row["left_bpp"]) / 0.5 - 1) <= 0.01
    result.close()


def test_esc_stops_and_counts_what_was_answered(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 20)
    QTest.keyClick(screen, Qt.Key.Key_Right)
    asking(screen, qtbot)
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert opened.blind.screen is None
    assert opened.blind.result is not None
    texts = [label.text() for label in opened.blind.result.findChildren(QLabel)]
    assert texts[0].endswith("(stopped after 1 of 20)")
    assert texts[2].startswith("No p-value, because the test was stopped early")
    QTest.keyClick(opened.blind.result, Qt.Key.Key_Escape)
    screen = start(opened, qtbot, 20)
    QTest.keyClick(screen, Qt.Key.Key_Escape)
    assert "stopped before the first answer" in opened.banner.text


def click(screen: BlindScreen, what: str) -> None:
    QTest.mouseClick(screen, Qt.MouseButton.LeftButton, pos=screen.place_of(what).center())


def test_with_the_mouse_a_region_or_a_button_is_clicked_and_the_original_held(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 5)
    image = driver(opened).session.image
    assert image is not None
    trial = screen.trial
    at = screen.place_of("original").center()
    QTest.mousePress(screen, Qt.MouseButton.LeftButton, pos=at)
    original = image.pixels[trial.top : trial.top + trial.height, trial.left : trial.left + trial.width]
    assert all(np.array_equal(side, original) for side in sides(screen))
    QTest.mouseRelease(screen, Qt.MouseButton.LeftButton, pos=at)
    assert np.array_equal(sides(screen)[0], reconstruction(opened, screen, trial.on_left))
    assert screen.trial is trial
    QTest.mousePress(screen, Qt.MouseButton.LeftButton, pos=screen.place_of("left region").center())
    QTest.mouseRelease(screen, Qt.MouseButton.LeftButton, pos=screen.place_of("right region").center())
    assert screen.trial is trial  # thought better of it
    expected = []
    for what in ("left region", "right region", "left", "neither", "right"):
        asking(screen, qtbot)
        side = what.removesuffix(" region")
        expected.append({"left": screen.trial.on_left, "right": screen.trial.on_right, "neither": ""}[side])
        click(screen, what)
    result = opened.blind.result
    assert result is not None
    counts = f"Learned {expected.count('learned')}, JPEG {expected.count('jpeg')}, cannot tell 1 (all 5"
    assert result.findChildren(QLabel)[0].text().startswith(counts)
    result.close()


def test_the_down_arrow_says_that_nothing_is_closer(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 1)
    QTest.keyClick(screen, Qt.Key.Key_Down)
    result = opened.blind.result
    assert result is not None
    texts = [label.text() for label in result.findChildren(QLabel)]
    assert texts[0] == "Learned 0, JPEG 0, cannot tell 1 (all 1 trials answered)"
    assert texts[2] == "No p-value, because neither was chosen."
    result.close()


def test_stop_can_be_clicked(opened: MainWindow, qtbot: QtBot) -> None:
    screen = start(opened, qtbot, 3)
    click(screen, "stop")
    assert opened.blind.screen is None


def test_a_rate_that_one_does_not_reach_is_refused(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_target(0.05)
    QTest.keyClick(opened, Qt.Key.Key_F8)
    setup = opened.blind.setup
    assert setup is not None
    QTest.keyClick(setup, Qt.Key.Key_Return)
    assert setup.state == "Preparing both pictures…"
    qtbot.waitUntil(lambda: "Choose a rate that both codecs reach" in setup.state, timeout=TIMEOUT_MS)
    assert setup.start.isEnabled()
    QTest.keyClick(setup, Qt.Key.Key_Escape)
    assert not setup.isVisible()
    assert opened.blind.screen is None


def test_at_equal_quality_both_sides_are_what_the_panes_show(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_quality(QualityTarget("psnr", "rgb", 33.0))
    wait_until_equal(opened, qtbot)
    screen = start(opened, qtbot, 1)
    trial = screen.trial
    left, right = sides(screen)
    assert np.array_equal(left, reconstruction(opened, screen, trial.on_left))
    assert np.array_equal(right, reconstruction(opened, screen, trial.on_right))
    QTest.keyClick(screen, Qt.Key.Key_Left)
    result = opened.blind.result
    assert result is not None
    source = result.findChildren(QLabel)[3].text()
    shown = [driver(opened).shown(codec) for codec in ("learned", "jpeg")]
    rates = [f"{one.result.bpp:.3f}" for one in shown if one is not None]
    assert f"PSNR RGB 33.00 dB (Learned {rates[0]} and JPEG {rates[1]} bpp)" in source
    assert rates[0] != rates[1]
    result.close()


def test_a_quality_that_one_does_not_reach_is_refused(opened: MainWindow, qtbot: QtBot) -> None:
    driver(opened).set_quality(QualityTarget("psnr", "rgb", 50.0))
    QTest.keyClick(opened, Qt.Key.Key_F8)
    setup = opened.blind.setup
    assert setup is not None
    assert any("at PSNR RGB 50.00 dB" in label.text() for label in setup.findChildren(QLabel))
    QTest.keyClick(setup, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Choose a quality that both codecs reach" in setup.state, timeout=TIMEOUT_MS)
    assert opened.blind.screen is None
    QTest.keyClick(setup, Qt.Key.Key_Escape)


def test_the_set_up_wants_two_codecs_and_can_be_given_up(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_F8)
    setup = opened.blind.setup
    assert setup is not None
    assert (setup.first.currentText(), setup.second.currentText()) == ("Learned", "JPEG")
    setup.second.setCurrentIndex(0)
    assert not setup.start.isEnabled()
    setup.second.setCurrentIndex(2)
    assert setup.start.isEnabled()
    QTest.keyClick(setup, Qt.Key.Key_Return)
    QTest.keyClick(setup, Qt.Key.Key_Escape)  # while it is being prepared
    assert not setup.isVisible()
    assert opened.blind.screen is None
    driver(opened).set_codecs(["jpeg"])
    QTest.keyClick(opened, Qt.Key.Key_F8)
    assert "needs two codecs" in opened.banner.text


def test_without_a_picture_it_says_so(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert "Open a picture first" in window.banner.text
    assert any(command.name == "blind_test" and command.keys == ("F8",) for command in window.actions_by_name.commands)


@pytest.mark.parametrize(
    ("picture", "screen", "magnification"),
    [
        ((960, 640), (2560, 1440), 2),
        ((960, 640), (1280, 800), 2),
        ((6000, 4000), (2560, 1440), 2),
        ((200, 150), (1920, 1080), 1),
    ],
)
def test_a_trial_of_the_tour_fills_the_screen_but_shows_enough(
    picture: tuple[int, int], screen: tuple[int, int], magnification: int
) -> None:
    assert filling_magnification(picture, *screen, 1.0) == magnification

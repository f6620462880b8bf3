"""Codecs are switched on and off while the window runs: nothing else changes, and the choice is kept."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow, wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.codecs.plugins import load_plugins
from viewer.codecs.registry import CODECS, DEFAULT_CODECS, GROUP
from viewer.session.pane_layout import ORIGINAL, PaneLayout
from viewer.session.state import View
from viewer.ui.shell.main_window import MainWindow

ALT = Qt.KeyboardModifier.AltModifier
DIGITS = (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_7)
KEYS = {codec.name: key for codec, key in zip(CODECS, DIGITS, strict=False)}


def toggle(window: MainWindow, codec: str) -> None:
    """By its key, as a user does."""
    QTest.keyClick(window, KEYS[codec], ALT)


def visible(window: MainWindow) -> list[str]:
    return [name for name, pane in window.panes.items() if pane.isVisible()]


def test_at_first_the_usual_codecs_are_on(window: MainWindow) -> None:
    assert visible(window) == [ORIGINAL, *DEFAULT_CODECS]
    for codec in CODECS:
        assert window.actions_by_name[f"codec_{codec.name}"].isChecked() == (codec.name in DEFAULT_CODECS)


def test_a_codec_comes_at_the_present_rate_and_nothing_else_changes(opened: MainWindow, qtbot: QtBot) -> None:
    controller = driver(opened)
    controller.set_view(View(3.0, (101.0, 77.0)))
    image, pictures = controller.session.image, {name: opened.panes[name].canvas.picture for name in DEFAULT_CODECS}
    toggle(opened, "webp")
    assert visible(opened) == [ORIGINAL, *DEFAULT_CODECS, "webp"]
    wait_until_at_target(opened, qtbot)
    shown = controller.shown("webp")
    assert shown is not None
    assert shown.result.request.target_bpp == controller.session.target_bpp == 0.5
    assert opened.panes["webp"].header.text.label == "WebP"
    assert opened.panes["webp"].header.text.figures[0].value
    assert controller.session.image is image
    assert controller.session.view == View(3.0, (101.0, 77.0))
    assert opened.panes["webp"].canvas.placement is not None
    assert {name: opened.panes[name].canvas.picture for name in DEFAULT_CODECS} == pictures
    assert len({opened.panes[name].canvas.area for name in visible(opened)}) == 1
    toggle(opened, "webp")
    assert visible(opened) == [ORIGINAL, *DEFAULT_CODECS]
    assert controller.session.view == View(3.0, (101.0, 77.0))


def test_plots_readout_menus_and_regions_follow(opened: MainWindow, qtbot: QtBot) -> None:
    def legend() -> list[str]:
        return opened.plots.legend.labels

    toggle(opened, "webp")
    toggle(opened, "learned")
    assert legend() == ["JPEG", "JPEG 2000", "WebP"]
    wait_until_at_target(opened, qtbot)
    actions = opened.actions_by_name
    texts = {place: actions[f"pane_{place}"].text() for place in range(1, 10) if actions[f"pane_{place}"].isEnabled()}
    # A codec keeps its digit, that of Alt too, whichever others are on.
    assert texts == {1: "Show Original", 3: "Show JPEG", 4: "Show JPEG 2000", 5: "Show WebP"}
    assert [actions[f"codec_{codec}"].shortcut().toString() for codec in ("jpeg", "jpeg2000", "webp")] == [
        "Alt+3",
        "Alt+4",
        "Alt+5",
    ]
    QTest.mouseMove(opened.panes["jpeg"].canvas, opened.panes["jpeg"].canvas.rect().center())
    qtbot.waitUntil(lambda: len(opened.readout.rows[0]) == 5)
    groups = opened.tour.panel.group
    assert [groups.itemText(i) for i in range(groups.count())][1:] == [
        "Worst of JPEG",
        "Worst of JPEG 2000",
        "Worst of WebP",
    ]
    QTest.keyClick(opened, Qt.Key.Key_5)
    assert visible(opened) == ["webp"]


def test_curves_of_a_new_codec_are_measured_and_those_before_stay(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: driver(opened).is_settled, timeout=TIMEOUT_MS)
    before = driver(opened).curve("jpeg")
    toggle(opened, "webp")
    assert not driver(opened).is_settled
    qtbot.waitUntil(lambda: driver(opened).is_settled, timeout=TIMEOUT_MS)
    assert len(driver(opened).curve("webp")) > 5
    assert driver(opened).curve("jpeg") == before


def test_one_that_is_seen_alone_gives_way_when_it_is_switched_off(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_3)
    assert visible(opened) == ["jpeg"]
    toggle(opened, "jpeg")
    assert visible(opened) == ["learned"]
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert visible(opened) == [ORIGINAL, "learned", "jpeg2000"]


def test_at_least_one_codec_stays_on(opened: MainWindow) -> None:
    for codec in ("learned", "jpeg", "jpeg2000"):
        toggle(opened, codec)
    assert visible(opened) == [ORIGINAL, "jpeg2000"]
    assert opened.actions_by_name["codec_jpeg2000"].isChecked()
    assert opened.banner.isVisible()
    assert "JPEG 2000 is the only codec that is on" in opened.banner.text


def test_the_choice_is_kept_and_what_is_gone_is_forgotten(make_window: MakeWindow) -> None:
    window = make_window()
    toggle(window, "avif")
    toggle(window, "jpeg")
    window.close()
    again = make_window()
    assert driver(again).codecs == ("learned", "jpeg2000", "avif")
    again.settings.codecs = ("removed",)
    again.close()
    assert driver(make_window()).codecs == DEFAULT_CODECS


def test_looking_finds_other_panes_for_those_that_are_gone() -> None:
    pane_layout = PaneLayout(pane="jpeg", before="webp", left=ORIGINAL, right="jpeg")
    there = pane_layout.among((ORIGINAL, "learned", "webp"))
    assert (there.pane, there.before, there.left, there.right) == ("learned", "webp", ORIGINAL, "learned")
    both = PaneLayout(left="learned", right="jpeg").among((ORIGINAL, "learned"))
    assert {both.left, both.right} == {ORIGINAL, "learned"}
    assert pane_layout.among((ORIGINAL, "jpeg", "webp")) == pane_layout


def test_plugins_that_cannot_be_used_are_named_at_the_start(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = EntryPoint("broken", "no_such_module:Codec", GROUP)
    monkeypatch.setattr("viewer.ui.shell.main_window.PROBLEMS", load_plugins(CODECS, [broken]).problems)
    window = make_window()
    assert window.banner.isVisible()
    assert "The codec “broken” from the package no_such_module:Codec cannot be used" in window.banner.text
    assert visible(window) == [ORIGINAL, *DEFAULT_CODECS]

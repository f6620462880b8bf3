"""The line above the panes: there from the start, never ahead of what has arrived, and never cut."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import wait_until_at_target
from tests.viewer.ui.driver import driver
from viewer.session.pane_layout import Layout, PaneLayout
from viewer.ui.panels.result_line import sentence_of
from viewer.ui.shell.main_window import MainWindow


def label(_state: object, pane: str) -> str:
    return pane


def test_it_says_the_result_and_dims_it_while_another_is_made(opened: MainWindow, qtbot: QtBot) -> None:
    line = opened.result_line
    assert line.sentence.matched.startswith("All at 2.6 kB, within ")
    assert "is ahead of" in line.sentence.lead
    assert not line.is_outdated
    before = line.sentence
    driver(opened).set_target(0.25)
    assert line.is_outdated
    assert line.sentence.matched == before.matched  # it is still true of what it names
    head = opened.panes["learned"].header.text
    assert head.outdated
    assert head.figures[-1].value == ""
    wait_until_at_target(opened, qtbot)
    assert not line.is_outdated
    assert line.sentence.matched.startswith("All at 1.3 kB, within ")
    assert opened.panes["learned"].header.text.figures[-1].value.endswith("%")


def test_nobody_is_ahead_or_marked_before_every_codec_has_arrived(opened: MainWindow) -> None:
    state = opened.store.state
    some = {pane: one for pane, one in state.results.items() if pane != "learned"}
    answered = {pane: one for pane, one in state.answered.items() if pane != "learned"}

    def as_if_one_were_missing(state: object) -> object:
        from dataclasses import replace

        contents = {pane: one for pane, one in opened.store.state.contents.items() if pane != "learned"}
        return replace(state, results=some, answered=answered, contents=contents, matched={})  # type: ignore[type-var]

    opened.store.update(as_if_one_were_missing)  # type: ignore[arg-type]
    sentence = opened.result_line.sentence
    assert sentence.matched == "Encoding at 2.6 kB, waiting for Learned…"
    assert sentence.lead == ""
    assert not any(f.best for pane in opened.panes.values() for f in pane.header.text.figures)


def test_of_a_split_view_it_speaks_of_the_two_that_are_seen(opened: MainWindow) -> None:
    layout = PaneLayout(Layout.SPLIT, left="learned", right="jpeg")
    driver(opened).set_pane_layout(layout)
    sentence = sentence_of(opened.store.state, label)
    assert sentence.matched.startswith("Both at ")
    assert "jpeg2000" not in sentence.text
    driver(opened).set_pane_layout(PaneLayout(Layout.SPLIT, left="original", right="jpeg"))
    assert sentence_of(opened.store.state, label).matched.startswith("All at ")


def test_it_follows_the_channel_and_goes_with_the_picture(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_Y)
    assert "luma PSNR" in opened.result_line.sentence.lead


def test_an_empty_window_says_nothing(window: MainWindow) -> None:
    assert window.result_line.sentence.text == ""


@pytest.mark.parametrize("width", [400, 700, 1000, 2400])
def test_what_does_not_fit_is_left_out_whole(opened: MainWindow, width: int) -> None:
    line = opened.result_line
    parts = line._fitting(float(width))
    said = line.sentence
    assert [text for text, _, _ in parts[:2]] == [f"{said.matched}.", f"{said.lead}."]
    assert all(text.removesuffix(".") in (said.needs, said.brief_needs) for text, _, _ in parts[2:])

"""Samples opened in the window: a view that shows the difference, the hint, and the way back to one's own pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS, MakeWindow
from tests.viewer.ui.driver import driver
from viewer.session.first_view import SAMPLE_BPP, rate_for_all
from viewer.session.pane_layout import Layout
from viewer.session.state import FIT
from viewer.system.resources import Sample
from viewer.ui.files import opening
from viewer.ui.shell.main_window import MainWindow


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small picture in the place of the samples."""
    path = tmp_path / "sample.png"
    PillowImage.fromarray(sample_crop(240, 330, "rooftops").pixels).save(path)
    monkeypatch.setattr(opening, "sample_images", lambda: (Sample("small", "Small", path),))
    return path


def wait_for_the_place(window: MainWindow, qtbot: QtBot) -> None:
    state = window.store
    qtbot.waitUntil(lambda: state.state.opened is not None and not state.state.seeking_place, timeout=TIMEOUT_MS)


def test_a_sample_opens_where_the_codecs_differ_and_ones_own_picture_as_it_was_left(
    window: MainWindow, sample: Path, photograph: Path, qtbot: QtBot
) -> None:
    window.opening.open_path(sample)
    wait_for_the_place(window, qtbot)
    state = window.store.state
    layout, view = state.session.pane_layout, state.session.view
    floors = [one.result.floor_bpp or 0.0 for pane in ("learned", "jpeg") if (one := driver(window).shown(pane))]
    assert state.session.target_bpp == rate_for_all(SAMPLE_BPP, floors)
    assert (layout.layout, layout.left, layout.right) == (Layout.SPLIT, "learned", "jpeg")
    assert view.zoom is not None
    assert view.zoom.is_integer()
    assert state.regions is not None
    regions = [found.region for found in state.regions.groups[""]]
    line = layout.line
    assert line is not None
    assert any(region.left < line < region.left + region.side for region in regions)
    assert window.result_line.sentence.matched.startswith("Both at")
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(photograph)
    session = window.store.state.session
    assert (session.target_bpp, session.view) == (0.5, FIT)
    assert session.pane_layout.layout is Layout.GRID


def test_who_looks_elsewhere_is_not_pulled_away(window: MainWindow, sample: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(sample)
    assert window.store.state.seeking_place
    QTest.keyClick(window, Qt.Key.Key_Plus)
    assert not window.store.state.seeking_place
    seen = window.store.state.session.view
    QTest.keyClick(window, Qt.Key.Key_W)  # has the regions found all the same
    qtbot.waitUntil(lambda: window.store.state.regions is not None, timeout=TIMEOUT_MS)
    assert window.store.state.session.view == seen


def test_the_next_start_does_not_take_a_samples_view_for_the_users_choice(
    make_window: MakeWindow, sample: Path, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(sample)
    assert window.store.state.session.pane_layout.layout is Layout.SPLIT
    window.close()
    assert driver(window).join(TIMEOUT_MS / 1000)
    assert make_window().store.state.session.pane_layout.layout is Layout.GRID


def test_a_rate_that_was_asked_for_is_kept(window: MainWindow, sample: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        window.opening.open_path(sample, as_sample=False)
    assert window.store.state.session.target_bpp == 0.5


def test_the_hint_is_closed_for_ever_by_one_click_and_help_brings_it_back(make_window: MakeWindow) -> None:
    window = make_window()
    assert window.hint_line.isVisible()
    QTest.mouseClick(window.hint_line.button, Qt.MouseButton.LeftButton)
    assert not window.hint_line.isVisible()
    window.close()
    window = make_window()
    assert not window.hint_line.isVisible()
    window.actions_by_name["hint"].trigger()
    assert window.hint_line.isVisible()

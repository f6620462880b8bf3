"""The list of the worst regions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS, wait_until_at_target
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.maps.regions import Region, detail_of, most_different_regions, worst_regions
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import View
from viewer.session.viewport import region_view
from viewer.ui.engine.app_state import AppState
from viewer.ui.engine.region_finder import COUNT, STRIP_GAP, THUMBNAIL, Found
from viewer.ui.engine.updates.deliveries import regions_found
from viewer.ui.engine.updates.view import set_view
from viewer.ui.panels.region_panel import comparison_word
from viewer.ui.presenters.region_tour import framed_region
from viewer.ui.shell.main_window import MainWindow


def wait_for_regions(window: MainWindow, qtbot: QtBot) -> None:
    """Let the worker find them."""
    qtbot.waitUntil(lambda: window.tour.panel.list.count() > 0, timeout=TIMEOUT_MS)


def listed(window: MainWindow) -> tuple[Found, ...]:
    """What the list shows."""
    state = driver(window).state
    return () if state.regions is None else state.regions.groups[state.region_group]


def test_w_lists_regions_and_keys_lead_to_them(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    results = {codec: driver(opened).shown(codec) for codec in driver(opened).codecs}
    maps = {codec: shown.result.measurement.ssim for codec, shown in results.items() if shown is not None}
    image = driver(opened).session.image
    assert image is not None
    detail = detail_of(image.pixels, 1)
    expected = most_different_regions(maps, COUNT, detail=detail)
    assert [found.region for found in listed(opened)] == expected
    opened.tour.panel.group.setCurrentIndex(2)
    expected = worst_regions(maps["jpeg"], "jpeg", COUNT, detail=detail)
    assert [found.region for found in listed(opened)] == expected
    area = opened.panes["jpeg"].canvas.area
    steps = ((None, 0), (Qt.Key.Key_Period, 1), (Qt.Key.Key_Comma, 0), (Qt.Key.Key_Comma, -1), (Qt.Key.Key_Period, 0))
    for key, index in steps:  # the list that was chosen begins with its first
        if key is not None:
            QTest.keyClick(opened, key)
        region = expected[index]
        assert framed_region(opened.store.state) == region
        assert opened.tour.panel.list.currentRow() == index % len(expected)
        assert driver(opened).session.view == region_view(region.left, region.top, region.side, area)
    QTest.keyClick(opened, Qt.Key.Key_W)
    assert not opened.tour.panel.isVisible()


def test_the_region_is_framed_and_not_covered(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    QTest.keyClick(opened, Qt.Key.Key_Period)
    region = listed(opened)[0].region
    for pane in opened.panes.values():
        canvas = pane.canvas
        place, framed = canvas.placement, as_array(canvas.grab().toImage())
        assert place is not None
        canvas.set_frame(None)
        changed = (framed != as_array(canvas.grab().toImage())).any(axis=2)
        left, top = (max(round(a + b * place.zoom), 0) for a, b in ((place.left, region.left), (place.top, region.top)))
        side = round(region.side * place.zoom)
        assert changed.any()
        assert not changed[top : top + side, left : left + side].any()


def test_the_frame_goes_with_the_list(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    QTest.keyClick(opened, Qt.Key.Key_Period)
    QTest.keyClick(opened, Qt.Key.Key_W)
    canvas = opened.panes["jpeg"].canvas
    left = as_array(canvas.grab().toImage())
    canvas.set_frame(None)
    assert (left == as_array(canvas.grab().toImage())).all()


def test_a_strip_shows_the_original_and_both_codecs_and_says_how_they_compare(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    found = listed(opened)[0]
    region = found.region
    assert (found.panes[0], found.panes[-1]) == (ORIGINAL, region.codec)
    rows, columns = slice(region.top, region.top + region.side), slice(region.left, region.left + region.side)
    for pane, mean in found.ssim.items():
        shown = driver(opened).shown(pane)
        assert shown is not None
        assert mean == pytest.approx(float(shown.result.measurement.ssim[rows, columns].mean()), abs=1e-6)
    labels = [opened._styles.label(opened.store.state, pane) for pane in found.panes]
    heading, words, figures = opened.tour.panel.list.item(0).text().split("\n")
    assert heading == " | ".join(labels)
    own, other = found.ssim[region.codec], found.ssim[found.panes[1]]
    assert words == f"{labels[2]} {comparison_word(own - other)} {labels[1]}"
    assert figures == f"SSIM {own:.2f} against {other:.2f}"
    strip = as_array(found.strip)
    assert strip.shape[:2] == (THUMBNAIL, 3 * THUMBNAIL + 2 * STRIP_GAP)
    assert (strip[:, :THUMBNAIL] != strip[:, -THUMBNAIL:]).any()


def test_a_codecs_own_list_says_how_close_it_is_to_the_original(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    opened.tour.panel.group.setCurrentIndex(2)
    rows = opened.tour.panel.list
    for index, found in enumerate(listed(opened)):
        assert rows.item(index).text().split("\n")[1:] == [
            f"JPEG: SSIM {found.ssim['jpeg']:.2f}",
            "against the original",
        ]


def found_again(state: AppState, *regions: Region) -> AppState:
    """After new results with these regions of JPEG."""
    assert state.regions is not None
    one = state.regions.groups["jpeg"][0]
    groups = {**state.regions.groups, "jpeg": tuple(replace(one, region=region) for region in regions)}
    return regions_found(replace(state.regions, groups=groups))(state)


def test_new_results_keep_the_same_place_framed_or_the_first(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    opened.tour.panel.group.setCurrentIndex(2)
    QTest.keyClick(opened, Qt.Key.Key_Period)
    before = opened.store.state
    region = framed_region(before)
    assert region is not None
    aside, far = (
        replace(region, left=region.left + region.side // 4),
        replace(region, left=region.left + 9 * region.side),
    )
    same = found_again(before, far, aside)
    assert (same.region_index, same.session.view) == (1, before.session.view)
    first = found_again(before, far)
    there = region_view(far.left, far.top, far.side, before.area)
    assert (first.region_index, first.session.view) == (0, there)
    elsewhere = set_view(View(3.0, (5.0, 5.0)))(before)
    assert found_again(elsewhere, far).session.view == elsewhere.session.view
    assert found_again(before).region_index is None
    opened.store.update(lambda state: found_again(state, far, aside))
    assert opened.tour.panel.list.currentRow() == 1


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (-0.3, "far worse than"),
        (-0.1, "much worse than"),
        (-0.05, "worse than"),
        (0.0, "as good as"),
        (0.2, "much better than"),
    ],
)
def test_differences_in_words(difference: float, words: str) -> None:
    assert comparison_word(difference) == words


def test_a_click_and_enter_lead_there(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    area = opened.panes["jpeg"].canvas.area
    regions = [found.region for found in listed(opened)]
    rows = opened.tour.panel.list
    place = rows.visualItemRect(rows.item(1)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert driver(opened).session.view == region_view(regions[1].left, regions[1].top, regions[1].side, area)
    rows.setCurrentRow(0)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert driver(opened).session.view == region_view(regions[0].left, regions[0].top, regions[0].side, area)


def test_regions_follow_the_rate(opened: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(opened, Qt.Key.Key_W)
    wait_for_regions(opened, qtbot)
    driver(opened).set_target(1.1)
    with qtbot.waitSignal(driver(opened).regions_found, timeout=TIMEOUT_MS):
        wait_until_at_target(opened, qtbot)
    shown = driver(opened).shown("learned")
    assert shown is not None
    opened.tour.panel.group.setCurrentIndex(1)
    detail = detail_of(shown.result.request.image.pixels, 1)
    expected = worst_regions(shown.result.measurement.ssim, "learned", COUNT, detail=detail)
    assert [found.region for found in listed(opened)] == expected


@pytest.mark.parametrize(("side", "zoom"), [(32, 600 / 3 / 32), (1, 64.0), (4000, 1.0)])
def test_a_region_fills_a_third_of_a_pane(side: int, zoom: float) -> None:
    assert region_view(10, 20, side, (900, 600)) == View(zoom, (10 + side / 2, 20 + side / 2))

"""A sample is first seen where codecs differ; what the user had before comes back, unless the user has changed it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from viewer.matching.targets.quality import QualityTarget
from viewer.session.first_view import (
    SAMPLE_BPP,
    Arrangement,
    close_view,
    first_view,
    in_the_middle,
    own_arrangement,
    rate_for_all,
)
from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout, Show
from viewer.session.state import View, place

BEFORE = Arrangement(0.5, QualityTarget("psnr", "rgb", 35.0), PaneLayout(Layout.SINGLE, pane="avif", show=Show.ERROR))


def test_the_learned_codec_and_jpeg_are_under_a_line_at_a_low_rate() -> None:
    shown = first_view(BEFORE, ("avif", "jpeg", "learned")).shown
    assert (shown.target_bpp, shown.quality) == (SAMPLE_BPP, None)
    layout = shown.pane_layout
    assert (layout.layout, layout.left, layout.right, layout.show) == (Layout.SPLIT, "learned", "jpeg", Show.PICTURE)


@pytest.mark.parametrize(
    ("codecs", "sides"),
    [
        (("learned", "avif"), ("learned", "avif")),
        (("webp", "jpeg"), ("jpeg", "webp")),
        (("avif", "webp"), ("avif", "webp")),
        (("webp",), (ORIGINAL, "webp")),
    ],
)
def test_other_codecs_take_their_places(codecs: tuple[str, ...], sides: tuple[str, str]) -> None:
    layout = first_view(BEFORE, codecs).shown.pane_layout
    assert (layout.left, layout.right) == sides


def test_the_users_own_pictures_are_seen_as_they_were_left() -> None:
    view = first_view(BEFORE, ("learned", "jpeg"))
    assert own_arrangement(view.shown, view) == BEFORE
    moved_line = replace(view.shown, pane_layout=replace(view.shown.pane_layout, line=7))
    assert own_arrangement(moved_line, view) == BEFORE


def test_what_the_user_changed_on_the_sample_stays() -> None:
    view = first_view(BEFORE, ("learned", "jpeg"))
    other_rate = replace(view.shown, target_bpp=0.3)
    assert own_arrangement(other_rate, view) == replace(BEFORE, target_bpp=0.3, quality=None)
    grid = replace(view.shown, pane_layout=view.shown.pane_layout.in_grid())
    assert own_arrangement(grid, view) == replace(BEFORE, pane_layout=grid.pane_layout)


def test_the_rate_is_one_that_both_can_go_down_to() -> None:
    assert rate_for_all(0.12, []) == 0.12
    assert rate_for_all(0.12, [0.08]) == 0.12
    assert rate_for_all(0.12, [0.1241, 0.09]) == 0.13


def test_a_region_is_seen_at_1_to_1_in_the_middle_with_the_line_through_it() -> None:
    view, column = close_view(400, 300, 80, (960, 640), (400, 300))
    assert view == View(1.0, (440.0, 340.0))
    assert column == 440


def test_at_the_border_there_is_no_empty_space_and_the_line_still_crosses_the_region() -> None:
    image, area = (960, 640), (860, 540)
    view, column = close_view(880, 0, 80, image, area)
    at = place(view, image, area)
    assert at.left <= 0 <= at.top + 0.5
    assert at.left + image[0] * at.zoom >= area[0]
    assert 880 < column < 960


@pytest.mark.parametrize(
    ("area", "zoom"), [((900, 600), 1.0), ((1185, 743), 1.0), ((1732, 1220), 2.0), ((2900, 2000), 3.0)]
)
def test_where_1_to_1_would_be_small_it_is_the_next_whole_zoom(area: tuple[float, float], zoom: float) -> None:
    view, _column = close_view(400, 300, 80, (960, 640), area)
    assert view.zoom == zoom


def test_a_line_near_the_border_is_not_in_the_middle() -> None:
    area = (860.0, 540.0)
    assert in_the_middle(*close_view(440, 300, 80, (960, 640), area), area)
    assert not in_the_middle(*close_view(880, 0, 80, (960, 640), area), area)

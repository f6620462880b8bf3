"""The arrangement of panes that shows pictures largest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.session.pane_places import NARROWEST, columns_for, pane_places
from viewer.session.state import fit_zoom

HEAD, GAP = 60, 2


@pytest.mark.parametrize(
    ("count", "area", "image", "columns"),
    [
        (2, (880, 640), (3, 2), 2),
        (3, (1500, 500), (3, 2), 3),
        (4, (880, 640), (3, 2), 2),
        (4, (1200, 800), (768, 512), 2),
        (4, (2400, 500), (768, 512), 4),
        (4, (870, 670), (1080, 2400), 4),
        (5, (880, 640), (3, 2), 3),
        (6, (2000, 1200), (3, 2), 3),
        (7, (2000, 1200), (3, 2), 3),
        (7, (600, 1400), (3, 2), 2),
    ],
)
def test_pictures_are_as_large_as_the_window_allows(
    count: int, area: tuple[float, float], image: tuple[float, float], columns: int
) -> None:
    assert columns_for(area, image, count, HEAD, GAP) == columns


def test_a_phones_screenshot_is_nearly_twice_as_large_as_in_two_columns() -> None:
    places = pane_places((870, 670), (1080, 2400), 4, HEAD, GAP)
    assert fit_zoom((1080, 2400), (places[0].width, places[0].height - HEAD)) > 0.18


@given(
    area=st.tuples(st.integers(320, 4000), st.integers(240, 2200)),
    image=st.tuples(st.integers(1, 9000), st.integers(1, 9000)),
    count=st.integers(1, 12),
)
def test_panes_are_alike_lie_inside_and_no_readable_arrangement_shows_more(
    area: tuple[int, int], image: tuple[int, int], count: int
) -> None:
    places = pane_places(area, image, count, HEAD, GAP)
    assert len({(place.width, place.height) for place in places}) == 1
    for index, place in enumerate(places):
        assert place.left >= 0
        assert place.top >= 0
        assert place.left + place.width <= area[0]
        assert place.top + place.height <= area[1]
        for other in places[index + 1 :]:
            beside = other.left >= place.left + place.width or place.left >= other.left + other.width
            assert beside or other.top >= place.top + place.height
    zoom = fit_zoom(image, (max(places[0].width, 1), max(places[0].height - HEAD, 1)))
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        width, height = (area[0] - GAP * (columns - 1)) // columns, (area[1] - GAP * (rows - 1)) // rows - HEAD
        if columns == 1 or width >= NARROWEST:
            assert fit_zoom(image, (max(width, 1), max(height, 1))) <= 1.08 * zoom + 2 / min(image)


def test_a_row_that_is_not_full_stands_in_the_middle() -> None:
    places = pane_places((2000, 1200), (3, 2), 7, HEAD, GAP)
    last = places[6]
    assert [place.top for place in places].count(last.top) == 1
    assert abs(last.left - (2000 - last.left - last.width)) <= 2

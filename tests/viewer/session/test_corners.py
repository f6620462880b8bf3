"""A small box over a picture hides nothing that is looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from viewer.session.corners import corner_place
from viewer.session.viewport import Rect

CORNERS = ((True, False), (False, False), (True, True), (False, True))


def test_the_first_free_corner_is_taken() -> None:
    area = Rect(100, 50, 500, 350)
    assert corner_place((80, 60), area, 8, [], CORNERS) == Rect(412, 58, 492, 118)
    assert corner_place((80, 60), area, 8, [Rect(400, 100, 450, 150)], CORNERS) == Rect(108, 58, 188, 118)
    assert corner_place((80, 60), area, 8, [Rect(100, 50, 500, 120)], CORNERS) == Rect(412, 282, 492, 342)


def test_where_every_corner_is_taken_there_is_no_place() -> None:
    assert corner_place((80, 60), Rect(0, 0, 200, 150), 8, [Rect(20, 20, 180, 130)], CORNERS) is None
    assert corner_place((300, 60), Rect(0, 0, 200, 150), 8, [], CORNERS) is None


@given(left=st.integers(0, 380), top=st.integers(0, 280), side=st.integers(1, 200))
def test_it_never_covers_what_is_taken(left: int, top: int, side: int) -> None:
    taken = Rect(left, top, left + side, top + side)
    place = corner_place((80, 60), Rect(0, 0, 400, 300), 8, [taken], CORNERS)
    assert place is not None
    assert not place.overlaps(taken)

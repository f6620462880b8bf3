"""Names of pins lie beside their rings, and over nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from viewer.ui.plots.pins import RING, name_places

INSIDE = QRectF(60, 0, 330, 220)
LEGEND = QRectF(270, 140, 110, 60)
NAME = QSizeF(90, 13)

_points = st.lists(st.builds(QPointF, st.floats(60, 390), st.floats(0, 220)), max_size=12)


def _rings(points: list[QPointF]) -> list[QRectF]:
    return [QRectF(point.x() - RING, point.y() - RING, 2 * RING, 2 * RING) for point in points]


@given(_points)
def test_names_cover_neither_each_other_nor_rings_nor_the_legend(points: list[QPointF]) -> None:
    places = name_places(points, [NAME] * len(points), INSIDE, [LEGEND])
    assert len(places) == len(points)
    named = [place for place in places if place is not None]
    for index, place in enumerate(named):
        assert INSIDE.contains(place)
        assert not any(map(place.intersects, (*_rings(points), LEGEND, *named[:index])))


@given(st.builds(QPointF, st.floats(60, 390), st.floats(30, 130)))
def test_one_pin_alone_is_always_named_close_to_it(point: QPointF) -> None:
    (place,) = name_places([point], [NAME], INSIDE, [LEGEND])
    assert place is not None
    assert place.adjusted(-2 * RING, -2 * RING, 2 * RING, 2 * RING).contains(point)


def test_the_chosen_pin_is_named_even_in_a_crowd() -> None:
    crowd = [QPointF(180 + 10 * x, 100 + 10 * y) for x in range(-12, 13) for y in range(-8, 9)]
    points = [QPointF(180, 100), *crowd]
    assert name_places(points, [NAME] * len(points), INSIDE, [LEGEND])[0] is None
    chosen, *others = name_places(points, [NAME] * len(points), INSIDE, [LEGEND], 1)
    assert chosen is not None
    assert INSIDE.contains(chosen)
    assert not chosen.intersects(LEGEND)
    assert not any(other.intersects(chosen) for other in others if other is not None)


def test_the_first_one_chooses_first() -> None:
    near = [QPointF(100, 100), QPointF(104, 104)]
    (first, _), (second, _) = (name_places(order, [NAME, NAME], INSIDE, []) for order in (near, near[::-1]))
    assert first == name_places(near[:1], [NAME], INSIDE, _rings(near)[1:])[0]
    assert second == name_places(near[1:], [NAME], INSIDE, _rings(near)[:1])[0]

"""Who is the best, by what is printed."""

from __future__ import annotations

import pytest

from viewer.session.ranking import highest


@pytest.mark.parametrize(
    ("values", "digits", "best"),
    [
        ({"a": 31.004, "b": 31.001}, 2, {"a", "b"}),
        ({"a": 31.006, "b": 31.001}, 2, {"a"}),
        ({"a": 15.2291, "b": 15.2288}, 2, {"a", "b"}),
        ({"a": 0.970012, "b": 0.970008}, 5, {"a", "b"}),
        ({"a": 31.0, "b": float("inf")}, 2, {"b"}),
    ],
)
def test_of_figures_that_read_the_same_neither_is_ahead(values: dict[str, float], digits: int, best: set[str]) -> None:
    assert highest(values, digits) == best

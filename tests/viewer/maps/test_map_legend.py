"""Scales show the colours that the maps are really painted with."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.maps.difference import DifferenceMode, difference_picture, map_picture
from viewer.maps.error_maps import legend_of
from viewer.maps.map_legend import WORSE, map_name, scale_bars
from viewer.session.pane_layout import VIEWS, Show

MAPS = [show for show in Show if show is not Show.PICTURE and show not in VIEWS]


@pytest.mark.parametrize("show", MAPS)
def test_every_map_has_a_name_that_says_how_to_read_it_and_a_scale(show: Show) -> None:
    name = map_name(show, mapped="flip" if show is Show.METRIC else "")
    assert name
    assert WORSE in name or show in (Show.SIGNED, Show.BITS)
    assert all(len(bar) == 33 for bar in scale_bars(show))


def test_a_picture_has_neither() -> None:
    assert map_name(Show.PICTURE) == ""


@pytest.mark.parametrize(
    ("show", "mode"), [(Show.SIGNED, DifferenceMode.SIGNED), (Show.ABSOLUTE, DifferenceMode.ABSOLUTE)]
)
@pytest.mark.parametrize("channel", [None, 0, 1, 2])
def test_a_differences_colour_is_where_its_value_is_on_the_bar_of_its_channel(
    show: Show, mode: DifferenceMode, channel: int | None
) -> None:
    gain, by = 4, 20
    legend = legend_of(show, gain)
    assert legend is not None
    original = np.full((1, 1, 3), 100, np.uint8)
    decoded = original.copy()
    decoded[..., slice(None) if channel is None else channel] += by
    painted = difference_picture(original, decoded, mode, gain)[0, 0]
    bar = scale_bars(show)[0 if channel is None else channel + 1]
    index = round((by - legend.low) / (legend.high - legend.low) * 32)
    assert np.abs(painted.astype(int) - rgb(bar[index])).max() <= 5  # half a step of the bar


def test_a_maps_bar_runs_from_dark_to_bright_in_its_own_colours() -> None:
    (bar,) = scale_bars(Show.ERROR)
    ends = map_picture(np.array([[0.0, 1.0]], np.float32), 0.0, 1.0)[0]
    assert np.array_equal(rgb(bar[0]), ends[0])
    assert np.array_equal(rgb(bar[-1]), ends[1])
    assert rgb(bar[0]).sum() < rgb(bar[-1]).sum()


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])

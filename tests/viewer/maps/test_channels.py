"""Views of a picture alone, on known pixels."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.maps.channels import BOTH_COLOUR, HIGH_COLOUR, LOW_COLOUR, view_picture
from viewer.maps.error_maps import legend_of
from viewer.maps.map_legend import map_name, scale_bars
from viewer.session.pane_layout import VIEWS, Show

PIXELS = np.array([[[10, 120, 240], [90, 90, 90], [254, 1, 1]]], np.uint8)


@pytest.mark.parametrize(
    ("show", "levels"),
    [
        (Show.RED, [10, 90, 254]),
        (Show.GREEN, [120, 90, 1]),
        (Show.BLUE, [240, 90, 1]),
        (Show.LUMA, [101, 90, 77]),  # 0.299 R + 0.587 G + 0.114 B
        (Show.CB, [207, 128, 85]),  # 128 + 0.564 (B - Y)
        (Show.CR, [63, 128, 254]),  # 128 + 0.713 (R - Y)
    ],
)
def test_a_channel_is_its_levels_in_grey(show: Show, levels: list[int]) -> None:
    painted = view_picture(show, PIXELS)
    assert painted.shape == PIXELS.shape
    assert painted.dtype == np.uint8
    assert (painted == painted[..., :1]).all()
    assert np.abs(painted[0, :, 0].astype(int) - levels).max() <= 1


def test_clipped_pixels_are_marked_by_where_they_are_clipped_and_others_are_dark_grey() -> None:
    pixels = np.array([[[0, 100, 100], [100, 255, 100], [0, 90, 255], [1, 254, 100]]], np.uint8)
    painted = view_picture(Show.CLIPPING, pixels)[0]
    assert [tuple(pixel) for pixel in painted[:3]] == [LOW_COLOUR, HIGH_COLOUR, BOTH_COLOUR]
    assert len(set(painted[3].tolist())) == 1
    assert painted[3].max() <= 102


@pytest.mark.parametrize("show", VIEWS)
def test_a_view_has_a_name_and_neither_legend_nor_scale(show: Show) -> None:
    assert map_name(show)
    assert legend_of(show, 4) is None
    assert scale_bars(show) == ()


def test_what_needs_a_result_is_no_view() -> None:
    with pytest.raises(ValueError, match="needs a result"):
        view_picture(Show.SIGNED, PIXELS)

"""The second validation set."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from models.training.pictures.wallpapers import PACKAGES, name_of, reduced


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((2400, 1500), (800, 500)), ((1680, 1050), (560, 350)), ((4000, 3000), (800, 600)), ((900, 2700), (266, 800))],
)
def test_photographs_get_three_times_as_small_and_800_pixels_at_most(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    assert reduced(Image.new("RGB", size)).size == wanted


def test_twenty_photographs_have_names_of_their_own() -> None:
    paths = [Path(path) for paths in PACKAGES.values() for path in paths]
    names = {name_of(path) for path in paths}
    assert len(paths) == len(names) == 20
    assert {"Blinds", "FallenLeaf", "Path"} <= names

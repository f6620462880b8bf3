"""Pictures are painted right from every level, at every zoom, whether they lie in memory or on the disk."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

import viewer.system.memory
from tests.photographs import sample_crop
from tests.viewer.ui.panes.test_view import as_array
from viewer.imaging.image import Pixels
from viewer.session.state import View
from viewer.system.disk_array import is_on_disk
from viewer.ui.engine.image_pyramid import Picture, picture_of
from viewer.ui.panes import painter
from viewer.ui.panes.canvas import Canvas


def drawn(qtbot: QtBot, picture: Picture, view: View) -> Pixels:
    canvas = Canvas("Test")
    qtbot.addWidget(canvas)
    canvas.resize(230, 170)
    canvas.show_picture(picture)
    canvas.set_view(view)
    pixels: Pixels = as_array(canvas.grab().toImage())
    return pixels


@pytest.fixture
def pixels() -> Pixels:
    enlarged = PillowImage.fromarray(sample_crop(240, 320).pixels).resize((1103, 701), PillowImage.Resampling.BICUBIC)
    return np.array(enlarged)


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)


@pytest.mark.usefixtures("all_large")
def test_a_large_picture_takes_no_memory_but_its_pixels(pixels: Pixels) -> None:
    picture = picture_of(pixels)
    assert picture.buffers[0] is pixels
    assert all(map(is_on_disk, picture.buffers[1:]))
    assert picture.byte_count == pixels.nbytes


def test_every_level_is_the_mean_of_the_pixels_that_it_stands_for(pixels: Pixels) -> None:
    even = pixels[:640, :1024]
    picture = picture_of(np.ascontiguousarray(even))
    assert [(level.width(), level.height()) for level in picture.levels] == [(1024, 640), (512, 320), (256, 160)]
    for index, level in enumerate(picture.levels):
        side = 2**index
        means = even.reshape(640 // side, side, 1024 // side, side, 3).mean(axis=(1, 3))
        assert np.abs(as_array(level) - means).max() <= index  # each halving rounds
        assert picture.level_for(1 / side) is level


ZOOMS = [0.15, 0.25, 0.31, 0.5, 0.71, 0.99, 1.0, 1.3, 4.0]


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("centre", [(551.0, 350.0), (30.3, 690.7), (1100.0, 3.0)])
@pytest.mark.parametrize("kept_scaled", [True, False])
def test_large_pictures_look_like_all_others(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    pixels: Pixels,
    zoom: float,
    centre: tuple[float, float],
    kept_scaled: bool,
) -> None:
    if not kept_scaled or zoom > 0.5:  # the finest level of a large picture is never scaled as a whole
        assert viewer.system.memory.LARGE_PIXELS / 4 > painter.LARGEST_SCALED
        monkeypatch.setattr(painter, "LARGEST_SCALED", 0)
    view = View(zoom, centre)
    expected = drawn(qtbot, picture_of(pixels), view)
    monkeypatch.setattr(viewer.system.memory, "LARGE_PIXELS", 1)
    large = drawn(qtbot, picture_of(pixels), view)
    assert np.abs(large.astype(int) - expected).max() <= (0 if zoom > 0.5 else 1)


@pytest.mark.usefixtures("all_large")
def test_a_large_picture_is_exact_at_1_to_1_while_it_is_moved(qtbot: QtBot, pixels: Pixels) -> None:
    canvas = Canvas("Test")
    qtbot.addWidget(canvas)
    canvas.resize(230, 170)
    canvas.show_picture(picture_of(pixels))
    for left, top in ((0, 0), (30, 40), (300, 300), (290, 310), (873, 531)):
        canvas.set_view(View(1.0, (left + 115, top + 85)))
        assert np.array_equal(as_array(canvas.grab().toImage()), pixels[top : top + 170, left : left + 230])


@pytest.mark.parametrize("zoom", [0.2, 0.6, 1.0, 3.0])
def test_a_map_at_half_the_size_lies_where_the_picture_does(qtbot: QtBot, zoom: float) -> None:
    small = np.zeros((100, 150, 3), np.uint8)
    small[40:60, 70:90] = 255
    view = View(zoom, (160.0, 100.0))
    half = drawn(qtbot, picture_of(small, (300, 200)), view)
    full = drawn(qtbot, picture_of(np.repeat(np.repeat(small, 2, 0), 2, 1)), view)
    assert np.abs(half.astype(int) - full).mean() < 1.5
    inside = drawn(qtbot, picture_of(small, (300, 200)), View(zoom, (160.0, 100.0)))[85, 115]
    assert tuple(inside) == (255, 255, 255)

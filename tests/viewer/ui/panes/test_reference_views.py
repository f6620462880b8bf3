"""A few rendered views beside reference pictures that a person has looked at.

To accept a change on purpose: delete the picture, run the test (it writes a new one and fails once), look, commit it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from tests.viewer.ui.presenters.test_maps import wait_for_maps
from viewer.session.pane_layout import Show
from viewer.session.state import View
from viewer.ui.shell.main_window import MainWindow

FOLDER = Path(__file__).parent / "reference"
PART = QRect(90, 60, 72, 48)
"""Of the picture, in image pixels: a place that text, whose font differs between machines, does not cover."""

KEYS: dict[str, tuple[float, tuple[Qt.Key, ...]]] = {
    "jpeg-nearest": (3.0, (Qt.Key.Key_3,)),
    "jpeg-smooth": (3.0, (Qt.Key.Key_3, Qt.Key.Key_N)),
    "jpeg-minified": (0.75, (Qt.Key.Key_3,)),
    "jpeg2000-nearest": (3.0, (Qt.Key.Key_4,)),
    "jpeg-signed": (3.0, (Qt.Key.Key_3, Qt.Key.Key_D)),
    "jpeg-error": (3.0, (Qt.Key.Key_3, Qt.Key.Key_E)),
    "jpeg-ssim": (3.0, (Qt.Key.Key_3, Qt.Key.Key_Q)),
    "jpeg-blocking": (3.0, (Qt.Key.Key_3, Qt.Key.Key_K)),
    "jpeg2000-ringing": (3.0, (Qt.Key.Key_4, Qt.Key.Key_I)),
    "jpeg2000-blur": (3.0, (Qt.Key.Key_4, Qt.Key.Key_U)),
    "split": (3.0, (Qt.Key.Key_S, Qt.Key.Key_3)),
}


def rendered(window: MainWindow) -> NDArray[np.uint8]:
    """PART of the picture as the canvas that is seen shows it, uint8 (H, W, 3)."""
    canvases = [*(pane.canvas for pane in window.panes.values()), window.grid.split.canvas]
    canvas = next(canvas for canvas in canvases if canvas.isVisible())
    place = canvas.placement
    assert place is not None
    whole = as_array(canvas.grab().toImage())
    left, top = place.left + round(PART.x() * place.zoom), place.top + round(PART.y() * place.zoom)
    width, height = round(PART.width() * place.zoom), round(PART.height() * place.zoom)
    assert left >= 0
    assert top >= 0
    return whole[top : top + height, left : left + width]


@pytest.mark.parametrize("name", KEYS)
def test_a_view_looks_as_it_did(name: str, opened: MainWindow, qtbot: QtBot) -> None:
    zoom, keys = KEYS[name]
    driver(opened).set_view(View(zoom, (PART.center().x(), PART.center().y())))
    for key in keys:
        QTest.keyClick(opened, key)
    if driver(opened).session.pane_layout.show is not Show.PICTURE:
        wait_for_maps(opened, qtbot)
    found = rendered(opened)
    path = FOLDER / f"{name}.png"
    if not path.exists():
        PillowImage.fromarray(found).save(path)
        pytest.fail(f"{path.name} was missing and has been written: look at it")
    with PillowImage.open(path) as picture:
        expected = np.asarray(picture.convert("RGB")).astype(int)
    difference = np.abs(found - expected)
    # Numerical libraries may round otherwise; a wrong colour, place or scaling is far beyond this.
    assert difference.mean() < 0.5
    assert np.mean(difference.max(axis=2) > 6) < 0.002

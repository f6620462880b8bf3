"""A picture of 48 megapixels: it opens, every codec shows what is visible, and the window answers all the while."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from tests.viewer.ui.panes.test_view import as_array
from viewer.session.pane_layout import ORIGINAL
from viewer.session.state import View
from viewer.system.disk_array import is_on_disk
from viewer.ui.shell.main_window import MainWindow

WIDTH, HEIGHT = 8000, 6000
LONGEST_WORK_S = 0.3
"""Of the GUI thread's own processor time in one go. It is a fraction of that; a coverage tool may slow it down."""


class Pulse(QObject):
    """Measures how long the GUI thread works without a look at its events, by its own clock: not by that of a machine
    that is busy with something else.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest_s = 0.0
        self._before_s = time.thread_time()
        timer = QTimer(self, interval=0)
        timer.timeout.connect(self._beat)
        timer.start()

    def _beat(self) -> None:
        now_s = time.thread_time()
        self.longest_s = max(self.longest_s, now_s - self._before_s)
        self._before_s = now_s


def save_large(path: Path) -> None:
    crop = PillowImage.fromarray(sample_crop(240, 320).pixels)
    crop.resize((WIDTH, HEIGHT), PillowImage.Resampling.BILINEAR).save(path, quality=90)


def test_a_large_picture_opens_and_shows_what_is_visible(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "large.jpg"
    save_large(path)
    controller = driver(window)
    window.service._visible_first.begin_part(
        "the test"
    )  # the whole picture takes a minute, in which nothing would be learned
    pulse = Pulse(window)
    with qtbot.waitSignal(controller.opened, timeout=TIMEOUT_MS):
        controller.open_file(path)
    view = View(1.0, (3001.0, 2002.0))
    controller.set_view(view)
    qtbot.waitUntil(lambda: all(map(driver(window).part, controller.codecs)), timeout=TIMEOUT_MS)
    canvas = window.panes[ORIGINAL].canvas
    assert pulse.longest_s < LONGEST_WORK_S
    picture, placement = canvas.picture, canvas.placement
    assert picture is not None
    assert placement is not None
    assert all(map(is_on_disk, picture.buffers[1:]))
    image = controller.session.image
    assert image is not None
    drawn = as_array(canvas.grab().toImage())[100:200, 100:200]
    left, top = 100 - placement.left, 100 - placement.top
    assert np.array_equal(drawn, image.pixels[top : top + 100, left : left + 100])
    for codec in controller.codecs:
        part = driver(window).part(codec)
        assert part is not None
        assert part.rect.left <= left
        assert part.rect.right >= left + 100

"""A window with its own settings, closed and waited for after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import CODECS
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.shell.main_window import MainWindow

TIMEOUT_MS = 60_000
"""For whatever needs codecs. Nothing waits so long; a machine may be busy."""

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's warnings fail tests, but for one about the offscreen platform itself."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


MakeWindow = Callable[[], MainWindow]


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A small photograph with an odd height."""
    path = tmp_path / "photograph.png"
    PillowImage.fromarray(sample_crop(173, 240).pixels).save(path)
    return path


@pytest.fixture
def make_window(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeWindow]:
    """Makes windows that share one settings file; the earlier must be closed first."""
    made: list[MainWindow] = []
    themes = ThemeSwitch()

    def make() -> MainWindow:
        store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(CODECS, 0.5, Settings(store), themes)
        window.resize(1200, 800)
        qtbot.addWidget(window)
        made.append(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield make
    for window in made:
        window.close()
        assert driver(window).join(TIMEOUT_MS / 1000)


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """An empty window."""
    return make_window()


@pytest.fixture
def opened(window: MainWindow, photograph: Path, qtbot: QtBot) -> MainWindow:
    """A window with the photograph, every codec at 0.5 bpp."""
    with qtbot.waitSignal(driver(window).opened, timeout=TIMEOUT_MS):
        driver(window).open_file(photograph)
    wait_until_at_target(window, qtbot)
    return window


def is_at_target(window: MainWindow) -> bool:
    """Whether every codec shows the present target."""
    controller = driver(window)
    shown = [controller.shown(codec) for codec in controller.codecs]
    return all(one is not None and one.result.request.target_bpp == controller.session.target_bpp for one in shown)


def wait_until_at_target(window: MainWindow, qtbot: QtBot) -> None:
    """Let the workers catch up with the slider."""
    qtbot.waitUntil(lambda: is_at_target(window), timeout=TIMEOUT_MS)

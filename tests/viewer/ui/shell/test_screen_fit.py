"""The window lies on the screen, whatever frame the system gives it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from viewer.ui.shell.main_window import MainWindow
from viewer.ui.shell.screen_fit import ScreenFit, first_size, fitted

SCREEN = QRect(0, 24, 1280, 776)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (QRect(20, 60, 800, 600), QRect(20, 60, 800, 600)),
        (QRect(60, 80, 1280, 790), QRect(0, 24, 1280, 776)),
        (QRect(0, 50, 1280, 760), QRect(0, 40, 1280, 760)),
        (QRect(-300, -90, 400, 300), QRect(0, 24, 400, 300)),
        (QRect(5000, 5000, 400, 300), QRect(880, 500, 400, 300)),
    ],
)
def test_a_frame_is_moved_before_it_is_made_smaller(frame: QRect, expected: QRect) -> None:
    assert fitted(frame, SCREEN) == expected


@pytest.mark.parametrize(
    ("screen", "size"), [(QSize(2560, 1440), QSize(1440, 900)), (QSize(1280, 800), QSize(1280, 760))]
)
def test_at_first_there_is_room_for_a_title(screen: QSize, size: QSize) -> None:
    assert first_size(screen) == size


def test_a_window_that_reaches_beyond_the_screen_comes_back_when_it_is_first_active(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: SCREEN)
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(100, 200, 1280, 760)
    ScreenFit(window)
    window.show()
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    qtbot.waitUntil(lambda: SCREEN.contains(window.frameGeometry()), timeout=5000)
    assert window.frameGeometry().width() == 1280
    window.move(300, 300)  # later it is the user's
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    QApplication.processEvents()
    assert window.x() == 300


def test_everything_has_room_on_a_small_screen(window: MainWindow) -> None:
    """1280 x 800 at a scale of 1.5, less a title and a bar of the desktop."""
    window.actions_by_name["plots"].trigger()  # as at the first start on such a screen
    window.resize(853, 460)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (853, 460)
    bar = window.rate_bar
    assert window.rect().contains(QRect(bar.mapTo(window, bar.rect().topLeft()), bar.size()))

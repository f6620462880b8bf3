"""The flow through a whole window: in whatever order the parts watch the state, and whenever the same is done again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.photographs import sample_crop
from tests.soak.hand import Deed, Hand
from tests.viewer.ui.comparable import comparable
from tests.viewer.ui.conftest import FOLDER, TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.codecs.registry import CODECS
from viewer.session.pins import Pin, Pins
from viewer.ui.common.settings import Settings
from viewer.ui.common.theme import ThemeSwitch
from viewer.ui.engine.store import Store
from viewer.ui.panels import banner
from viewer.ui.shell.main_window import MainWindow

MakeFresh = Callable[[], MainWindow]


@pytest.fixture
def make_fresh(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeFresh]:
    """Makes windows of which none knows the settings of another."""
    made: list[MainWindow] = []

    def make() -> MainWindow:
        for window in made:
            window.close()
        path = tmp_path / f"settings-{len(made)}" / "settings.ini"
        store = QSettings(str(path), QSettings.Format.IniFormat)
        window = MainWindow(CODECS, 0.5, Settings(store), ThemeSwitch())
        window.resize(1200, 800)
        qtbot.addWidget(window)
        made.append(window)
        QGuiApplication.clipboard().clear()
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield make
    for window in made:
        window.close()
        assert window.service.join(TIMEOUT_MS / 1000)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Two small photographs in a folder."""
    paths = [tmp_path / name for name in ("a.png", "b.png")]
    for path, size in zip(paths, ((96, 128), (120, 90)), strict=True):
        PillowImage.fromarray(sample_crop(*size).pixels).save(path)
    return paths


def is_at_rest(window: MainWindow) -> bool:
    """Whether no worker has anything to do but for the curves, all that was delivered has been taken, and no dialog is
    in the way.
    """
    QApplication.processEvents()
    busy = window.service._activity._busy or QApplication.activeModalWidget() is not None
    return not busy and driver(window).state.opening is None


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Let everything come that is on its way."""
    qtbot.waitUntil(lambda: driver(window).is_settled and is_at_rest(window), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: not window.plots.is_behind, timeout=TIMEOUT_MS)
    for _ in range(3):
        QApplication.processEvents()  # what is new is laid out


def use(window: MainWindow, pictures: list[Path], qtbot: QtBot) -> None:
    """A little of everything, much of it while the workers are busy."""
    hand = driver(window)
    hand.open_file(pictures[0])
    settle(window, qtbot)  # whether a rate that is overtaken becomes a point of the curves is a matter of time
    hand.set_target(0.9)
    hand.set_pins(Pins((Pin("jpeg", 0.4, "low"), Pin("jpeg2000", 0.8, "high"))))
    for name in (
        "compare_pins",
        "split",
        "show_error",
        "compare_pins",
        "visible",
        "regions",
        "luma",
        "loupe",
        "actual",
    ):
        window.actions_by_name[name].trigger()
    settle(window, qtbot)
    for name in ("equal_psnr", "next_region", "gain_up", "codec_jpeg"):
        window.actions_by_name[name].trigger()
    settle(window, qtbot)


def test_the_order_of_the_watchers_makes_no_difference(
    make_fresh: MakeFresh, pictures: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Store.watch
    screens, states, headers = [], [], []
    for seed in (None, 1, 2):
        shuffle = random.Random(seed)

        def watch_anywhere(
            store: Store, *args: object, shuffle: random.Random | None = shuffle if seed else None, **options: bool
        ) -> None:
            watch(store, *args, **options)  # type: ignore[arg-type]
            if shuffle is not None:
                shuffle.shuffle(store._watchers)

        monkeypatch.setattr(Store, "watch", watch_anywhere)
        window = make_fresh()
        use(window, pictures, qtbot)
        states.append(comparable(window.store.state))
        headers.append([pane.header.text for pane in window.panes.values()])
        screens.append(window.grab().toImage())
    assert states[1:] == states[:1] * 2
    assert headers[1:] == headers[:1] * 2
    assert all(screen == screens[0] for screen in screens)


def test_what_users_did_can_be_done_again(
    make_fresh: MakeFresh, pictures: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What depends on time is left out: blinking, the points of the curves that a drag passes, and news that go.
    monkeypatch.setattr(banner, "INFO_MS", 10_000_000)
    left_out = {"blink", "slider drag", "open_log"}

    def play(deeds: list[Deed] | None) -> tuple[list[Deed], dict[str, object]]:
        window = make_fresh()
        driver(window).open_file(pictures[0])
        qtbot.waitUntil(lambda: driver(window).opened_picture is not None, timeout=TIMEOUT_MS)
        hand = Hand(window, pictures, 7, without=left_out)
        for number in range(40):
            settle(window, qtbot)
            if deeds is None:
                hand.act()
            else:
                hand.do(deeds[number])
        settle(window, qtbot)
        return hand.deeds, comparable(window.store.state)

    deeds, first = play(None)
    assert len({deed.kind for deed in deeds}) >= 4
    _none, again = play(deeds)
    assert again == first


def test_no_timer_restores_a_session() -> None:
    source = FOLDER.parents[2] / "viewer" / "ui"
    for path in (*(source / "files").rglob("*.py"), *(source / "engine").rglob("*.py")):
        assert "singleShot(0" not in path.read_text("utf-8"), path

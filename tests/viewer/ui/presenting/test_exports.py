"""Films and plots are saved from what the panes show, and the message offers the file."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.viewer.ui.conftest import TIMEOUT_MS
from tests.viewer.ui.driver import driver
from viewer.report import film_file
from viewer.session.pane_layout import ORIGINAL, Layout, PaneLayout
from viewer.ui.presenting.film_export import film_job, film_panes
from viewer.ui.shell.main_window import MainWindow


def save(window: MainWindow, command: str, path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(
        driver(window).told, timeout=TIMEOUT_MS, check_params_cb=lambda text: text.startswith("Saved ")
    ):
        window.actions_by_name[command].trigger()


def test_a_wipe_goes_between_the_sides_of_the_split_view(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    QTest.keyClick(opened, Qt.Key.Key_S)
    QTest.keyClick(opened, Qt.Key.Key_3)
    assert film_panes(opened.store.state) == (ORIGINAL, "jpeg")
    path = tmp_path / "wipe.webp"
    save(opened, "export_wipe", path, monkeypatch, qtbot)
    film = PillowImage.open(path)
    assert film.n_frames == 50  # type: ignore[attr-defined]
    shown = driver(opened).shown("jpeg")
    assert shown is not None
    last_columns = np.asarray(film.convert("RGB")).astype(int)[-173:, -60:240]
    assert np.abs(last_columns - shown.result.reconstruction[:, -60:]).mean() < 8


def test_a_sweep_encodes_every_rate_and_writes_the_real_sizes(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("viewer.report.film.RATES", 3)
    path = tmp_path / "sweep"  # the dialog's first kind is added
    with patch.object(film_file, "find_spec", return_value=None):
        save(opened, "export_sweep", path, monkeypatch, qtbot)
    film = PillowImage.open(tmp_path / "sweep.gif")
    assert film.n_frames == 4  # type: ignore[attr-defined]
    assert film.size[0] >= 2 * 240


def test_a_sweep_of_what_no_rate_changes_is_refused(opened: MainWindow) -> None:
    driver(opened).set_pane_layout(PaneLayout(Layout.SPLIT, left=ORIGINAL, right=ORIGINAL))
    opened.actions_by_name["export_sweep"].trigger()
    assert "do not change with the rate" in opened.banner.text


def test_only_what_is_visible_is_filmed(opened: MainWindow) -> None:
    QTest.keyClick(opened, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    for _ in range(12):
        QTest.keyClick(opened, Qt.Key.Key_Plus)
    job = film_job(opened.store.state, opened._styles)
    assert job is not None
    assert job.part.size[0] < 240
    assert job.part.size[1] < 173


def test_without_a_picture_there_is_nothing_to_film_or_plot(window: MainWindow) -> None:
    window.actions_by_name["export_wipe"].trigger()
    assert "nothing to film yet" in window.banner.text
    window.actions_by_name["export_upper_plot"].trigger()
    assert "no curve to export yet" in window.banner.text


@pytest.mark.parametrize(("command", "name"), [("export_upper_plot", "p.svg"), ("export_lower_plot", "p.png")])
def test_plots_are_saved_as_pictures(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, command: str, name: str
) -> None:
    save(opened, command, tmp_path / name, monkeypatch, qtbot)
    data = (tmp_path / name).read_bytes()
    assert (b"MS-SSIM RGB" in data or data.startswith(b"\x89PNG")) if name == "p.png" else b"PSNR RGB" in data


def test_the_message_opens_what_was_saved_and_its_folder(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    assert not opened.actions_by_name["open_saved"].isEnabled()
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not asked.append(url))  # type: ignore[func-returns-value]
    path = tmp_path / "plot.svg"
    save(opened, "export_upper_plot", path, monkeypatch, qtbot)
    buttons = opened.banner.saved_buttons
    assert [button.text() for button in buttons] == ["Open file", "Show in folder"]
    for button in buttons:
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [Path(url.toLocalFile()) for url in asked] == [path, tmp_path]
    path.unlink()
    opened.actions_by_name["open_saved"].trigger()
    assert "is not there any more" in opened.banner.text
    assert not any(button.isVisible() for button in buttons)

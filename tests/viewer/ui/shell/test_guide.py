"""The guide in its window: every page shows, with its pictures, and links stay in it or leave it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from pytestqt.qtbot import QtBot

from viewer.system.resources import guide_folder
from viewer.ui.shell.guide import PICTURE_WIDTH, GuideWindow
from viewer.ui.shell.main_window import MainWindow

PAGES = sorted(guide_folder().glob("*.md"))
IMAGE = QTextDocument.ResourceType.ImageResource.value


@pytest.fixture
def guide(qtbot: QtBot) -> GuideWindow:
    made = GuideWindow()
    qtbot.addWidget(made)
    return made


def test_help_opens_the_first_page(window: MainWindow) -> None:
    window.actions_by_name["guide"].trigger()
    assert isinstance(window.sheet, GuideWindow)
    assert "RateLens in five tasks" in window.sheet.pages.toPlainText()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_page_is_reached_and_shown(page: Path, guide: GuideWindow) -> None:
    assert f"({page.name})" in (guide_folder() / "index.md").read_text("utf-8") or page.name == "index.md"
    guide.follow(QUrl(page.name))
    title = page.read_text("utf-8").splitlines()[0].lstrip("# ")
    assert guide.pages.toPlainText().startswith(title)


def test_pictures_fit_the_window(guide: GuideWindow) -> None:
    guide.follow(QUrl("find-an-artefact.md"))
    shown = guide.pages.loadResource(IMAGE, QUrl("pictures/find-an-artefact.webp"))
    assert isinstance(shown, QImage)
    assert shown.deviceIndependentSize().width() == pytest.approx(PICTURE_WIDTH, abs=1)


def test_other_links_leave_it(guide: GuideWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    guide.follow(QUrl("https://example.org/"))
    assert opened == [QUrl("https://example.org/")]
    assert "five tasks" in guide.pages.toPlainText()

"""The guide that comes with the program, in a window of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from viewer.system.resources import guide_folder

SIZE = (900, 780)
PICTURE_WIDTH = 820


class _Pages(QTextBrowser):
    """Shows Markdown pages; pictures are scaled to the window's width. Other links open in the browser."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return found
        picture = QImage(self.source().resolved(QUrl(name)).toLocalFile())
        ratio = self.devicePixelRatioF()
        width = round(PICTURE_WIDTH * ratio)
        if picture.width() <= width:
            return found
        scaled = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        return scaled


class GuideWindow(QDialog):
    """The guide's first page, from where links lead to the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("RateLens guide")
        self.resize(*SIZE)
        self.pages = _Pages(self)
        self.pages.setOpenLinks(False)
        self.pages.document().setDocumentMargin(24)
        self.pages.anchorClicked.connect(self.follow)
        home, back = QPushButton("&Contents", self), QPushButton("&Back", self)
        home.clicked.connect(self.pages.home)
        back.clicked.connect(self.pages.backward)
        self.pages.backwardAvailable.connect(back.setEnabled)
        back.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(home)
        row.addWidget(back)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.pages, 1)
        self.pages.setSource(QUrl.fromLocalFile(str(guide_folder() / "index.md")))

    def follow(self, link: QUrl) -> None:
        """Show a page of the guide here, and anything else in the program that opens it."""
        target = self.pages.source().resolved(link)
        page = Path(target.toLocalFile())
        if page.parent == guide_folder() and page.suffix == ".md":
            self.pages.setSource(target)
        else:
            QDesktopServices.openUrl(target)

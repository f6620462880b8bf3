"""The list of the worst regions, with thumbnails; a click goes there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from viewer.ui.common.controls import Choice
from viewer.ui.common.formatting import figure_font, format_bpp
from viewer.ui.engine.region_finder import THUMBNAIL, Found


@dataclass(frozen=True)
class RegionRow:
    """A region, and the label of the codec it is worst in."""

    found: Found
    label: str


class RegionPanel(QWidget):
    """Lists the worst regions of one codec, or those where the codecs differ most."""

    chosen = Signal(int)
    """The user goes to the region in this row."""
    group_chosen = Signal(str)
    """The user chose another list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group = Choice("Regions of", self.group_chosen.emit, self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Worst regions")
        self.list.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.list.setFont(figure_font(self.font()))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self._state = QLabel("", self)
        self._state.setFont(figure_font(self.font(), 0.86))
        self._state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._state.setWordWrap(True)
        title = QLabel("Worst regions", self)
        title.setFont(figure_font(self.font(), 1.0, bold=True))
        self.setMaximumWidth(2 * self.sizeHint().width())
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 9, 8, 8)
        layout.setSpacing(6)
        for widget in (title, self.group, self._state):
            layout.addWidget(widget)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)

    def set_groups(self, titles: Mapping[str, str], chosen: str) -> None:
        """Offer these lists, by name."""
        with QSignalBlocker(self.group):
            self.group.clear()
            for name, title in titles.items():
                self.group.addItem(title, name)
            self.group.setCurrentIndex(max(0, self.group.findData(chosen)))

    def sizeHint(self) -> QSize:
        return QSize(204, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(190, 200)

    def show_regions(self, rows: tuple[RegionRow, ...] | None, target_bpp: float | None, *, differ: bool) -> None:
        """List these regions; None while they are unknown. target_bpp: None if the panes have different rates."""
        self.list.clear()
        if rows is None:
            self._state.setText("Waiting for all codecs…")
            return
        place = "at different rates" if target_bpp is None else f"at {format_bpp(target_bpp)} bpp"
        loss = "SSIM gap between codecs" if differ else "1 − SSIM"
        self._state.setText(f"{place}, ranked by {loss}" if rows else f"none {place}")
        for number, row in enumerate(rows, start=1):
            region = row.found.region
            text = f"{number}   {region.score:.3f}\n{row.label}\nx {region.left}  y {region.top}"
            item = QListWidgetItem(QIcon(QPixmap.fromImage(row.found.thumbnail)), text, self.list)
            item.setToolTip(f"{region.side} × {region.side} pixels; click or press Enter to go there")

    def select(self, index: int | None) -> None:
        """Mark a row."""
        self.list.setCurrentRow(-1 if index is None else index)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.list.row(item))

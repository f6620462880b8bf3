"""The list of the worst regions: thumbnails that jump there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from viewer.ui.common.formatting import figure_font, format_bpp
from viewer.ui.engine.region_finder import DIFFER, THUMBNAIL, Found, FoundRegions


class RegionPanel(QWidget):
    """Lists regions, of one codec or where the codecs differ most."""

    chosen = Signal(object)
    """Region: the user wants to see it."""

    def __init__(self, labels: Mapping[str, str], parent: QWidget | None = None) -> None:
        """labels: of the codecs, by their names."""
        super().__init__(parent)
        self._labels = labels
        self._found: FoundRegions | None = None
        self.group = QComboBox(self)
        self.group.setAccessibleName("Regions of")
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
        self.set_codecs(tuple(labels))
        self.group.currentIndexChanged.connect(self._fill)
        self.show_regions(None)

    def set_codecs(self, codecs: Sequence[str]) -> None:
        """Offer the regions of these codecs; the chosen group stays if it is among them."""
        chosen = self.group.currentData()
        with QSignalBlocker(self.group):
            self.group.clear()
            self.group.addItem("Codecs differ most", DIFFER)
            for codec in codecs:
                self.group.addItem(f"Worst of {self._labels[codec]}", codec)
            self.group.setCurrentIndex(max(0, self.group.findData(chosen)))

    def sizeHint(self) -> QSize:
        return QSize(204, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(190, 200)

    @property
    def regions(self) -> tuple[Found, ...]:
        """What is listed."""
        return () if self._found is None else self._found.groups.get(self.group.currentData(), ())

    def show_regions(self, found: FoundRegions | None) -> None:
        """List what was found; None while nothing is known."""
        self._found = found
        self._fill()

    def step(self, by: int) -> None:
        """Go to a region farther down the list, around its end."""
        count = self.list.count()
        if count:
            row = self.list.currentRow()
            self.list.setCurrentRow((row + by) % count if row >= 0 else (0 if by > 0 else count - 1))
            self._choose(self.list.currentItem())

    def _fill(self) -> None:
        self.list.clear()
        if self._found is None:
            self._state.setText("Being looked for, once every codec is at the target …")
            return
        target_bpp = self._found.target_bpp
        place = "at rates of their own" if target_bpp is None else f"at {format_bpp(target_bpp)} bpp"
        loss = "spread of SSIM" if self.group.currentData() == DIFFER else "1 − SSIM"
        self._state.setText(f"{place}, by {loss}" if self.regions else f"none {place}")
        for number, found in enumerate(self.regions, start=1):
            region = found.region
            text = f"{number}   {region.score:.3f}\n{self._labels[region.codec]}\nx {region.left}  y {region.top}"
            item = QListWidgetItem(QIcon(QPixmap.fromImage(found.thumbnail)), text, self.list)
            item.setData(Qt.ItemDataRole.UserRole, region)
            item.setToolTip(f"{region.side} × {region.side} pixels; click or Enter goes there")

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

"""The list of the worst regions, with thumbnails; a click goes there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from viewer.ui.common.controls import Choice
from viewer.ui.common.formatting import figure_font, format_bpp
from viewer.ui.engine.region_finder import STRIP_GAP, THUMBNAIL, Found

WIDTH = 3 * THUMBNAIL + 2 * STRIP_GAP
"""Of a strip."""


@dataclass(frozen=True)
class RegionRow:
    """A region, and the labels of what its strip shows, in order."""

    found: Found
    labels: tuple[str, ...]

    def text(self, *, differ: bool) -> str:
        """What the strip shows, and in words and figures how the codecs compare there; unless they are to differ, how
        close the region's own codec is to the original.
        """
        region, ssim = self.found.region, self.found.ssim
        names = dict(zip(self.found.panes, self.labels, strict=True))
        heading = " | ".join(self.labels)
        own = ssim[region.codec]
        other = next((pane for pane in ssim if pane != region.codec), None)
        if other is None or not differ:
            return f"{heading}\n{names[region.codec]}: SSIM {own:.2f}\nagainst the original"
        word = comparison_word(own - ssim[other])
        return f"{heading}\n{names[region.codec]} {word} {names[other]}\nSSIM {own:.2f} against {ssim[other]:.2f}"


WORDS = ((0.25, "far"), (0.1, "much"), (0.02, ""))
"""Of differences in SSIM that are at least so large; smaller ones are none."""


def comparison_word(difference: float) -> str:
    """How one codec compares with another by the difference of their SSIM: "far worse than"."""
    found = next((word for least, word in WORDS if abs(difference) >= least), None)
    if found is None:
        return "as good as"
    return f"{found} {'better' if difference > 0 else 'worse'} than".strip()


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
        self.list.setIconSize(QSize(3 * THUMBNAIL + 2 * STRIP_GAP, THUMBNAIL))
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setFlow(QListWidget.Flow.TopToBottom)
        self.list.setWrapping(False)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        self.list.setFont(figure_font(self.font(), 0.92))
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
        return QSize(WIDTH + 46, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH + 46, 200)

    def show_regions(self, rows: tuple[RegionRow, ...] | None, target_bpp: float | None, *, differ: bool) -> None:
        """List these regions; None while they are unknown. target_bpp: None if the panes have different rates."""
        self.list.clear()
        if rows is None:
            self._state.setText("Waiting for all codecs…")
            return
        place = "at different rates" if target_bpp is None else f"at {format_bpp(target_bpp)} bpp"
        loss = "SSIM gap between codecs" if differ else "1 − SSIM"
        ranked = f"{place[0].upper()}{place[1:]}, ranked by {loss}, less where the picture is blurred"
        self._state.setText(ranked if rows else f"None {place}")
        for number, row in enumerate(rows, start=1):
            region = row.found.region
            item = QListWidgetItem(QIcon(QPixmap.fromImage(row.found.strip)), row.text(differ=differ), self.list)
            item.setSizeHint(QSize(WIDTH + 8, THUMBNAIL + 3 * self.list.fontMetrics().lineSpacing() + 10))
            item.setToolTip(
                f"{number}: {region.side} × {region.side} pixels at x {region.left}, y {region.top}; {loss} "
                f"{region.score:.3f}. Click or press Enter to go there"
            )

    def select(self, index: int | None) -> None:
        """Mark a row."""
        self.list.setCurrentRow(-1 if index is None else index)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.list.row(item))

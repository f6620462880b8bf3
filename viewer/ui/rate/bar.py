"""The bar below the panes: slider, field, and what the rate means for this picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from viewer.imaging.image import Image
from viewer.imaging.image_info import format_bytes
from viewer.matching.targets.rate import format_ratio, target_bytes
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.slider_scale import RATE_SCALE, SliderScale
from viewer.ui.rate.field import RateField
from viewer.ui.rate.slider import RateSlider

TIPS = {
    "Target rate": "What every codec is brought to: bits per pixel of the compressed file",
    "File size": "The same as a file's size, on this picture",
    "Ratio": "The same as a share of the picture without compression, 24 bits per pixel",
}


class RateBar(QWidget):
    """Shows and sets the target in all its forms: the rate or, at equal quality, the quality."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = RateSlider(self)
        self.field = RateField(self)
        self._size = self._figure("Target file size", "000.0 kB")
        self._ratio = self._figure("Target compression ratio relative to 24 bits per pixel", "1:000")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        layout = QGridLayout(self)
        layout.setContentsMargins(4, 6, 14, 6)
        layout.setHorizontalSpacing(18)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(0, 1)
        layout.addWidget(self.slider, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self._captions = [Caption(text) for text in ("Target rate", "File size", "Ratio")]
        for column, (caption, widget) in enumerate(
            zip(self._captions, (self.field, self._size, self._ratio), strict=True), start=1
        ):
            caption.setToolTip(TIPS[caption.text()])
            widget.setToolTip(widget.toolTip() or TIPS[caption.text()])
            layout.addWidget(caption, 0, column, Qt.AlignmentFlag.AlignRight)
            layout.addWidget(widget, 1, column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    @property
    def size_text(self) -> str:
        return self._size.text()

    @property
    def ratio_text(self) -> str:
        return self._ratio.text()

    @property
    def labels(self) -> tuple[QWidget, ...]:
        """What is written beside the slider, and its scale."""
        return (self.slider, self.field, self._size, self._ratio, *self._captions)

    def show_target(self, target: float, scale: SliderScale, image: Image | None) -> None:
        """Show a target everywhere: bpp on RATE_SCALE, or what is equal on its own. image: that sizes refer to."""
        self.slider.set_target(target, scale)
        self.field.set_image(image)
        self.field.set_target(target, scale)
        quality = scale != RATE_SCALE
        self._captions[0].setText(scale.caption)
        if not quality:
            self._size.setText("–" if image is None else format_bytes(target_bytes(target, image)))
            self._ratio.setText("–" if image is None else format_ratio(target))
        for widget in (
            *self._captions[1:],
            self._size,
            self._ratio,
        ):  # at equal quality sizes differ
            widget.setVisible(not quality)

    def _figure(self, name: str, widest: str) -> QLabel:
        label = QLabel("–", self)
        label.setFont(figure_font(self.font(), 1.15))
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest))
        label.setAccessibleName(name)
        return label


class Caption(QLabel):
    """Small quiet text above a figure."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(figure_font(self.font(), 0.86))
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

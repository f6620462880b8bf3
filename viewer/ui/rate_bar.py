"""The bar below the panes: slider, field, and what the rate means for this picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from viewer.image import Image
from viewer.target import format_bytes, format_ratio, target_bytes
from viewer.ui.figures import figure_font
from viewer.ui.rate_field import RateField
from viewer.ui.rate_slider import RateSlider


class RateBar(QWidget):
    """The one rate, shown and set in every way there is."""

    rate_chosen = Signal(float)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: Image | None = None
        self._bpp = 0.0
        self.slider = RateSlider(self)
        self.field = RateField(self)
        self._size = self._figure("Target file size", "000.0 kB")
        self._ratio = self._figure("Target compression ratio against 24 bits per pixel", "1:000")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        layout = QGridLayout(self)
        layout.setContentsMargins(4, 6, 14, 6)
        layout.setHorizontalSpacing(18)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(0, 1)
        layout.addWidget(self.slider, 0, 0, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        for column, (caption, widget) in enumerate(
            (("Target", self.field), ("File size", self._size), ("Ratio", self._ratio)), start=1
        ):
            layout.addWidget(Caption(caption), 0, column, Qt.AlignmentFlag.AlignRight)
            layout.addWidget(widget, 1, column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider.rate_chosen.connect(self.rate_chosen)
        self.field.rate_chosen.connect(self.rate_chosen)
        self.field.refused.connect(self.refused)

    @property
    def size_text(self) -> str:
        return self._size.text()

    @property
    def ratio_text(self) -> str:
        return self._ratio.text()

    def set_bpp(self, bpp: float) -> None:
        """Show a rate everywhere."""
        self._bpp = bpp
        self.slider.set_bpp(bpp)
        self.field.set_bpp(bpp)
        self._say_size()

    def set_image(self, image: Image | None) -> None:
        """The picture that the rate refers to."""
        self._image = image
        self.field.set_image(image)
        self._say_size()

    def _say_size(self) -> None:
        if self._image is None or not self._bpp:
            self._size.setText("–")
            self._ratio.setText("–")
            return
        self._size.setText(format_bytes(target_bytes(self._bpp, self._image)))
        self._ratio.setText(format_ratio(self._bpp))

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

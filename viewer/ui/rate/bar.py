"""The bar below the panes: slider, field, and what the rate means for this picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from viewer.imaging.image import Image
from viewer.imaging.image_info import format_bytes
from viewer.matching.rate_target import format_ratio, target_bytes
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.slider_scale import RATE_SCALE, ScoreScale, SliderScale
from viewer.ui.rate.field import RateField
from viewer.ui.rate.slider import RateSlider

OTHERS = "Other"
"""What the button for other metrics says while codecs are matched by none of them."""


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
        self._equal = Caption("Match by")
        layout.addWidget(self._equal, 0, 1, Qt.AlignmentFlag.AlignLeft)
        self._switches = QHBoxLayout()
        self._others: QToolButton | None = None
        self._switches.setSpacing(3)
        layout.addLayout(self._switches, 1, 1, Qt.AlignmentFlag.AlignVCenter)
        self._captions = [Caption(text) for text in ("Target rate", "File size", "Ratio")]
        for column, (caption, widget) in enumerate(
            zip(self._captions, (self.field, self._size, self._ratio), strict=True), start=2
        ):
            layout.addWidget(caption, 0, column, Qt.AlignmentFlag.AlignRight)
            layout.addWidget(widget, 1, column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    @property
    def size_text(self) -> str:
        return self._size.text()

    @property
    def ratio_text(self) -> str:
        return self._ratio.text()

    @property
    def switches(self) -> tuple[QWidget, ...]:
        """The button that shows and changes what codecs are matched by."""
        return (self._equal, *self.findChildren(QToolButton))

    @property
    def labels(self) -> tuple[QWidget, ...]:
        """What is written beside the slider, and its scale."""
        return (self.slider, self.field, self._size, self._ratio, *self._captions)

    def add_switches(self, actions: Sequence[QAction], others: Sequence[QAction]) -> None:
        """Add the choices of what codecs are matched by; others: the rest of them, in a menu."""
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setText(action.iconText())
            button.setFont(figure_font(self.font(), 0.94))
            self._switches.addWidget(button)
        self._others = QToolButton(self)
        self._others.setText(OTHERS)
        self._others.setToolTip("Match by another metric")
        self._others.setAccessibleName("Match by another metric")
        self._others.setFont(figure_font(self.font(), 0.94))
        menu = QMenu(self._others)
        menu.addActions(others)
        self._others.setMenu(menu)
        self._others.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._others.setCheckable(True)
        self._switches.addWidget(self._others)

    def show_target(self, target: float, scale: SliderScale, image: Image | None) -> None:
        """Show a target everywhere: bpp on RATE_SCALE, or what is equal on its own. image: that sizes refer to."""
        self.slider.set_target(target, scale)
        self.field.set_image(image)
        self.field.set_target(target, scale)
        quality = scale != RATE_SCALE
        self._captions[0].setText(scale.caption)
        if self._others is not None:
            self._others.setText(scale.caption if isinstance(scale, ScoreScale) else OTHERS)
            self._others.setChecked(isinstance(scale, ScoreScale))
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

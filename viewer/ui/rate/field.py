"""The field that takes a target as text: a rate or, at equal quality, a quality."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from models.errors import TargetError
from viewer.imaging.image import Image
from viewer.matching.targets.quality import parse_quality
from viewer.matching.targets.rate import MAX_BPP, MIN_BPP, is_file_size, parse_target
from viewer.matching.targets.score import parse_score
from viewer.metrics.registry import metric_named
from viewer.ui.common.formatting import figure_font
from viewer.ui.common.slider_scale import RATE_SCALE, QualityScale, ScoreScale, SliderScale


class RateField(QLineEdit):
    """Accepts "0.25", "40 kB" or "1:60", or "35 dB" or a score at equal quality.

    Enter applies it, Escape restores the target. Text that cannot be used stays, with a message.
    """

    chosen = Signal(float)
    """The user entered this target: bpp, or dB or a score at equal quality."""
    refused = Signal(str)
    """Carries a sentence about why the text cannot be used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target = 0.0
        self._scale: SliderScale = RATE_SCALE
        self._image: Image | None = None
        self.setFont(figure_font(self.font(), 1.15, bold=True))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._name()
        self._fit()
        self.returnPressed.connect(self._accept)
        self.textEdited.connect(self._mark_valid)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0.0000 bpp") + 24)

    def set_target(self, target: float, scale: SliderScale) -> None:
        """Show a target, unless the user is typing one of the same kind."""
        self._target = target
        if scale != self._scale:
            self._scale = scale
            self._name()
            self._show()
        elif not (self.hasFocus() and self.isModified()):
            self._show()

    def set_image(self, image: Image | None) -> None:
        """The picture that sizes and ratios refer to."""
        self._image = image

    def _name(self) -> None:
        if isinstance(self._scale, QualityScale):
            self.setAccessibleName(self._scale.name)
            written = "Decibels (35)" if self._scale.metric == "psnr" else "MS-SSIM (0.97) or decibels (15 dB)"
            self.setToolTip(f"{written}; press Enter to apply")
        elif isinstance(self._scale, ScoreScale):
            self.setAccessibleName(self._scale.name)
            better = "lower is better" if self._scale.lower_is_better else "higher is better"
            self.setToolTip(f"A {self._scale.caption} score ({better}); press Enter to apply")
        else:
            self.setAccessibleName("Target rate")
            self.setToolTip("Bits per pixel (0.25), a file size (40 kB) or a ratio (1:60); press Enter to apply")

    def _show(self) -> None:
        self.setText(self._scale.text(self._target))
        self.setModified(False)
        self._mark_valid()

    def _mark_valid(self) -> None:
        self._mark(invalid=False)

    def _mark(self, *, invalid: bool) -> None:
        if bool(self.property("invalid")) is not invalid:
            self.setProperty("invalid", invalid)
            self.style().unpolish(self)
            self.style().polish(self)

    def _accept(self) -> None:
        if self._image is None:
            return
        try:
            target = self._parsed(self._image)
        except TargetError as error:
            self._mark(invalid=True)
            self.refused.emit(str(error))
            return
        self.setModified(False)
        self.chosen.emit(target)
        self.set_target(target, self._scale)
        self.selectAll()

    def _parsed(self, image: Image) -> float:
        if isinstance(self._scale, QualityScale):
            return parse_quality(self.text(), self._scale.metric)
        if isinstance(self._scale, ScoreScale):
            return parse_score(self.text(), metric_named(self._scale.metric)).value
        bpp = parse_target(self.text(), image)
        if not MIN_BPP <= bpp <= MAX_BPP:
            text = self.text().strip()
            given = f"“{text}” cannot be used on this picture: " if is_file_size(text) else ""
            raise TargetError(f"{given}{bpp:.4g} bpp is out of range ({MIN_BPP} to {MAX_BPP:g} bpp).")
        return bpp

    def event(self, event: QEvent) -> bool:
        """Keep Escape for the field, rather than the window, while it has the focus."""
        overrides = event.type() is QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._show()
            self.selectAll()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)  # a click would place the cursor after this event

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._show()

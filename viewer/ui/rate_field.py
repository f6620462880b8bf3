"""The field that takes a rate as text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from models.errors import TargetError
from viewer.image import Image
from viewer.target import MAX_BPP, MIN_BPP, parse_target
from viewer.ui.figures import figure_font, format_bpp


class RateField(QLineEdit):
    """Takes "0.25", "40 kB" or "1:60" and Enter; Escape takes it back. What cannot be used is said and kept."""

    rate_chosen = Signal(float)
    refused = Signal(str)
    """A sentence that says why the text cannot be used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bpp = 0.0
        self._image: Image | None = None
        self.setFont(figure_font(self.font(), 1.15, bold=True))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName("Target rate")
        self.setToolTip("Bits per pixel (0.25), a file size (40 kB) or a ratio (1:60); Enter sets it")
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0.0000 bpp") + 24)
        self.returnPressed.connect(self._accept)
        self.textEdited.connect(self._mark_valid)

    def set_bpp(self, bpp: float) -> None:
        """Show a rate, unless the user is writing one."""
        self._bpp = bpp
        if not (self.hasFocus() and self.isModified()):
            self._show()

    def set_image(self, image: Image | None) -> None:
        """The picture that sizes and ratios refer to."""
        self._image = image
        self.setEnabled(image is not None)

    def _show(self) -> None:
        self.setText(f"{format_bpp(self._bpp)} bpp")
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
            bpp = parse_target(self.text(), self._image)
            if not MIN_BPP <= bpp <= MAX_BPP:
                asked = self.text().strip()
                raise TargetError(
                    f"“{asked}” is {bpp:.4g} bpp on this picture: write a rate from {MIN_BPP} to {MAX_BPP:g} bpp."
                )
        except TargetError as error:
            self._mark(invalid=True)
            self.refused.emit(str(error))
            return
        self.setModified(False)
        self.rate_chosen.emit(bpp)
        self.set_bpp(bpp)
        self.selectAll()

    def event(self, event: QEvent) -> bool:
        """Escape belongs to the field while it is written in, not to the window."""
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

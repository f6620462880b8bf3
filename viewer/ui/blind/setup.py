"""Sets up a blind test: two codecs, the number of trials, the random seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from viewer.session.blind_test import MAX_SEED, MAX_TRIALS
from viewer.ui.common.formatting import figure_font

DEFAULT_TRIALS = 20
MAX_MAGNIFICATION = 8
_TEXT_WIDTH = 400


@dataclass(frozen=True)
class BlindChoice:
    """codecs: two names. magnification: screen pixels per image pixel."""

    codecs: tuple[str, str]
    trials: int
    seed: int
    magnification: int


class BlindSetup(QDialog):
    """Asks for the settings, and stays open while both pictures are being prepared."""

    wanted = Signal(object)
    """BlindChoice."""

    def __init__(self, labels: Mapping[str, str], target: str, seed: int, parent: QWidget | None = None) -> None:
        """labels: of the codecs to choose from, at least two. target: rate or quality of both, in words."""
        super().__init__(parent)
        self.setWindowTitle("Blind test")
        self.setModal(True)
        self.first, self.second = (self._codec_box(labels, index) for index in (0, 1))
        for box in (self.first, self.second):
            box.currentIndexChanged.connect(self._check)
        self.trials = self._number(1, MAX_TRIALS, DEFAULT_TRIALS, "Trials")
        self.seed = self._number(0, MAX_SEED, seed, "Seed")
        self.magnification = self._number(1, MAX_MAGNIFICATION, 1, "Magnification")
        self.magnification.setSuffix(" ×")
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        rows = (
            ("&Codecs", self.first),
            ("&and", self.second),
            ("&Trials", self.trials),
            ("&Magnification", self.magnification),
            ("&Random seed", self.seed),
        )
        for text, widget in rows:
            form.addRow(text, widget)
        purpose = QLabel(
            f"You see the same region from both codecs at {target}, side by side and unnamed. Click the one closer to "
            "the original, or press the left or right arrow; the down arrow if you cannot tell. Hold Space for the "
            "original; Esc stops.",
            self,
        )
        self._state = QLabel("", self)
        for label in (purpose, self._state):
            label.setWordWrap(True)
            label.setMinimumWidth(_TEXT_WIDTH)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self.start = buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        self.start.setDefault(True)
        buttons.accepted.connect(self._go)
        buttons.rejected.connect(self.reject)
        title = QLabel("Blind test", self)
        title.setFont(figure_font(self.font(), 1.3, bold=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(14)
        for part in (title, purpose):
            layout.addWidget(part)
        layout.addLayout(form)
        layout.addWidget(self._state)
        layout.addWidget(buttons)
        self._check()

    def show_error(self, text: str) -> None:
        """Show why the test did not start, and let the user change the settings."""
        self._state.setText(text)
        self._set_asking(True)
        self._check()

    @property
    def state(self) -> str:
        """The text shown."""
        return self._state.text()

    def _go(self) -> None:
        self._state.setText("Preparing both pictures…")
        self._set_asking(False)
        codecs = (self.first.currentData(), self.second.currentData())
        self.wanted.emit(BlindChoice(codecs, self.trials.value(), self.seed.value(), self.magnification.value()))

    def _set_asking(self, asking: bool) -> None:
        for widget in (self.first, self.second, self.trials, self.seed, self.magnification, self.start):
            widget.setEnabled(asking)

    def _check(self) -> None:
        self.start.setEnabled(self.first.currentData() != self.second.currentData())

    def _codec_box(self, labels: Mapping[str, str], index: int) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(("First codec", "Second codec")[index])
        for codec, label in labels.items():
            box.addItem(label, codec)
        box.setCurrentIndex(index)
        return box

    def _number(self, low: int, high: int, value: int, name: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(low, high)
        box.setValue(value)
        box.setAccessibleName(name)
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.setMinimumHeight(self.first.sizeHint().height())
        return box

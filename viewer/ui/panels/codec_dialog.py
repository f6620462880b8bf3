"""Asks which codec is to be added: one from a file, one that comes with RateLens, or one with other settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from viewer.codecs.variants import Setting
from viewer.ui.engine.codec_adding import CodecWish

_FILTER = "Descriptions and weights (*.toml *.safetensors);;All files (*)"
_FILE = "From a file: a description or weights…"
_TEXT_WIDTH = 440


@dataclass(frozen=True)
class Family:
    """A codec with settings. begin: of a variant's name, up to where its settings come."""

    label: str
    begin: str
    settings: tuple[Setting, ...]


class AddCodecDialog(QDialog):
    """Stays while the codec is being installed, and says why it could not be."""

    wanted = Signal(object)
    """CodecWish."""

    def __init__(self, recipes: Mapping[str, Path], families: tuple[Family, ...], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Add codec")
        self.setModal(True)
        self.what = QComboBox(self)
        self.what.setAccessibleName("Codec")
        self.what.addItem(_FILE, None)
        for name, path in recipes.items():
            self.what.addItem(f"Program: {name}", path)
        for family in families:
            self.what.addItem(f"{family.label} with other settings", family)
        self.choices: tuple[QComboBox, ...] = ()
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(18)
        self._form.setVerticalSpacing(8)
        self._form.addRow("&Codec", self.what)
        self._state = QLabel("", self)
        self._state.setWordWrap(True)
        self._state.setMinimumWidth(_TEXT_WIDTH)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self._add = self._buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self._add.setDefault(True)
        self._buttons.accepted.connect(self._ask)
        self._buttons.rejected.connect(self.reject)
        self.what.currentIndexChanged.connect(self._show_settings)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(14)
        layout.addLayout(self._form)
        layout.addWidget(self._state)
        layout.addWidget(self._buttons)
        self._show_settings()

    @property
    def state(self) -> str:
        """What is said."""
        return self._state.text()

    def show_error(self, text: str) -> None:
        """Say why it was not added, and let the user choose otherwise."""
        self._state.setText(text)
        self._set_asking(True)

    def _ask(self) -> None:
        chosen = self.what.currentData()
        if isinstance(chosen, Family):
            words = [
                setting.written(box.currentData())
                for setting, box in zip(chosen.settings, self.choices, strict=True)
                if box.currentData() != setting.default
            ]
            if not words:
                self.show_error(f"These are {chosen.label}’s own settings: choose others.")
                return
            self._want(CodecWish(variant=chosen.begin + ",".join(words)))
            return
        if chosen is None:
            name, _ = QFileDialog.getOpenFileName(self, "Choose a description or weights", "", _FILTER)
            if not name:
                return
            chosen = Path(name)
        self._want(CodecWish(file=chosen))

    def _want(self, wish: CodecWish) -> None:
        self._state.setText("Adding the codec …")
        self._set_asking(False)
        self.wanted.emit(wish)

    def _set_asking(self, asking: bool) -> None:
        for widget in (self.what, *self.choices, self._add):
            widget.setEnabled(asking)

    def _show_settings(self, _index: int = 0) -> None:
        """A box for each setting of the codec that is chosen, with the codec's own first."""
        while self._form.rowCount() > 1:
            self._form.removeRow(1)
        chosen = self.what.currentData()
        boxes = []
        for setting in chosen.settings if isinstance(chosen, Family) else ():
            box = QComboBox(self)
            box.setToolTip(setting.sentence)
            box.setAccessibleName(setting.name)
            others = [choice for choice in setting.choices if choice != setting.default]
            for choice in (setting.default, *others):
                box.addItem(setting.choices[choice].label, choice)
            self._form.addRow(setting.name.replace("_", " "), box)
            boxes.append(box)
        self.choices = tuple(boxes)
        self._state.setText("")
        self.adjustSize()

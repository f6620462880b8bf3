"""Asks which of several pictures is the original, of which the others are reconstructions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QVBoxLayout, QWidget

_TEXT_WIDTH = 400
_MOST_ROWS = 12


class OriginalChoice(QDialog):
    """Lists the files by name; one of them is the original."""

    chosen = Signal(object, object)
    """The original's Path, and a tuple of the others'."""

    def __init__(self, paths: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Which is the original?")
        self.setModal(True)
        self._paths = tuple(paths)
        purpose = QLabel(
            "Choose the &original. The others are shown beside the codecs, as pictures that were decoded elsewhere.",
            self,
        )
        purpose.setWordWrap(True)
        purpose.setMinimumWidth(_TEXT_WIDTH)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Files")
        for path in self._paths:
            self.list.addItem(path.name)
            self.list.item(self.list.count() - 1).setToolTip(str(path))
        self.list.setCurrentRow(0)
        rows = min(len(self._paths), _MOST_ROWS)
        self.list.setMinimumHeight(rows * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth())
        purpose.setBuddy(self.list)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Open | standard.Cancel, self)
        for button in buttons.buttons():
            button.setIcon(QIcon())
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.list.itemActivated.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(14)
        for part in (purpose, self.list, buttons):
            layout.addWidget(part)
        self.list.setFocus()

    def accept(self) -> None:
        """The file that is selected is the original."""
        place = self.list.currentRow()
        super().accept()
        others = tuple(path for index, path in enumerate(self._paths) if index != place)
        self.chosen.emit(self._paths[place], others)

"""Asks about pictures that were decoded elsewhere: of which original they are, the sizes of their streams, and what
they were made by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

_TEXT_WIDTH = 700
_MOST_ROWS = 8
_ROW_HEIGHT = 36
_CHOICE, _PICTURE, _SIZE, _SERIES = range(4)


@dataclass(frozen=True)
class Said:
    """What the user says of a picture: its file, and, empty if unknown, its stream's size (a number or a file) and its
    series.
    """

    path: Path
    size: str = ""
    series: str = ""


@dataclass(frozen=True)
class _Row:
    path: Path
    choice: QAbstractButton
    size: QLineEdit
    browse: QToolButton
    series: QLineEdit


class ReconstructionDialog(QDialog):
    """Lists pictures. One of several that came together is the original; beside one that is open, those that are ticked
    are shown.
    """

    chosen = Signal(object, object)
    """The original's Path, and a tuple of Said."""

    def __init__(
        self, known: Sequence[Said], parent: QWidget | None = None, *, original: Path | None = None, suffixes: str = ""
    ) -> None:
        """original: the picture that is open; None lets the user choose it among the known. suffixes: of pictures, as a
        file dialog takes them.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._original = original
        self._filter = suffixes
        self._rows: list[_Row] = []
        asking = original is None
        self.setWindowTitle("Which is the original?" if asking else "Reconstructions")
        beside = "the original" if original is None else f"“{original.name}”"
        which = "Choose the original. The others, decoded elsewhere," if asking else "Pictures decoded elsewhere"
        purpose = QLabel(
            f"{which} are shown beside the codecs and compared with {beside}. The size of its stream gives a picture "
            "its rate, and so a place on the plots; four or more of one name have a BD-rate.",
            self,
        )
        purpose.setWordWrap(True)
        purpose.setMinimumWidth(_TEXT_WIDTH)
        self.table = QTableWidget(0, 4, self)
        self.table.setAccessibleName("Pictures")
        self.table.setHorizontalHeaderLabels(["Original" if asking else "Show", "Picture", "Stream size", "Made by"])
        self.table.verticalHeader().hide()
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(_CHOICE, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_PICTURE, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(_SIZE, 250)
        self.table.setColumnWidth(_SERIES, 130)
        self._choices = QButtonGroup(self)
        self._choices.setExclusive(asking)
        self._files = QButtonGroup(self)
        self._choices.idToggled.connect(self._enable)
        self._files.idClicked.connect(self._browse)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Open" if asking else "Show")
        self._add = self.buttons.addButton(
            "Add pictures…", QDialogButtonBox.ButtonRole.ResetRole
        )  # to the left of the others
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self.buttons.clicked.connect(self._on_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(14)
        for part in (purpose, self.table, self.buttons):
            layout.addWidget(part)
        for said in known:
            self._append(said)
        if self._rows:
            self._rows[0].choice.setChecked(True)
            self._rows[0].choice.setFocus()

    @property
    def names(self) -> list[str]:
        """The names of the files."""
        return [row.path.name for row in self._rows]

    def choose(self, row: int, *, shown: bool = True) -> None:
        """Make this one the original, or show it or not."""
        self._rows[row].choice.setChecked(shown)

    def editors(self, row: int) -> tuple[QLineEdit, QLineEdit]:
        """The fields for the size and the series of a picture."""
        return self._rows[row].size, self._rows[row].series

    def add(self, paths: Sequence[Path]) -> None:
        """List more pictures; those that are listed already stay as they are."""
        known = {row.path for row in self._rows} | {self._original}
        for path in dict.fromkeys(paths):
            if path not in known:
                self._append(Said(path))

    def accept(self) -> None:
        """Say what was chosen."""
        super().accept()
        said = [Said(row.path, row.size.text().strip(), row.series.text().strip()) for row in self._rows]
        chosen = [row.choice.isChecked() for row in self._rows]
        if self._original is not None:
            self.chosen.emit(self._original, tuple(one for one, shown in zip(said, chosen, strict=True) if shown))
            return
        place = chosen.index(True)
        self.chosen.emit(self._rows[place].path, tuple(one for index, one in enumerate(said) if index != place))

    def _append(self, said: Said) -> None:
        number, name = len(self._rows), said.path.name
        choice: QAbstractButton = QRadioButton(self) if self._original is None else QCheckBox(self)
        choice.setAccessibleName(f"{name} is the original" if self._original is None else f"Show {name}")
        size, series = QLineEdit(said.size, self), QLineEdit(said.series, self)
        size.setPlaceholderText("unknown")
        size.setAccessibleName(f"Size of the stream of {name}")
        size.setToolTip("Bytes (12300), 12.3 kB or 0.25 bpp, or the stream’s file; empty if it is not known")
        series.setAccessibleName(f"What made {name}")
        series.setToolTip("A name such as VVC: pictures with the same one are one curve")
        browse = QToolButton(self)
        browse.setText("File…")
        browse.setAccessibleName(f"Choose the stream of {name}")
        row = _Row(said.path, choice, size, browse, series)
        self._rows.append(row)
        self.table.insertRow(number)
        self.table.setRowHeight(number, _ROW_HEIGHT)
        item = QTableWidgetItem(name)
        item.setToolTip(str(said.path))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.table.setItem(number, _PICTURE, item)
        for column, widgets in ((_CHOICE, (choice,)), (_SIZE, (size, browse)), (_SERIES, (series,))):
            self.table.setCellWidget(number, column, _cell(*widgets))
        self._choices.addButton(choice, number)
        self._files.addButton(browse, number)
        if self._original is not None:
            choice.setChecked(True)
        rows = min(len(self._rows), _MOST_ROWS)
        frame = 2 * self.table.frameWidth()
        self.table.setFixedHeight(
            max(rows, 2) * _ROW_HEIGHT + self.table.horizontalHeader().sizeHint().height() + frame
        )
        self._enable(number, choice.isChecked())

    def _enable(self, number: int, checked: bool) -> None:
        """The original has no stream, and what is not shown needs none."""
        shown = checked is (self._original is not None)
        row = self._rows[number]
        for widget in (row.size, row.browse, row.series):
            widget.setVisible(shown)

    def _browse(self, number: int) -> None:
        row = self._rows[number]
        name, _ = QFileDialog.getOpenFileName(self, f"Stream of {row.path.name}", str(row.path.parent))
        if name:
            row.size.setText(name)

    def _on_button(self, button: QAbstractButton) -> None:
        role = self.buttons.buttonRole(button)
        if role is QDialogButtonBox.ButtonRole.AcceptRole:
            self.accept()
        elif role is QDialogButtonBox.ButtonRole.RejectRole:
            self.reject()
        else:
            folder = self._original or (self._rows[0].path if self._rows else Path.home())
            names, _ = QFileDialog.getOpenFileNames(self, "Add pictures", str(folder.parent), self._filter)
            self.add([Path(name) for name in names])


def _cell(*widgets: QWidget) -> QWidget:
    cell = QWidget()
    layout = QHBoxLayout(cell)
    layout.setContentsMargins(6, 2, 6, 2)
    layout.setSpacing(4)
    for widget in widgets:
        layout.addWidget(widget)
    if len(widgets) == 1 and isinstance(widgets[0], QAbstractButton):
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return cell

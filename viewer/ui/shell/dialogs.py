"""The list of keys, and the About box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.system.versions import versions
from viewer.ui.common.actions import MENUS, POINTER_KEYS, Command, plain
from viewer.ui.common.formatting import figure_font

COLUMNS = 3
POINTER_SECTIONS = {"View": ("Pictures",), "Metrics": ("Plots",)}
"""Sections that are not menus, and the menus that they follow."""
LARGEST = QSize(1260, 740)
"""The largest size of the list; longer ones scroll."""
HEADING_ROWS = 2
"""Height of a section's heading with the space above it, in rows."""


def native(key: str) -> str:
    """A key sequence in this system's notation."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class KeysSheet(QDialog):
    """All keys, by menu."""

    def __init__(self, commands: Sequence[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._keys = sheet = QWidget()
        columns = QHBoxLayout(sheet)
        columns.setContentsMargins(28, 24, 20, 8)
        columns.setSpacing(32)
        sections: dict[str, list[tuple[str, str]]] = {}
        for menu in MENUS:
            rows = [
                (" or ".join(native(key) for key in command.keys[:2]), plain(command.text))
                for command in commands
                if command.menu == menu and command.keys and command.listed
            ]
            sections[plain(menu)] = rows
            for section in POINTER_SECTIONS.get(plain(menu), ()):
                sections[section] = []
        for section, keys, text in POINTER_KEYS:
            sections[section].append((keys, text))
        for names_of_column in in_columns({name: len(rows) for name, rows in sections.items()}):
            column = QVBoxLayout()
            column.setSpacing(16)
            for name in names_of_column:
                column.addLayout(_section(name, sections[name], sheet))
            column.addStretch(1)
            columns.addLayout(column)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(sheet)
        self._buttons = _close_button(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        self._buttons.setContentsMargins(28, 10, 28, 20)
        layout.addWidget(self._buttons)
        self.resize(self.sizeHint())  # by default Qt limits a window to two thirds of the screen

    def sizeHint(self) -> QSize:
        sheet, buttons = self._keys.sizeHint(), self._buttons.sizeHint().height() + 24
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        return (
            QSize(sheet.width() + bar, sheet.height() + buttons)
            .boundedTo(LARGEST)
            .boundedTo(self.screen().availableSize())
        )


class AboutBox(QDialog):
    """What the program is, and the versions of its parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About RateLens")
        title = QLabel("RateLens", self)
        title.setFont(figure_font(self.font(), 1.5, bold=True))
        purpose = QLabel("Compares a learned image codec with JPEG, JPEG 2000 and others at equal bits.", self)
        source = QLabel(
            "Learned codec: J. Ballé, V. Laparra, E. P. Simoncelli,\n"
            "“End-to-end optimized image compression”, ICLR 2017.\n"
            "MS-SSIM: Z. Wang, E. P. Simoncelli, A. C. Bovik, 2003.",
            self,
        )
        parts = [*versions(), ("Qt", qVersion())]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(14)
        for label in (title, purpose, source):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        layout.addLayout(_section("Versions", parts, self))
        licence = QLabel("Apache License 2.0", self)
        layout.addWidget(licence)
        layout.addWidget(_close_button(self))


def in_columns(lengths: Mapping[str, int]) -> tuple[list[str], ...]:
    """Sections in COLUMNS columns, in order, with the longest column as short as possible."""
    names = list(lengths)
    cuts = combinations(range(1, len(names)), COLUMNS - 1)
    ways = ([names[a:b] for a, b in pairwise((0, *cut, len(names)))] for cut in cuts)
    return tuple(min(ways, key=lambda way: max(sum(lengths[n] + HEADING_ROWS for n in column) for column in way)))


def _section(name: str, rows: list[tuple[str, str]], parent: QWidget) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(2)
    grid.setColumnMinimumWidth(0, 84)
    grid.setColumnStretch(1, 1)
    heading = QLabel(name, parent)
    heading.setFont(figure_font(parent.font(), 1.0, bold=True))
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (left, right) in enumerate(rows, start=1):
        key = QLabel(left, parent)
        key.setFont(figure_font(parent.font()))
        grid.addWidget(key, row, 0)
        grid.addWidget(QLabel(right, parent), row, 1)
    return grid


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
    buttons.rejected.connect(dialog.close)
    return buttons

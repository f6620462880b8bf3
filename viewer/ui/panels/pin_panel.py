"""The list of pins: choose, rename, recolour, annotate, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QKeySequence, QPainter, QPalette, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.session.pins import PIN_COLOURS, Pin, Pins
from viewer.ui.common.controls import Button
from viewer.ui.common.formatting import figure_font, format_bpp

HINT = "Press A to pin the selected codec at this rate, or right-click a point in a plot."
SWATCH = 12
COLOUR_NAMES = ("Red", "Teal", "Green", "Rose", "Plum", "Sage")


def swatch(colour: str) -> QIcon:
    """A ring of a pin's colour, as the plots draw it."""
    pixmap = QPixmap(SWATCH + 4, SWATCH + 4)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(2, 2, SWATCH, SWATCH)
    painter.end()
    return QIcon(pixmap)


class PinPanel(QWidget):
    """Shows the pins. Enter or a click goes to a pin, F2 renames it, Delete deletes it."""

    edited = Signal(int, dict)
    """The user changed the name, colour or note of the pin with this index."""
    deleted = Signal(tuple)
    """The user deleted the pins with these indices."""
    wanted = Signal(int)
    """The user goes to the pin with this index."""

    def __init__(self, labels: Mapping[str, str], parent: QWidget | None = None) -> None:
        """labels: of the codecs, by name."""
        super().__init__(parent)
        self._labels = dict(labels)
        title = QLabel("Pins", self)
        title.setFont(figure_font(self.font(), 1.0, bold=True))
        self._hint = QLabel(HINT, self)
        self._hint.setWordWrap(True)
        self._hint.setFont(figure_font(self.font(), 0.86))
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Pins")
        self.list.setFont(figure_font(self.font()))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setIconSize(QSize(SWATCH + 4, SWATCH + 4))
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.list.currentRowChanged.connect(self._show_current)
        self.name = self._field("Pin name", "Name")
        self.name.editingFinished.connect(lambda: self._change(name=self.name.text().strip()))
        self.note = self._field("Pin note", "Note")
        self.note.editingFinished.connect(lambda: self._change(note=self.note.text().strip()))
        self.colours: list[QToolButton] = []
        self.delete = Button("Delete", self._delete, self)
        for key, does in (("Delete", self._delete), ("F2", self._rename)):
            QShortcut(QKeySequence(key), self.list, does, context=Qt.ShortcutContext.WidgetShortcut)
        self.setFocusProxy(self.list)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Button)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(6)
        self.buttons.addWidget(self.delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 9, 8, 8)
        layout.setSpacing(6)
        for widget in (title, self._hint, self.list, self.name, self.note):
            layout.addWidget(widget)
        layout.setStretchFactor(self.list, 1)
        layout.addLayout(self._colour_row())
        layout.addLayout(self.buttons)
        self._show_current(-1)

    def _colour_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for colour, said in zip(PIN_COLOURS, COLOUR_NAMES, strict=True):
            button = QToolButton(self)
            button.setIcon(swatch(colour))
            button.setIconSize(QSize(SWATCH + 4, SWATCH + 4))
            button.setStyleSheet("padding: 2px")
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setToolTip(said)
            button.setAccessibleName(f"Colour {said.lower()}")
            button.clicked.connect(lambda _on, colour=colour: self._change(colour=colour))
            self.colours.append(button)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def sizeHint(self) -> QSize:
        return QSize(224, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 240)

    def show_pins(self, pins: Pins) -> None:
        """List these pins; the current one is marked."""
        blocker = QSignalBlocker(self.list)
        row = self.list.currentRow() if pins.current is None else pins.current
        self.list.clear()
        for pin in pins.pins:
            item = QListWidgetItem(swatch(pin.colour), self._text(pin), self.list)
            item.setData(Qt.ItemDataRole.UserRole, pin)
            item.setToolTip(pin.note or "Click or press Enter to go there")
        self.list.setCurrentRow(min(row, len(pins) - 1))
        blocker.unblock()
        self._show_current(self.list.currentRow())

    def selected_rows(self) -> tuple[int, ...]:
        """The selected rows, from the top."""
        return tuple(sorted(index.row() for index in self.list.selectedIndexes()))

    def add_button(self, action: QAction) -> None:
        """Add a button for an action below the list."""
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setFont(figure_font(self.font()))
        self.buttons.insertWidget(0, button, 1)

    def _text(self, pin: Pin) -> str:
        place = f"{self._labels.get(pin.codec, pin.codec)} at {format_bpp(pin.target_bpp)} bpp"
        return "\n".join(part for part in (pin.name, place if place != pin.name else "", pin.note) if part)

    def _field(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setAccessibleName(name)
        field.setPlaceholderText(hint)
        return field

    def _show_current(self, row: int) -> None:
        pin = self._pin(row)
        for widget in (self.name, self.note, self.delete, *self.colours):
            widget.setEnabled(pin is not None)
        for field, text in ((self.name, pin.name if pin else ""), (self.note, pin.note if pin else "")):
            if field.text() != text:
                field.setText(text)
        for button, colour in zip(self.colours, PIN_COLOURS, strict=True):
            button.setChecked(pin is not None and pin.colour == colour)

    def _go(self, item: QListWidgetItem) -> None:
        if len(self.list.selectedIndexes()) == 1:
            self.wanted.emit(self.list.row(item))

    def _pin(self, row: int) -> Pin | None:
        item = self.list.item(row)
        pin: Pin | None = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return pin

    def _change(self, **values: str) -> None:
        row = self.list.currentRow()
        pin = self._pin(row)
        if pin is None:
            return
        if values.get("name") == "":  # pins without names would be indistinguishable
            self.name.setText(pin.name)
        elif replace(pin, **values) != pin:  # type: ignore[arg-type]
            self.edited.emit(row, values)
            self.list.setCurrentRow(row)

    def _delete(self) -> None:
        rows = self.selected_rows() or (self.list.currentRow(),)
        if all(self._pin(row) is not None for row in rows):
            self.deleted.emit(rows)

    def _rename(self) -> None:
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name.selectAll()

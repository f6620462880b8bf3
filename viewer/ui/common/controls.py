"""Controls that call a function when the user, and not the program, has changed or pressed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QPushButton, QWidget


class Button(QPushButton):
    """Calls `press`."""

    def __init__(self, text: str, press: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAutoDefault(False)
        self.clicked.connect(lambda _on=False: press())


class Choice(QComboBox):
    """One of several names, each with a label; calls `choose` with the name."""

    def __init__(self, name: str, choose: Callable[[str], object], parent: QWidget | None = None) -> None:
        """name: for screen readers."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.currentIndexChanged.connect(lambda _index: choose(self.currentData() or ""))

    def show_choice(self, labels: Mapping[str, str], chosen: str) -> None:
        """The names with their labels, and the one that is chosen."""
        with QSignalBlocker(self):
            names = list(labels)
            if [(self.itemData(index), self.itemText(index)) for index in range(self.count())] != list(labels.items()):
                self.clear()
                for name, label in labels.items():
                    self.addItem(label, name)
            self.setCurrentIndex(names.index(chosen) if chosen in names else -1)


class NumberField(QDoubleSpinBox):
    """A number with a unit; calls `choose` with it. Typing counts when it is done."""

    def __init__(
        self,
        name: str,
        choose: Callable[[float], object],
        ends: tuple[float, float],
        parent: QWidget | None = None,
    ) -> None:
        """name: for screen readers. ends: the lowest and the highest number."""
        super().__init__(parent)
        self.setRange(*ends)
        self.setAccessibleName(name)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(choose)

    def show_number(self, value: float) -> None:
        """The number that is chosen."""
        with QSignalBlocker(self):
            self.setValue(value)
